use std::error::Error;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_mail::{BoxFuture, EmailAddress, TenantId};

use crate::event::EventId;
use crate::suppression::{Suppression, SuppressionKey, SuppressionReason};

/// Where suppressions are kept. All rules are in [`SuppressionList`](crate::SuppressionList); a store keeps rows and
/// says which changes took effect.
///
/// Addresses are compared by their [`SuppressionKey`]. Scopes never see one another's rows. In SQL this is one table of
/// addresses (state, reason, times), one of soft bounces, and a unique index over scope and id of what was applied.
pub trait SuppressionStore: fmt::Debug + Send + Sync {
    /// The suppressions of those addresses that have one, in any order.
    fn check<'a>(
        &'a self,
        scope: &'a TenantId,
        addresses: &'a [EmailAddress],
    ) -> BoxFuture<'a, Result<Vec<Suppression>, StoreError>>;

    /// Makes the changes in order, all or none, and says of each what became of it. [`ChangeAction`] says what each
    /// does; what has been applied once has no effect when it comes again.
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Applied>, StoreError>>;

    /// How many soft bounces of the address are counted at or after `since`.
    fn soft_bounces<'a>(
        &'a self,
        scope: &'a TenantId,
        address: &'a EmailAddress,
        since: SystemTime,
    ) -> BoxFuture<'a, Result<u32, StoreError>>;

    /// Up to `limit` suppressions after the cursor, in the order of their keys: to show and to export.
    fn page<'a>(
        &'a self,
        scope: &'a TenantId,
        after: Option<Cursor>,
        limit: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Page, StoreError>>;
}

/// A change to one address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// On whose behalf.
    pub scope: TenantId,
    /// The address, as reported.
    pub address: EmailAddress,
    /// The name of this change within its scope: applying two changes of the same name is applying one.
    pub id: EventId,
    /// When what caused it happened, which may be long before it is applied.
    pub at: SystemTime,
    /// What to do.
    pub action: ChangeAction,
}

impl Change {
    /// A change.
    #[must_use]
    pub fn new(
        scope: TenantId,
        address: EmailAddress,
        id: EventId,
        at: SystemTime,
        action: ChangeAction,
    ) -> Self {
        Self {
            scope,
            address,
            id,
            at,
            action,
        }
    }
}

/// What a [`Change`] does.
#[expect(
    clippy::exhaustive_enums,
    reason = "a store must know how to do all of it"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeAction {
    /// Suppresses the address from `at` on. [`Stale`](Applied::Stale) if it was lifted at that time or later;
    /// [`Unchanged`](Applied::Unchanged) if the id was applied before, or if there is a suppression for the same or a
    /// greater reason.
    Suppress {
        /// Why.
        reason: SuppressionReason,
        /// The event that it rests on.
        event: EventId,
        /// The reporter's words.
        diagnostic: Option<String>,
    },
    /// Counts a soft bounce at `at`. [`Stale`](Applied::Stale) if soft bounces were reset at that time or later;
    /// [`Unchanged`](Applied::Unchanged) if the id was applied before.
    CountSoftBounce,
    /// Forgets the soft bounces up to and including `at`; later ones stay. [`Unchanged`](Applied::Unchanged) where
    /// nothing is known of the address, so that ordinary deliveries leave no rows.
    ResetSoftBounces,
    /// Ends the suppression and forgets the soft bounces up to and including `at`. [`Stale`](Applied::Stale) if it began
    /// after that; [`Unchanged`](Applied::Unchanged) if there is none. Its time is remembered in either case, so that an
    /// older event that comes later does not suppress the address again.
    Lift,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Applied {
    /// It took effect.
    Done,
    /// It had been applied before, or there was nothing to change.
    Unchanged,
    /// A newer decision stands.
    Stale,
}

/// Part of a list of suppressions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The suppressions, in the order of their keys.
    pub suppressions: Vec<Suppression>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl Page {
    /// A page.
    #[must_use]
    pub fn new(suppressions: Vec<Suppression>, next: Option<Cursor>) -> Self {
        Self { suppressions, next }
    }
}

/// A place in a list of suppressions: right after an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(SuppressionKey);

impl Cursor {
    /// The place after this address.
    #[must_use]
    pub fn after(address: &EmailAddress) -> Self {
        Self(SuppressionKey::from(address))
    }

    /// The key that every following one is greater than.
    #[must_use]
    pub fn key(&self) -> &SuppressionKey {
        &self.0
    }
}

/// A store could not do what it was asked.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// An error with its cause.
    pub fn new(kind: StoreErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => {
                "the suppression store cannot be reached now; try again later"
            }
            StoreErrorKind::Corrupt => {
                "a row of the suppression store cannot be read; repair or remove it"
            }
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

/// In which way a store failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// It cannot be reached, or is busy; another try may succeed.
    Unavailable,
    /// What it holds cannot be understood; another try will fail the same way.
    Corrupt,
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: SuppressionStore + ?Sized> SuppressionStore for $pointer {
            fn check<'a>(
                &'a self,
                scope: &'a TenantId,
                addresses: &'a [EmailAddress],
            ) -> BoxFuture<'a, Result<Vec<Suppression>, StoreError>> {
                (**self).check(scope, addresses)
            }

            fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Applied>, StoreError>> {
                (**self).apply(changes)
            }

            fn soft_bounces<'a>(
                &'a self,
                scope: &'a TenantId,
                address: &'a EmailAddress,
                since: SystemTime,
            ) -> BoxFuture<'a, Result<u32, StoreError>> {
                (**self).soft_bounces(scope, address, since)
            }

            fn page<'a>(
                &'a self,
                scope: &'a TenantId,
                after: Option<Cursor>,
                limit: NonZeroUsize,
            ) -> BoxFuture<'a, Result<Page, StoreError>> {
                (**self).page(scope, after, limit)
            }
        }
    )*};
}

forward!(&S, Arc<S>, Box<S>);

const _: fn(&dyn SuppressionStore) = |_| {};
