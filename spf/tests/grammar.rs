//! The grammar of RFC 7208 §12: what is accepted, what is refused and where.

use letterhead_spf::record::parse_error::ParseErrorKind;
use letterhead_spf::{Directive, Mechanism, Modifier, Qualifier, Record, TermKind};
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::{collection, option, sample};

#[test]
fn valid_records_are_accepted_and_printed_back_unchanged() {
    for text in [
        "v=spf1",
        "v=spf1   ",
        "V=SPF1 +All",
        "v=spf1 a mx ptr -all",
        "v=spf1 a/24 a//64 a/24//64 a/0//0 a:x.example/8 MX:%{d}/32//128",
        "v=spf1 ip4:0.0.0.0/0 ip4:255.255.255.255/32 ip6:::/0 ip6:2001:DB8::1/128 ip6:::ffff:192.0.2.1",
        "v=spf1 ip6:1:2:3:4:5:6:192.0.2.1 ip6:0001:02::",
        "v=spf1 include:a.example exists:%{ir}.%{v}._spf.%{d2} ptr:x.example",
        "v=spf1 redirect=a.example exp=%{d1r.-+,/_=} ReDirect.x=1 y= z=%%%_%-",
        "v=spf1 a:foo:bar/baz.example a:x/y/z.example/24 include:x=y.example",
    ] {
        let record: Record = text
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(record.to_string(), text);
        for term in record.terms() {
            assert_eq!(record.text_of(term), &text[term.span()]);
        }
    }
}

#[test]
fn invalid_records_are_refused_at_the_octet_that_is_wrong() {
    let ip4 = |maximum| ParseErrorKind::PrefixLength { maximum };
    for (text, offset, kind) in [
        ("", 0, ParseErrorKind::Version),
        ("v=spf1a", 0, ParseErrorKind::Version),
        ("v=spf1\t-all", 0, ParseErrorKind::Version),
        ("v=spf1 a\t-all", 8, ParseErrorKind::Octet(b'\t')),
        ("v=spf1 x=\u{e4}", 9, ParseErrorKind::Octet(0xc3)),
        ("v=spf1 x=\u{7f}", 9, ParseErrorKind::Octet(0x7f)),
        ("v=spf1 a\r\n", 8, ParseErrorKind::Octet(b'\r')),
        (
            "v=spf1 foo",
            7,
            ParseErrorKind::UnknownMechanism("foo".into()),
        ),
        (
            "v=spf1 ~-all",
            8,
            ParseErrorKind::UnknownMechanism("-all".into()),
        ),
        (
            "v=spf1 -",
            8,
            ParseErrorKind::UnknownMechanism(String::new()),
        ),
        (
            "v=spf1 redirect:a.b",
            7,
            ParseErrorKind::UnknownMechanism("redirect".into()),
        ),
        (
            "v=spf1 +x=1",
            8,
            ParseErrorKind::UnknownMechanism("x=1".into()),
        ),
        (
            "v=spf1 =x",
            7,
            ParseErrorKind::UnknownMechanism("=x".into()),
        ),
        ("v=spf1 all:", 10, ParseErrorKind::UnexpectedArgument("all")),
        (
            "v=spf1 all/8",
            10,
            ParseErrorKind::UnexpectedArgument("all"),
        ),
        (
            "v=spf1 ptr/24",
            10,
            ParseErrorKind::UnexpectedArgument("ptr"),
        ),
        (
            "v=spf1 include",
            14,
            ParseErrorKind::MissingDomain("include"),
        ),
        (
            "v=spf1 include:",
            15,
            ParseErrorKind::MissingDomain("include"),
        ),
        ("v=spf1 exists", 13, ParseErrorKind::MissingDomain("exists")),
        ("v=spf1 a:", 9, ParseErrorKind::MissingDomain("a")),
        ("v=spf1 mx:/24", 10, ParseErrorKind::MissingDomain("mx")),
        ("v=spf1 ptr:", 11, ParseErrorKind::MissingDomain("ptr")),
        (
            "v=spf1 redirect=",
            16,
            ParseErrorKind::MissingDomain("redirect"),
        ),
        ("v=spf1 exp=", 11, ParseErrorKind::MissingDomain("exp")),
        ("v=spf1 a:com", 12, ParseErrorKind::DomainEnd),
        ("v=spf1 a:b.123", 14, ParseErrorKind::DomainEnd),
        ("v=spf1 include:b.com/24", 23, ParseErrorKind::DomainEnd),
        ("v=spf1 a:b.com:8080", 19, ParseErrorKind::DomainEnd),
        ("v=spf1 ip4", 10, ParseErrorKind::Ip4Network),
        ("v=spf1 ip4:", 10, ParseErrorKind::Ip4Network),
        ("v=spf1 ip4/8", 10, ParseErrorKind::Ip4Network),
        ("v=spf1 ip4:300.1.1.1", 10, ParseErrorKind::Ip4Network),
        ("v=spf1 ip4:01.1.1.1", 10, ParseErrorKind::Ip4Network),
        ("v=spf1 ip4:1.1.1", 10, ParseErrorKind::Ip4Network),
        ("v=spf1 ip4:1.1.1.1:25", 10, ParseErrorKind::Ip4Network),
        ("v=spf1 ip4:2001:db8::1", 10, ParseErrorKind::Ip4Network),
        ("v=spf1 ip4:1.1.1.1/33", 18, ip4(32)),
        ("v=spf1 ip4:1.1.1.1/08", 18, ip4(32)),
        ("v=spf1 ip4:1.1.1.1/", 18, ip4(32)),
        ("v=spf1 ip4:1.1.1.1//24", 18, ip4(32)),
        ("v=spf1 ip4:1.1.1.1/-1", 18, ip4(32)),
        ("v=spf1 ip4:1.1.1.1/4294967328", 18, ip4(32)),
        ("v=spf1 ip6:192.0.2.1", 10, ParseErrorKind::Ip6Network),
        ("v=spf1 ip6:1:2:3", 10, ParseErrorKind::Ip6Network),
        ("v=spf1 ip6:::1%eth0", 10, ParseErrorKind::Ip6Network),
        ("v=spf1 ip6:::1/129", 14, ip4(128)),
        ("v=spf1 ip6:::1/256", 14, ip4(128)),
        ("v=spf1 ip6:::1/00", 14, ip4(128)),
        ("v=spf1 a/33", 8, ip4(32)),
        ("v=spf1 a/", 8, ip4(32)),
        ("v=spf1 a//129", 9, ip4(128)),
        ("v=spf1 a//", 9, ip4(128)),
        ("v=spf1 a//64/24", 9, ip4(128)),
        ("v=spf1 a/24/64", 8, ip4(32)),
        ("v=spf1 a:b.com/24///64", 18, ip4(128)),
        ("v=spf1 a:%{d", 12, ParseErrorKind::MacroEnd),
        ("v=spf1 a:%{d2.r}", 14, ParseErrorKind::MacroEnd),
        ("v=spf1 a:%{", 11, ParseErrorKind::MacroLetter),
        ("v=spf1 a:%{x}", 11, ParseErrorKind::MacroLetter),
        ("v=spf1 a:%{T}", 11, ParseErrorKind::ExplanationMacro),
        ("v=spf1 x=%{c}", 11, ParseErrorKind::ExplanationMacro),
        ("v=spf1 a:%{d0}", 12, ParseErrorKind::ZeroParts),
        ("v=spf1 x=%", 10, ParseErrorKind::Percent),
        ("v=spf1 x=%d", 10, ParseErrorKind::Percent),
        (
            "v=spf1 redirect=a.b a Redirect=c.d",
            22,
            ParseErrorKind::DuplicateModifier("redirect"),
        ),
        (
            "v=spf1 exp=a.b EXP=a.b",
            15,
            ParseErrorKind::DuplicateModifier("exp"),
        ),
    ] {
        let error = text.parse::<Record>().expect_err(text);
        assert_eq!((error.offset(), error.kind()), (offset, &kind), "{text}");
    }
}

