//! Findings in the text of a record.

use letterhead_dns::Txt;
use letterhead_spf::{Code, Finding, Record, Severity, lint};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::{collection, sample};

use crate::{directives, shown, text};

#[test]
fn a_good_record_has_no_findings() {
    for record in [
        "v=spf1 mx include:amazonses.com ~all",
        "v=spf1 mx a:zgateway.zuora.com -all",
        "v=spf1 -all",
        "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 ?include:example.net -all exp=why.example.com",
        "v=spf1 redirect=_spf.example.com",
        "V=SPF1 A:Mail.Example.COM ~ALL x-note=%{d}",
    ] {
        assert_eq!(lint(&[text(record)], &[]), [], "{record}");
    }
    let texts = [
        text("v=spf1 -all"),
        text("some-verification=1"),
        text("spf2.0/pra -all"),
    ];
    assert_eq!(lint(&texts, &[]), []);
}

#[test]
fn every_finding_names_its_place_and_a_remedy() {
    for (record, findings) in [
        (
            "v=spf1 mx +all",
            &["plus-all 10..14: write `~all`, or `-all` once every sender is named"][..],
        ),
        (
            "v=spf1 mx all",
            &["plus-all 10..13: write `~all`, or `-all` once every sender is named"],
        ),
        (
            "v=spf1 mx ?all",
            &["neutral-all 10..14: write `~all`, or `-all` once every sender is named"],
        ),
        (
            "v=spf1 mx",
            &["no-all -: end it in `~all`, or in `-all` once every sender is named"],
        ),
        (
            "v=spf1 -all mx",
            &["after-all 12..14: put it in front of `all`, or remove it"],
        ),
        (
            "v=spf1 -all redirect=example.com",
            &["redirect-beside-all 12..32: remove one of the two"],
        ),
        (
            "v=spf1 ptr:example.com -all",
            &["ptr 7..22: name the hosts with `a`, `mx`, `ip4` or `ip6`"],
        ),
        (
            "v=spf1 exists:%{p}.example.com -all",
            &["ptr 7..30: write a domain without it"],
        ),
        ("v=spf1 mx a MX -all", &["duplicate 12..14: remove it"]),
        (
            "v=spf1 ip4:192.0.2.1/24 ip4:192.0.2.0/24 -all",
            &["duplicate 24..40: remove it"],
        ),
        (
            "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 -all",
            &["covered 7..20: remove one of the two"],
        ),
        (
            "v=spf1 ip6:2001:db8::/32 ip6:2001:db8::1 -all",
            &["covered 25..40: remove one of the two"],
        ),
        // A network taken out of a larger one is meant.
        ("v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24 ~all", &[]),
        (
            "v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.1 ~all",
            &["covered 24..38: remove one of the two"],
        ),
        (
            "v=spf1 ip4:64.0.0.0/7 -all",
            &["wide-network 7..21: name the networks that send"],
        ),
        (
            "v=spf1 ip4:0.0.0.0/0 -all",
            &["wide-network 7..20: name the networks that send"],
        ),
        (
            "v=spf1 ip4:10.1.2.3 ip6:fe80::1 -all",
            &[
                "private-network 7..19: name the address that receivers see, or remove the term",
                "private-network 20..31: name the address that receivers see, or remove the term",
            ],
        ),
        (
            "v=spf1 include:zgateway.zuora.com -all",
            &["wrong-mechanism 7..33: write `a:zgateway.zuora.com`"],
        ),
        (
            "v=spf1 a:AmazonSES.com. ~all",
            &["wrong-mechanism 7..23: write `include:amazonses.com`"],
        ),
        (
            "v=spf1 include=amazonses.com ip4=192.0.2.1 ~all",
            &[
                "modifier-for-mechanism 7..28: write `include:amazonses.com`",
                "modifier-for-mechanism 29..42: write `ip4:192.0.2.1`",
            ],
        ),
        (
            "v=spf1 mx v=spf1 include:amazonses.com ~all",
            &["second-version 10..16: remove it, and look at what else was joined"],
        ),
        (
            "v=spf1 ipv4:192.0.2.1 -all",
            &["syntax 7..21: write `ip4:192.0.2.1`"],
        ),
        (
            "v=spf1 192.0.2.1 -all",
            &["syntax 7..16: write `ip4:192.0.2.1`"],
        ),
        (
            "v=spf1 192.0.2.0/24 -all",
            &["syntax 7..19: write `ip4:192.0.2.0/24`"],
        ),
        (
            "v=spf1 redirect:example.com",
            &["syntax 7..27: write `redirect=example.com`"],
        ),
        (
            "v=spf1 include: example.com -all",
            &["syntax 7..15: write the domain behind `include` without a space between"],
        ),
        (
            "v=spf1 ip4:192.0.2.0/33 -all",
            &["syntax 7..23: correct it"],
        ),
        (
            "v=spf1 a:1.x a:2.x a:3.x a:4.x a:5.x a:6.x a:7.x a:8.x a:9.x a:10.x mx -all",
            &[
                "too-many-lookups 68..70: remove terms that are not needed, or replace `a` and `mx` by the addresses",
            ],
        ),
        (
            "v=spf10 -all",
            &[
                "near-miss -: begin it with `v=spf1` and a space, and nothing in front",
                "no-record -: publish one that names every service that sends for the domain, or `v=spf1 -all` if none does",
            ],
        ),
    ] {
        assert_eq!(shown(&lint(&[text(record)], &[])), findings, "{record}");
    }
}

