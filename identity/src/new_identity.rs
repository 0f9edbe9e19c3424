//! What is to be registered.

use std::collections::BTreeSet;
use std::time::SystemTime;

use letterhead_mail::TenantId;

use crate::authorization::{GroupError, environment_group};
use crate::identity::Identity;
use crate::placement::{Brand, Compartment, CredentialId};
use crate::profile::{Profile, ProfileId, RegionError};
use crate::rules::RuleViolation;
use crate::store::StoreError;
use crate::subject::Subject;
use crate::value::{ValueError, Values};
use crate::verification::Verification;
use crate::word::{Environment, IdentityKind, ModeName, Region};

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
    /// The region it is registered in; needed where identities are bound to one.
    pub region: Option<Region>,
    /// The part of the provider's account it is kept in; needed where the provider divides accounts.
    pub compartment: Option<Compartment>,
    /// The brand it speaks for.
    pub brand: Option<Brand>,
    /// The way in which it is connected; where none is named, the profile's first.
    pub mode: Option<ModeName>,
    /// The credentials that its mail is submitted with, if they are its own.
    pub credential: Option<CredentialId>,
    /// Values its DNS records are made of, by name.
    pub values: Values,
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
            region: None,
            compartment: None,
            brand: None,
            mode: None,
            credential: None,
            values: Values::new(),
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

    /// Registered in this region.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Kept in this part of the provider's account.
    #[must_use]
    pub fn compartment(mut self, compartment: Compartment) -> Self {
        self.compartment = Some(compartment);
        self
    }

    /// Speaking for this brand.
    #[must_use]
    pub fn brand(mut self, brand: Brand) -> Self {
        self.brand = Some(brand);
        self
    }

    /// Connected in this way.
    #[must_use]
    pub fn mode(mut self, mode: ModeName) -> Self {
        self.mode = Some(mode);
        self
    }

    /// With credentials of its own.
    #[must_use]
    pub fn credential(mut self, credential: CredentialId) -> Self {
        self.credential = Some(credential);
        self
    }

    /// With values that its DNS records are made of.
    #[must_use]
    pub fn value(mut self, name: &str, values: Vec<String>) -> Self {
        self.values.insert(name.to_owned(), values);
        self
    }

    /// With several such values, as a provider issues them.
    #[must_use]
    pub fn values(mut self, values: Values) -> Self {
        self.values.extend(values);
        self
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
        let first = || profile.environments().and_then(|known| known.names.first());
        let group = group(profile, self.environment.as_ref().or_else(first))?;
        let region = match profile.region(self.region.as_ref()) {
            Err(RegionError::NotNamed) => None,
            region => region.map_err(RuleViolation::Region)?,
        };
        self.placed(profile, group, region, now)
    }

    pub(crate) fn registered(
        &self,
        profile: &Profile,
        now: SystemTime,
    ) -> Result<Identity, CreateError> {
        let group = group(profile, self.environment.as_ref())?;
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
        profile.check_values(&self.values)?;
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
            values: given(&self.values),
        })
    }
}

fn group(
    profile: &Profile,
    environment: Option<&Environment>,
) -> Result<Option<Environment>, RuleViolation> {
    environment_group(profile, environment).map_err(|error| match error {
        GroupError::NotNamed => RuleViolation::NoEnvironment,
        GroupError::Unknown(unknown) => RuleViolation::Environment(unknown),
    })
}

/// Without those of which nothing is known yet.
fn given(values: &Values) -> Values {
    let mut values = values.clone();
    values.retain(|_, several| !several.is_empty());
    values
}

/// The first kind that tenants can register and whose coverage fits: an address where the subject is one, a domain where
/// it is one.
fn kind_for(profile: &Profile, subject: &Subject) -> Option<IdentityKind> {
    let rule = profile
        .identities()
        .iter()
        .find(|rule| rule.covers.fits(subject) && rule.provider_owned.is_empty())?;
    Some(rule.kind.clone())
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
    /// A value cannot stand in a record.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
