//! What is to be registered.

use letterhead_mail::TenantId;

use crate::identity::Subject;
use crate::profile::ProfileId;
use crate::value::Values;
use crate::word::{Environment, IdentityKind};

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

    /// With values that its DNS records are made of.
    #[must_use]
    pub fn value(mut self, name: &str, values: Vec<String>) -> Self {
        self.values.insert(name.to_owned(), values);
        self
    }
}
