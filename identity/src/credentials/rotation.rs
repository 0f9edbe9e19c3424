//! Replacing credentials without a moment in which none work.

use super::limit::CredentialViolation;
use super::record::{Credential, CredentialState};
use crate::placement::{CredentialId, UserId};
use crate::profile::CredentialRule;

/// One set of credentials taking the place of another. Both work until the last step, so that whoever has not heard of
/// the new one yet goes on sending.
///
/// ```text
/// begin -> Begun --switch--> Switched --retire--> Retired
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    old: Credential,
    new: Credential,
    stage: RotationStage,
}

impl Rotation {
    /// Begins with a new set beside the old: it has been issued and not used yet.
    ///
    /// # Errors
    ///
    /// When the old one is not there or no longer works, or the new one may not be issued beside those there are. Where
    /// its user has no room for one more, have it issued for another user, or revoke one that nobody uses.
    pub fn begin(
        rule: &CredentialRule,
        existing: &[Credential],
        old: &CredentialId,
        new: Credential,
    ) -> Result<Self, RotationError> {
        let Some(old) = existing
            .iter()
            .find(|other| other.id == *old && other.state == CredentialState::Active)
        else {
            return Err(RotationError::NotActive(old.clone()));
        };
        if old.region != new.region {
            return Err(RotationError::OtherRegion(new.id));
        }
        rule.check_new(existing, &new)
            .map_err(|violation| match violation {
                CredentialViolation::TooMany { user, maximum, .. } => {
                    RotationError::NoFreeSlot { user, maximum }
                }
                CredentialViolation::OtherKind { .. } | CredentialViolation::Duplicate(_) => {
                    RotationError::NotIssued(violation)
                }
            })?;
        Ok(Self {
            old: old.clone(),
            new: Credential {
                state: CredentialState::Active,
                ..new
            },
            stage: RotationStage::Begun,
        })
    }

    /// Sends with the new set from now on; the old one still works.
    ///
    /// # Errors
    ///
    /// When that has been done.
    pub fn switch(&mut self) -> Result<(), RotationError> {
        self.step(RotationStage::Begun, RotationStage::Switched)?;
        self.old.state = CredentialState::Retiring;
        Ok(())
    }

    /// The old set was revoked.
    ///
    /// # Errors
    ///
    /// While it is still sent with, or when it has been done.
    pub fn retire(&mut self) -> Result<(), RotationError> {
        self.step(RotationStage::Switched, RotationStage::Retired)?;
        self.old.state = CredentialState::Revoked;
        Ok(())
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> RotationStage {
        self.stage
    }

    /// The set to send with.
    #[must_use]
    pub fn current(&self) -> &Credential {
        match self.stage {
            RotationStage::Begun => &self.old,
            RotationStage::Switched | RotationStage::Retired => &self.new,
        }
    }

    /// Both sets as they are now, the old one first, to be kept.
    #[must_use]
    pub fn credentials(&self) -> [&Credential; 2] {
        [&self.old, &self.new]
    }

    fn step(&mut self, from: RotationStage, to: RotationStage) -> Result<(), RotationError> {
        if self.stage != from {
            return Err(RotationError::OutOfOrder {
                stage: self.stage,
                step: to,
            });
        }
        self.stage = to;
        Ok(())
    }
}

/// How far a rotation is.
#[expect(
    clippy::exhaustive_enums,
    reason = "there are two sets, so there is nothing else that could be done"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RotationStage {
    /// Both work, the old one is sent with.
    Begun,
    /// Both work, the new one is sent with.
    Switched,
    /// Only the new one works.
    Retired,
}

/// Why a rotation did not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// What is to be replaced is not there, or being replaced, or revoked.
    #[error("there are no credentials {0} in use that could be replaced")]
    NotActive(CredentialId),
    /// The new set is not good where the old one is.
    #[error("{0} is not for the region of the credentials it is to replace")]
    OtherRegion(CredentialId),
    /// The user cannot have both at once.
    #[error(
        "{user} has {maximum} sets of credentials already and may not have another beside them; revoke one that nobody uses, or have the new set issued for another user"
    )]
    NoFreeSlot {
        /// The user.
        user: UserId,
        /// How many a user may have.
        maximum: u64,
    },
    /// The new set cannot be issued.
    #[error("the new credentials cannot be issued")]
    NotIssued(#[source] CredentialViolation),
    /// The step is not the next one.
    #[error("the rotation is {stage:?}, so it cannot become {step:?}")]
    OutOfOrder {
        /// How far it is.
        stage: RotationStage,
        /// Where it was to get.
        step: RotationStage,
    },
}
