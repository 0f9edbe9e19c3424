//! What is to be registered.

use letterhead_mail::TenantId;

use crate::identity::Subject;
use crate::placement::{Brand, Compartment, CredentialId};
use crate::profile::ProfileId;
use crate::value::Values;
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
}
