//! Registering identities.

use std::collections::BTreeSet;
use std::time::SystemTime;

use super::{CreateError, NewIdentity, Registry};
use crate::authorization::{GroupError, environment_group};
use crate::identity::{Identity, Subject};
use crate::profile::{Coverage, Profile, RegionError};
use crate::rules::{self, RuleViolation};
use crate::store::Change;
use crate::value::check_values;
use crate::verification::Verification;
use crate::word::{Environment, IdentityKind, Region};

impl Registry {
    /// Registers an identity. It is pending until it is verified, unless its kind needs no proof.
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
        let identity = new.registered(profile, now)?;
        self.update(&new.tenant, |identities| {
            rules::check(profile, identities, &identity)?;
            Ok((
                vec![Change::Put(Box::new(identity.clone()))],
                identity.clone(),
            ))
        })
        .await
    }
}

impl NewIdentity {
    /// The identity as it would be registered, without looking at what else there is: for planning what it needs. Where
    /// no environment is named it is in the profile's first one, and where no region is, in none.
    ///
    /// # Errors
    ///
    /// What `profile` does not have, such as a kind that fits, or a value that cannot stand in a record.
    pub fn to_identity(&self, profile: &Profile, now: SystemTime) -> Result<Identity, CreateError> {
        let mut new = self.clone();
        if new.environment.is_none() {
            let environments = profile.environments();
            new.environment = environments.and_then(|known| known.names.first().cloned());
        }
        match new.registered(profile, now) {
            Err(CreateError::Rule(RuleViolation::Region(RegionError::NotNamed))) => {
                let group = environment_group(profile, new.environment.as_ref()).ok();
                new.placed(profile, group.flatten(), None, now)
            }
            other => other,
        }
    }

    fn registered(&self, profile: &Profile, now: SystemTime) -> Result<Identity, CreateError> {
        let group = environment_group(profile, self.environment.as_ref()).map_err(|error| {
            CreateError::Rule(match error {
                GroupError::NotNamed => RuleViolation::NoEnvironment,
                GroupError::Unknown(unknown) => RuleViolation::Environment(unknown),
            })
        })?;
        let region = profile
            .region(self.region.as_ref())
            .map_err(RuleViolation::Region)?;
        self.placed(profile, group, region, now)
    }

    /// The identity in this group of environments and this region.
    pub(crate) fn placed(
        &self,
        profile: &Profile,
        group: Option<Environment>,
        region: Option<Region>,
        now: SystemTime,
    ) -> Result<Identity, CreateError> {
        let kind = match &self.kind {
            Some(kind) => kind.clone(),
            None => kind_for(profile, &self.subject).ok_or_else(|| CreateError::NoKind {
                subject: self.subject.clone(),
                profile: self.profile.clone(),
            })?,
        };
        let verification = profile
            .identity(&kind)
            .map(|rule| Verification::begun(rule, now))
            .unwrap_or_default();
        check_values(&self.values)?;
        profile.check_value_names(&self.values)?;
        let first_mode = profile.modes().first().map(|mode| mode.name.clone());
        Ok(Identity {
            tenant: self.tenant.clone(),
            profile: self.profile.clone(),
            kind,
            subject: self.subject.clone(),
            environment_group: group,
            region,
            compartment: self.compartment.clone(),
            brand: self.brand.clone(),
            mode: self.mode.clone().or(first_mode),
            credential: self.credential.clone(),
            verification,
            disabled: None,
            switches: BTreeSet::new(),
            link: None,
            created: now,
            values: self.values.clone(),
        })
    }
}

/// The first kind that tenants can register and whose coverage fits: an address where the subject is one, a domain where
/// it is one.
fn kind_for(profile: &Profile, subject: &Subject) -> Option<IdentityKind> {
    let fits = |coverage: Coverage| match (subject, coverage) {
        (Subject::Address(_), Coverage::ExactAddress) => true,
        (Subject::Domain(_), Coverage::Domain | Coverage::DomainAndSubdomains) => true,
        (Subject::Address(_), _) | (Subject::Domain(_), Coverage::ExactAddress) => false,
    };
    let rule = profile
        .identities()
        .iter()
        .find(|rule| fits(rule.covers) && rule.provider_owned.is_empty())?;
    Some(rule.kind.clone())
}
