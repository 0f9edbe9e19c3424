//! The envelope sender that mail leaves with.

use letterhead_dns::DomainName;
use serde::Deserialize;

use super::section::parsed;

/// The envelope sender that a provider uses in place of the customer's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReturnPath {
    /// Its domain, or one that its domains are below.
    #[serde(deserialize_with = "parsed")]
    pub domain: DomainName,
    /// The value that holds a domain of the sender's, where the provider takes one in place of its own.
    pub custom: Option<String>,
    /// Where the sender's has to be; where nothing is said, below the identity's domain.
    #[serde(default)]
    pub custom_domain: CustomDomain,
    /// Where this was read.
    pub source: String,
}

/// Where a return path of the sender's has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CustomDomain {
    /// Below the identity's domain, and not that domain itself.
    #[default]
    Below,
    /// The identity's domain, or below it.
    AtOrBelow,
}
