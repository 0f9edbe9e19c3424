//! Why a registry did not do what was asked.

use crate::dns_plan::PlanError;
use crate::identity::{IdentityKey, Subject};
use crate::profile::ProfileId;
use crate::rules::RuleViolation;
use crate::store::StoreError;
use crate::value::ValueError;

/// Why an identity was not created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// It would break a rule.
    #[error(transparent)]
    Rule(#[from] RuleViolation),
    /// The registry does not have the profile.
    #[error("there is no profile {0} in the registry")]
    NoProfile(ProfileId),
    /// No kind of identity of the profile is made from such a subject.
    #[error("{profile} has no kind of identity that {subject} could be")]
    NoKind {
        /// What was to be registered.
        subject: Subject,
        /// Where.
        profile: ProfileId,
    },
    /// A value cannot stand in a record.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an identity was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// The tenant has no such identity.
    #[error("there is no identity {0}")]
    NotFound(IdentityKey),
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
