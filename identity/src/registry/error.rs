//! Why a registry did not do what was asked.

use std::time::SystemTime;

use crate::dns_plan::PlanError;
use crate::identity::IdentityKey;
use crate::profile::{ProfileId, VerifiedBy};
use crate::rules::RuleViolation;
use crate::store::StoreError;
use crate::value::ValueError;
use crate::word::SwitchName;

/// Why an identity was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The tenant has no such identity.
    #[error("there is no identity {0}")]
    NotFound(IdentityKey),
    /// The registry does not have the profile.
    #[error("there is no profile {0} in the registry")]
    NoProfile(ProfileId),
    /// It does not need this proof.
    #[error("{key} is not verified by {proof}")]
    NoSuchProof {
        /// The identity.
        key: IdentityKey,
        /// What was found out about.
        proof: VerifiedBy,
    },
    /// It would break a rule.
    #[error(transparent)]
    Rule(RuleViolation),
    /// A value cannot stand in a record.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an identity's records were not looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Its kind is proven in another way.
    #[error("{0} is not verified by DNS records")]
    NotByDns(IdentityKey),
    /// There is no plan of its records.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// Why something was not turned on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SwitchError {
    /// There is nothing of the name.
    #[error("there is no switch {switch}; known are: {}", join(known))]
    Unknown {
        /// What was asked for.
        switch: SwitchName,
        /// What there is.
        known: Vec<SwitchName>,
    },
    /// Records for it are not published.
    #[error("publish the records for {switch} first: {}", missing.join("; "))]
    Unpublished {
        /// What was to be turned on.
        switch: SwitchName,
        /// The records, each with how it stands.
        missing: Vec<String>,
    },
    /// There is no plan of its records.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// Why a link proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// It was cut, or is no token.
    #[error("the link is damaged; copy all of it")]
    Malformed,
    /// It was not made with this key.
    #[error("the link was not made here")]
    Forged,
    /// It was not used in time.
    #[error("the link has expired; ask for another")]
    Expired {
        /// When.
        at: SystemTime,
    },
    /// It was used already, or another was made after it.
    #[error("the link was used already, or there is a newer one")]
    Used,
    /// The identity is proven in another way.
    #[error("{0} is not verified by a link")]
    NotByLink(IdentityKey),
    /// The identity could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl From<StoreError> for LinkError {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

fn join(switches: &[SwitchName]) -> String {
    let names: Vec<&str> = switches.iter().map(SwitchName::as_str).collect();
    names.join(", ")
}
