//! Tests of addresses.

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

use super::{AddressDomain, AddressErrorKind, AddressLiteral, EmailAddress};

fn kind(text: &str) -> (usize, AddressErrorKind) {
    let error = text.parse::<EmailAddress>().expect_err(text);
    (error.offset(), error.kind())
}

#[test]
fn addresses_are_read_and_written_with_quotes_only_where_needed() {
    for (text, local_part, written) in [
        ("joe@example.org", "joe", "joe@example.org"),
        ("Joe@Example.ORG", "Joe", "Joe@example.org"),
        ("\"joe\"@example.org", "joe", "joe@example.org"),
        ("\"a b\"@example.org", "a b", "\"a b\"@example.org"),
        (
            "\"a\\\"\\\\b\"@example.org",
            "a\"\\b",
            "\"a\\\"\\\\b\"@example.org",
        ),
        ("\"a@b\"@example.org", "a@b", "\"a@b\"@example.org"),
        ("\".a.\"@example.org", ".a.", "\".a.\"@example.org"),
        ("a.b+c=d@example.org", "a.b+c=d", "a.b+c=d@example.org"),
        ("grüße@example.org", "grüße", "grüße@example.org"),
        ("a@[192.0.2.1]", "a", "a@[192.0.2.1]"),
        ("a@[ipv6:2001:DB8::1]", "a", "a@[IPv6:2001:db8::1]"),
        ("a@[X-Net:q/1]", "a", "a@[x-net:q/1]"),
    ] {
        let address: EmailAddress = text.parse().unwrap();
        assert_eq!(address.local_part(), local_part, "{text}");
        assert_eq!(address.to_string(), written, "{text}");
    }
}

#[test]
fn what_is_no_address_is_refused_with_its_place() {
    for (text, expected) in [
        ("", (0, AddressErrorKind::NoDomain)),
        ("postmaster", (10, AddressErrorKind::NoDomain)),
        ("@example.org", (0, AddressErrorKind::EmptyLocalPart)),
        ("\"\"@example.org", (0, AddressErrorKind::EmptyLocalPart)),
        ("a@", (2, AddressErrorKind::NoDomain)),
        (".a@example.org", (0, AddressErrorKind::Dot)),
        ("a.@example.org", (2, AddressErrorKind::Dot)),
        ("a..b@example.org", (2, AddressErrorKind::Dot)),
        ("a b@example.org", (1, AddressErrorKind::Character(' '))),
        ("<a@example.org>", (0, AddressErrorKind::Character('<'))),
        ("a(b)@example.org", (1, AddressErrorKind::Character('('))),
        ("a\r\n@example.org", (1, AddressErrorKind::Control)),
        ("\"a\0\"@example.org", (2, AddressErrorKind::Control)),
        ("\"a\\\n\"@example.org", (3, AddressErrorKind::Control)),
        (
            "\"a\\ä\"@example.org",
            (3, AddressErrorKind::Character('ä')),
        ),
        ("a\u{9f}@example.org", (1, AddressErrorKind::Control)),
        ("\"a@example.org", (14, AddressErrorKind::UnclosedQuote)),
        ("\"a\\", (3, AddressErrorKind::UnclosedQuote)),
        ("\"a\"b@example.org", (3, AddressErrorKind::Character('b'))),
        ("\"a\"", (3, AddressErrorKind::NoDomain)),
        ("a@example.org.", (13, AddressErrorKind::Character('.'))),
        ("a@example.org\r\n", (13, AddressErrorKind::Control)),
        ("a@[192.0.2.256]", (2, AddressErrorKind::Literal)),
        ("a@[IPv6:x]", (2, AddressErrorKind::Literal)),
        ("a@[x:a]b]", (2, AddressErrorKind::Literal)),
        ("a@[-:]", (2, AddressErrorKind::Literal)),
        ("a@[192.0.2.1", (2, AddressErrorKind::Literal)),
    ] {
        assert_eq!(kind(text), expected, "{text:?}");
    }
    for text in [
        "a@b@example.org",
        "a@exa mple.org",
        "a@-example.org",
        "a@example.org>",
    ] {
        assert!(
            matches!(kind(text), (2, AddressErrorKind::Domain(_))),
            "{text:?}"
        );
    }
}

