//! Records written from their terms.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use letterhead_dns::DomainName;
use letterhead_spf::record::network::{DualPrefix, Ip4Network, Ip6Network};
use letterhead_spf::record::term::HostSpec;
use letterhead_spf::{
    BuildError, Directive, DomainSpec, Ending, Mechanism, Qualifier, Record, RecordBuilder,
};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection, option, sample};

fn spec(text: &str) -> DomainSpec {
    text.parse().expect("a domain-spec")
}

fn directives(builder: RecordBuilder, terms: &[&str]) -> RecordBuilder {
    terms.iter().fold(builder, |builder, term| {
        builder.directive(term.parse().expect("a directive"))
    })
}

#[test]
fn terms_keep_their_order_and_the_end_comes_last() {
    let record = Record::builder()
        .explanation(spec("why.%{d}"))
        .ending(Ending::All(Qualifier::Fail))
        .mx(HostSpec::default())
        .a(HostSpec::new(
            Some(spec("a.example")),
            DualPrefix::new(24, 64).expect("lengths"),
        ))
        .ip("192.0.2.1".parse().expect("an address"))
        .ip("::ffff:192.0.2.2".parse().expect("an address"))
        .ip("2001:db8::1".parse().expect("an address"))
        .ip4(Ip4Network::new(Ipv4Addr::new(198, 51, 100, 0), 24).expect("a network"))
        .ip6(Ip6Network::new(Ipv6Addr::LOCALHOST, 64).expect("a network"))
        .include(spec("_spf.example.net"))
        .exists(spec("%{i}.example.org"))
        .directive("?ptr".parse().expect("a directive"))
        .build()
        .expect("a record");
    assert_eq!(
        record.as_str(),
        "v=spf1 mx a:a.example/24//64 ip4:192.0.2.1 ip4:192.0.2.2 ip6:2001:db8::1 ip4:198.51.100.0/24 ip6:::1/64 \
         include:_spf.example.net exists:%{i}.example.org ?ptr -all exp=why.%{d}"
    );
}

#[test]
fn a_record_ends_in_softfail_unless_told_otherwise() {
    let built = |builder: RecordBuilder| builder.build().expect("a record").to_string();
    assert_eq!(built(Record::builder()), "v=spf1 ~all");
    assert_eq!(
        built(directives(Record::builder(), &["-all", "mx"])),
        "v=spf1 mx -all"
    );
    let redirect = Record::builder().ending(Ending::Redirect(spec("other.example")));
    assert_eq!(
        built(directives(redirect.clone(), &["mx"])),
        "v=spf1 mx redirect=other.example"
    );
    assert_eq!(built(directives(redirect, &["?all"])), "v=spf1 ?all");
    assert_eq!(
        built(Record::builder().ending(Ending::All(Qualifier::Pass))),
        "v=spf1 all"
    );
}

#[test]
fn what_an_earlier_term_covers_is_not_written_again() {
    for (terms, expected) in [
        (
            &["mx", "include:b.example", "include:B.Example.", "+mx"][..],
            "v=spf1 mx include:b.example ~all",
        ),
        (
            &["ip4:192.0.2.0/24", "-a", "ip4:192.0.2.9"],
            "v=spf1 ip4:192.0.2.0/24 -a ~all",
        ),
        (
            &["ip4:192.0.2.9", "ip4:192.0.2.0/24"],
            "v=spf1 ip4:192.0.2.9 ip4:192.0.2.0/24 ~all",
        ),
        (
            &["-ip4:192.0.2.9", "ip4:192.0.2.9"],
            "v=spf1 -ip4:192.0.2.9 ip4:192.0.2.9 ~all",
        ),
        (
            &["a:b.example/24", "a:c.example/24"],
            "v=spf1 a:b.example/24 a:c.example/24 ~all",
        ),
    ] {
        let record = directives(Record::builder(), terms).build();
        assert_eq!(record.expect("a record").as_str(), expected);
    }
}

#[test]
fn a_record_has_ten_lookups_at_most() {
    let hosts = |count: usize| {
        (0..count).fold(Record::builder(), |builder, number| {
            builder.include(spec(&format!("spf{number}.example")))
        })
    };
    assert!(hosts(10).build().is_ok());
    let redirect = Ending::Redirect(spec("other.example"));
    for (builder, count) in [(hosts(11), 11), (hosts(10).ending(redirect), 11)] {
        assert_eq!(
            builder.build(),
            Err(BuildError::TooManyLookups { count, limit: 10 })
        );
    }
}

#[test]
fn a_record_of_the_greatest_length_is_built_and_one_octet_more_is_not() {
    // `v=spf1`, ` ~all` and ` exp=` leave this many octets for a domain.
    let rest = 65_279 - "v=spf1 ~all exp=".len();
    let domain = |octets: usize| {
        let tail = ".example";
        spec(&format!("{}{tail}", "x".repeat(octets - tail.len())))
    };
    let longest = Record::builder().explanation(domain(rest)).build();
    let octets = longest.expect("a record").as_str().len();
    assert_eq!(octets + octets.div_ceil(255), 65_535);
    assert_eq!(
        Record::builder().explanation(domain(rest + 1)).build(),
        Err(BuildError::TooLong {
            octets: 65_280,
            limit: 65_279
        })
    );
}

