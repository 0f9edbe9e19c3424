//! Creating, verifying and using identities under the rules of their profiles.

mod authorize;
mod changes;
mod create;
mod error;
mod links;
mod order;
mod readd;
mod send_as;
mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;

use letterhead_dns::DomainName;
use letterhead_mail::TenantId;

pub use changes::Covered;
pub use error::{ChangeError, LinkError, SwitchError, VerifyError};
pub use order::ListOrder;
pub use readd::Forwarding;
pub use send_as::SendAs;
pub use verify::DnsVerification;

use crate::dns_plan::{DnsPlan, PlanError};
use crate::identity::{Identity, IdentityKey};
use crate::profile::{Profile, ProfileId};
use crate::store::{Change, CommitOutcome, IdentityStore, StoreError, Version};
use crate::subject::Subject;

/// The identities of all tenants, under the rules of the profiles it was given.
///
/// It can be shared and used from many places at once: a change is made on the version it was checked on, and checked
/// again where somebody else was faster.
#[derive(Debug, Clone)]
pub struct Registry {
    store: Arc<dyn IdentityStore>,
    profiles: Arc<BTreeMap<ProfileId, Profile>>,
}

impl Registry {
    /// A registry over a store, for these profiles.
    #[must_use]
    pub fn new(store: Arc<dyn IdentityStore>, profiles: impl IntoIterator<Item = Profile>) -> Self {
        let profiles = profiles
            .into_iter()
            .map(|profile| (profile.id().clone(), profile))
            .collect();
        Self {
            store,
            profiles: Arc::new(profiles),
        }
    }

    /// A profile it was given.
    #[must_use]
    pub fn profile(&self, id: &ProfileId) -> Option<&Profile> {
        self.profiles.get(id)
    }

