//! What a profile's mail is for, and whom it is from where nothing else is said.

use letterhead_dns::DomainName;
use serde::Deserialize;

use super::identity_rule::Coverage;
use super::section::parsed;
use super::{Profile, ProfileError, ProfileId, file, vendor};
use crate::word::{Feature, IdentityKind, ModeName, SwitchName};

/// One of the ways in which a product sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Channel {
    /// The product, as several profiles may belong to one.
    pub product: String,
    /// The parts of the product that may send this way; `None` for whichever there are.
    pub features: Option<Vec<Feature>>,
    /// The kind of identity whose address is From where nothing else is said.
    pub default_sender: Option<IdentityKind>,
    /// Whose servers carry the mail.
    pub carried_by: CarriedBy,
    /// What the product does with mail from an address that is not verified yet.
    pub while_unverified: Substitute,
    /// What the product does with mail from an address whose connection was disabled.
    pub while_disabled: Substitute,
    /// Where this was read.
    pub source: String,
}

/// Whose servers carry mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CarriedBy {
    /// The provider's.
    Provider,
    /// The customer's own, or those of any vendor: see [`Profile::over_vendor`].
    Vendor,
}

/// What is sent in place of mail that may not be sent as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Substitute {
    /// Nothing.
    Refused,
    /// The same mail, from the default sender.
    DefaultSender,
    /// The same mail, through the provider's own servers and without the customer's authentication.
    ProviderServers,
    /// Nobody says.
    Unknown,
}

/// Sender addresses that mail may never have here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Denied {
    /// The domain.
    #[serde(deserialize_with = "parsed")]
    pub domain: DomainName,
    /// Whether those below it are meant too.
    pub covers: Coverage,
    /// Why, for people.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Denied {
    /// Whether addresses at this domain are meant.
    #[must_use]
    pub fn is_denied(&self, domain: &DomainName) -> bool {
        match self.covers {
            Coverage::DomainAndSubdomains => domain.is_at_or_below(&self.domain),
            Coverage::Domain | Coverage::ExactAddress => *domain == self.domain,
        }
    }
}

/// Something a tenant turns on for an identity, once the records for it are there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Switch {
    /// Its name. Records and signatures that name it are for identities where it is on; it can be turned on only when
    /// those records are published.
    pub name: SwitchName,
    /// What it does, for people.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// A way in which an identity is connected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Mode {
    /// Its name. An identity for which none is named has the profile's first.
    pub name: ModeName,
    /// The modes it can be changed into; any other means to delete the identity and add it again.
    #[serde(default)]
    pub becomes: Vec<ModeName>,
    /// What it means, for people.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Profile {
    /// The rule that nobody may send as addresses at this domain, if there is one.
    #[must_use]
    pub fn denial(&self, domain: Option<&DomainName>) -> Option<&Denied> {
        let domain = domain?;
        self.denied().iter().find(|denied| denied.is_denied(domain))
    }

    /// Whether a part of the product may send this way.
    ///
    /// # Errors
    ///
    /// When the profile says which may, and this is none of them.
    pub fn check_feature(&self, feature: &Feature) -> Result<(), FeatureNotOffered> {
        match self.channel().and_then(|channel| channel.features.as_ref()) {
            Some(offered) if !offered.contains(feature) => Err(FeatureNotOffered {
                profile: self.id().clone(),
                feature: feature.clone(),
                offered: offered.clone(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// This channel over the servers of a vendor: what the channel's own file says holds, and what it leaves open is the
    /// vendor's. Records, SPF terms and signatures are those of both, with the values and switches that they name; the
    /// vendor's that are for identities of a whole domain are for the domain of each address, where the channel has
    /// addresses only. Its name is both names, joined by a hyphen.
    ///
    /// # Errors
    ///
    /// When this is no channel over other servers, or the vendor's profile is one itself.
    pub fn over_vendor(&self, vendor: &Self) -> Result<Self, ProfileError> {
        let takes_vendors = |profile: &Self| {
            profile
                .channel()
                .is_some_and(|channel| channel.carried_by == CarriedBy::Vendor)
        };
        if !takes_vendors(self) || takes_vendors(vendor) {
            return Err(ProfileError::NoVendor {
                channel: self.id().clone(),
                vendor: vendor.id().clone(),
            });
        }
        let mut own = self.own.clone();
        own.id = self.id().joined(vendor.id());
        own.title = format!("{} over {}", self.title(), vendor.title());
        own.upstream = Some(vendor.id().clone());
        let joined = file::joined(vendor::add(&own, &vendor.sections), vendor)?;
        Ok(Self { own, ..joined })
    }
}

/// A part of a product that may not send this way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{feature} does not send through {profile}, which is for: {}",
    names(offered)
)]
#[non_exhaustive]
pub struct FeatureNotOffered {
    /// The way.
    pub profile: ProfileId,
    /// The part.
    pub feature: Feature,
    /// The parts that may.
    pub offered: Vec<Feature>,
}

fn names(features: &[Feature]) -> String {
    let names: Vec<&str> = features.iter().map(Feature::as_str).collect();
    names.join(", ")
}