#[test]
fn near_misses_are_texts_that_were_meant_as_records() {
    for near in [
        "v=spf10 -all",
        "v=spf1-all",
        "v=spf1\t-all",
        " v=spf1 -all",
        "\"v=spf1 -all\"",
        "v = spf1 -all",
        "spf1 mx -all",
        "v=spf2 -all",
        "\u{feff}v=spf1 -all",
    ] {
        let findings = lint(&[text(near), text("v=spf1 -all")], &[]);
        assert_eq!(findings.len(), 1, "{near}");
        assert_eq!(findings[0].code, Code::NearMiss);
    }
    for other in [
        "spf2.0/pra -all",
        "v=DMARC1; p=none",
        "",
        "google-site-verification=spf",
        "v=DKIM1; p=",
    ] {
        assert_eq!(
            lint(&[text(other), text("v=spf1 -all")], &[]),
            [],
            "{other}"
        );
    }
}

#[test]
fn several_records_come_with_the_one_that_they_should_be() {
    let findings = lint(
        &[
            text("v=spf1 include:amazonses.com ~all"),
            text("v=spf1 mx a:zgateway.zuora.com -all"),
        ],
        &[],
    );
    assert_eq!(
        findings[0].to_string(),
        "error several-records: the domain has 2 SPF records, a permanent error for every check; leave one: \
         `v=spf1 include:amazonses.com mx a:zgateway.zuora.com ~all` passes whoever any of them passes"
    );
    let broken = lint(&[text("v=spf1 mx ~all"), text("v=spf1 x")], &[]);
    for texts in [
        [
            "v=spf1 -ip4:192.0.2.0/24 mx ~all",
            "v=spf1 ip4:192.0.2.5 ~all",
        ],
        ["v=spf1 mx -all", "v=spf1 +all"],
    ] {
        let findings = lint(&texts.map(text), &[]);
        assert!(findings[0].remedy == "leave one that names every sender");
    }
    assert_eq!(
        shown(&broken)[0],
        "several-records -: leave one that names every sender"
    );
}

#[test]
fn a_wanted_sender_that_does_not_pass_is_named_with_the_record_that_passes_it() {
    let wanted = directives(&["a:zgateway.zuora.com", "include:amazonses.com"]);
    for (record, missing, remedy) in [
        (
            "v=spf1 mx -all",
            2,
            "publish `v=spf1 mx a:zgateway.zuora.com include:amazonses.com -all` in place of this record",
        ),
        (
            "v=spf1 mx a:zgateway.zuora.com -all",
            1,
            "publish `v=spf1 mx a:zgateway.zuora.com include:amazonses.com -all` in place of this record",
        ),
        (
            "v=spf1 a:zgateway.zuora.com include:amazonses.com -all",
            0,
            "",
        ),
        // Behind `all`, and with another qualifier, a term passes nobody.
        (
            "v=spf1 a:zgateway.zuora.com -all include:amazonses.com",
            1,
            "publish `v=spf1 a:zgateway.zuora.com include:amazonses.com -all include:amazonses.com` in place of this record",
        ),
        (
            "v=spf1 a:zgateway.zuora.com ?include:amazonses.com -all",
            1,
            "publish `v=spf1 a:zgateway.zuora.com include:amazonses.com -all` in place of this record",
        ),
        (
            "v=spf1 redirect=_spf.example.com",
            2,
            "the record ends in `redirect=_spf.example.com`: mechanisms beside it would not be part of that policy; add the terms to the record of _spf.example.com, or replace `redirect` by `include` and an `all`",
        ),
    ] {
        let findings = lint(&[text(record)], &wanted);
        let missed: Vec<&Finding<Code>> = findings
            .iter()
            .filter(|finding| finding.code == Code::NotAuthorised)
            .collect();
        assert_eq!(missed.len(), missing, "{record}");
        assert!(
            missed
                .iter()
                .all(|finding| finding.severity == Severity::Error && finding.remedy == remedy),
            "{record}: {missed:#?}"
        );
    }
    let findings = lint(
        &[text("v=spf1 ?include:amazonses.com ~all")],
        &directives(&["include:amazonses.com"]),
    );
    assert!(
        findings
            .iter()
            .any(|finding| finding.code == Code::Contradicted
                && finding.text == "?include:amazonses.com")
    );
    // What only the owner can decide is named as well.
    let findings = lint(
        &[text("v=spf1 -ip4:192.0.2.5 ip4:192.0.2.0/24 -all")],
        &directives(&["ip4:192.0.2.0/24"]),
    );
    let contradicted: Vec<_> = findings
        .iter()
        .filter(|finding| finding.code == Code::Contradicted)
        .map(|finding| (finding.text.as_str(), finding.remedy.as_str()))
        .collect();
    assert_eq!(contradicted, [("-ip4:192.0.2.5", "remove it")]);
    let findings = lint(&[], &wanted);
    assert_eq!(
        shown(&findings),
        [
            "no-record -: publish `v=spf1 a:zgateway.zuora.com include:amazonses.com ~all` once it names every service that sends for the domain now"
        ]
    );
}

