//! How a provider wants mail at volume to be tried.

use letterhead_dns::DomainName;
use serde::Deserialize;

use super::Profile;
use super::section::parsed;

/// How a provider wants tests at volume, and of bounces, to be made, so that they harm nobody's reputation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VolumeTest {
    /// The domain that takes mail at volume and throws it away.
    #[serde(deserialize_with = "parsed")]
    pub sink: DomainName,
    /// What bounces are tried with, a few at a time; `None` where nobody says.
    pub bounces: Option<BounceTest>,
    /// Why, for people.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// What bounces are tried with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BounceTest {
    /// Any address at a domain that does not exist, and so has no mail exchanger.
    DomainWithoutMx,
}

impl Profile {
    /// How its provider wants mail at volume to be tried; `None` where nobody says.
    #[must_use]
    pub fn volume_test(&self) -> Option<&VolumeTest> {
        self.sections.volume_test.as_ref()
    }
}
