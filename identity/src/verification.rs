//! How far an identity is proven.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::profile::{CommonState, IdentityRule, VerifiedBy};

/// How long a verified identity is believed although its proof is gone: as long as providers look for records, so that
/// a name server that loses a zone for a day costs nobody their mail.
pub const GRACE: Duration = Duration::from_hours(72);

/// How far an identity is proven: the state of each proof that its kind needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Verification {
    proofs: BTreeMap<VerifiedBy, VerificationState>,
}

impl Verification {
    /// That of a new identity: every proof its rule asks for is awaited.
    #[must_use]
    pub fn begun(rule: &IdentityRule, now: SystemTime) -> Self {
        let deadline = rule.deadline(now);
        let proofs = rule.verified_by.iter();
        Self {
            proofs: proofs
                .map(|proof| (*proof, VerificationState::Pending { deadline }))
                .collect(),
        }
    }

    /// Each proof with its state.
    pub fn proofs(&self) -> impl Iterator<Item = (VerifiedBy, &VerificationState)> {
        self.proofs.iter().map(|(proof, state)| (*proof, state))
    }

    /// The state of one proof; `None` if the identity does not need it.
    #[must_use]
    pub fn state(&self, proof: VerifiedBy) -> Option<&VerificationState> {
        self.proofs.get(&proof)
    }

    /// Whether every proof is there.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.proofs.values().all(VerificationState::is_verified)
    }

    /// The proofs that are missing of those without which mail may not be sent.
    pub fn missing_to_send(
        &self,
        rule: &IdentityRule,
    ) -> impl Iterator<Item = (VerifiedBy, &VerificationState)> {
        self.proofs().filter(|(proof, state)| {
            let is_needed = rule
                .needed_to_send
                .as_ref()
                .is_none_or(|needed| needed.contains(proof));
            is_needed && !state.is_verified()
        })
    }

    /// Whether every proof that is not there is awaited, and none has failed.
    #[must_use]
    pub(crate) fn is_awaited(&self) -> bool {
        let failed = |state: &VerificationState| matches!(state, VerificationState::Failed { .. });
        !self.proofs.values().any(failed)
    }

    /// Whether a proof was awaited until a time that is over.
    #[must_use]
    pub fn is_overdue(&self, now: SystemTime) -> bool {
        self.proofs.values().any(|state| match state {
            VerificationState::Pending { deadline } => {
                deadline.is_some_and(|deadline| deadline <= now)
            }
            VerificationState::Verified { .. } | VerificationState::Failed { .. } => false,
        })
    }

    /// What it is after a look at one proof, which the identity must need.
    #[must_use]
    pub fn after(&self, proof: VerifiedBy, finding: Finding, now: SystemTime) -> Self {
        let mut after = self.clone();
        if let Some(state) = after.proofs.get_mut(&proof) {
            *state = state.after(finding, now);
        }
        after
    }

    /// This, with one proof as it stands in another.
    #[must_use]
    pub(crate) fn keeping(mut self, proof: VerifiedBy, other: &Self) -> Self {
        if let (Some(state), Some(kept)) = (self.proofs.get_mut(&proof), other.proofs.get(&proof)) {
            state.clone_from(kept);
        }
        self
    }

    /// As begun again: the proof is awaited until the deadline, whatever it was.
    #[must_use]
    pub(crate) fn restarted(&self, proof: VerifiedBy, deadline: Option<SystemTime>) -> Self {
        let mut after = self.clone();
        if let Some(state) = after.proofs.get_mut(&proof) {
            *state = VerificationState::Pending { deadline };
        }
        after
    }
}

/// `verified`, or what is not: `DNS records pending`.
impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_open = |state: &VerificationState| {
            !matches!(
                state,
                VerificationState::Verified {
                    missing_since: None,
                    ..
                }
            )
        };
        let mut separator = "";
        for (proof, state) in self.proofs().filter(|(_, state)| is_open(state)) {
            write!(f, "{separator}{proof} {state}")?;
            separator = ", ";
        }
        if separator.is_empty() {
            f.write_str("verified")?;
        }
        Ok(())
    }
}

/// How far one proof of an identity is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerificationState {
    /// The proof is awaited.
    Pending {
        /// Until then; `None` where there is no deadline.
        deadline: Option<SystemTime>,
    },
    /// It is proven.
    Verified {
        /// Since then.
        since: SystemTime,
        /// The proof was found gone at this time and has not been seen since.
        missing_since: Option<SystemTime>,
    },
    /// The deadline passed, or the proof was gone for longer than [`GRACE`].
    Failed {
        /// At that time.
        at: SystemTime,
    },
}

