//! What is asked of a registry before sending.

use letterhead_mail::{EmailAddress, TenantId};

use crate::placement::Brand;
use crate::profile::ProfileId;
use crate::word::{Environment, Feature, Region};

/// Who wants to send as whom, and which way.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SendAs<'a> {
    /// Who wants to.
    pub tenant: &'a TenantId,
    /// The From address.
    pub from: &'a EmailAddress,
    /// The profile whose rules hold.
    pub profile: &'a ProfileId,
    /// The environment; needed where the profile distinguishes environments.
    pub environment: Option<&'a Environment>,
    /// The region the mail leaves through; needed where identities are bound to one.
    pub region: Option<&'a Region>,
    /// The part of the application that sends; not checked where none is named.
    pub feature: Option<&'a Feature>,
    /// The brand that the mail is for, which decides who the default sender is.
    pub brand: Option<&'a Brand>,
}

impl<'a> SendAs<'a> {
    /// Without environment, region and feature.
    #[must_use]
    pub fn new(tenant: &'a TenantId, from: &'a EmailAddress, profile: &'a ProfileId) -> Self {
        Self {
            tenant,
            from,
            profile,
            environment: None,
            region: None,
            feature: None,
            brand: None,
        }
    }

    /// In this environment, if any.
    #[must_use]
    pub fn environment(mut self, environment: Option<&'a Environment>) -> Self {
        self.environment = environment;
        self
    }

    /// Through this region, if any.
    #[must_use]
    pub fn region(mut self, region: Option<&'a Region>) -> Self {
        self.region = region;
        self
    }

    /// For this brand, if any.
    #[must_use]
    pub fn brand(mut self, brand: Option<&'a Brand>) -> Self {
        self.brand = brand;
        self
    }

    /// For this part of the application, if any.
    #[must_use]
    pub fn feature(mut self, feature: Option<&'a Feature>) -> Self {
        self.feature = feature;
        self
    }
}