#[test]
fn terms_are_read_into_their_parts() {
    let text = "v=spf1 ~a:x.example/24//64 X-y=%{d} ip4:192.0.2.0/24";
    let record: Record = text.parse().expect("valid");
    let [a, unknown, ip4] = record.terms() else {
        panic!("three terms")
    };
    let directive = a.directive().expect("a directive");
    assert_eq!(directive.qualifier(), Qualifier::SoftFail);
    let Mechanism::A(host) = directive.mechanism() else {
        panic!("an `a`")
    };
    assert_eq!(
        host.domain().and_then(|domain| domain.literal()),
        Some("x.example")
    );
    assert_eq!((host.prefix().ip4(), host.prefix().ip6()), (24, 64));
    let TermKind::Modifier(Modifier::Unknown(modifier)) = unknown.kind() else {
        panic!("an unknown modifier")
    };
    assert_eq!(
        (modifier.name.as_str(), modifier.value.as_str()),
        ("X-y", "%{d}")
    );
    let network = ip4
        .directive()
        .map(|directive| directive.mechanism().clone());
    assert!(matches!(network, Some(Mechanism::Ip4(network)) if network.prefix() == 24));
}

#[test]
fn lookups_of_a_record_are_counted_up_to_all() {
    for (text, count) in [
        ("v=spf1 -all", 0),
        (
            "v=spf1 a mx ptr include:a.b exists:a.b ip4:192.0.2.1 redirect=a.b exp=a.b",
            6,
        ),
        ("v=spf1 a -all mx redirect=a.b", 1),
    ] {
        let record: Record = text.parse().expect("valid");
        assert_eq!(record.own_lookups(), count, "{text}");
    }
}

