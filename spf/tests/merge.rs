//! Merging what providers ask for into the record a domain has.

use letterhead_spf::merge::{Change, Notice};

use letterhead_spf::{Directive, Mechanism, MergeError, Merged, Qualifier, Record, merge};
use proptest::prelude::proptest;
use proptest::{collection, sample};

fn wanted(terms: &[&str]) -> Vec<Directive> {
    terms
        .iter()
        .map(|term| term.parse().expect("a directive"))
        .collect()
}

fn merged(existing: Option<&str>, terms: &[&str]) -> Merged {
    merge(existing, &wanted(terms)).unwrap_or_else(|error| panic!("{existing:?}: {error}"))
}

#[test]
fn terms_go_before_all_and_the_rest_is_kept() {
    for (existing, terms, record) in [
        (
            "v=spf1 mx ~all",
            &["include:amazonses.com"][..],
            "v=spf1 mx include:amazonses.com ~all",
        ),
        (
            "v=spf1 mx -all",
            &["a:zgateway.zuora.com"],
            "v=spf1 mx a:zgateway.zuora.com -all",
        ),
        (
            "v=spf1 mx  -all  ",
            &["ip4:192.0.2.1"],
            "v=spf1 mx  ip4:192.0.2.1 -all  ",
        ),
        (
            "V=SPF1 Mx exp=w.%{d} ?ALL x=1",
            &["a:b.example", "ip6:2001:db8::/32"],
            "V=SPF1 Mx exp=w.%{d} a:b.example ip6:2001:db8::/32 ?ALL x=1",
        ),
        (
            "v=spf1 mx exp=w.%{d} ",
            &["a:b.example"],
            "v=spf1 mx a:b.example exp=w.%{d} ",
        ),
        ("v=spf1", &["a:b.example"], "v=spf1 a:b.example"),
        ("v=spf1 x=1", &["a:b.example"], "v=spf1 a:b.example x=1"),
        (
            "v=spf1 ~all -all",
            &["a:b.example"],
            "v=spf1 a:b.example ~all -all",
        ),
    ] {
        let merged = merged(Some(existing), terms);
        assert_eq!(merged.record, record);
        assert_eq!(merged.change, Change::Added(wanted(terms)), "{existing}");
    }
}

#[test]
fn a_term_is_present_with_plus_before_all_only() {
    for (existing, term) in [
        ("v=spf1 include:amazonses.com ~all", "include:amazonses.com"),
        (
            "v=spf1 +Include:AmazonSES.com. ~all",
            "include:amazonses.com",
        ),
        ("v=spf1 a:b.example/24 -all", "a:b.example"),
        ("v=spf1 ip4:192.0.2.0/24 -all", "ip4:192.0.2.7"),
        (
            "v=spf1 ip6:2001:db8::/32 redirect=x.example",
            "ip6:2001:db8:1::/48",
        ),
    ] {
        let merged = merged(Some(existing), &[term]);
        assert_eq!(
            (merged.record.as_str(), merged.change),
            (existing, Change::Unchanged)
        );
    }
    for existing in [
        "v=spf1 ~include:amazonses.com -all",
        "v=spf1 -all include:amazonses.com",
        "v=spf1 include:mail.amazonses.com -all",
        "v=spf1 a:amazonses.com -all",
        "v=spf1 x=include:amazonses.com -all",
    ] {
        let merged = merged(Some(existing), &["include:amazonses.com"]);
        assert!(matches!(merged.change, Change::Added(_)), "{existing}");
        assert!(
            merged.record.contains(" include:amazonses.com -all"),
            "{existing}"
        );
    }
    assert_eq!(
        merged(Some("v=spf1 a:b.example/32 -all"), &["a:b.example/24"]).record,
        "v=spf1 a:b.example/32 a:b.example/24 -all"
    );
}

#[test]
fn a_first_record_ends_in_softfail_and_says_so() {
    let merged = merged(
        None,
        &[
            "include:amazonses.com",
            "include:AMAZONSES.com",
            "ip4:192.0.2.1",
        ],
    );
    assert_eq!(
        merged.record,
        "v=spf1 include:amazonses.com ip4:192.0.2.1 ~all"
    );
    assert_eq!(merged.change, Change::New);
    assert_eq!(merged.notices, [Notice::NameEverySender]);
    assert!(matches!(merge(None, &[]), Err(MergeError::Nothing)));
}

#[test]
fn nothing_is_added_beside_a_redirect() {
    let error = merge(
        Some("v=spf1 mx redirect=_spf.example.net"),
        &wanted(&["a:b.example"]),
    );
    let error = error.expect_err("redirect decides");
    assert!(
        error.to_string().contains("`redirect=_spf.example.net`"),
        "{error}"
    );
    let ignored = merged(
        Some("v=spf1 redirect=_spf.example.net -all"),
        &["a:b.example"],
    );
    assert_eq!(
        ignored.record,
        "v=spf1 redirect=_spf.example.net a:b.example -all"
    );
    assert_eq!(ignored.notices, [Notice::RedirectIgnored]);
}

