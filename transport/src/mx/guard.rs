//! Which addresses mail may be sent to: only those of the public internet.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::network::IpNetwork;

/// Keeps mail from being sent to addresses that are not on the public internet.
///
/// Where mail goes is written in the DNS of whoever is written to, and so is anybody's to choose: without a guard, a
/// recipient's domain makes the sender speak to hosts inside its own network. It is asked about the address that is
/// connected to, not about a name, so a name that means something else a moment later changes nothing.
///
/// Refused is whatever IANA does not list as globally reachable
/// ([RFC 6890](https://www.rfc-editor.org/rfc/rfc6890)): see [`AddressKind`]. An IPv6 address that stands for an IPv4 address
/// (mapped, NAT64 under the well-known prefix, 6to4) is judged by that one. A network's own NAT64 prefix cannot be known.
///
/// ```
/// use letterhead_transport::mx::AddressGuard;
///
/// let guard = AddressGuard::default();
/// assert!(guard.check("8.8.8.8".parse()?).is_ok());
/// assert!(guard.check("169.254.169.254".parse()?).is_err());
/// assert!(guard.check("::ffff:10.0.0.1".parse()?).is_err());
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct AddressGuard {
    allowed: Vec<IpNetwork>,
}

impl AddressGuard {
    /// Lets mail out to this network too, whatever it is: a test's servers on loopback, a relay in the company's own
    /// network. Whoever has a domain can then make the sender speak to every host in it.
    #[must_use]
    pub fn dangerous_allow(mut self, network: IpNetwork) -> Self {
        self.allowed.push(network);
        self
    }

    /// Whether mail may be sent to this address.
    ///
    /// # Errors
    ///
    /// When it is not on the public internet, nor in a network that is allowed.
    pub fn check(&self, address: IpAddr) -> Result<(), RefusedAddress> {
        let plain = address.to_canonical();
        let is_allowed = |network: &IpNetwork| network.contains(address) || network.contains(plain);
        match AddressKind::of(address) {
            AddressKind::Public => Ok(()),
            _ if self.allowed.iter().any(is_allowed) => Ok(()),
            kind => Err(RefusedAddress { address, kind }),
        }
    }
}

/// An address that mail is not sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not on the public internet: {kind}")]
pub struct RefusedAddress {
    address: IpAddr,
    kind: AddressKind,
}

impl RefusedAddress {
    /// The address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// What it is instead.
    #[must_use]
    pub fn kind(&self) -> AddressKind {
        self.kind
    }
}

/// What an address is for, as far as it matters to who connects to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressKind {
    /// A host on the public internet.
    Public,
    /// `0.0.0.0/8`, `::`: this network, no host in particular.
    Unspecified,
    /// `127.0.0.0/8`, `::1`: this machine.
    Loopback,
    /// `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`
    /// ([RFC 1918](https://www.rfc-editor.org/rfc/rfc1918)), `fc00::/7`
    /// ([RFC 4193](https://www.rfc-editor.org/rfc/rfc4193)) and `fec0::/10`: a network of somebody's own.
    Private,
    /// `100.64.0.0/10` ([RFC 6598](https://www.rfc-editor.org/rfc/rfc6598)): between a provider and its customers.
    Shared,
    /// `169.254.0.0/16` and `fe80::/10`: the link, where clouds keep credentials.
    LinkLocal,
    /// `224.0.0.0/4`, `ff00::/8`.
    Multicast,
    /// `255.255.255.255`.
    Broadcast,
    /// For examples and benchmarks ([RFC 5737](https://www.rfc-editor.org/rfc/rfc5737),
    /// [RFC 3849](https://www.rfc-editor.org/rfc/rfc3849), [RFC 9637](https://www.rfc-editor.org/rfc/rfc9637),
    /// [RFC 2544](https://www.rfc-editor.org/rfc/rfc2544)).
    Documentation,
    /// For protocols, or for nothing yet; tunnels whose far end cannot be judged.
    Reserved,
}

impl AddressKind {
    /// What this address is for.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

impl fmt::Display for AddressKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Unspecified => "no address in particular",
            Self::Loopback => "a loopback address",
            Self::Private => "an address of a private network",
            Self::Shared => "an address between a provider and its customers",
            Self::LinkLocal => "a link-local address",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "the broadcast address",
            Self::Documentation => "an address for examples",
            Self::Reserved => "a reserved address",
        })
    }
}

fn of_v4(address: Ipv4Addr) -> AddressKind {
    match address.octets() {
        [0, ..] => AddressKind::Unspecified,
        [127, ..] => AddressKind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressKind::Private,
        [100, 64..=127, ..] => AddressKind::Shared,
        [169, 254, ..] => AddressKind::LinkLocal,
        [224..=239, ..] => AddressKind::Multicast,
        [255, 255, 255, 255] => AddressKind::Broadcast,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [198, 18..=19, ..] => {
            AddressKind::Documentation
        }
        // Protocol assignments, the relays of 6to4, and what nobody has been given.
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => AddressKind::Reserved,
        _ => AddressKind::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> AddressKind {
    let embedded =
        |high: u16, low: u16| of_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressKind::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressKind::Loopback,
        // Mapped, and NAT64 under its well-known prefix (RFC 6052 §2.1).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        // 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => embedded(high, low),
        [0xfe80..=0xfebf, ..] => AddressKind::LinkLocal,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => AddressKind::Private,
        [0xff00..=0xffff, ..] => AddressKind::Multicast,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => AddressKind::Documentation,
        // Protocol assignments, Teredo's tunnels among them.
        [0x2001, 0..=0x1ff, ..] => AddressKind::Reserved,
        // RFC 4291 §2.4: all global unicast addresses that were given out.
        [0x2000..=0x3fff, ..] => AddressKind::Public,
        _ => AddressKind::Reserved,
    }
}

#[cfg(test)]
mod tests;
