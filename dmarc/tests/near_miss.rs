//! Text that was meant to be a record, and records that were damaged on the way.

use letterhead_dmarc::{Code, Finding, lint};
use letterhead_dns::Txt;

fn text(record: &str) -> Txt {
    Txt::split(record.as_bytes())
}

fn codes(findings: &[Finding<Code>]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_near_miss_is_shown_with_the_record_that_is_meant() {
    for (record, remedy) in [
        (
            "v=dmarc1; p=reject",
            "write `DMARC1` in capitals: `v=DMARC1; p=reject`",
        ),
        (
            "v=DMARC1, p=reject",
            "write a semicolon behind `v=DMARC1`: `v=DMARC1; p=reject`",
        ),
        (
            "v=DMARC1, p=reject, rua=mailto:d@a.test",
            "write a semicolon behind `v=DMARC1`: `v=DMARC1; p=reject; rua=mailto:d@a.test`",
        ),
        (
            "v=DMARC1 p=reject;",
            "write a semicolon behind `v=DMARC1`: `v=DMARC1; p=reject;`",
        ),
        (
            "v=DMARC1\\; p=reject\\; sp=none",
            "remove the backslashes: the semicolons were escaped once too often: `v=DMARC1; p=reject; sp=none`",
        ),
        (
            " v=DMARC1; p=reject",
            "begin it with `v=DMARC1;` and nothing in front: `v=DMARC1; p=reject`",
        ),
        (
            "\"v=DMARC1; p=reject\"",
            "begin it with `v=DMARC1;` and nothing in front: `v=DMARC1; p=reject`",
        ),
        (
            "\u{feff}v=DMARC1; p=x",
            "begin it with `v=DMARC1;` and nothing in front",
        ),
        (
            "v=DMARC; p=reject",
            "begin it with `v=DMARC1;`, the only version there is: `v=DMARC1; p=reject`",
        ),
        (
            "v=DMARC2; p=reject",
            "begin it with `v=DMARC1;`, the only version there is: `v=DMARC1; p=reject`",
        ),
        (
            "v:DMARC1; p=reject",
            "begin it with `v=DMARC1;`, the only version there is: `v=DMARC1; p=reject`",
        ),
        (
            "DMARC1; p=reject",
            "begin it with `v=DMARC1;`, the only version there is: `v=DMARC1; p=reject`",
        ),
        (
            "p=reject; v=DMARC1",
            "put `v=DMARC1;` in front of everything else",
        ),
        (
            "p=reject; sp=none",
            "begin it with `v=DMARC1;`: `v=DMARC1; p=reject; sp=none`",
        ),
        (
            "\tp\t=reject;\tsp=none",
            "begin it with `v=DMARC1;`: `v=DMARC1; p =reject; sp=none`",
        ),
    ] {
        let findings = lint(&[text(record)]);
        assert_eq!(findings[0].code, Code::NearMiss, "{record}");
        assert_eq!(findings[0].remedy, remedy, "{record}");
        assert_eq!(findings[1].code, Code::NoRecord, "{record}");
        assert!(!findings[0].to_string().contains(char::is_control));
    }
    for other in [
        "",
        "v=spf1 -all",
        "v=DKIM1; p=MIGf",
        "p=MIGf",
        "google-site-verification=x",
        "t=y",
    ] {
        assert_eq!(codes(&lint(&[text(other)])), [Code::NoRecord], "{other}");
    }
}

#[test]
fn damage_on_the_way_into_the_dns_is_found() {
    let split = |strings: &[&str]| {
        let strings = strings
            .iter()
            .map(|string| string.as_bytes().to_vec())
            .collect();
        Txt::from_strings(strings).expect("short strings")
    };
    let findings = lint(&[split(&["v=DMARC1; p=reject", "rua=mailto:d@a.test"])]);
    assert_eq!(findings[1].code, Code::InvalidPolicy);
    assert_eq!(findings[0].code, Code::TxtSplit);
    assert_eq!(findings[0].span, Some(18..37));
    assert_eq!(
        lint(&[split(&["v=DMARC1; p=reject; ", "rua=mailto:d@", "a.test"])]),
        []
    );

    let rest = lint(&[text("v=DMARC1; p=reject"), text("rua=mailto:d@a.test")]);
    assert_eq!(codes(&rest), [Code::TxtCut, Code::NoReports]);
    assert_eq!(
        rest[0].remedy,
        "join it to the record, as another character-string of the same TXT record"
    );
    let long = format!("v=DMARC1; p=reject; rua=mailto:{}@a.test", "d".repeat(217));
    assert_eq!(long.len(), 255);
    assert_eq!(codes(&lint(&[text(&long)])), [Code::TxtCut]);
    assert_eq!(lint(&[text(&format!("{long},mailto:d@a.test"))]), []);
}
