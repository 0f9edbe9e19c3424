//! An identity store in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use letterhead_dns::BoxFuture;
use letterhead_mail::TenantId;

use crate::store::{Change, CommitOutcome, IdentityStore, Loaded, StoreError, Version};

/// Identities in memory, gone with the process: for tests, examples and applications that register at every start.
#[derive(Debug, Default)]
pub struct InMemoryIdentityStore {
    tenants: Mutex<HashMap<TenantId, Loaded>>,
}

impl InMemoryIdentityStore {
    /// A store that knows nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl IdentityStore for InMemoryIdentityStore {
    fn load<'a>(&'a self, tenant: &'a TenantId) -> BoxFuture<'a, Result<Loaded, StoreError>> {
        Box::pin(async move {
            let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(tenants.get(tenant).cloned().unwrap_or_default())
        })
    }

    fn commit<'a>(
        &'a self,
        tenant: &'a TenantId,
        seen: Version,
        changes: Vec<Change>,
    ) -> BoxFuture<'a, Result<CommitOutcome, StoreError>> {
        Box::pin(async move {
            let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
            let state = tenants.entry(tenant.clone()).or_default();
            if state.version != seen {
                return Ok(CommitOutcome::Conflict);
            }
            for change in changes {
                match change {
                    Change::Put(identity) => {
                        let key = identity.key();
                        state.identities.retain(|existing| existing.key() != key);
                        state.identities.push(*identity);
                    }
                    Change::Remove(key) => {
                        state.identities.retain(|existing| existing.key() != key)
                    }
                }
            }
            state.version = Version(seen.0 + 1);
            Ok(CommitOutcome::Committed)
        })
    }
}