    /// The tenant's identities, sorted by profile, environment, region and subject.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn list(&self, tenant: &TenantId) -> Result<Vec<Identity>, StoreError> {
        let mut identities = self.store.load(tenant).await?.identities;
        identities.sort_by_key(Identity::key);
        Ok(identities)
    }

    /// The tenant's identities in this order.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn list_by(
        &self,
        tenant: &TenantId,
        order: ListOrder,
    ) -> Result<Vec<Identity>, StoreError> {
        let mut identities = self.list(tenant).await?;
        order.sort(&mut identities);
        Ok(identities)
    }

    /// One identity; `None` if the tenant has no such one.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn identity(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
    ) -> Result<Option<Identity>, StoreError> {
        let identities = self.store.load(tenant).await?.identities;
        Ok(identities
            .into_iter()
            .find(|identity| identity.key() == *key))
    }

    /// The DNS records that the tenant's identity for this subject needs, over all the environments it is registered in.
    ///
    /// # Errors
    ///
    /// When nothing is registered, the profile is not there, or a template does not give a record.
    pub async fn dns_plan(
        &self,
        tenant: &TenantId,
        profile: &ProfileId,
        subject: &Subject,
    ) -> Result<DnsPlan, PlanError> {
        let Some(rules) = self.profiles.get(profile) else {
            return Err(PlanError::NoProfile(profile.clone()));
        };
        let mut identities = self.list(tenant).await?;
        identities.retain(|identity| identity.profile == *profile && identity.subject == *subject);
        DnsPlan::new(rules, &identities)
    }

    /// The DNS records that the tenant's identities need, a [merged](DnsPlan::merge) plan for each domain: what to publish
    /// where a domain sends in several ways, or has addresses that are identities beside it.
    ///
    /// # Errors
    ///
    /// When a profile is not there, a template does not give a record, or what two identities need cannot stand together.
    pub async fn dns_plans(&self, tenant: &TenantId) -> Result<Vec<DnsPlan>, PlanError> {
        let mut domains: BTreeMap<DomainName, BTreeMap<ProfileId, Vec<Identity>>> = BTreeMap::new();
        for identity in self.list(tenant).await? {
            if let Some(domain) = identity.subject.domain().cloned() {
                let profiles = domains.entry(domain).or_default();
                let alike = profiles.entry(identity.profile.clone()).or_default();
                alike.push(identity);
            }
        }
        let plan = |(id, identities): (ProfileId, Vec<Identity>)| match self.profiles.get(&id) {
            Some(rules) => DnsPlan::new(rules, &identities),
            None => Err(PlanError::NoProfile(id)),
        };
        let domains = domains.into_values().map(|profiles| {
            let plans = profiles.into_iter().map(plan);
            DnsPlan::merge(plans.collect::<Result<Vec<_>, _>>()?)
        });
        domains.collect()
    }

    /// One identity that the tenant must have.
    async fn existing(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
    ) -> Result<Identity, ChangeError> {
        self.identity(tenant, key)
            .await?
            .ok_or_else(|| ChangeError::NotFound(key.clone()))
    }

    /// Makes one change to one identity.
    async fn change(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        decide: impl Fn(&Identity) -> Result<Identity, ChangeError>,
    ) -> Result<Identity, ChangeError> {
        self.update(tenant, |identities| {
            let identity = found(identities, key)?;
            let changed = decide(identity)?;
            Ok((put(identity, &changed), changed))
        })
        .await
    }

    /// Makes one change to an identity whose records were looked at; `None` if others are wanted by now, so that what was
    /// found says nothing about them.
    async fn change_as_judged(
        &self,
        tenant: &TenantId,
        judged: &Identity,
        decide: impl Fn(&Identity) -> Identity,
    ) -> Result<Option<Identity>, ChangeError> {
        let key = judged.key();
        self.update(tenant, |identities| {
            let identity = found(identities, &key)?;
            let is_same = identity.values == judged.values
                && identity.kind == judged.kind
                && identity.created == judged.created;
            if !is_same {
                return Ok((Vec::new(), None));
            }
            let changed = decide(identity);
            Ok((put(identity, &changed), Some(changed)))
        })
        .await
    }

    /// Decides on what the tenant has, and makes the changes; again where somebody else was faster.
    async fn update<T, E: From<StoreError>>(
        &self,
        tenant: &TenantId,
        decide: impl Fn(&[Identity]) -> Result<(Vec<Change>, T), E>,
    ) -> Result<T, E> {
        let mut attempts = Attempts::default();
        loop {
            let loaded = self.store.load(tenant).await?;
            attempts.next(loaded.version)?;
            let (changes, result) = decide(&loaded.identities)?;
            if changes.is_empty() {
                return Ok(result);
            }
            match self.store.commit(tenant, loaded.version, changes).await? {
                CommitOutcome::Committed => return Ok(result),
                // Somebody else's change was made: decide again, on what it left.
                CommitOutcome::Conflict => {}
            }
        }
    }
}

/// The change that makes an identity another; none where it is that already.
fn put(identity: &Identity, changed: &Identity) -> Vec<Change> {
    if changed == identity {
        return Vec::new();
    }
    vec![Change::Put(Box::new(changed.clone()))]
}

fn found<'a>(identities: &'a [Identity], key: &IdentityKey) -> Result<&'a Identity, ChangeError> {
    identities
        .iter()
        .find(|identity| identity.key() == *key)
        .ok_or_else(|| ChangeError::NotFound(key.clone()))
}

/// Tells a busy store from one that never takes a change.
#[derive(Debug, Default)]
struct Attempts {
    seen: Option<Version>,
    in_vain: usize,
}

impl Attempts {
    /// A conflict means that somebody else's change was made, so the version has moved on. Stores may be cautious and
    /// report one that was none, but not for ever.
    fn next(&mut self, version: Version) -> Result<(), StoreError> {
        if self.seen == Some(version) {
            self.in_vain += 1;
        } else {
            self.in_vain = 0;
        }
        self.seen = Some(version);
        if self.in_vain > MAX_IN_VAIN {
            return Err(StoreError::new(NoProgress));
        }
        Ok(())
    }
}

const MAX_IN_VAIN: usize = 100;

#[derive(Debug, thiserror::Error)]
#[error("it reports conflict after conflict at one and the same version")]
struct NoProgress;
