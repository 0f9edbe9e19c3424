//! What lint finds, where, and what it says to do.

use letterhead_dns::{DomainName, Txt, Zone, block_on_ready};
use letterhead_spf::{Code, Directive, Finding, Record, Severity, audit_for, lint};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::{collection, sample};

fn text(record: &str) -> Txt {
    Txt::split(record.as_bytes())
}

fn directives(terms: &[&str]) -> Vec<Directive> {
    terms
        .iter()
        .map(|term| term.parse().expect("a directive"))
        .collect()
}

/// Code, place and remedy of each finding.
fn shown(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let span = finding.span.clone().map_or_else(
                || String::from("-"),
                |span| format!("{}..{}", span.start, span.end),
            );
            format!("{} {span}: {}", finding.code, finding.remedy)
        })
        .collect()
}

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
            "publish `v=spf1 a:zgateway.zuora.com ?include:amazonses.com include:amazonses.com -all` in place of this record",
        ),
        (
            "v=spf1 redirect=_spf.example.com",
            2,
            "the record ends in `redirect=_spf.example.com`: mechanisms beside it would not be part of that policy; add the terms to the record of _spf.example.com, or replace `redirect` by `include` and an `all`",
        ),
    ] {
        let findings = lint(&[text(record)], &wanted);
        let missed: Vec<&Finding> = findings
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

fn published(zone: &str, wanted: &[&str]) -> Vec<String> {
    let zone: Zone = zone.parse().expect("a zone");
    let domain: DomainName = "example.com".parse().expect("a domain");
    let wanted = directives(wanted);
    let audit = block_on_ready(audit_for(&domain, &wanted, &zone)).expect("a zone never waits");
    let findings = audit.lint();
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn the_dns_tells_more() {
    let mut many = String::from("example.com TXT \"v=spf1 mx:many.example.net -all\"\n");
    for host in 0..11 {
        many.push_str(&format!(
            "many.example.net MX 10 h{host}.example.net\nh{host}.example.net A 192.0.2.1\n"
        ));
    }
    let deep = "example.com TXT \"v=spf1 include:a.example.net include:b.example.net ip4:192.0.2.1 -all\"\n\
        a.example.net TXT \"v=spf1 a:1.example.net a:1.example.net a:1.example.net a:1.example.net a:1.example.net -all\"\n\
        b.example.net TXT \"v=spf1 a:1.example.net a:1.example.net a:1.example.net a:1.example.net -all\"\n\
        1.example.net A 192.0.2.1\n1.example.net AAAA 2001:db8::1\n";
    for (zone, findings) in [
        (
            "example.com TXT \"v=spf1 mx a:gone.example.com -all\"",
            &[
                "warning mx-without-mx example.com 7..9 `mx`: the domain has no mail exchanger; remove the term, or name the hosts that send",
                "warning void-lookup example.com 10..28 `a:gone.example.com`: nothing is found there; remove the term, or correct the name",
            ][..],
        ),
        (
            "example.com TXT \"v=spf1 include:none.example.net -all\"",
            &[
                "error include-without-record example.com 7..31 `include:none.example.net`: a permanent error: none.example.net has no SPF record; remove the term, correct the name, or write `a:` where the host itself sends",
            ],
        ),
        (
            "example.com TXT \"v=spf1 include:a.example.net -all\"\na.example.net TXT \"v=spf1 include:b.example.net -all\"\nb.example.net TXT \"v=spf1 x -all\"",
            &[
                "error include-broken a.example.net 7..28 `include:b.example.net`: syntax error at octet 7: `x` is not a mechanism; expected all, include, a, mx, ptr, ip4, ip6, exists, or a modifier `name=value`; remove the term until the owner of that domain has corrected the record",
            ],
        ),
        (
            "example.com TXT \"v=spf1 include:a.example.net -all\"\na.example.net TXT \"v=spf1 include:example.com -all\"",
            &[
                "error loop a.example.net 7..26 `include:example.com`: a permanent error: the record there leads back to itself; remove the term that does",
            ],
        ),
        (
            "example.com TXT \"v=spf1 a:broken.example.net -all\"\n;fault broken.example.net A servfail",
            &[
                "warning lookup-failed example.com 7..27 `a:broken.example.net`: a temporary error: lookup failed, broken.example.net. A: temporary failure; try again later; if it stays, remove the term",
            ],
        ),
        (
            many.as_str(),
            &[
                "error too-many-exchangers example.com 7..26 `mx:many.example.net`: a permanent error: 11 mail exchangers, and 10 are allowed; name their networks in place of `mx`",
            ],
        ),
        (
            deep,
            &[
                "error too-many-lookups example.com: with the records it includes, 11 terms cause lookups and 10 are allowed; remove terms, or flatten some; most are caused by `include:a.example.net` (6), `include:b.example.net` (5)",
            ],
        ),
        (
            "example.com TXT \"v=spf1 a:1.example.net a:2.example.net a:3.example.net ~all\"\n1.example.net A 192.0.2.1\n2.example.net A 192.0.2.2\n3.example.net A 192.0.2.3",
            &[
                "warning too-many-void-lookups example.com: in checks of IPv6 clients, 3 terms find nothing and 2 are allowed; remove terms for hosts that are gone, or name addresses in place of hosts",
            ],
        ),
        (
            "example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\nexample.com MX 10 mx.example.com\nmx.example.com A 192.0.2.1\nmx.example.com AAAA 2001:db8::1",
            &[
                "warning ip6-missing example.com: the mail exchanger mx.example.com. has the address 2001:db8::1, which does not pass; if it sends mail too, add `mx` or `ip6:2001:db8::1`",
            ],
        ),
        (
            "example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\nexample.com MX 10 mx.example.com\nmx.example.com A 192.0.2.9\nmx.example.com AAAA 2001:db8::1",
            &[
                "advice ip6-missing example.com: the mail exchanger mx.example.com. has the address 2001:db8::1, which does not pass; if it sends mail too, add `mx` or `ip6:2001:db8::1`",
            ],
        ),
        (
            "example.com TXT \"v=spf1 include:a.example.net -all\"\na.example.net TXT \"v=spf1 +all\"",
            &[
                "error plus-all example.com `include:a.example.net`: every host on the internet may send for the domain; remove the term that passes them",
            ],
        ),
        (
            ";fault example.com TXT timeout",
            &[
                "warning lookup-failed example.com: lookup failed, example.com. TXT: temporary failure; try again when the DNS answers",
            ],
        ),
    ] {
        assert_eq!(published(zone, &[]), findings, "{zone}");
    }
}

#[test]
fn a_sender_that_an_included_record_passes_is_authorised() {
    let zone = "example.com TXT \"v=spf1 include:_spf.example.com -all\"\n_spf.example.com TXT \"v=spf1 include:amazonses.com ip4:192.0.2.0/24 mx -all\"\namazonses.com TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n_spf.example.com MX 10 mx.example.com\nmx.example.com A 192.0.2.77\n";
    for (wanted, is_there) in [
        ("include:amazonses.com", true),
        ("ip4:192.0.2.7", true),
        ("ip4:198.51.100.0/25", true),
        ("ip4:198.51.0.0/16", false),
        ("a:zgateway.zuora.com", false),
        // That of the included record is the exchanger of another domain.
        ("mx", false),
    ] {
        let findings = published(zone, &[wanted]);
        assert_eq!(findings.is_empty(), is_there, "{wanted}: {findings:#?}");
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
