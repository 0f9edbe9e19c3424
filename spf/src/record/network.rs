//! Networks and prefix lengths.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

macro_rules! network {
    ($(#[$doc:meta])* $name:ident, $address:ty, $width:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name {
            address: $address,
            prefix: u8,
        }

        impl $name {
            /// All addresses.
            pub(crate) const ALL: Self = Self {
                address: <$address>::UNSPECIFIED,
                prefix: 0,
            };

            /// The network of this address and prefix length; `None` when the length is more than the address has bits.
            #[must_use]
            pub fn new(address: $address, prefix: u8) -> Option<Self> {
                (prefix <= $width).then_some(Self { address, prefix })
            }

            /// The address as written, bits beyond the prefix included.
            #[must_use]
            pub fn address(self) -> $address {
                self.address
            }

            /// How many leading bits count.
            #[must_use]
            pub fn prefix(self) -> u8 {
                self.prefix
            }

            /// Whether the address is in the network.
            #[must_use]
            pub fn contains(self, address: $address) -> bool {
                let difference = self.address.to_bits() ^ address.to_bits();
                let beyond = $width - u32::from(self.prefix);
                difference.checked_shr(beyond).unwrap_or(0) == 0
            }

            /// Whether every address of `other` is in this network too.
            #[must_use]
            pub fn covers(self, other: Self) -> bool {
                self.prefix <= other.prefix && self.contains(other.address)
            }
        }

        /// The network that is this address and no other.
        impl From<$address> for $name {
            fn from(address: $address) -> Self {
                Self {
                    address,
                    prefix: $width,
                }
            }
        }

        /// The address, and the prefix length where it is not the full one.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.address)?;
                if self.prefix == $width {
                    return Ok(());
                }
                write!(f, "/{}", self.prefix)
            }
        }
    };
}

network! {
    /// An IPv4 network ([RFC 7208 §5.6](https://www.rfc-editor.org/rfc/rfc7208#section-5.6)).
    Ip4Network, Ipv4Addr, 32
}

network! {
    /// An IPv6 network ([RFC 7208 §5.6](https://www.rfc-editor.org/rfc/rfc7208#section-5.6)).
    Ip6Network, Ipv6Addr, 128
}

impl Ip6Network {
    /// Whether all its addresses stand for IPv4 addresses
    /// ([RFC 4291 §2.5.5.2](https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2)). A client with one is checked as an
    /// IPv4 client ([RFC 7208 §5](https://www.rfc-editor.org/rfc/rfc7208#section-5)), so that the network never matches.
    #[must_use]
    pub fn is_ip4_mapped(self) -> bool {
        self.prefix >= 96 && self.address.to_ipv4_mapped().is_some()
    }

    /// The network of the IPv4 addresses that all its addresses stand for.
    #[must_use]
    pub fn as_ip4(self) -> Option<Ip4Network> {
        let address = self.address.to_ipv4_mapped()?;
        Ip4Network::new(address, self.prefix.checked_sub(96)?)
    }
}

/// The prefix lengths that `a` and `mx` apply to the addresses they find, one for each family
/// ([RFC 7208 §5.3](https://www.rfc-editor.org/rfc/rfc7208#section-5.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DualPrefix {
    ip4: u8,
    ip6: u8,
}

impl DualPrefix {
    /// Whole addresses: /32 and /128.
    pub const FULL: Self = Self { ip4: 32, ip6: 128 };

    /// These two lengths; `None` when one is more than the family has bits.
    #[must_use]
    pub fn new(ip4: u8, ip6: u8) -> Option<Self> {
        (ip4 <= 32 && ip6 <= 128).then_some(Self { ip4, ip6 })
    }

    /// The length for IPv4.
    #[must_use]
    pub fn ip4(self) -> u8 {
        self.ip4
    }

    /// The length for IPv6.
    #[must_use]
    pub fn ip6(self) -> u8 {
        self.ip6
    }

    /// Whether both addresses are of one family and agree in the leading bits that count.
    #[must_use]
    pub fn matches(self, found: IpAddr, client: IpAddr) -> bool {
        match (found, client) {
            (IpAddr::V4(found), IpAddr::V4(client)) => {
                Ip4Network::new(found, self.ip4).is_some_and(|network| network.contains(client))
            }
            (IpAddr::V6(found), IpAddr::V6(client)) => {
                Ip6Network::new(found, self.ip6).is_some_and(|network| network.contains(client))
            }
            _ => false,
        }
    }
}

impl Default for DualPrefix {
    fn default() -> Self {
        Self::FULL
    }
}

/// Lengths other than the full ones, as `/24`, `//64` or `/24//64`.
impl fmt::Display for DualPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ip4 != Self::FULL.ip4 {
            write!(f, "/{}", self.ip4)?;
        }
        if self.ip6 != Self::FULL.ip6 {
            write!(f, "//{}", self.ip6)?;
        }
        Ok(())
    }
}
