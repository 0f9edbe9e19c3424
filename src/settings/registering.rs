//! Identities of the settings, registered and verified.

use std::time::SystemTime;

use letterhead_dns::Resolver;
use letterhead_identity::registry::{ChangeError, VerifyError};
use letterhead_identity::store::StoreError;
use letterhead_identity::{CreateError, Identity, NewIdentity, Registry};

use super::Settings;

impl Settings {
    /// Registers the identities that the registry does not have, gives those that it has the values that are set here, and
    /// looks at the DNS records of those that are not verified yet. What each is like then; one whose records are missing is
    /// pending, and no error: its [plan](Registry::dns_plan) says what to publish.
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
            registered.push(verified(registry, new, identity, resolver, now).await?);
        }
        Ok(registered)
    }
}

async fn existing_or_new(
    registry: &Registry,
    new: &NewIdentity,
    now: SystemTime,
) -> Result<Identity, RegisterError> {
    let Some(profile) = registry.profile(&new.profile) else {
        return Err(CreateError::NoProfile(new.profile.clone()).into());
    };
    let key = new.to_identity(profile, now)?.key();
    let all = registry.list(&new.tenant).await?;
    let Some(identity) = all.into_iter().find(|identity| identity.key() == key) else {
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

async fn verified(
    registry: &Registry,
    new: &NewIdentity,
    identity: Identity,
    resolver: &dyn Resolver,
    now: SystemTime,
) -> Result<Identity, RegisterError> {
    if identity.verification.is_verified() {
        return Ok(identity);
    }
    match registry
        .verify(&new.tenant, &identity.key(), resolver, now)
        .await
    {
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
