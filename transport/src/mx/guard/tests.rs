use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::proptest;

use super::{AddressGuard, AddressKind, of_v4};

#[test]
fn addresses_are_what_the_registries_say() {
    for (kind, addresses) in [
        (
            AddressKind::Public,
            &[
                "8.8.8.8",
                "1.0.0.1",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.0.1",
                "172.32.0.1",
                "192.0.1.1",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2a00:1450::1",
                "2001:200::1",
                "2001:4860::1",
                "2606::1",
                "::ffff:8.8.8.8",
                "64:ff9b::8.8.8.8",
                "2002:808:808::1",
            ][..],
        ),
        (
            AddressKind::Unspecified,
            &["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"],
        ),
        (
            AddressKind::Loopback,
            &[
                "127.0.0.1",
                "127.255.255.255",
                "::1",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
            ],
        ),
        (
            AddressKind::Private,
            &[
                "10.0.0.1",
                "172.16.0.0",
                "172.31.255.255",
                "192.168.1.1",
                "fc00::1",
                "fdff::1",
                "fec0::1",
                "feff::1",
                "::ffff:192.168.0.1",
                "2002:a00:1::",
                "64:ff9b::10.0.0.1",
            ],
        ),
        (
            AddressKind::Shared,
            &["100.64.0.0", "100.127.255.255", "::ffff:100.64.0.1"],
        ),
        (
            AddressKind::LinkLocal,
            &[
                "169.254.169.254",
                "fe80::1",
                "febf::1",
                "::ffff:169.254.169.254",
                "2002:a9fe:a9fe::",
            ],
        ),
        (
            AddressKind::Multicast,
            &[
                "224.0.0.1",
                "239.255.255.255",
                "ff02::1",
                "::ffff:224.0.0.1",
            ],
        ),
        (
            AddressKind::Broadcast,
            &["255.255.255.255", "::ffff:255.255.255.255"],
        ),
        (
            AddressKind::Documentation,
            &[
                "192.0.2.1",
                "198.51.100.1",
                "203.0.113.1",
                "198.18.0.1",
                "198.19.255.255",
                "2001:db8::1",
                "3fff:fff::1",
            ],
        ),
        (
            AddressKind::Reserved,
            &[
                "192.0.0.1",
                "192.88.99.1",
                "240.0.0.1",
                "255.255.255.254",
                "::2",
                "::8.8.8.8",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:1ff::1",
                "4000::1",
                "5f00::1",
                "1fff::1",
                "64:ff9b::1:8.8.8.8",
            ],
        ),
    ] {
        for address in addresses {
            assert_eq!(AddressKind::of(address.parse().unwrap()), kind, "{address}");
        }
    }
}

#[test]
fn only_what_is_named_is_let_out() {
    let guard = AddressGuard::default().dangerous_allow("127.0.0.0/8".parse().unwrap());
    for address in ["127.0.0.2", "::ffff:127.0.0.2", "8.8.8.8"] {
        assert_eq!(guard.check(address.parse().unwrap()), Ok(()), "{address}");
    }
    for address in ["10.0.0.1", "::1"] {
        let refused = guard.check(address.parse().unwrap()).unwrap_err();
        assert_eq!(refused.address(), address.parse::<IpAddr>().unwrap());
    }
    let refused = AddressGuard::default()
        .check([127, 0, 0, 1].into())
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "127.0.0.1 is not on the public internet: a loopback address"
    );
}

proptest! {
    #[test]
    fn an_embedded_address_is_judged_as_itself(v4: Ipv4Addr) {
        let kind = of_v4(v4);
        let [a, b, c, d] = v4.octets();
        let mapped = IpAddr::V6(v4.to_ipv6_mapped());
        let nat64: Ipv6Addr = format!("64:ff9b::{v4}").parse().unwrap();
        let six_to_four = Ipv6Addr::from([0x20, 0x02, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        for embedding in [mapped, nat64.into(), six_to_four.into()] {
            assert_eq!(AddressKind::of(embedding), kind, "{embedding}");
        }
        // The standard library knows some of them too, and nothing it knows as special is public.
        if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
            || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified()
        {
            assert_ne!(kind, AddressKind::Public);
        }
    }

    #[test]
    fn no_special_ipv6_address_is_public(v6: Ipv6Addr) {
        if v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_multicast() || v6.is_loopback() {
            assert!(AddressGuard::default().check(v6.into()).is_err());
        }
    }
}
