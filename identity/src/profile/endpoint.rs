//! Where a provider takes mail.

use serde::Deserialize;

/// A server that takes mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Endpoint {
    /// The host, with values in braces.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is protected.
    pub security: EndpointSecurity,
    /// Where this was read.
    pub source: String,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EndpointSecurity {
    /// STARTTLS after connecting.
    Starttls,
    /// TLS from the first octet.
    Implicit,
}
