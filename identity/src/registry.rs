//! Creating, verifying and using identities under the rules of their profiles.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::Resolver;
use letterhead_mail::{EmailAddress, TenantId};

use crate::authorization::{Authorization, GroupError, NotAuthorized, environment_group};
use crate::dns_plan::{DnsDiff, DnsPlan, PlanError};
use crate::identity::{Environment, Identity, IdentityKey, IdentityKind, Subject};
use crate::profile::{Coverage, Profile, ProfileId, VerifiedBy};
use crate::rules::{self, RuleViolation};
use crate::store::{Change, CommitOutcome, IdentityStore, StoreError};
use crate::verification::{Finding, VerificationState};

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
    /// The rule that it would break, an unknown profile, or a store that fails.
    pub async fn create(&self, new: &NewIdentity, now: SystemTime) -> Result<Identity, CreateError> {
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
            Some(rule) if rule.verified_by == VerifiedBy::Preverified => VerificationState::Verified {
                since: now,
                missing_since: None,
            },
            rule => VerificationState::Pending {
                deadline: rule
                    .and_then(|rule| rule.deadline_hours)
                    .map(|hours| now + Duration::from_hours(u64::from(hours))),
            },
        };
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
        loop {
            let loaded = self.store.load(&new.tenant).await?;
            rules::check(profile, &loaded.identities, &identity)?;
            let change = Change::Put(Box::new(identity.clone()));
            match self.store.commit(&new.tenant, loaded.version, vec![change]).await? {
                CommitOutcome::Committed => return Ok(identity),
                // Somebody else's change was made, so there is progress and this ends.
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
    pub async fn remove(&self, tenant: &TenantId, key: &IdentityKey) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| {
            (Change::Remove(identity.key()), identity.clone())
        })
        .await
    }

    /// Gives an identity the values that its records are made of, such as the DKIM tokens that the provider issued.
    ///
    /// # Errors
    ///
    /// When the tenant has no such identity, or the store fails.
    pub async fn set_values(
        &self,
        tenant: &TenantId,
        key: &IdentityKey,
        name: &str,
        values: Vec<String>,
    ) -> Result<Identity, ChangeError> {
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.values.insert(name.to_owned(), values.clone());
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
        let loaded = self.store.load(tenant).await.map_err(ChangeError::from)?;
        let Some(identity) = loaded.identities.iter().find(|identity| identity.key() == *key) else {
            return Err(ChangeError::NotFound(key.clone()).into());
        };
        let Some(profile) = self.profiles.get(&identity.profile) else {
            return Err(PlanError::NoProfile(identity.profile.clone()).into());
        };
        if profile.identity(&identity.kind).map(|rule| rule.verified_by) != Some(VerifiedBy::Dns) {
            return Err(VerifyError::NotByDns(key.clone()));
        }
        let diff = DnsPlan::new(profile, std::slice::from_ref(identity))?
            .diff(resolver)
            .await;
        let finding = diff.ownership();
        let identity = self.record_finding(tenant, key, finding, now).await?;
        Ok(Verification {
            identity,
            finding,
            diff,
        })
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
        self.change(tenant, key, |identity| {
            let mut changed = identity.clone();
            changed.verification = identity.verification.after(finding, now);
            (Change::Put(Box::new(changed.clone())), changed)
        })
        .await
    }

    /// Whether a tenant may send as `from` under a profile: yes, with the proof, or precisely why not.
    ///
    /// The most granular identity that covers the address decides. Another tenant's identities are never looked at.
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
        let mut identities = self.store.load(tenant).await?.identities;
        identities.retain(|identity| {
            identity.profile == *profile && identity.environment_group == group
        });
        let closest = identities
            .iter()
            .filter_map(|identity| {
                let rule = rules.identity(&identity.kind)?;
                Some((identity.covers(from, rule)?, identity))
            })
            .max_by_key(|(granularity, _)| *granularity);
        match closest {
            Some((_, identity)) if identity.verification.is_verified() => {
                Ok(Authorization::new(rules, identity.clone(), from.clone()))
            }
            Some((_, identity)) => Err(NotAuthorized::NotVerified {
                identity: identity.subject.clone(),
                from: from.clone(),
                state: identity.verification.clone(),
            }),
            None => Err(NotAuthorized::NoIdentity {
                tenant: tenant.clone(),
                profile: profile.clone(),
                from: from.clone(),
                identities: identities.into_iter().map(|identity| identity.subject).collect(),
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
        loop {
            let loaded = self.store.load(tenant).await?;
            let Some(identity) = loaded.identities.iter().find(|identity| identity.key() == *key) else {
                return Err(ChangeError::NotFound(key.clone()));
            };
            let (change, result) = decide(identity);
            match self.store.commit(tenant, loaded.version, vec![change]).await? {
                CommitOutcome::Committed => return Ok(result),
                CommitOutcome::Conflict => {}
            }
        }
    }
}

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

/// An identity that is to be registered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewIdentity {
    /// Whose.
    pub tenant: TenantId,
    /// Under which profile.
    pub profile: ProfileId,
    /// The address or domain.
    pub subject: Subject,
    /// Which kind; where none is named, the profile's first kind that the subject can be.
    pub kind: Option<IdentityKind>,
    /// Where it is used; needed where the profile distinguishes environments.
    pub environment: Option<Environment>,
    /// Values its DNS records are made of, by name.
    pub values: BTreeMap<String, Vec<String>>,
}

impl NewIdentity {
    /// An identity of the kind that the subject suggests, without environment and values.
    #[must_use]
    pub fn new(tenant: TenantId, profile: ProfileId, subject: impl Into<Subject>) -> Self {
        Self {
            tenant,
            profile,
            subject: subject.into(),
            kind: None,
            environment: None,
            values: BTreeMap::new(),
        }
    }

    /// Of this kind.
    #[must_use]
    pub fn kind(mut self, kind: IdentityKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Used in this environment.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// With values that its DNS records are made of.
    #[must_use]
    pub fn value(mut self, name: &str, values: Vec<String>) -> Self {
        self.values.insert(name.to_owned(), values);
        self
    }
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
