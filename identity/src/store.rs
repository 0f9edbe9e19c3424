//! The seam to where identities are kept.

use std::fmt;

use letterhead_dns::BoxFuture;
use letterhead_mail::TenantId;
use serde::{Deserialize, Serialize};

use crate::identity::{Identity, IdentityKey};

/// Keeps each tenant's identities, with a version that every change moves on.
///
/// The registry loads a tenant's identities, checks a rule on them, and commits on the version it saw. The store takes
/// the change only if that version still holds; so a limit can never be passed by two callers at once. In SQL this is
/// one row a tenant with a version column, updated `WHERE version = $seen` in the same transaction as the change.
pub trait IdentityStore: fmt::Debug + Send + Sync {
    /// The tenant's identities and the version they were read at. A tenant that was never seen has none, at version 0.
    fn load<'a>(&'a self, tenant: &'a TenantId) -> BoxFuture<'a, Result<Loaded, StoreError>>;

    /// Makes all of `changes`, or none, if the tenant's version is still `seen`.
    fn commit<'a>(
        &'a self,
        tenant: &'a TenantId,
        seen: Version,
        changes: Vec<Change>,
    ) -> BoxFuture<'a, Result<CommitOutcome, StoreError>>;
}

const _: fn(&dyn IdentityStore) = |_| {};

/// What a store holds of one tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The identities.
    pub identities: Vec<Identity>,
    /// The version they were read at.
    pub version: Version,
}

impl Loaded {
    /// Identities as read at a version.
    #[must_use]
    pub fn new(identities: Vec<Identity>, version: Version) -> Self {
        Self {
            identities,
            version,
        }
    }
}

/// Counts a tenant's changes: it must differ after each commit that changed something, by however much.
#[expect(
    clippy::exhaustive_structs,
    reason = "it is a number, which stores write down and read back"
)]
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Version(pub u64);

/// One change to a tenant's identities.
#[expect(
    clippy::exhaustive_enums,
    reason = "a store must carry out every kind of change, so a new one must not compile unseen"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Add the identity, or put it in place of the one with the same key.
    Put(Box<Identity>),
    /// Remove the identity with this key.
    Remove(IdentityKey),
}

/// What became of a commit.
#[expect(clippy::exhaustive_enums, reason = "a version holds or it does not")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "a conflict means that nothing was changed"]
pub enum CommitOutcome {
    /// The changes were made.
    Committed,
    /// Somebody else changed the tenant's identities in the meantime; nothing was changed.
    Conflict,
}

/// A store that could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("the identity store failed")]
pub struct StoreError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    /// With what caused it.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
