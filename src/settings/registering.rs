//! Identities of the settings, registered and verified.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use letterhead_dns::Resolver;
use letterhead_identity::dns_plan::PlanError;
use letterhead_identity::registry::{ChangeError, VerifyError};
use letterhead_identity::store::StoreError;
use letterhead_identity::{CreateError, DnsPlan, Identity, IdentityKey, NewIdentity, Registry};

use super::Settings;

impl Settings {
    /// Registers the identities that the registry does not have, gives those that it has the values that are set here, and
    /// looks at the DNS records of those that are not verified yet. What each is like then; one whose records are missing is
    /// pending, and no error: its domain's [plan](Self::dns_plans) says what to publish, and [`verify`](Self::verify) finds it
    /// published.
    ///
    /// Called again, at each start for example, it changes nothing that is as it should be.
    ///
    /// # Errors
    ///
    /// The first identity that a rule forbids or the registry's store fails on; those before it are registered.
    pub async fn register(
        &self,
        registry: &Registry,
        resolver: &dyn Resolver,
        now: SystemTime,
    ) -> Result<Vec<Identity>, RegisterError> {
        let mut registered = Vec::with_capacity(self.identities.len());
        for new in &self.identities {
            let identity = existing_or_new(registry, new, now).await?;
            registered.push(match identity.verification.is_verified() {
                true => identity,
                false => looked_at(registry, identity, resolver, now).await?,
            });
        }
        Ok(registered)
    }

    /// Looks at the DNS records of every identity that is set here and [registered](Self::register), the verified ones
    /// included: what was pending may send once its records are found, and what has lost them may not once they have been
    /// gone for [`GRACE`](letterhead_identity::verification::GRACE). What each is like then.
    ///
    /// Nothing looks by itself: call it every hour or so.
    ///
    /// ```no_run
    /// # use std::{sync::Arc, time::Duration};
    /// # use letterhead::{Settings, dns::Resolver, identity::Registry, mail::Clock};
    /// # async fn run(settings: Settings, registry: Registry, resolver: Arc<dyn Resolver>, clock: Arc<dyn Clock>) {
    /// tokio::spawn(async move {
    ///     loop {
    ///         tokio::time::sleep(Duration::from_hours(1)).await;
    ///         match settings.verify(&registry, &*resolver, clock.now()).await {
    ///             Ok(identities) => {
    ///                 for identity in identities.iter().filter(|one| !one.verification.is_verified()) {
    ///                     eprintln!("{}: {}", identity.subject, identity.verification);
    ///                 }
    ///             }
    ///             Err(error) => eprintln!("identities were not looked at: {error}"),
    ///         }
    ///     }
    /// });
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The first identity that is not registered or has no plan, or that the registry's store fails on; those before it were
    /// looked at.
    pub async fn verify(
        &self,
        registry: &Registry,
        resolver: &dyn Resolver,
        now: SystemTime,
    ) -> Result<Vec<Identity>, RegisterError> {
        let mut identities = Vec::with_capacity(self.identities.len());
        for new in &self.identities {
            let (key, registered) = existing(registry, new, now).await?;
            let identity = registered.ok_or(ChangeError::NotFound(key))?;
            identities.push(looked_at(registry, identity, resolver, now).await?);
        }
        Ok(identities)
    }

    /// What to publish for the identities that the tenants of these settings have in the registry: a plan for each domain,
    /// [merged](DnsPlan::merge) where the domain sends in several ways.
    ///
    /// # Errors
    ///
    /// When the store fails, a template does not give a record, or what two identities need cannot stand together.
    pub async fn dns_plans(&self, registry: &Registry) -> Result<Vec<DnsPlan>, PlanError> {
        let tenants: BTreeSet<_> = self.identities.iter().map(|new| &new.tenant).collect();
        let mut domains: BTreeMap<_, Vec<DnsPlan>> = BTreeMap::new();
        for tenant in tenants {
            for plan in registry.dns_plans(tenant).await? {
                let plans = domains.entry(plan.domain().clone()).or_default();
                plans.push(plan);
            }
        }
        domains.into_values().map(DnsPlan::merge).collect()
    }
}

/// The key of an identity of the settings, and the identity as it is registered.
async fn existing(
    registry: &Registry,
    new: &NewIdentity,
    now: SystemTime,
) -> Result<(IdentityKey, Option<Identity>), RegisterError> {
    let Some(profile) = registry.profile(&new.profile) else {
        return Err(CreateError::NoProfile(new.profile.clone()).into());
    };
    let key = new.to_identity(profile, now)?.key();
    let identity = registry.identity(&new.tenant, &key).await?;
    Ok((key, identity))
}

async fn existing_or_new(
    registry: &Registry,
    new: &NewIdentity,
    now: SystemTime,
) -> Result<Identity, RegisterError> {
    let (key, Some(identity)) = existing(registry, new, now).await? else {
        return Ok(registry.create(new, now).await?);
    };
    let stated = new.values.iter();
    let is_so = |(name, values): (&String, &Vec<String>)| identity.values.get(name) == Some(values);
    if stated.into_iter().all(is_so) {
        return Ok(identity);
    }
    let values = new.values.clone();
    Ok(registry.set_values(&new.tenant, &key, values, now).await?)
}

async fn looked_at(
    registry: &Registry,
    identity: Identity,
    resolver: &dyn Resolver,
    now: SystemTime,
) -> Result<Identity, RegisterError> {
    let (tenant, key) = (&identity.tenant, identity.key());
    match registry.verify(tenant, &key, resolver, now).await {
        Ok(verification) => Ok(verification.identity),
        // By a mailed link, for example: the application goes on from here.
        Err(VerifyError::NotByDns(_)) => Ok(identity),
        Err(error) => Err(error.into()),
    }
}

/// Why identities of the settings were not registered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// A rule forbids it.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// Its values cannot be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Its records cannot be looked at.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}