#[test]
fn a_name_of_one_label_never_gets_into_a_record() {
    let localhost: DomainName = "localhost".parse().expect("a name");
    assert!(DomainSpec::try_from(&localhost).is_err());
}

fn specs() -> impl Strategy<Value = DomainSpec> {
    let known = sample::select(vec![
        "example.com",
        "EXAMPLE.com.",
        "%{d}",
        "%{i}._ip.%{h}.example",
        "foo:bar/baz.example",
        "a/24.b/24.example",
        "x=y.example",
        "%{l1r-}.lp._spf.%{d2}",
        "x.%%",
        "x%_",
        "a.1-2",
        ".com",
    ]);
    // What is no domain-spec alone mostly is one in front of a top label.
    let odd = "[!-~]{0,12}[%a-z{}./:=0-9-]{0,8}".prop_map(|text| {
        text.parse()
            .or_else(|_| format!("{text}.example").parse())
            .unwrap_or_else(|_| spec("example.org"))
    });
    prop_oneof![known.prop_map(spec), odd]
}

fn hosts() -> impl Strategy<Value = HostSpec> {
    (option::of(specs()), 0..=32_u8, 0..=128_u8).prop_map(|(domain, ip4, ip6)| {
        HostSpec::new(domain, DualPrefix::new(ip4, ip6).expect("in range"))
    })
}

fn mechanisms() -> impl Strategy<Value = Mechanism> {
    prop_oneof![
        Just(Mechanism::All),
        specs().prop_map(Mechanism::Include),
        specs().prop_map(Mechanism::Exists),
        option::of(specs()).prop_map(Mechanism::Ptr),
        hosts().prop_map(Mechanism::A),
        hosts().prop_map(Mechanism::Mx),
        (any::<Ipv4Addr>(), 0..=32_u8).prop_map(|(address, prefix)| Mechanism::Ip4(
            Ip4Network::new(address, prefix).expect("in range")
        )),
        (any::<Ipv6Addr>(), 0..=128_u8).prop_map(|(address, prefix)| Mechanism::Ip6(
            Ip6Network::new(address, prefix).expect("in range")
        )),
    ]
}

fn qualifiers() -> impl Strategy<Value = Qualifier> {
    sample::select(vec![
        Qualifier::Pass,
        Qualifier::Fail,
        Qualifier::SoftFail,
        Qualifier::Neutral,
    ])
}

fn endings() -> impl Strategy<Value = Ending> {
    prop_oneof![
        qualifiers().prop_map(Ending::All),
        specs().prop_map(Ending::Redirect)
    ]
}

proptest! {
    #[test]
    fn whatever_is_put_in_reads_back(
        terms in collection::vec((qualifiers(), mechanisms()), 0..14),
        addresses in collection::vec(any::<IpAddr>(), 0..3),
        ending in option::of(endings()),
        explanation in option::of(specs()),
    ) {
        let mut builder = Record::builder();
        let mut wanted = Vec::new();
        for (qualifier, mechanism) in terms {
            let directive = Directive::new(qualifier, mechanism);
            wanted.push(directive.clone());
            builder = builder.directive(directive);
        }
        for address in addresses {
            builder = builder.ip(address);
        }
        if let Some(ending) = ending.clone() {
            builder = builder.ending(ending);
        }
        if let Some(domain) = explanation.clone() {
            builder = builder.explanation(domain);
        }
        let record = match builder.build() {
            Ok(record) => record,
            Err(BuildError::TooManyLookups { count, limit }) => {
                prop_assert!(count > limit);
                return Ok(());
            }
            Err(error) => panic!("{error:?}"),
        };
        prop_assert_eq!(record.to_string().parse::<Record>(), Ok(record.clone()));
        prop_assert!(record.own_lookups() <= 10);
        prop_assert_eq!(record.explanation(), explanation.as_ref());
        prop_assert_eq!(record.all().is_some(), record.redirect().is_none());
        if let Some(Ending::Redirect(domain)) = &ending {
            prop_assert_eq!(record.redirect(), Some(domain));
        }
        let found: Vec<_> = record.directives().collect();
        if let Some(all) = record.all() {
            prop_assert_eq!(found.last().copied(), all.directive());
        }
        for directive in &wanted {
            let is_all = *directive.mechanism() == Mechanism::All;
            let same_kind = |other: &&&Directive| {
                other.qualifier() == directive.qualifier()
                    && other.mechanism().name() == directive.mechanism().name()
            };
            prop_assert!(is_all || found.iter().any(|other| same_kind(&other)), "{directive} is lost");
        }
        for (index, one) in found.iter().enumerate() {
            prop_assert!(!found[..index].contains(one), "{one} twice");
        }
    }
}
