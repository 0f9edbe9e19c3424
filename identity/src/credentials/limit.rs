//! How many credentials a user may have.

use super::record::{Credential, CredentialState};
use crate::placement::{CredentialId, UserId};
use crate::profile::{Amount, CredentialRule};
use crate::word::CredentialKind;

impl CredentialRule {
    /// How many users so many sets of credentials need; `None` where nobody knows, or no user may have any.
    #[must_use]
    pub fn users_needed(&self, credentials: u64) -> Option<u64> {
        match self.maximum {
            Some(Amount::Known(0) | Amount::Unknown) => None,
            Some(Amount::Known(maximum)) => Some(credentials.div_ceil(maximum)),
            Some(Amount::Unlimited) | None => Some(credentials.min(1)),
        }
    }

    /// Whether another set may be issued beside those there are. A number that is not known is the provider's to
    /// enforce.
    ///
    /// # Errors
    ///
    /// When it is of another kind, its id is taken, or its user has as many as there may be.
    pub fn check_new(
        &self,
        existing: &[Credential],
        new: &Credential,
    ) -> Result<(), CredentialViolation> {
        if new.kind != self.kind {
            return Err(CredentialViolation::OtherKind {
                kind: new.kind.clone(),
                expected: self.kind.clone(),
            });
        }
        if existing.iter().any(|other| other.id == new.id) {
            return Err(CredentialViolation::Duplicate(new.id.clone()));
        }
        let Some(Amount::Known(maximum)) = self.maximum else {
            return Ok(());
        };
        // Whoever asks wants one more than all the sets that work, whosever they are.
        let working = || {
            existing
                .iter()
                .filter(|other| other.kind == self.kind && other.state != CredentialState::Revoked)
        };
        let of_user = working().filter(|other| other.user == new.user).count();
        if u64::try_from(of_user).unwrap_or(u64::MAX) < maximum {
            return Ok(());
        }
        let wanted = u64::try_from(working().count())
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        Err(CredentialViolation::TooMany {
            user: new.user.clone(),
            maximum,
            wanted,
            users: self.users_needed(wanted),
        })
    }
}

/// Why credentials cannot be issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialViolation {
    /// They are not of the rule's kind.
    #[error("credentials of kind {kind} are not {expected}")]
    OtherKind {
        /// What they are.
        kind: CredentialKind,
        /// What the rule is for.
        expected: CredentialKind,
    },
    /// There are others of the same id.
    #[error("there are credentials {0} already; choose another id")]
    Duplicate(CredentialId),
    /// The user has as many as there may be.
    #[error(
        "{user} has as many sets of credentials as a user may have ({maximum}); {}",
        remedy(*wanted, *users)
    )]
    TooMany {
        /// The user.
        user: UserId,
        /// How many a user may have.
        maximum: u64,
        /// How many there would be of all users.
        wanted: u64,
        /// How many users that needs; `None` where no user may have any.
        users: Option<u64>,
    },
}

fn remedy(wanted: u64, users: Option<u64>) -> String {
    match users {
        Some(users) => format!(
            "have them issued for another user, or create one: {wanted} sets need {users} users"
        ),
        None => "no user may have any".to_owned(),
    }
}
