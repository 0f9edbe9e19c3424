//! The regions that a provider takes mail in.

use serde::Deserialize;

use super::Profile;
use crate::word::{Location, Region};

/// The regions of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Regions {
    /// Whether identities are registered in a region.
    pub identities: RegionBinding,
    /// Whether there are regions beside those listed.
    pub others: OtherRegions,
    /// Those that are known.
    #[serde(default)]
    pub known: Vec<KnownRegion>,
    /// Where this was read.
    pub source: String,
}

/// Whether identities are bound to the region they are registered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RegionBinding {
    /// Each is registered in one, and may only be used there.
    Required,
    /// One that is registered in a region may only be used there, and one that is registered in none only where none is
    /// named.
    Optional,
    /// They may be used in every region.
    Unbound,
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
    /// The region that an identity is bound to, by its name: `region` is a name or a short code in any case; `None` where
    /// identities are not bound to regions here.
    ///
    /// # Errors
    ///
    /// When a region is needed and none is named, or it is not known and there are no others.
    pub fn region(&self, region: Option<&Region>) -> Result<Option<Region>, RegionError> {
        let Some(regions) = self.regions() else {
            return Ok(None);
        };
        let region = match (region, regions.identities) {
            (Some(region), _) => Some(self.region_name(region)?),
            (None, RegionBinding::Required) => return Err(RegionError::NotNamed),
            (None, RegionBinding::Optional | RegionBinding::Unbound) => None,
        };
        Ok(region.filter(|_| regions.identities != RegionBinding::Unbound))
    }

    /// A region's own name, which host names are made of: `region` is that name or a short code, in any case.
    ///
    /// # Errors
    ///
    /// When the profile lists its regions, this is none of them, and there are no others.
    pub fn region_name(&self, region: &Region) -> Result<Region, RegionError> {
        let others = self.regions().map(|regions| regions.others);
        match (self.known_region(region), others) {
            (Some(known), _) => Ok(known.name.clone()),
            (None, None | Some(OtherRegions::Taken)) => Ok(region.clone()),
            (None, Some(OtherRegions::Refused)) => Err(RegionError::Unknown {
                region: region.clone(),
                known: self
                    .regions()
                    .into_iter()
                    .flat_map(|regions| &regions.known)
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
