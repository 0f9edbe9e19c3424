//! The regions that a provider takes mail in.

use serde::Deserialize;

use super::Profile;
use crate::word::{Location, Region};

/// The regions of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Regions {
    /// Whether each identity is registered in one region. It may only be used there, so that one registered in no region
    /// cannot be used in any.
    pub identities: Need,
    /// Whether there are regions beside those listed.
    pub others: OtherRegions,
    /// Those that are known.
    #[serde(default)]
    pub known: Vec<KnownRegion>,
    /// Where this was read.
    pub source: String,
}

/// Whether something must be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Need {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// What a region is that the profile does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OtherRegions {
    /// A mistake.
    Refused,
    /// One that is not known here.
    Taken,
}

/// A region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KnownRegion {
    /// Its name, which host names are made of.
    pub name: Region,
    /// Its short code, if it has one.
    pub code: Option<Region>,
    /// Where its hosts are, for SPF; `None` where the provider does not say.
    pub location: Option<Location>,
}

impl Profile {
    /// The region by its name: `region` is a name or a short code in any case; `None` where the profile has no regions
    /// and what was said does not matter.
    ///
    /// # Errors
    ///
    /// When a region is needed and none is named, or it is not known and there are no others.
    pub fn region(&self, region: Option<&Region>) -> Result<Option<Region>, RegionError> {
        let Some(regions) = self.regions() else {
            return Ok(None);
        };
        let Some(region) = region else {
            return match regions.identities {
                Need::Required => Err(RegionError::NotNamed),
                Need::Optional => Ok(None),
            };
        };
        match (self.known_region(region), regions.others) {
            (Some(known), _) => Ok(Some(known.name.clone())),
            (None, OtherRegions::Taken) => Ok(Some(region.clone())),
            (None, OtherRegions::Refused) => Err(RegionError::Unknown {
                region: region.clone(),
                known: regions
                    .known
                    .iter()
                    .map(|known| known.name.clone())
                    .collect(),
            }),
        }
    }

    /// What is known of a region, by its name or short code.
    #[must_use]
    pub fn known_region(&self, region: &Region) -> Option<&KnownRegion> {
        let is_it = |word: &Region| word.as_str().eq_ignore_ascii_case(region.as_str());
        let known = &self.regions()?.known;
        known
            .iter()
            .find(|known| is_it(&known.name) || known.code.as_ref().is_some_and(is_it))
    }
}

/// Why there is no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegionError {
    /// Identities are registered in a region here, and none was named.
    #[error("say in which region")]
    NotNamed,
    /// The provider has no such region.
    #[error("there is no region {region}; known are: {}", names(known))]
    Unknown {
        /// What was asked for.
        region: Region,
        /// What there is.
        known: Vec<Region>,
    },
}

fn names(regions: &[Region]) -> String {
    let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    names.join(", ")
}