#[test]
fn broken_records_are_refused_with_the_place() {
    let error = merge(Some("v=spf1 ip4:300.1.1.1 -all"), &wanted(&["a:b.example"]));
    let error = error.expect_err("broken");
    let source = std::error::Error::source(&error).expect("the parser's error");
    assert!(source.to_string().starts_with("octet 10:"), "{source}");
    assert!(merge(Some("v=spf10 -all"), &wanted(&["a:b.example"])).is_err());
}

#[test]
fn more_than_ten_lookups_are_refused() {
    let ten = format!("v=spf1{} -all", " a".repeat(10));
    let error = merge(Some(&ten), &wanted(&["include:b.example"])).expect_err("eleven");
    assert!(matches!(
        error,
        MergeError::TooManyLookups {
            count: 11,
            limit: 10
        }
    ));
    assert!(merge(Some(&ten), &wanted(&["ip4:192.0.2.1"])).is_ok());
}

#[test]
fn only_passing_mechanisms_can_be_wanted() {
    for term in ["-include:b.example", "~a", "all", "-all"] {
        let error = merge(Some("v=spf1 -all"), &wanted(&[term])).expect_err(term);
        assert!(matches!(error, MergeError::NotAddable(_)), "{term}");
    }
}

#[test]
fn a_record_without_an_end_is_noticed() {
    assert_eq!(
        merged(Some("v=spf1 mx"), &["a:b.example"]).notices,
        [Notice::NoAll]
    );
}

#[test]
fn what_would_not_pass_the_wanted_term_gives_way() {
    let directive = |term: &str| Box::new(term.parse().expect("a directive"));
    let replaced = |term: &str| Notice::Replaced(directive(term));
    let overruled = |term: &str| Notice::Overruled(directive(term));
    for (existing, term, record, notice) in [
        (
            "v=spf1 mx ~A:b.example. x=1 -all",
            "a:b.example",
            "v=spf1 mx a:b.example x=1 -all",
            replaced("~a:b.example."),
        ),
        (
            "v=spf1 ?a:b.example -all",
            "a:b.example",
            "v=spf1 a:b.example -all",
            replaced("?a:b.example"),
        ),
        (
            "v=spf1 -a:b.example",
            "a:b.example",
            "v=spf1 a:b.example",
            replaced("-a:b.example"),
        ),
        // One that stands behind is of no use.
        (
            "v=spf1 -a:b.example a:b.example -all",
            "a:b.example",
            "v=spf1 a:b.example a:b.example -all",
            replaced("-a:b.example"),
        ),
        (
            "v=spf1 mx  -ip4:192.0.2.0/24 ~all",
            "ip4:192.0.2.1",
            "v=spf1 mx  ip4:192.0.2.1 -ip4:192.0.2.0/24 ~all",
            overruled("-ip4:192.0.2.0/24"),
        ),
        (
            "v=spf1 -a:b.example/24 -all",
            "a:b.example",
            "v=spf1 a:b.example -a:b.example/24 -all",
            overruled("-a:b.example/24"),
        ),
        // Hosts of any name may be among all clients.
        (
            "v=spf1 -ip4:0.0.0.0/0 a:b.example -all",
            "a:b.example",
            "v=spf1 a:b.example -ip4:0.0.0.0/0 a:b.example -all",
            overruled("-ip4:0.0.0.0/0"),
        ),
        (
            "v=spf1 ?ip6:::/0 -all",
            "include:b.example",
            "v=spf1 include:b.example ?ip6:::/0 -all",
            overruled("?ip6:::/0"),
        ),
    ] {
        let merged = merged(Some(existing), &[term]);
        assert_eq!(merged.record, record);
        assert_eq!(merged.change, Change::Added(wanted(&[term])), "{existing}");
        assert!(merged.notices.contains(&notice), "{:?}", merged.notices);
    }
    let several = merged(
        Some("v=spf1 -ip4:0.0.0.0/0 ?mx ~all"),
        &["a:b.example", "mx", "include:c.example", "ip6:::1"],
    );
    assert_eq!(
        several.record,
        "v=spf1 a:b.example mx include:c.example -ip4:0.0.0.0/0 ?mx ip6:::1 ~all"
    );
    assert_eq!(several.notices, [overruled("-ip4:0.0.0.0/0")]);
}

