//! What lint finds, where, and what it says to do.

use std::collections::BTreeSet;

use letterhead_dmarc::{Code, Finding, Severity, lint, lint_published};
use letterhead_dns::{DomainName, Txt, Zone, block_on_ready};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

fn text(record: &str) -> Txt {
    Txt::split(record.as_bytes())
}

/// Code, place and remedy of each finding.
fn shown(findings: &[Finding<Code>]) -> Vec<String> {
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

fn published(domain: &str, zone: &str) -> Vec<Finding<Code>> {
    let zone: Zone = zone.parse().expect("a zone");
    let domain: DomainName = domain.parse().expect("a domain");
    block_on_ready(lint_published(&domain, &zone)).expect("a zone never waits")
}

#[test]
fn a_good_record_has_no_findings() {
    for record in [
        "v=DMARC1; p=reject; rua=mailto:dmarc@example.org",
        "v=DMARC1;p=quarantine;rua=mailto:dmarc@example.org;",
        "V=DMARC1; P=Reject; RUA=mailto:a@example.org, https://example.org/dmarc",
        "v=DMARC1; p=quarantine; np=reject; t=n; psd=n; adkim=r; aspf=r; rua=mailto:d@example.org",
    ] {
        assert_eq!(lint(&[text(record)]), [], "{record}");
    }
    let beside = [
        text("v=DMARC1; p=reject; rua=mailto:d@a.test"),
        text("verification=1"),
    ];
    assert_eq!(lint(&beside), []);
}

/// A record, and code, place and remedy of what is found in it.
const IN_TEXT: &[(&str, &[&str])] = &[
    (
        "v=DMARC1; p=none; rua=mailto:d@a.test",
        &[
            "monitoring 10..16: once reports show that all own mail passes, go on to `p=quarantine` and `p=reject`",
        ],
    ),
    (
        "v=DMARC1; p=none",
        &["monitoring-blind 10..16: add `rua=mailto:` and an address, or ask for `p=reject`"],
    ),
    (
        "v=DMARC1; p=reject",
        &["no-reports 10..18: add `rua=mailto:` and an address"],
    ),
    (
        "v=DMARC1; rua=mailto:d@a.test",
        &[
            "policy-missing -: write `p=none;`, `p=quarantine;` or `p=reject;` right behind `v=DMARC1;`",
            "monitoring -: once reports show that all own mail passes, go on to `p=quarantine` and `p=reject`",
        ],
    ),
    (
        "v=DMARC1; rua=mailto:d@a.test; p=reject",
        &["policy-order 31..39: put it right behind `v=DMARC1;`"],
    ),
    (
        "v=DMARC1; p=reject; sp=none; rua=mailto:d@a.test",
        &["weaker-subdomains 20..27: remove it, or write `sp=reject`"],
    ),
    (
        "v=DMARC1; p=reject; np=quarantine; rua=mailto:d@a.test",
        &["weaker-subdomains 20..33: remove it, or write `np=reject`"],
    ),
    (
        "v=DMARC1; p=quarantine; sp=reject; np=quarantine; rua=mailto:d@a.test",
        &["weaker-subdomains 35..48: remove it, or write `np=reject`"],
    ),
    (
        "v=DMARC1; p=reject; sp=reject; rua=mailto:d@a.test",
        &["no-effect 20..29: remove it"],
    ),
    (
        "v=DMARC1; p=quarantine; sp=reject; np=reject; rua=mailto:d@a.test",
        &["no-effect 35..44: remove it"],
    ),
    (
        "v=DMARC1; p=reject; np=reject; rua=mailto:d@a.test",
        &["no-effect 20..29: remove it"],
    ),
    (
        "v=DMARC1; p=block; rua=mailto:d@a.test",
        &["invalid-policy 10..17: write `p=none`, `p=quarantine` or `p=reject`"],
    ),
    (
        "v=DMARC1; p=reject; sp = quarantin",
        &["invalid-policy 20..34: write `sp=none`, `sp=quarantine` or `sp=reject`"],
    ),
    (
        "v=DMARC1; p=reject; np=; rua=mailto:d@a.test",
        &["invalid-policy 20..23: write `np=none`, `np=quarantine` or `np=reject`"],
    ),
    (
        "v=DMARC1; p=reject; pct=100; rf=afrf; ri=86400; rua=mailto:d@a.test",
        &[
            "obsolete-tag 20..27: remove it",
            "obsolete-tag 29..36: remove it",
            "obsolete-tag 38..46: remove it",
        ],
    ),
    (
        "v=DMARC1; p=reject; pct=0; rua=mailto:d@a.test",
        &["obsolete-percentage 20..25: write `t=y` in its place, or remove it"],
    ),
    (
        "v=DMARC1; p=reject; pct=50; rua=mailto:d@a.test",
        &[
            "obsolete-percentage 20..26: remove it, and ask for the weaker policy until all mail passes",
        ],
    ),
    (
        "v=DMARC1; p=reject; t=y; rua=mailto:d@a.test",
        &["test-mode 20..23: remove it once reports show that all own mail passes"],
    ),
    (
        "v=DMARC1; p=none; t=y; rua=mailto:d@a.test",
        &[
            "monitoring 10..16: once reports show that all own mail passes, go on to `p=quarantine` and `p=reject`",
            "no-effect 18..21: remove it",
        ],
    ),
    (
        "v=DMARC1; p=reject; psd=y; rua=mailto:d@a.test",
        &["public-suffix 20..25: remove it, unless the domain is a registry's"],
    ),
    (
        "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:d@a.test",
        &[
            "strict-alignment 20..27: remove it unless every sender is known to do so",
            "strict-alignment 29..35: remove it unless every sender is known to do so",
        ],
    ),
    (
        "v=DMARC1; p=reject; rua=mailto:d@a.test; fo=1",
        &["fo-without-ruf 41..45: remove it"],
    ),
    (
        "v=DMARC1; p=reject; rua=mailto:d@a.test; ruf=mailto:d@a.test; fo=1",
        &["failure-reports 41..60: remove it unless whoever reads them may read the domain's mail"],
    ),
    (
        "v=DMARC1; p=reject; adkim=strict; t=yes; psd=1; fo=0:1; rua=mailto:d@a.test",
        &[
            "invalid-value 20..32: write `r` for relaxed or `s` for strict",
            "invalid-value 34..39: write `t=y` or `t=n`",
            "invalid-value 41..46: write `psd=n`, `psd=y` or `psd=u`",
            "invalid-value 48..54: write `0`, `1`, `d` and `s` with colons between, and not both `0` and `1`",
            "fo-without-ruf 48..54: remove it",
        ],
    ),
    (
        "v=DMARC1; p=reject; rua=d@a.test , mailto:d@a.test!10m",
        &[
            "invalid-report-uri 24..32: write `mailto:` and an address, with a comma to the next one",
            "obsolete-size-limit 35..54: remove `!10m`",
        ],
    ),
    (
        "v=DMARC1; p=reject; p=none; rua=mailto:d@a.test",
        &["repeated-tag 20..26: leave the one that is meant"],
    ),
    (
        "v=DMARC1; p=reject; rua=mailto:d@a.test; v=DMARC1",
        &["repeated-tag 41..49: leave one record that says what is meant"],
    ),
    (
        "v=DMARC1; p=reject; reports; rua=mailto:d@a.test",
        &["not-a-tag 20..27: write name=value, or remove it"],
    ),
    (
        "v=DMARC1; p=reject; adkm=s; note=x; rua=mailto:d@a.test",
        &[
            "unknown-tag 20..26: write `adkim=` if that is meant, or remove it",
            "unknown-tag 28..34: remove it",
        ],
    ),
    (
        "v=DMARC1",
        &[
            "txt-cut -: publish the whole record, in quotation marks in a zone file",
            "policy-missing -: write `p=none;`, `p=quarantine;` or `p=reject;` right behind `v=DMARC1;`",
            "monitoring-blind -: add `rua=mailto:` and an address, or ask for `p=reject`",
        ],
    ),
    (
        "v=DMARC1; p=reject; rua=mailto:d@a.test,mailto:",
        &[
            "txt-cut -: publish the whole record, in several character-strings where it has more than 255 octets",
            "invalid-report-uri 40..47: write `mailto:` and an address, with a comma to the next one",
        ],
    ),
];

#[test]
fn every_finding_names_its_place_and_a_remedy() {
    for (record, findings) in IN_TEXT {
        assert_eq!(shown(&lint(&[text(record)])), *findings, "{record}");
    }
}

#[test]
fn an_invalid_policy_says_what_comes_of_it() {
    let problem = |record: &str| lint(&[text(record)])[0].problem.clone();
    assert_eq!(
        problem("v=DMARC1; p=block; rua=mailto:d@a.test"),
        "it is no policy, so that the whole record acts as p=none"
    );
    assert_eq!(
        problem("v=DMARC1; p=block"),
        "it is no policy and there is no valid rua address, so that DMARC does not apply at all"
    );
}

#[test]
fn several_records_are_found_and_each_is_looked_at() {
    let findings = lint(&[text("v=DMARC1; p=reject"), text("v=DMARC1; p=none")]);
    let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(
        codes,
        [Code::NoReports, Code::MonitoringBlind, Code::SeveralRecords]
    );
    assert_eq!(shown(&lint(&[])).len(), 1);
}

#[test]
fn a_finding_is_one_line() {
    let findings = lint(&[text("v=DMARC1; p=bl\nock\u{7f}")]);
    assert_eq!(
        findings[0].to_string(),
        "error invalid-policy 10..19 `p=bl\\nock\\u{7f}`: it is no policy and there is no valid rua address, so that \
         DMARC does not apply at all; write `p=none`, `p=quarantine` or `p=reject`"
    );
}

/// A domain, its zone, and code and remedy of what is found there.
const IN_DNS: &[(&str, &str, &[&str])] = &[
    ("a.test", "_dmarc.a.test TXT \"v=DMARC1; p=reject; rua=mailto:d@a.test\"", &[]),
    (
        "a.test",
        "a.test TXT \"v=DMARC1; p=reject\"\na.test TXT \"v=spf1 -all\"",
        &["wrong-place -: publish it at `_dmarc.a.test`", "no-record -: publish"],
    ),
    (
        "a.test",
        "dmarc.a.test TXT \"v=DMARC1; p=reject\"",
        &[
            "wrong-place -: publish it at `_dmarc.a.test`, with the underscore",
            "no-record -: publish",
        ],
    ),
    (
        "a.test",
        "_dmarc.a.test.a.test TXT \"v=DMARC1; p=reject\"",
        &[
            "wrong-place -: publish it at `_dmarc.a.test`; in a zone file end that name in a dot",
            "no-record -: publish",
        ],
    ),
    ("a.test", "a.test TXT \"rua=x\"", &["no-record -: publish"]),
    (
        "b.a.test",
        "_dmarc.a.test TXT \"v=DMARC1; p=reject\"",
        &["inherited -: publish one at `_dmarc.b.a.test` if something else is meant for it"],
    ),
    (
        "b.a.test",
        "_dmarc.a.test TXT \"v=DMARC1; p=x\"",
        &["no-record -: publish"],
    ),
    (
        "b.a.test",
        "_dmarc.a.test TXT \"v=DMARC1; p=reject\"\n_dmarc.b.a.test TXT \"v=DMARC1; p=reject; np=none; rua=mailto:d@b.a.test\"",
        &[
            "weaker-subdomains 20..27: remove it, or write `np=reject`",
            "not-organizational -: remove them, or add `psd=n` to make the domain an organization of its own",
        ],
    ),
    (
        "b.a.test",
        "_dmarc.a.test TXT \"v=DMARC1; p=reject\"\n_dmarc.b.a.test TXT \"v=DMARC1; p=reject; rua=mailto:d@a.test\"",
        &[],
    ),
    (
        "a.test",
        "_dmarc.a.test TXT \"v=DMARC1; p=reject; rua=mailto:d@x.example,mailto:d@y.example,mailto:d@z.example\"
x.example TXT \"x\"
a.test._report._dmarc.y.example TXT \"v=DMARC1; rua=mailto:new@y.example\"
a.test._report._dmarc.z.example TXT \"v=DMARC1; rua=mailto:d@z.example\"",
        &[
            "report-not-accepted -: have its owner publish `a.test._report._dmarc.x.example. TXT \"v=DMARC1\"`, or name an address in the domain",
            "report-elsewhere -: write `rua=mailto:new@y.example`",
        ],
    ),
    (
        "a.test",
        "_dmarc.a.test TXT \"v=DMARC1; p=reject; rua=mailto:d@x.example,https://192.0.2.1/\"
a.test._report._dmarc.x.example TXT \"v=DMARC1; rua=mailto:d@y.example\"",
        &[
            "report-not-accepted -: have its owner correct that record",
            "report-not-accepted -: name an address in the domain",
        ],
    ),
    (
        "a.test",
        "_dmarc.a.test TXT \"v=DMARC1; p=reject; rua=mailto:d@x.example\"\n;fault a.test._report._dmarc.x.example TXT servfail",
        &["lookup-failed -: try again when the DNS answers"],
    ),
    (
        "a.test",
        ";fault _dmarc.a.test TXT timeout",
        &["lookup-failed -: try again when the DNS answers"],
    ),
    (
        "b.a.test",
        ";fault _dmarc.a.test TXT timeout",
        &["lookup-failed -: try again when the DNS answers"],
    ),
    (
        "b.a.test",
        "_dmarc.b.a.test TXT \"v=DMARC1; p=none; sp=reject; rua=mailto:d@b.a.test\"\n;fault _dmarc.a.test TXT timeout",
        &["monitoring 10..16: once", "lookup-failed -: try again when the DNS answers"],
    ),
    (
        "a.test",
        "_dmarc.a.test TXT \"v=DMARC1; p=reject; rua=mailto:d@x.example\"\n_dmarc.a.test TXT \"v=DMARC1; p=none; rua=mailto:d@a.test\"",
        &["monitoring 10..16: once", "several-records -: leave one"],
    ),
];

#[test]
fn what_the_dns_says_is_found() {
    for (domain, zone, expected) in IN_DNS {
        let findings = published(domain, zone);
        let shown = shown(&findings);
        assert_eq!(shown.len(), expected.len(), "{zone}: {shown:?}");
        for (found, expected) in shown.iter().zip(*expected) {
            assert!(
                found.starts_with(expected),
                "{zone}: {found:?} is not {expected:?}"
            );
        }
        for finding in findings {
            assert_eq!(finding.domain.as_deref(), Some(*domain));
        }
    }
}

#[test]
fn every_code_is_tested_and_unique() {
    let mut seen: BTreeSet<Code> = BTreeSet::new();
    for (record, _) in IN_TEXT {
        seen.extend(lint(&[text(record)]).iter().map(|finding| finding.code));
    }
    for (domain, zone, _) in IN_DNS {
        seen.extend(published(domain, zone).iter().map(|finding| finding.code));
    }
    // These two have tests of their own in `near_miss.rs`.
    seen.extend([Code::NearMiss, Code::TxtSplit]);
    assert_eq!(seen, Code::ALL.iter().copied().collect());
    let texts: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), Code::ALL.len());
    assert!(Severity::Advice < Severity::Warning && Severity::Warning < Severity::Error);
}

proptest! {
    #[test]
    fn any_octets_are_linted_and_places_are_inside(
        octets in vec(any::<u8>(), 0..80),
        tags in vec("(p|sp|np|psd|t|adkim|aspf|rua|ruf|fo|pct|x|v)[ \t]?=[ -~\t]{0,16}", 0..8),
        front in proptest::sample::select(vec!["v=DMARC1;", "v=dmarc1", "V = DMARC1 ;", "DMARC", "\"v=DMARC1;", "p=none;", ""]),
    ) {
        let mut record = front.as_bytes().to_vec();
        for tag in tags {
            record.extend_from_slice(tag.as_bytes());
            record.push(b';');
        }
        record.extend(octets);
        let findings = lint(&[Txt::split(&record)]);
        for finding in findings {
            prop_assert!(!finding.to_string().contains(char::is_control));
            prop_assert_eq!(finding.severity, finding.code.severity());
            if let Some(span) = finding.span {
                prop_assert!(span.start <= span.end && span.end <= record.len());
                prop_assert_eq!(String::from_utf8_lossy(&record[span]), finding.text);
            }
        }
    }
}
