use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use letterhead_mail::{BoxFuture, TenantId};

use crate::suppression::{
    Applied, Change, StoreError, SuppressionFilter, SuppressionKey, SuppressionRecord,
};

/// Where suppressions are kept: a [record](SuppressionRecord) for each address of each tenant. What a change does to a
/// record is the record's to say, and what a record means is [`SuppressionList`](crate::SuppressionList)'s; a store finds
/// records and keeps them.
///
/// In SQL this is one table: tenant, key, the key's domain, the record as JSON, and an index over tenant and key that
/// compares octets. A change is one row read for update, [`SuppressionRecord::apply`], and the row written back, or
/// deleted where the record [is empty](SuppressionRecord::is_empty). Tenants never see one another's records.
pub trait SuppressionStore: fmt::Debug + Send + Sync {
    /// The records of those keys that have one, in any order; each once, however often its key is named.
    fn check<'a>(
        &'a self,
        tenant: &'a TenantId,
        keys: &'a [SuppressionKey],
    ) -> BoxFuture<'a, Result<Vec<SuppressionRecord>, StoreError>>;

    /// Makes the changes in order, all or none, and says of each what became of it. Of a key without record, one is begun
    /// where the action [begins one](crate::ChangeAction::begins_a_record), else nothing is changed.
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Applied>, StoreError>>;

    /// Records after the cursor that the filter [admits](SuppressionFilter::admits_record), in the order of their keys:
    /// up to `limit`, and fewer where a store would have to look too long. The page says where the next one begins, as
    /// long as there may be one.
    fn page<'a>(
        &'a self,
        tenant: &'a TenantId,
        filter: &'a SuppressionFilter,
        after: Option<Cursor>,
        limit: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Page, StoreError>>;
}

/// Part of a list of records.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The records, in the order of their keys.
    pub records: Vec<SuppressionRecord>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl Page {
    /// A page.
    #[must_use]
    pub fn new(records: Vec<SuppressionRecord>, next: Option<Cursor>) -> Self {
        Self { records, next }
    }
}

/// A place in a list: right after a key. It can be kept and used later; what is added before it is not seen then.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(SuppressionKey);

impl Cursor {
    /// The place after this key.
    #[must_use]
    pub fn after(key: SuppressionKey) -> Self {
        Self(key)
    }

    /// The key that every following one is greater than.
    #[must_use]
    pub fn key(&self) -> &SuppressionKey {
        &self.0
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: SuppressionStore + ?Sized> SuppressionStore for $pointer {
            fn check<'a>(
                &'a self,
                tenant: &'a TenantId,
                keys: &'a [SuppressionKey],
            ) -> BoxFuture<'a, Result<Vec<SuppressionRecord>, StoreError>> {
                (**self).check(tenant, keys)
            }

            fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Applied>, StoreError>> {
                (**self).apply(changes)
            }

            fn page<'a>(
                &'a self,
                tenant: &'a TenantId,
                filter: &'a SuppressionFilter,
                after: Option<Cursor>,
                limit: NonZeroUsize,
            ) -> BoxFuture<'a, Result<Page, StoreError>> {
                (**self).page(tenant, filter, after, limit)
            }
        }
    )*};
}

forward!(&S, Arc<S>, Box<S>);

const _: fn(&dyn SuppressionStore) = |_| {};