#[test]
fn what_is_refused_of_the_wanted_term_is_for_the_owner_to_decide() {
    for (existing, term, refused) in [
        (
            "v=spf1 -ip4:192.0.2.5 ~all",
            "ip4:192.0.2.0/24",
            "-ip4:192.0.2.5",
        ),
        (
            "v=spf1 ~ip4:192.0.2.5 ip4:192.0.2.0/24 ~all",
            "ip4:192.0.2.0/24",
            "~ip4:192.0.2.5",
        ),
        (
            "v=spf1 -include:b.example redirect=b.example",
            "include:b.example",
            "-include:b.example",
        ),
    ] {
        let error = merge(Some(existing), &wanted(&[term])).expect_err(existing);
        assert!(
            matches!(&error, MergeError::Contradicted { obstacle, .. } if obstacle.to_string() == refused),
            "{existing}: {error}"
        );
    }
}

proptest! {
    #[test]
    fn merging_twice_changes_nothing_more(
        existing in collection::vec(sample::select(vec!["mx", "-a:c.example", "ip4:192.0.2.0/24", "x=1", "~all", "+ALL", "ptr", "?include:B.example", "-ip4:192.0.2.1", "~ip4:0.0.0.0/0", "-ip4:192.0.0.0/16", "~mx/24"]), 0..6),
        terms in collection::vec(sample::select(vec!["a:c.example", "include:b.example", "ip4:192.0.2.1", "mx", "ip6:::1", "ip4:192.0.2.0/24"]), 0..4),
    ) {
        let existing = format!("v=spf1 {}", existing.join("  "));
        let terms = wanted(&terms);
        let once = match merge(Some(&existing), &terms) {
            Ok(once) => once,
            Err(error) => {
                assert!(matches!(error, MergeError::Contradicted { .. }), "{error}");
                return Ok(());
            }
        };
        let record: Record = once.record.parse().expect("a valid record");
        assert_eq!(record.to_string(), once.record);
        let before: Record = existing.parse().expect("valid");
        assert_eq!(record.all().map(|all| record.text_of(all).to_owned()), before.all().map(|all| before.text_of(all).to_owned()));
        // What decides about a wanted sender passes it.
        for one in &terms {
            let decides = record.directives().find(|other| other.mechanism().covers(one.mechanism()));
            assert!(decides.is_some_and(|other| other.qualifier() == Qualifier::Pass && *other.mechanism() != Mechanism::All), "{record}");
        }
        let twice = merge(Some(&once.record), &terms).expect("what was merged can be merged");
        assert_eq!(twice.record, once.record);
        assert_eq!(twice.change, Change::Unchanged);
    }
}

#[test]
fn the_records_that_providers_ask_for_come_out() {
    for provider in letterhead_spf::Provider::all() {
        let term = format!("{}:{}", provider.mechanism, provider.domain);
        assert_eq!(merged(None, &[&term]).record, format!("v=spf1 {term} ~all"));
        assert_eq!(
            merged(Some("v=spf1 mx -all"), &[&term]).record,
            format!("v=spf1 mx {term} -all")
        );
    }
    let regions = [
        "include:rp.oracleemaildelivery.com",
        "include:ap.rp.oracleemaildelivery.com",
        "include:eu.rp.oracleemaildelivery.com",
    ];
    assert_eq!(
        merged(None, &regions).record,
        "v=spf1 include:rp.oracleemaildelivery.com include:ap.rp.oracleemaildelivery.com include:eu.rp.oracleemaildelivery.com ~all"
    );
}

#[test]
fn the_end_is_told() {
    let notices = |existing, term: &str| merged(Some(existing), &[term]).notices;
    assert_eq!(
        notices("v=spf1 mx +all", "include:amazonses.com"),
        [Notice::EveryonePasses]
    );
    assert_eq!(
        notices("v=spf1 mx ?all", "include:amazonses.com"),
        [Notice::NeutralAll]
    );
    assert_eq!(
        notices(
            "v=spf1 ip4:192.0.2.5 ~ip4:192.0.2.0/24 ~all",
            "ip4:192.0.2.5"
        ),
        []
    );
}

#[test]
fn a_redirect_to_what_is_wanted_is_enough() {
    let merged = merged(
        Some("v=spf1 redirect=_spf.google.com"),
        &["include:_spf.google.com"],
    );
    assert_eq!(merged.change, Change::Unchanged);
}

#[test]
fn a_record_longer_than_txt_can_hold_is_refused() {
    let networks = |from: u32, count: u32| -> Vec<String> {
        let address = |number| std::net::Ipv4Addr::from_bits(from + 2 * number);
        (0..count)
            .map(|number| format!("ip4:{}", address(number)))
            .collect()
    };
    let existing = format!("v=spf1 {} ~all", networks(0xc633_6400, 3_800).join(" "));
    let more = networks(0xcb00_7100, 600);
    let terms: Vec<&str> = more.iter().map(String::as_str).collect();
    assert!(matches!(
        merge(Some(&existing), &wanted(&terms)),
        Err(MergeError::TooLong { octets }) if octets > 65_279
    ));
}
