//! Networks of IP addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The addresses that share the leading bits of one: `192.0.2.0/24`, `2001:db8::/32`.
///
/// ```
/// use letterhead_transport::mx::IpNetwork;
///
/// let network: IpNetwork = "127.0.0.0/8".parse()?;
/// assert!(network.contains("127.1.2.3".parse()?));
/// assert!(!network.contains("::1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IpNetwork {
    address: IpAddr,
    prefix: u8,
}

impl IpNetwork {
    /// The network of an address, by how many leading bits count. The other bits of the address are ignored.
    ///
    /// # Errors
    ///
    /// When there are more bits than an address of this family has.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, IpNetworkError> {
        if u32::from(prefix) > width(address) {
            return Err(IpNetworkError);
        }
        Ok(Self { address, prefix })
    }

    /// Whether the address is in it. An IPv4 address is in no IPv6 network, not even as `::ffff:192.0.2.1`.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let ignored = width(self.address) - u32::from(self.prefix);
        let leading = |bits: u128| bits.checked_shr(ignored).unwrap_or_default();
        self.address.is_ipv4() == address.is_ipv4()
            && leading(bits(self.address)) == leading(bits(address))
    }
}

/// The network of this one address.
impl From<IpAddr> for IpNetwork {
    fn from(address: IpAddr) -> Self {
        Self {
            address,
            prefix: if address.is_ipv4() { 32 } else { 128 },
        }
    }
}

impl FromStr for IpNetwork {
    type Err = IpNetworkError;

    fn from_str(text: &str) -> Result<Self, IpNetworkError> {
        let Some((address, prefix)) = text.split_once('/') else {
            return text.parse().map(IpAddr::into).map_err(|_| IpNetworkError);
        };
        if !prefix.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(IpNetworkError);
        }
        let address = address.parse().map_err(|_| IpNetworkError)?;
        Self::new(address, prefix.parse().map_err(|_| IpNetworkError)?)
    }
}

impl fmt::Display for IpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Text or numbers that are no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an IP address, a slash and up to 32 or 128 bits, such as 192.0.2.0/24")]
#[non_exhaustive]
pub struct IpNetworkError;

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::{any, proptest};

    use super::{IpNetwork, IpNetworkError};

    #[test]
    fn networks_end_where_their_bits_end() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("10.9.9.9/8", "10.0.0.0", "9.255.255.255"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.0"),
            ("0.0.0.0/0", "255.255.255.255", "::"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "ffff::", "0.0.0.0"),
            ("::ffff:0:0/96", "::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            let network: IpNetwork = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network}");
            assert!(!network.contains(outside.parse().unwrap()), "{network}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/+8",
            "10.0/8",
            "x/8",
        ] {
            assert_eq!(text.parse::<IpNetwork>(), Err(IpNetworkError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_network_reads_back_and_holds_its_address(address: IpAddr, prefix in 0_u8..=32, other in any::<IpAddr>()) {
            let network = IpNetwork::new(address, prefix).unwrap();
            assert_eq!(network.to_string().parse(), Ok(network));
            assert!(network.contains(address));
            assert_eq!(IpNetwork::from(address).contains(other), address == other);
        }
    }
}
