use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::ready;
use std::num::NonZeroUsize;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use letterhead_mail::{BoxFuture, EmailAddress, TenantId};

use crate::event::EventId;
use crate::suppression::{
    Applied, Change, ChangeAction, Cursor, Evidence, Page, StoreError, Suppression, SuppressionKey,
    SuppressionStore,
};

/// A store in memory: for tests, and for applications that fill it anew at every start.
///
/// It never fails and never waits. It grows with the number of addresses that bounced, complained or unsubscribed and
/// with the number of their events; nothing is forgotten by itself.
#[derive(Debug, Default)]
pub struct InMemorySuppressionStore {
    scopes: Mutex<HashMap<TenantId, Rows>>,
}

/// The rows of one scope.
#[derive(Debug, Default)]
struct Rows(BTreeMap<SuppressionKey, Row>);

/// What is known of one address.
#[derive(Debug, Default)]
struct Row {
    suppression: Option<Suppression>,
    lifted: Option<SystemTime>,
    reset: Option<SystemTime>,
    soft_bounces: Vec<SystemTime>,
    applied: HashSet<EventId>,
}

impl InMemorySuppressionStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn scopes(&self) -> MutexGuard<'_, HashMap<TenantId, Rows>> {
        // No change is left half made by a panic, so a poisoned lock guards whole rows.
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_row<T>(
        &self,
        scope: &TenantId,
        address: &EmailAddress,
        read: impl FnOnce(&Row) -> T,
    ) -> Option<T> {
        let scopes = self.scopes();
        scopes
            .get(scope)?
            .0
            .get(&SuppressionKey::from(address))
            .map(read)
    }

    fn read_page(&self, scope: &TenantId, after: Option<&Cursor>, limit: NonZeroUsize) -> Page {
        let scopes = self.scopes();
        let Some(rows) = scopes.get(scope) else {
            return Page::new(Vec::new(), None);
        };
        let start = after.map_or(Bound::Unbounded, |cursor| Bound::Excluded(cursor.key()));
        let mut found = rows
            .0
            .range::<SuppressionKey, _>((start, Bound::Unbounded))
            .filter_map(|(_, row)| row.suppression.as_ref());
        let suppressions: Vec<Suppression> = found.by_ref().take(limit.get()).cloned().collect();
        let more = found.next().is_some();
        let last = suppressions.last().filter(|_| more);
        let next = last.map(|suppression| Cursor::after(suppression.address()));
        Page::new(suppressions, next)
    }
}

impl Rows {
    fn apply(&mut self, change: Change) -> Applied {
        let key = SuppressionKey::from(&change.address);
        if change.action == ChangeAction::ResetSoftBounces && !self.0.contains_key(&key) {
            return Applied::Unchanged;
        }
        self.0.entry(key).or_default().apply(change)
    }
}

impl Row {
    fn apply(&mut self, change: Change) -> Applied {
        let Change {
            address, id, at, ..
        } = change;
        match change.action {
            ChangeAction::Suppress {
                reason,
                event,
                diagnostic,
            } => {
                if !self.applied.insert(id) {
                    return Applied::Unchanged;
                }
                if self.lifted.is_some_and(|lifted| at <= lifted) {
                    return Applied::Stale;
                }
                if self
                    .suppression
                    .as_ref()
                    .is_some_and(|stands| stands.reason() >= reason)
                {
                    return Applied::Unchanged;
                }
                let evidence = Evidence::new(event, diagnostic.as_deref());
                self.suppression = Some(Suppression::new(address, reason, at, evidence));
                Applied::Done
            }
            ChangeAction::CountSoftBounce => {
                if !self.applied.insert(id) {
                    return Applied::Unchanged;
                }
                if self.reset.is_some_and(|reset| at <= reset) {
                    return Applied::Stale;
                }
                self.soft_bounces.push(at);
                Applied::Done
            }
            ChangeAction::ResetSoftBounces => {
                self.reset_soft_bounces(at);
                Applied::Done
            }
            ChangeAction::Lift => {
                self.reset_soft_bounces(at);
                if self
                    .suppression
                    .as_ref()
                    .is_some_and(|stands| stands.since() > at)
                {
                    return Applied::Stale;
                }
                self.lifted = self.lifted.max(Some(at));
                match self.suppression.take() {
                    Some(_) => Applied::Done,
                    None => Applied::Unchanged,
                }
            }
        }
    }

    fn reset_soft_bounces(&mut self, at: SystemTime) {
        self.reset = self.reset.max(Some(at));
        self.soft_bounces.retain(|bounce| *bounce > at);
    }
}

impl SuppressionStore for InMemorySuppressionStore {
    fn check<'a>(
        &'a self,
        scope: &'a TenantId,
        addresses: &'a [EmailAddress],
    ) -> BoxFuture<'a, Result<Vec<Suppression>, StoreError>> {
        let find = |address| self.with_row(scope, address, |row| row.suppression.clone());
        let found = addresses.iter().filter_map(find).flatten().collect();
        Box::pin(ready(Ok(found)))
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Applied>, StoreError>> {
        let mut scopes = self.scopes();
        let mut apply = |change: Change| {
            scopes
                .entry(change.scope.clone())
                .or_default()
                .apply(change)
        };
        let applied = changes.into_iter().map(&mut apply).collect();
        Box::pin(ready(Ok(applied)))
    }

    fn soft_bounces<'a>(
        &'a self,
        scope: &'a TenantId,
        address: &'a EmailAddress,
        since: SystemTime,
    ) -> BoxFuture<'a, Result<u32, StoreError>> {
        let count = |row: &Row| {
            row.soft_bounces
                .iter()
                .filter(|bounce| **bounce >= since)
                .count()
        };
        let count = self.with_row(scope, address, count).unwrap_or_default();
        Box::pin(ready(Ok(u32::try_from(count).unwrap_or(u32::MAX))))
    }

    fn page<'a>(
        &'a self,
        scope: &'a TenantId,
        after: Option<Cursor>,
        limit: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(ready(Ok(self.read_page(scope, after.as_ref(), limit))))
    }
}
