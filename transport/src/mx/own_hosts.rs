//! The names and addresses that are ours.

use std::collections::HashSet;
use std::net::IpAddr;

use letterhead_mail::DomainName;

/// The hosts that take mail for us. Mail that would be delivered to them, or to a host that is to pass it on to them, goes in
/// circles and is not sent ([RFC 5321 §5.1](https://www.rfc-editor.org/rfc/rfc5321#section-5.1)).
///
/// An application that only sends has none.
#[derive(Debug, Clone, Default)]
pub struct OwnHosts {
    names: HashSet<DomainName>,
    addresses: HashSet<IpAddr>,
}

impl OwnHosts {
    /// With a host of this name.
    #[must_use]
    pub fn with_name(mut self, name: DomainName) -> Self {
        self.names.insert(name);
        self
    }

    /// With a host at this address.
    #[must_use]
    pub fn with_address(mut self, address: IpAddr) -> Self {
        self.addresses.insert(address.to_canonical());
        self
    }

    pub(super) fn has_name(&self, name: &DomainName) -> bool {
        self.names.contains(name)
    }

    pub(super) fn has_address(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address.to_canonical())
    }
}