#[test]
fn strings_that_join_two_terms_are_found() {
    let strings = |parts: &[&str]| {
        Txt::from_strings(parts.iter().map(|part| part.as_bytes().to_vec()).collect())
            .expect("short strings")
    };
    for (parts, code) in [
        (
            &["v=spf1 include:a.example", "include:b.example ~all"][..],
            Some(Code::TxtSplit),
        ),
        (&["v=spf1 ip4:192.0.2.1", "~all"], Some(Code::TxtSplit)),
        (&["v=spf1", "include:b.example ~all"], None),
        (
            &["v=spf1 include:a.example ", "include:b.example ~all"],
            None,
        ),
        (
            &["v=spf1 include:a.example", " include:b.example ~all"],
            None,
        ),
        (&["v=spf1 include:a.exa", "mple ~all"], None),
        (&["v=spf1 ip4:192.0.2", ".1 ~all"], None),
        (&["v=spf1 include:a.example -", "all"], None),
    ] {
        let findings = lint(&[strings(parts)], &[]);
        assert_eq!(
            findings
                .iter()
                .map(|finding| finding.code)
                .find(|code| *code == Code::TxtSplit),
            code,
            "{parts:?} {findings:#?}"
        );
    }
}

#[test]
fn codes_are_distinct_words() {
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Code::ALL.len());
    assert!(codes.iter().all(|code| {
        code.bytes()
            .all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-')
    }));
}

#[test]
fn hostile_records_are_linted_quickly() {
    for term in [
        " a",
        " ip4:192.0.2.1",
        " ip6:2001:db8::1/127",
        " include:zgateway.zuora.com",
        " -ip4:1.2.3.4 ip4:1.2.3.4/1",
        " v=spf1",
    ] {
        let record = format!("v=spf1{}", term.repeat(60_000 / term.len()));
        let findings = lint(
            &[text(&record), text(&record)],
            &directives(&["include:amazonses.com"]),
        );
        assert!(!findings.is_empty());
    }
}

proptest! {
    #[test]
    fn whatever_is_published_is_linted_and_the_places_are_in_it(octets in collection::vec(any::<u8>(), 0..300)) {
        for text in [octets.clone(), [b"v=spf1 ".as_slice(), &octets].concat()] {
            let findings = lint(&[Txt::split(&text)], &directives(&["include:amazonses.com"]));
            for finding in findings {
                if let Some(span) = &finding.span {
                    prop_assert!(span.start <= span.end && span.end <= text.len());
                }
                prop_assert!(finding.to_string().chars().all(|character| !character.is_control()), "{}", finding);
            }
        }
    }

    #[test]
    fn the_remedy_for_a_sender_that_is_missing_authorises_it(
        terms in collection::vec(sample::select(vec!["mx", "a", "ip4:192.0.2.1", "-ip4:192.0.2.7", "?include:amazonses.com", "include:example.net", "x=y"]), 0..6),
        all in sample::select(vec!["", " ~all", " -all", " -all include:amazonses.com"]),
    ) {
        let record = format!("v=spf1 {}{all}", terms.join(" "));
        let wanted = directives(&["include:amazonses.com", "a:zgateway.zuora.com"]);
        let findings = lint(&[text(&record)], &wanted);
        let finding = findings.iter().find(|finding| finding.code == Code::NotAuthorised).expect("zgateway is missing");
        let remedy = finding.remedy.split('`').nth(1).expect("a record");
        prop_assert!(remedy.parse::<Record>().is_ok());
        let after = lint(&[text(remedy)], &wanted);
        prop_assert_eq!(after.iter().filter(|finding| finding.code == Code::NotAuthorised).count(), 0);
    }
}

#[test]
fn every_syntax_error_of_a_record_is_told() {
    let record = "v=spf1 192.0.2.1 include:spf.example.com ip4:300.1.1.1 inlcude:a.example redirect=a.example redirect=b.example -all";
    let findings = lint(&[text(record)], &[]);
    assert_eq!(
        shown(&findings),
        [
            "syntax 7..16: write `ip4:192.0.2.1`",
            "syntax 41..54: correct it",
            "syntax 55..72: write `include:a.example`",
            "syntax 92..110: leave one `redirect`",
        ]
    );
    let many = format!("v=spf1{} -all", " x".repeat(1000));
    assert_eq!(
        lint(&[text(&many)], &[])
            .iter()
            .filter(|finding| finding.code == Code::Syntax)
            .count(),
        20
    );
    let hopeless = lint(&[text("v=spf1 \u{e4}\u{e4} \u{2013}all")], &[]);
    assert_eq!(hopeless.len(), 2, "{hopeless:?}");
}
