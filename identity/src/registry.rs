//! Creating, verifying and using identities under the rules of their profiles.

mod error;
mod new_identity;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::Resolver;
use letterhead_mail::{EmailAddress, TenantId};

pub use error::{ChangeError, CreateError, VerifyError};
pub use new_identity::NewIdentity;

use crate::authorization::{Authorization, GroupError, NotAuthorized, environment_group};
use crate::dns_plan::{DnsDiff, DnsPlan, PlanError};
use crate::identity::{Identity, IdentityKey, Subject};
use crate::profile::{Coverage, Profile, ProfileId, VerifiedBy};
use crate::rules::{self, RuleViolation};
use crate::store::{Change, CommitOutcome, IdentityStore, StoreError, Version};
use crate::value::{Values, check_values};
use crate::verification::{Finding, VerificationState};
use crate::word::{Environment, IdentityKind};

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

    /// Registers an identity. It is pending until it is verified, unless the provider owns it.
    ///
    /// # Errors
    ///
    /// The rule that it would break, an unknown profile, a value that cannot stand in a record, or a store that fails.
    pub async fn create(
        &self,
        new: &NewIdentity,
        now: SystemTime,
    ) -> Result<Identity, CreateError> {
        let Some(profile) = self.profiles.get(&new.profile) else {
            return Err(CreateError::NoProfile(new.profile.clone()));
        };
        let group = environment_group(profile, new.environment.as_ref()).map_err(|error| {
            CreateError::Rule(match error {
                GroupError::NotNamed => RuleViolation::NoEnvironment,
                GroupError::Unknown(unknown) => RuleViolation::Environment(unknown),
            })
        })?;
        let kind = match &new.kind {
            Some(kind) => kind.clone(),
            None => kind_for(profile, &new.subject).ok_or_else(|| CreateError::NoKind {
                subject: new.subject.clone(),
                profile: new.profile.clone(),
            })?,
        };
        let verification = match profile.identity(&kind) {
            Some(rule) if rule.verified_by == VerifiedBy::Preverified => {
                VerificationState::Verified {
                    since: now,
                    missing_since: None,
                }
            }
            rule => VerificationState::Pending {
                deadline: rule
                    .and_then(|rule| rule.deadline_hours)
                    .and_then(|hours| now.checked_add(Duration::from_hours(u64::from(hours)))),
            },
        };
        check_values(&new.values)?;
        profile.check_value_names(&new.values)?;
        let identity = Identity {
            tenant: new.tenant.clone(),
            profile: new.profile.clone(),
            kind,
            subject: new.subject.clone(),
            environment_group: group,
            verification,
            created: now,
            values: new.values.clone(),
        };
        let mut attempts = Attempts::default();
        loop {
            let loaded = self.store.load(&new.tenant).await?;
            attempts.next(loaded.version)?;
            rules::check(profile, &loaded.identities, &identity)?;
            let change = Change::Put(Box::new(identity.clone()));
            match self
                .store
                .commit(&new.tenant, loaded.version, vec![change])
                .await?
            {
                CommitOutcome::Committed => return Ok(identity),
                // Somebody else's change was made: check again, on what it left.
                CommitOutcome::Conflict => {}
            }
        }
    }

    /// The tenant's identities, sorted by profile, environment and subject.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn list(&self, tenant: &TenantId) -> Result<Vec<Identity>, StoreError> {
        let mut identities = self.store.load(tenant).await?.identities;
        identities.sort_by_key(Identity::key);
        Ok(identities)
    }

    /// Removes an identity; mail under it is refused from then on.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn remove(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
    ) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| {
            (Change::Remove(identity.key()), identity.clone())
        })
        .await
    }

    /// Gives an identity values that its records are made of, such as the DKIM tokens that the provider issued: those
    /// named take the place of what it had, all in one change, the others stay. To rotate a key, add its selector and
    /// record, publish and verify, sign with it, and only then take the old pair away.
    ///
    /// They are the application's to say, not the tenant's: records are public, so a value of the tenant's choice could
    /// be another tenant's, and finding it published would prove nothing.
    ///
    /// # Errors
    ///
    /// When the profile does not know a name, a value cannot stand in a record, the tenant has no such identity, or the
    /// store fails.
    pub async fn set_values(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        values: Values,
    ) -> Result<Identity, ChangeError> {
        check_values(&values)?;
        if let Some(profile) = self.profiles.get(&key.profile) {
            profile.check_value_names(&values)?;
        }
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.values.extend(values.clone());
            (Change::Put(Box::new(changed.clone())), changed)
        })
        .await
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

    /// Looks at the DNS records of an identity and moves its state on.
    ///
    /// # Errors
    ///
    /// When the identity is not verified by DNS, is not there, or the store fails. Records that are missing or could
    /// not be looked up are no error: they are in the [`Verification`].
    pub async fn verify(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        resolver: &dyn Resolver,
        now: SystemTime,
    ) -> Result<Verification, VerifyError> {
        loop {
            let loaded = self.store.load(tenant).await.map_err(ChangeError::from)?;
            let Some(judged) = loaded
                .identities
                .iter()
                .find(|identity| identity.key() == *key)
            else {
                return Err(ChangeError::NotFound(key.clone()).into());
            };
            let Some(profile) = self.profiles.get(&judged.profile) else {
                return Err(PlanError::NoProfile(judged.profile.clone()).into());
            };
            if profile.identity(&judged.kind).map(|rule| rule.verified_by) != Some(VerifiedBy::Dns)
            {
                return Err(VerifyError::NotByDns(key.clone()));
            }
            let diff = DnsPlan::new(profile, std::slice::from_ref(judged))?
                .diff(resolver)
                .await;
            let finding = diff.ownership();
            // What was found is about the records that were looked for. If others are wanted by now, look again.
            let is_same = |identity: &Identity| {
                identity.values == judged.values
                    && identity.kind == judged.kind
                    && identity.created == judged.created
            };
            let changed = self
                .change_if(tenant, key, is_same, |identity| {
                    found(identity, finding, now)
                })
                .await?;
            if let Some(identity) = changed {
                return Ok(Verification {
                    identity,
                    finding,
                    diff,
                });
            }
        }
    }

    /// Moves an identity's state on by what the application found out itself, for instance that a mailed link was
    /// followed.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn record_finding(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        finding: Finding,
        now: SystemTime,
    ) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| found(identity, finding, now))
            .await
    }

    /// Whether a tenant may send as `from` under a profile: yes, with the proof, or precisely why not.
    ///
    /// The most granular verified identity that covers the address decides; one that is not verified takes nothing away
    /// from a verified one that covers the address as well. Another tenant's identities are never looked at.
    ///
    /// # Errors
    ///
    /// See [`NotAuthorized`].
    pub async fn authorize(
        &self,
        tenant: &TenantId,
        from: &EmailAddress,
        profile: &ProfileId,
        environment: Option<&Environment>,
    ) -> Result<Authorization, NotAuthorized> {
        let Some(rules) = self.profiles.get(profile) else {
            return Err(NotAuthorized::NoProfile(profile.clone()));
        };
        let group = environment_group(rules, environment).map_err(|error| match error {
            GroupError::NotNamed => NotAuthorized::NoEnvironment(profile.clone()),
            GroupError::Unknown(unknown) => NotAuthorized::Environment(unknown),
        })?;
        let mut identities = self.list(tenant).await?;
        identities
            .retain(|identity| identity.profile == *profile && identity.environment_group == group);
        let closest = identities
            .iter()
            .filter_map(|identity| {
                let rule = rules.identity(&identity.kind)?;
                let granularity = identity.covers(from, rule)?;
                Some((identity.verification.is_verified(), granularity, identity))
            })
            .max_by_key(|(is_verified, granularity, _)| (*is_verified, *granularity));
        match closest {
            Some((true, _, identity)) => {
                Ok(Authorization::new(rules, identity.clone(), from.clone()))
            }
            Some((false, _, identity)) => Err(NotAuthorized::NotVerified {
                identity: identity.subject.clone(),
                from: from.clone(),
                state: identity.verification.clone(),
            }),
            None => Err(NotAuthorized::NoIdentity {
                tenant: tenant.clone(),
                profile: profile.clone(),
                from: from.clone(),
                identities: identities
                    .into_iter()
                    .map(|identity| identity.subject)
                    .collect(),
            }),
        }
    }

    /// Makes one change to one identity, again where somebody else was faster.
    async fn change(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        decide: impl Fn(&Identity) -> (Change, Identity),
    ) -> Result<Identity, ChangeError> {
        self.change_if(tenant, key, |_| true, decide)
            .await?
            .ok_or_else(|| ChangeError::NotFound(key.clone()))
    }

    /// Makes one change to one identity as long as the identity is as `holds` wants it; `None` where it no longer is.
    async fn change_if(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        holds: impl Fn(&Identity) -> bool,
        decide: impl Fn(&Identity) -> (Change, Identity),
    ) -> Result<Option<Identity>, ChangeError> {
        let mut attempts = Attempts::default();
        loop {
            let loaded = self.store.load(tenant).await?;
            attempts.next(loaded.version)?;
            let Some(identity) = loaded
                .identities
                .iter()
                .find(|identity| identity.key() == *key)
            else {
                return Err(ChangeError::NotFound(key.clone()));
            };
            if !holds(identity) {
                return Ok(None);
            }
            let (change, result) = decide(identity);
            let changes_nothing = matches!(&change, Change::Put(changed) if **changed == *identity);
            if changes_nothing {
                return Ok(Some(result));
            }
            match self
                .store
                .commit(tenant, loaded.version, vec![change])
                .await?
            {
                CommitOutcome::Committed => return Ok(Some(result)),
                CommitOutcome::Conflict => {}
            }
        }
    }
}

fn found(identity: &Identity, finding: Finding, now: SystemTime) -> (Change, Identity) {
    let mut changed = identity.clone();
    changed.verification = identity.verification.after(finding, now);
    (Change::Put(Box::new(changed.clone())), changed)
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

/// The first kind whose coverage fits: an address where the subject is one, a domain where it is one.
fn kind_for(profile: &Profile, subject: &Subject) -> Option<IdentityKind> {
    let fits = |coverage: Coverage| match (subject, coverage) {
        (Subject::Address(_), Coverage::ExactAddress) => true,
        (Subject::Domain(_), Coverage::Domain | Coverage::DomainAndSubdomains) => true,
        (Subject::Address(_), _) | (Subject::Domain(_), Coverage::ExactAddress) => false,
    };
    let rule = profile.identities().iter().find(|rule| fits(rule.covers))?;
    Some(rule.kind.clone())
}

/// What a look at an identity's records gave.
#[derive(Debug)]
#[non_exhaustive]
pub struct Verification {
    /// The identity in its new state.
    pub identity: Identity,
    /// What was found.
    pub finding: Finding,
    /// Each record as it was found.
    pub diff: DnsDiff,
}
