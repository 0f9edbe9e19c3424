use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use letterhead_mail::DomainName;

use super::{Pace, ServeLimits};

/// On which addresses a simulation listens: any free port of 127.0.0.1, but for what is said here; and what it puts up
/// with.
///
/// Only loopback addresses are taken. Port 0 is any free one.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ServeOptions {
    pub(super) dns: Option<SocketAddr>,
    pub(super) smtp: BTreeMap<DomainName, SocketAddr>,
    pub(super) smtps: BTreeMap<DomainName, SocketAddr>,
    pub(super) limits: ServeLimits,
    pub(super) paces: BTreeMap<DomainName, Pace>,
}

impl ServeOptions {
    /// Free ports for everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// The DNS, over UDP and TCP.
    pub fn dns(mut self, address: SocketAddr) -> Self {
        self.dns = Some(address);
        self
    }

    /// This host, with STARTTLS.
    pub fn smtp(mut self, host: DomainName, address: SocketAddr) -> Self {
        self.smtp.insert(host, address);
        self
    }

    /// This host, under TLS from the first octet ([RFC 8314 §3.3](https://www.rfc-editor.org/rfc/rfc8314#section-3.3)).
    pub fn smtps(mut self, host: DomainName, address: SocketAddr) -> Self {
        self.smtps.insert(host, address);
        self
    }

    /// What every host puts up with.
    pub fn limits(mut self, limits: ServeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How the octets of this host come and go.
    pub fn pace(mut self, host: DomainName, pace: Pace) -> Self {
        self.paces.insert(host, pace);
        self
    }

    pub(super) fn all(&self) -> impl Iterator<Item = SocketAddr> {
        let hosts = self.smtp.values().chain(self.smtps.values());
        hosts.copied().chain(self.dns)
    }
}

pub(super) fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}
