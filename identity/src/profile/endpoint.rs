//! Where a provider takes mail.

use letterhead_dns::DomainName;
use serde::Deserialize;

use super::{Profile, RegionError};
use crate::template::{self, REGION};
use crate::word::Region;

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

/// A server that takes mail, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EndpointAddress {
    /// The host.
    pub host: DomainName,
    /// The port.
    pub port: u16,
    /// How the connection is protected.
    pub security: EndpointSecurity,
}

impl Profile {
    /// Where the provider takes mail in this region, in order of preference; `region` is its name, or its short code in
    /// any case.
    ///
    /// # Errors
    ///
    /// When the region is not known, or is not named and a host is made of it; when a host is made of another value, or
    /// is no domain name.
    pub fn endpoints_in(
        &self,
        region: Option<&Region>,
    ) -> Result<Vec<EndpointAddress>, EndpointError> {
        // Hosts may differ from region to region where identities are bound to none.
        self.region(region)?;
        let region = region.map(|region| self.region_name(region)).transpose()?;
        let endpoints = self.endpoints().iter();
        endpoints
            .map(|endpoint| endpoint.address(region.as_ref()))
            .collect()
    }
}

impl Endpoint {
    fn address(&self, region: Option<&Region>) -> Result<EndpointAddress, EndpointError> {
        if let Some(name) = template::placeholders(&self.host).find(|name| *name != REGION) {
            return Err(EndpointError::MissingValue {
                host: self.host.clone(),
                name: name.to_owned(),
            });
        }
        let braced = format!("{{{REGION}}}");
        let host = match region {
            Some(region) => self.host.replace(&braced, region.as_str()),
            None if self.host.contains(&braced) => {
                return Err(EndpointError::NoRegion {
                    host: self.host.clone(),
                });
            }
            None => self.host.clone(),
        };
        match host.parse() {
            Ok(host) => Ok(EndpointAddress {
                host,
                port: self.port,
                security: self.security,
            }),
            Err(_) => Err(EndpointError::NoHost { host }),
        }
    }
}

/// Why it is not known where a provider takes mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The region is not known, or has to be named.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// The host is made of the region, and none is named.
    #[error("the host {host} is another in each region; say in which region")]
    NoRegion {
        /// The host as the profile has it.
        host: String,
    },
    /// The host is made of something that is not known here.
    #[error(
        "the host {host} is made of {name}, which only the provider can tell; ask for the host"
    )]
    MissingValue {
        /// The host as the profile has it.
        host: String,
        /// What it is made of.
        name: String,
    },
    /// The host is no domain name.
    #[error("{host:?} is no domain name; put the profile's host right")]
    NoHost {
        /// The host.
        host: String,
    },
}
