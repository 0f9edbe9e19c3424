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
    /// Where this was read.
    pub source: String,
}
