//! The store in memory.

mod cells;
mod index;
mod interned;
mod key_words;
mod row;
mod rows;

use std::collections::HashMap;
use std::future::ready;
use std::num::NonZeroUsize;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use letterhead_mail::{BoxFuture, TenantId};

use crate::suppression::{
    Applied, Change, Cursor, Page, StoreError, SuppressionFilter, SuppressionKey,
    SuppressionRecord, SuppressionStore,
};
use rows::Rows;

/// A store in memory: for tests, and for applications that fill it anew at every start.
///
/// It never fails and never waits. It grows with the number of addresses that bounced, complained or unsubscribed, and
/// not with the number of their events. A million suppressions take less than 100 MB where their words repeat but for the
/// address, as those of most bounces do, and some 200 MB where no two have the same; a look at one address takes less than a
/// microsecond. `benches/suppression.rs` measures both.
#[derive(Debug, Default)]
pub struct InMemorySuppressionStore {
    tenants: RwLock<HashMap<TenantId, Rows>>,
}

impl InMemorySuppressionStore {
    /// The most records that one page looks at: a page of few among many is not worth keeping others waiting for.
    pub const MAX_LOOKED_AT: usize = 100_000;

    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<TenantId, Rows>> {
        // No change is left half made by a panic, so a poisoned lock guards whole rows.
        self.tenants.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<TenantId, Rows>> {
        self.tenants.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, tenant: &TenantId, keys: &[SuppressionKey]) -> Vec<SuppressionRecord> {
        let tenants = self.read();
        let Some(rows) = tenants.get(tenant) else {
            return Vec::new();
        };
        let mut found: Vec<SuppressionRecord> = Vec::new();
        for key in keys {
            // Few addresses are suppressed, so few are compared.
            if let Some(state) = rows.find(key.as_str())
                && found.iter().all(|record| record.key() != key)
            {
                found.push(SuppressionRecord::of(key.clone(), state));
            }
        }
        found
    }

    fn merge(&self, changes: &[Change]) -> Vec<Applied> {
        let mut tenants = self.write();
        let merge = |change: &Change| match tenants.get_mut(&change.tenant) {
            Some(rows) => rows.apply(change),
            None if change.action.begins_a_record() => tenants
                .entry(change.tenant.clone())
                .or_default()
                .apply(change),
            None => Applied::Unchanged,
        };
        changes.iter().map(merge).collect()
    }

    fn list(
        &self,
        tenant: &TenantId,
        filter: &SuppressionFilter,
        after: Option<&Cursor>,
        limit: NonZeroUsize,
    ) -> Page {
        let unsettled = |rows: &Rows| !rows.is_settled();
        if self.read().get(tenant).is_some_and(unsettled)
            && let Some(rows) = self.write().get_mut(tenant)
        {
            rows.settle();
        }
        // What comes in between is seen by the next listing.
        let tenants = self.read();
        let Some(rows) = tenants.get(tenant) else {
            return Page::new(Vec::new(), None);
        };
        rows.page(filter, after.map(|cursor| cursor.key().as_str()), limit)
    }
}

impl SuppressionStore for InMemorySuppressionStore {
    fn check<'a>(
        &'a self,
        tenant: &'a TenantId,
        keys: &'a [SuppressionKey],
    ) -> BoxFuture<'a, Result<Vec<SuppressionRecord>, StoreError>> {
        Box::pin(ready(Ok(self.find(tenant, keys))))
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Applied>, StoreError>> {
        Box::pin(ready(Ok(self.merge(&changes))))
    }

    fn page<'a>(
        &'a self,
        tenant: &'a TenantId,
        filter: &'a SuppressionFilter,
        after: Option<Cursor>,
        limit: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(ready(Ok(self.list(tenant, filter, after.as_ref(), limit))))
    }
}