#[test]
fn limits_count_what_is_written() {
    let domain = |length: usize| format!("{}.org", vec!["d"; (length - 3) / 2].join("."));
    let local = "l".repeat(64);
    assert!(
        format!("{local}@example.org")
            .parse::<EmailAddress>()
            .is_ok()
    );
    assert_eq!(
        kind(&format!("{local}l@example.org")).1,
        AddressErrorKind::LocalPartTooLong
    );
    // Quotes count: 62 characters with a space among them are 64 octets, 63 are too many.
    assert!(
        format!("\"{} \"@example.org", "l".repeat(61))
            .parse::<EmailAddress>()
            .is_ok()
    );
    assert_eq!(
        kind(&format!("\"{} \"@example.org", "l".repeat(62))).1,
        AddressErrorKind::LocalPartTooLong
    );
    assert!(
        format!("{local}@{}", domain(189))
            .parse::<EmailAddress>()
            .is_ok()
    );
    assert_eq!(
        kind(&format!("{local}@{}", domain(191))).1,
        AddressErrorKind::TooLong
    );
}

#[test]
fn the_domain_is_a_name_or_a_literal() {
    let named: EmailAddress = "a@Example.org".parse().unwrap();
    assert_eq!(named.domain_name().unwrap().as_str(), "example.org");
    let literal: EmailAddress = "a@[192.0.2.1]".parse().unwrap();
    assert!(literal.domain_name().is_none());
    assert_eq!(
        literal.domain(),
        &AddressDomain::Literal(AddressLiteral::Ipv4([192, 0, 2, 1].into()))
    );
}

#[test]
fn comparison_ignores_quotes_and_the_case_of_the_domain_only() {
    let address = |text: &str| text.parse::<EmailAddress>().unwrap();
    assert_eq!(address("\"joe\"@example.org"), address("joe@EXAMPLE.org"));
    assert_ne!(address("Joe@example.org"), address("joe@example.org"));
    assert_eq!(address("a@[IPV6:::1]"), address("a@[IPv6:0:0::1]"));
}

#[test]
fn a_label_follows_the_first_plus() {
    for (text, label, base) in [
        ("a+b+c@example.org", Some("b+c"), "a@example.org"),
        ("a+@example.org", Some(""), "a@example.org"),
        ("+a@example.org", None, "+a@example.org"),
        ("a.+b@example.org", None, "a.+b@example.org"),
        ("a@example.org", None, "a@example.org"),
    ] {
        let address: EmailAddress = text.parse().unwrap();
        assert_eq!(address.label(), label, "{text}");
        assert_eq!(address.without_label().to_string(), base, "{text}");
    }
}

#[test]
fn smtputf8_is_needed_for_local_parts_only() {
    assert!(
        "ü@example.org"
            .parse::<EmailAddress>()
            .unwrap()
            .needs_smtputf8()
    );
    assert!(
        !"u@example.org"
            .parse::<EmailAddress>()
            .unwrap()
            .needs_smtputf8()
    );
}

#[test]
#[cfg(feature = "idna")]
fn unicode_domains_become_a_labels() {
    let address: EmailAddress = "a@Bücher.example".parse().unwrap();
    assert_eq!(address.to_string(), "a@xn--bcher-kva.example");
}

#[test]
fn stored_addresses_are_checked_when_they_are_read_back() {
    let address: EmailAddress = "\"a b\"@example.org".parse().unwrap();
    let stored = serde_json::to_string(&address).unwrap();
    assert_eq!(
        serde_json::from_str::<EmailAddress>(&stored).unwrap(),
        address
    );
    assert!(serde_json::from_str::<EmailAddress>("\"a@b>\\r\\n\"").is_err());
}

fn addresses() -> impl Strategy<Value = EmailAddress> {
    let domain = prop_oneof![
        "[a-zA-Z0-9_]{1,10}(\\.[a-z0-9]{1,10}){0,3}"
            .prop_map(|name| AddressDomain::Name(name.parse().unwrap())),
        any::<[u8; 4]>().prop_map(|octets| AddressLiteral::Ipv4(octets.into()).into()),
        any::<[u16; 8]>().prop_map(|groups| AddressLiteral::Ipv6(groups.into()).into()),
        Just("[future:a,b]".parse().unwrap()),
    ];
    ("\\PC{1,15}", domain).prop_filter_map("a limit", |(local_part, domain)| {
        EmailAddress::new(&local_part, domain).ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_reads_back_the_same(address in addresses()) {
        let written = address.to_string();
        assert!(!written.chars().any(char::is_control));
        assert_eq!(written.parse::<EmailAddress>().unwrap(), address, "{written}");
        assert_eq!(EmailAddress::try_from(written.as_bytes()).unwrap(), address);
    }

    #[test]
    fn reading_never_panics(octets in any::<Vec<u8>>(), text in "[a\"\\\\@. \\[\\]:\\r\\nä]{0,20}") {
        let _ = EmailAddress::try_from(octets.as_slice());
        if let Ok(address) = text.parse::<EmailAddress>() {
            assert_eq!(address.to_string().parse::<EmailAddress>().unwrap(), address);
        }
    }
}