impl VerificationState {
    /// Whether the proof is there, or was until lately.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Verified { .. })
    }

    /// The state after `finding` at `now`.
    ///
    /// What could not be found out changes nothing. A failed identity becomes verified as soon as its proof is there.
    #[must_use]
    pub fn after(&self, finding: Finding, now: SystemTime) -> Self {
        match (self, finding) {
            (state, Finding::Unknown) => state.clone(),
            (Self::Verified { since, .. }, Finding::Proven) => Self::Verified {
                since: *since,
                missing_since: None,
            },
            (Self::Pending { .. } | Self::Failed { .. }, Finding::Proven) => Self::Verified {
                since: now,
                missing_since: None,
            },
            (Self::Pending { deadline }, Finding::Missing) => match deadline {
                Some(deadline) if *deadline <= now => Self::Failed { at: now },
                _ => self.clone(),
            },
            (
                Self::Verified {
                    since,
                    missing_since,
                },
                Finding::Missing,
            ) => {
                // It stays where it is when the clock is set back: a longer grace harms nobody.
                let missing_since = missing_since.unwrap_or(now);
                match now.duration_since(missing_since) {
                    Ok(gone) if gone >= GRACE => Self::Failed { at: now },
                    _ => Self::Verified {
                        since: *since,
                        missing_since: Some(missing_since),
                    },
                }
            }
            (Self::Failed { .. }, Finding::Missing) => self.clone(),
        }
    }
}

impl fmt::Display for VerificationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending { .. } => "pending",
            Self::Verified {
                missing_since: None,
                ..
            } => "verified",
            Self::Verified {
                missing_since: Some(_),
                ..
            } => "missing since lately",
            Self::Failed { .. } => "failed",
        })
    }
}

/// What one look at the proof found.
#[expect(
    clippy::exhaustive_enums,
    reason = "a proof is there, is not there, or could not be looked at"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// It is there and right.
    Proven,
    /// It is certainly not there, or wrong.
    Missing,
    /// It could not be looked at, as on SERVFAIL or a timeout.
    Unknown,
}

impl CommonState {
    /// What a provider that reports it has found out.
    #[must_use]
    pub fn finding(self) -> Finding {
        match self {
            Self::Verified | Self::NeedsAttention => Finding::Proven,
            Self::Failed => Finding::Missing,
            // Turned off is nothing about the proof.
            Self::NotStarted | Self::Pending | Self::Temporary | Self::Inactive => Finding::Unknown,
        }
    }
}

impl IdentityRule {
    /// Until when an identity that is registered now may stay unproven; `None` where nothing is said.
    pub(crate) fn deadline(&self, now: SystemTime) -> Option<SystemTime> {
        let hours = self.deadline_hours?;
        now.checked_add(Duration::from_hours(u64::from(hours)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Finding, GRACE, VerificationState};

    const START: SystemTime = SystemTime::UNIX_EPOCH;
    const HOUR: Duration = Duration::from_hours(1);

    fn verified() -> VerificationState {
        VerificationState::Verified {
            since: START,
            missing_since: None,
        }
    }

    #[test]
    fn what_could_not_be_looked_at_changes_nothing() {
        for state in [
            VerificationState::Pending {
                deadline: Some(START),
            },
            verified(),
            VerificationState::Failed { at: START },
        ] {
            assert_eq!(state.after(Finding::Unknown, START + GRACE * 2), state);
        }
    }

    #[test]
    fn pending_fails_only_after_its_deadline() {
        let pending = VerificationState::Pending {
            deadline: Some(START + 72 * HOUR),
        };
        assert_eq!(pending.after(Finding::Missing, START + 71 * HOUR), pending);
        let failed = pending.after(Finding::Missing, START + 72 * HOUR);
        assert_eq!(
            failed,
            VerificationState::Failed {
                at: START + 72 * HOUR
            }
        );
        assert!(
            failed
                .after(Finding::Proven, START + 80 * HOUR)
                .is_verified()
        );
    }

    #[test]
    fn verified_falls_after_72_hours_of_consistent_negatives_only() {
        let first = verified().after(Finding::Missing, START + HOUR);
        assert!(first.is_verified());
        let later = first.after(Finding::Missing, START + 72 * HOUR);
        assert!(later.is_verified(), "71 hours are not 72");
        let seen = later.after(Finding::Proven, START + 72 * HOUR);
        assert_eq!(seen, verified());
        let gone = first.after(Finding::Missing, START + 73 * HOUR);
        assert_eq!(
            gone,
            VerificationState::Failed {
                at: START + 73 * HOUR
            }
        );
    }
}
