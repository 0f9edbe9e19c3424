//! IPv4 and IPv6: which is used, which comes first.

use std::net::{IpAddr, SocketAddr};

use letterhead_dns::RecordType;

/// Which kinds of addresses are connected to, and which comes first. Where both are used, a host's addresses take turns, so
/// that one family without a working network does not use up all tries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressFamilies {
    /// Both, IPv6 first.
    #[default]
    Ipv6First,
    /// Both, IPv4 first: more receivers know an IPv4 address's reputation, and all have reverse DNS for it.
    Ipv4First,
    /// IPv6 alone.
    Ipv6Only,
    /// IPv4 alone, for a host without IPv6.
    Ipv4Only,
}

impl AddressFamilies {
    /// The records to ask for, the first first.
    pub(crate) fn record_types(self) -> &'static [RecordType] {
        match self {
            Self::Ipv6First => &[RecordType::AAAA, RecordType::A],
            Self::Ipv4First => &[RecordType::A, RecordType::AAAA],
            Self::Ipv6Only => &[RecordType::AAAA],
            Self::Ipv4Only => &[RecordType::A],
        }
    }

    pub(crate) fn includes(self, address: IpAddr) -> bool {
        match self {
            Self::Ipv6First | Self::Ipv4First => true,
            Self::Ipv6Only => address.is_ipv6(),
            Self::Ipv4Only => address.is_ipv4(),
        }
    }

    /// The addresses in the order in which they are tried. Within a family the resolver's order stays
    /// ([RFC 5321 §5.1](https://www.rfc-editor.org/rfc/rfc5321#section-5.1)).
    pub(crate) fn in_turns<A: Address>(self, addresses: Vec<A>) -> Vec<A> {
        let mut unique: Vec<A> = Vec::with_capacity(addresses.len());
        for address in addresses {
            if self.includes(address.ip()) && !unique.contains(&address) {
                unique.push(address);
            }
        }
        let v6_first = matches!(self, Self::Ipv6First | Self::Ipv6Only);
        let (first, second): (Vec<_>, Vec<_>) = unique
            .into_iter()
            .partition(|address| address.ip().is_ipv6() == v6_first);
        let (mut first, mut second) = (first.into_iter(), second.into_iter());
        let mut ordered = Vec::with_capacity(first.len() + second.len());
        loop {
            let pair = [first.next(), second.next()];
            if pair.iter().all(Option::is_none) {
                return ordered;
            }
            ordered.extend(pair.into_iter().flatten());
        }
    }
}

/// An address of a family, with a port or without.
pub(crate) trait Address: PartialEq {
    fn ip(&self) -> IpAddr;
}

impl Address for IpAddr {
    fn ip(&self) -> IpAddr {
        *self
    }
}

impl Address for SocketAddr {
    fn ip(&self) -> IpAddr {
        Self::ip(self)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::AddressFamilies;

    #[test]
    fn families_take_turns_and_keep_their_own_order() {
        let found = ["10.0.0.1", "10.0.0.2", "::1", "10.0.0.3", "::2", "10.0.0.1"];
        for (families, expected) in [
            (
                AddressFamilies::Ipv6First,
                &["::1", "10.0.0.1", "::2", "10.0.0.2", "10.0.0.3"][..],
            ),
            (
                AddressFamilies::Ipv4First,
                &["10.0.0.1", "::1", "10.0.0.2", "::2", "10.0.0.3"],
            ),
            (AddressFamilies::Ipv6Only, &["::1", "::2"]),
            (
                AddressFamilies::Ipv4Only,
                &["10.0.0.1", "10.0.0.2", "10.0.0.3"],
            ),
        ] {
            let addresses = found.map(|text| text.parse::<IpAddr>().unwrap()).to_vec();
            let ordered: Vec<String> = families
                .in_turns(addresses)
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(ordered, expected, "{families:?}");
        }
    }
}
