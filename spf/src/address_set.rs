//! Sets of addresses.

mod ranges;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use self::ranges::Ranges;
use crate::record::network::{Ip4Network, Ip6Network};

/// A set of IPv4 and IPv6 addresses: exact, whatever the networks it was made of.
///
/// ```
/// use letterhead_spf::AddressSet;
/// use letterhead_spf::record::network::Ip4Network;
///
/// let network = |text: &str, prefix| Ip4Network::new(text.parse().unwrap(), prefix).unwrap();
/// let set: AddressSet = [network("192.0.2.0", 25), network("192.0.2.128", 25)].into_iter().collect();
/// assert_eq!(set.ip4_networks().collect::<Vec<_>>(), [network("192.0.2.0", 24)]);
/// assert_eq!(set.ip4_count(), 256);
/// assert!(set.contains("192.0.2.200".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AddressSet {
    ip4: Ranges<u32>,
    ip6: Ranges<u128>,
}

impl AddressSet {
    /// No address.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every address of both families.
    #[must_use]
    pub fn all() -> Self {
        Self {
            ip4: Ranges::all(),
            ip6: Ranges::all(),
        }
    }

    /// Every IPv4 address.
    #[must_use]
    pub fn all_ip4() -> Self {
        Self {
            ip4: Ranges::all(),
            ip6: Ranges::default(),
        }
    }

    /// Every IPv6 address.
    #[must_use]
    pub fn all_ip6() -> Self {
        Self {
            ip4: Ranges::default(),
            ip6: Ranges::all(),
        }
    }

    /// Whether no address is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ip4.is_empty() && self.ip6.is_empty()
    }

    /// Whether the address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.ip4.contains(address.to_bits()),
            IpAddr::V6(address) => self.ip6.contains(address.to_bits()),
        }
    }

    /// Whether every address of `other` is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.difference(self).is_empty()
    }

    /// The addresses that are in one or the other.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            ip4: self.ip4.union(&other.ip4),
            ip6: self.ip6.union(&other.ip6),
        }
    }

    /// The addresses that are in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            ip4: self.ip4.intersection(&other.ip4),
            ip6: self.ip6.intersection(&other.ip6),
        }
    }

    /// The addresses that are in this one and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self {
            ip4: self.ip4.difference(&other.ip4),
            ip6: self.ip6.difference(&other.ip6),
        }
    }

    /// How many IPv4 addresses are in it.
    #[must_use]
    pub fn ip4_count(&self) -> u64 {
        // At most 2^32.
        u64::try_from(self.ip4.count()).unwrap_or(u64::MAX)
    }

    /// How many IPv6 addresses are in it; all of them are counted as [`u128::MAX`], one less than there are.
    #[must_use]
    pub fn ip6_count(&self) -> u128 {
        self.ip6.count()
    }

    /// The fewest networks that hold its IPv4 addresses and no others, in order.
    pub fn ip4_networks(&self) -> impl Iterator<Item = Ip4Network> {
        self.ip4.networks().filter_map(|(first, prefix)| {
            Ip4Network::new(Ipv4Addr::from_bits(first), u8::try_from(prefix).ok()?)
        })
    }

    /// The fewest networks that hold its IPv6 addresses and no others, in order.
    pub fn ip6_networks(&self) -> impl Iterator<Item = Ip6Network> {
        self.ip6.networks().filter_map(|(first, prefix)| {
            Ip6Network::new(Ipv6Addr::from_bits(first), u8::try_from(prefix).ok()?)
        })
    }
}

impl FromIterator<Ip4Network> for AddressSet {
    fn from_iter<I: IntoIterator<Item = Ip4Network>>(networks: I) -> Self {
        let spans = networks
            .into_iter()
            .map(|network| ranges::span(network.address().to_bits(), network.prefix()));
        Self {
            ip4: spans.collect(),
            ip6: Ranges::default(),
        }
    }
}

impl FromIterator<Ip6Network> for AddressSet {
    fn from_iter<I: IntoIterator<Item = Ip6Network>>(networks: I) -> Self {
        let spans = networks
            .into_iter()
            .map(|network| ranges::span(network.address().to_bits(), network.prefix()));
        Self {
            ip4: Ranges::default(),
            ip6: spans.collect(),
        }
    }
}

/// The networks, separated by spaces, as the mechanisms `ip4` and `ip6` write them; `nothing` when empty.
impl fmt::Display for AddressSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for network in self.ip4_networks() {
            write!(f, "{between}{network}")?;
            between = " ";
        }
        for network in self.ip6_networks() {
            write!(f, "{between}{network}")?;
            between = " ";
        }
        if between.is_empty() {
            f.write_str("nothing")?;
        }
        Ok(())
    }
}

impl fmt::Debug for AddressSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressSet({self})")
    }
}
