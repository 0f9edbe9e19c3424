//! Sets of addresses, compared with counting one by one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use letterhead_spf::AddressSet;
use letterhead_spf::record::network::{Ip4Network, Ip6Network};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::{collection, strategy::Strategy};

/// Networks within 10.0.0.0/24 and around the ends of the address space.
fn networks() -> impl Strategy<Value = Vec<Ip4Network>> {
    let address = (any::<u8>(), 0_u8..3).prop_map(|(octet, place)| match place {
        0 => Ipv4Addr::new(10, 0, 0, octet),
        1 => Ipv4Addr::new(0, 0, 0, octet),
        _ => Ipv4Addr::new(255, 255, 255, octet),
    });
    collection::vec(
        (address, 24_u8..=32).prop_map(|(address, prefix)| {
            Ip4Network::new(address, prefix).expect("a prefix length of IPv4")
        }),
        0..12,
    )
}

/// The same networks at the end of an IPv6 address.
fn ip6(networks: &[Ip4Network]) -> AddressSet {
    networks
        .iter()
        .filter_map(|network| {
            let address = network.address().to_bits();
            let high = if address == u32::MAX {
                u128::MAX << 32
            } else {
                0
            };
            Ip6Network::new(
                Ipv6Addr::from_bits(high | u128::from(address)),
                network.prefix() + 96,
            )
        })
        .collect()
}

fn candidates() -> impl Iterator<Item = Ipv4Addr> {
    (0..=255).flat_map(|octet| {
        [
            Ipv4Addr::new(10, 0, 0, octet),
            Ipv4Addr::new(0, 0, 0, octet),
            Ipv4Addr::new(255, 255, 255, octet),
        ]
    })
}

proptest! {
    #[test]
    fn the_algebra_is_that_of_sets(one in networks(), two in networks()) {
        let within = |networks: &[Ip4Network], address| networks.iter().any(|network| network.contains(address));
        let (first, second): (AddressSet, AddressSet) = (one.iter().copied().collect(), two.iter().copied().collect());
        let (union, both, rest) = (first.union(&second), first.intersection(&second), first.difference(&second));
        for address in candidates() {
            let (in_one, in_two) = (within(&one, address), within(&two, address));
            let ip = IpAddr::V4(address);
            prop_assert_eq!(first.contains(ip), in_one);
            prop_assert_eq!(union.contains(ip), in_one || in_two);
            prop_assert_eq!(both.contains(ip), in_one && in_two);
            prop_assert_eq!(rest.contains(ip), in_one && !in_two);
        }
        prop_assert_eq!(union.ip4_count() + both.ip4_count(), first.ip4_count() + second.ip4_count());
        prop_assert!(union.covers(&first) && first.covers(&rest));
        prop_assert_eq!(rest.union(&both), first);
    }

    #[test]
    fn the_networks_are_the_same_set_and_the_fewest(networks in networks()) {
        let set: AddressSet = networks.iter().copied().collect();
        let fewest: Vec<Ip4Network> = set.ip4_networks().collect();
        prop_assert_eq!(&fewest.iter().copied().collect::<AddressSet>(), &set);
        // Two networks side by side that are halves of one would be one network too many.
        for pair in fewest.windows(2) {
            prop_assert!(pair[0].address() < pair[1].address());
            if pair[0].prefix() == pair[1].prefix() {
                let parent = Ip4Network::new(pair[0].address(), pair[0].prefix() - 1).expect("shorter");
                prop_assert!(!(parent.covers(pair[1]) && parent.address().to_bits().is_multiple_of(1 << (32 - parent.prefix()))));
            }
        }
        let long = ip6(&networks);
        prop_assert_eq!(long.ip6_networks().collect::<AddressSet>(), long);
    }
}

#[test]
fn everything_is_two_networks() {
    let all = AddressSet::all();
    assert_eq!(all.to_string(), "0.0.0.0/0 ::/0");
    assert_eq!(all.ip4_count(), 1 << 32);
    assert_eq!(all.ip6_count(), u128::MAX);
    assert!(all.difference(&all).is_empty());
    assert_eq!(
        all.difference(&AddressSet::all_ip4()),
        AddressSet::all_ip6()
    );
    assert_eq!(AddressSet::empty().to_string(), "nothing");
    assert!(all.contains(IpAddr::V6(Ipv6Addr::LOCALHOST)));
}

#[test]
fn the_last_address_does_not_overflow() {
    let last = |prefix| Ip4Network::new(Ipv4Addr::BROADCAST, prefix).expect("a network");
    let set: AddressSet = [last(32), last(31), last(30)].into_iter().collect();
    assert_eq!(set.to_string(), "255.255.255.252/30");
    let rest = AddressSet::all_ip4().difference(&set);
    assert_eq!(rest.ip4_networks().count(), 30);
    assert_eq!(rest.union(&set), AddressSet::all_ip4());
}