#[test]
fn a_directive_is_one_term_and_no_modifier() {
    for (text, printed) in [
        ("include:amazonses.com", "include:amazonses.com"),
        ("+A:x.example/32", "a:x.example"),
        ("-MX//64", "-mx//64"),
        ("?ip6:2001:DB8::/32", "?ip6:2001:db8::/32"),
        ("~all", "~all"),
    ] {
        let directive: Directive = text.parse().expect("valid");
        assert_eq!(directive.to_string(), printed);
    }
    for text in ["", "a b", " a", "redirect=a.b", "x=y", "v=spf1", "include:"] {
        assert!(text.parse::<Directive>().is_err(), "{text}");
    }
}

#[test]
fn hostile_records_are_read_quickly() {
    let many = format!("v=spf1{}", " ip4:192.0.2.1".repeat(10_000));
    assert_eq!(many.parse::<Record>().expect("valid").terms().len(), 10_000);
    let long = format!(
        "v=spf1 a:{}.example{}",
        "%{d}".repeat(16_000),
        "/9".repeat(10_000)
    );
    assert!(long.parse::<Record>().is_err());
    assert!(
        format!("v=spf1 {}", "x=".repeat(32_000))
            .parse::<Record>()
            .is_ok()
    );
}

fn domain() -> impl Strategy<Value = String> {
    prop_oneof![
        "[!-$&-~]{0,12}\\.[a-z][a-z0-9]{0,5}\\.?",
        "[a-z]{0,5}%\\{[slodipvhSLODIPVH][1-9]?[rR]?[-.+,/_=]{0,3}\\}",
        "([a-z.]|%%|%_|%-){0,8}\\.%\\{d\\}",
    ]
}

fn term() -> impl Strategy<Value = String> {
    let prefix = (option::of(0..=32_u8), option::of(0..=128_u8)).prop_map(|(ip4, ip6)| {
        let ip4 = ip4.map(|length| format!("/{length}")).unwrap_or_default();
        let ip6 = ip6.map(|length| format!("//{length}")).unwrap_or_default();
        ip4 + &ip6
    });
    let host = (option::of(domain()), prefix).prop_map(|(domain, prefix)| {
        domain.map_or(String::new(), |domain| format!(":{domain}")) + &prefix
    });
    let mechanism = prop_oneof![
        "[aA][lL][lL]",
        domain().prop_map(|domain| format!("include:{domain}")),
        domain().prop_map(|domain| format!("EXISTS:{domain}")),
        (sample::select(vec!["a", "mX"]), host).prop_map(|(name, host)| format!("{name}{host}")),
        option::of(domain()).prop_map(
            |domain| domain.map_or_else(|| "ptr".into(), |domain| format!("ptr:{domain}"))
        ),
        (any::<std::net::Ipv4Addr>(), 0..=32_u8)
            .prop_map(|(ip, length)| format!("ip4:{ip}/{length}")),
        (any::<std::net::Ipv6Addr>(), 0..=128_u8)
            .prop_map(|(ip, length)| format!("ip6:{ip}/{length}")),
    ];
    let directive = (sample::select(vec!["", "+", "-", "~", "?"]), mechanism)
        .prop_map(|(qualifier, mechanism)| format!("{qualifier}{mechanism}"));
    prop_oneof![4 => directive, 1 => "m[a-zA-Z0-9._-]{0,5}=[!-$&-~]{0,9}"]
}

proptest! {
    #[test]
    fn printing_what_was_read_is_the_text(terms in collection::vec((" {1,2}", term()), 0..8), end in " {0,2}") {
        let mut text = String::from("v=spf1");
        for (space, term) in &terms {
            text.push_str(space);
            text.push_str(term);
        }
        text.push_str(&end);
        let record: Record = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(record.to_string(), text);
        assert_eq!(record.terms().len(), terms.len());
        for (read, (_, written)) in record.terms().iter().zip(&terms) {
            assert_eq!(record.text_of(read), written);
            if let Some(directive) = read.directive() {
                let again: Directive = directive.to_string().parse().expect("printed directives are valid");
                assert_eq!(&again, directive);
            }
        }
    }

    #[test]
    fn no_octets_make_the_parser_panic(octets in collection::vec(any::<u8>(), 0..200)) {
        let _ = Record::try_from(octets.as_slice());
        let _ = Record::try_from([b"v=spf1 ", octets.as_slice()].concat().as_slice());
    }

    #[test]
    fn near_records_are_read_or_refused_without_panic(text in "v=spf1( [-+~?]?(a|mx|ip4|ip6|ptr|include|exists|all|exp|x)[:/=%{}a-z0-9.]{0,12}){0,5}") {
        match text.parse::<Record>() {
            Ok(record) => assert_eq!(record.to_string(), text),
            Err(error) => assert!(error.offset() <= text.len()),
        }
    }
}
