use std::time::SystemTime;

use std::collections::BTreeSet;

use letterhead_dns::{Name, Zone, block_on_ready};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::diff::{DnsDiff, SpfChange, Status};
use super::{DnsPlan, PlanError};
use crate::identity::Identity;
use crate::profile::Profile;
use crate::value::{ValueError, Values, check_values};
use crate::verification::{Finding, Verification};

pub(super) fn profile(name: &str) -> Profile {
    Profile::built_in(name).unwrap()
}

pub(super) fn identity(subject: &str, group: Option<&str>, values: &[(&str, &[&str])]) -> Identity {
    let kind = if subject.contains('@') {
        "email"
    } else {
        "domain"
    };
    let owned = |several: &[&str]| several.iter().map(|value| (*value).to_owned()).collect();
    Identity {
        tenant: "acme".parse().unwrap(),
        profile: "any".parse().unwrap(),
        kind: kind.parse().unwrap(),
        subject: subject.parse().unwrap(),
        environment_group: group.map(|group| group.parse().unwrap()),
        region: None,
        compartment: None,
        brand: None,
        mode: None,
        credential: None,
        verification: Verification::default(),
        disabled: None,
        switches: BTreeSet::new(),
        link: None,
        created: SystemTime::UNIX_EPOCH,
        values: values
            .iter()
            .map(|(name, several)| ((*name).to_owned(), owned(several)))
            .collect(),
    }
}

pub(super) const DOMAIN: &str = "yourcompany.example";
pub(super) const TOKENS: (&str, &[&str]) = ("dkim-token", &["t1", "t2", "t3"]);

pub(super) fn zuora(values: &[(&str, &[&str])]) -> DnsPlan {
    DnsPlan::new(
        &profile("zuora-advanced"),
        &[identity(DOMAIN, Some("production"), values)],
    )
    .unwrap()
}

pub(super) fn own_server(values: &[(&str, &[&str])]) -> Result<DnsPlan, PlanError> {
    DnsPlan::new(&profile("own-server"), &[identity(DOMAIN, None, values)])
}

pub(super) fn custom(sections: &str) -> Profile {
    let head = "schema = 1\nid = \"x\"\ntitle = \"X\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";
    Profile::from_toml(&format!("{head}{sections}"), |_| None).unwrap()
}

pub(super) fn diff(plan: &DnsPlan, zone: &str) -> DnsDiff {
    let zone: Zone = zone.parse().unwrap();
    diff_over(plan, &zone)
}

pub(super) fn diff_over(plan: &DnsPlan, zone: &Zone) -> DnsDiff {
    block_on_ready(plan.diff(zone)).expect("a zone answers at once")
}

/// The CNAMEs of `TOKENS`.
pub(super) const PUBLISHED: &str = "\
t1._domainkey.yourcompany.example. 60 IN CNAME t1.dkim.amazonses.com.
t2._domainkey.yourcompany.example. 60 IN CNAME T2.dkim.amazonSES.com.
t3._domainkey.yourcompany.example. 60 IN CNAME t3.dkim.amazonses.com.
";

#[test]
fn a_domain_has_three_cnames_and_advice() {
    assert_eq!(
        zuora(&[TOKENS]).to_string(),
        "; DKIM, required\n\
         t1._domainkey.yourcompany.example. 3600 IN CNAME t1.dkim.amazonses.com.\n\
         ; DKIM, required\n\
         t2._domainkey.yourcompany.example. 3600 IN CNAME t2.dkim.amazonses.com.\n\
         ; DKIM, required\n\
         t3._domainkey.yourcompany.example. 3600 IN CNAME t3.dkim.amazonses.com.\n\
         ; DMARC, advised: without a DMARC record most large receivers refuse bulk mail; tighten p once reports show only your own senders\n\
         ; unless there is one: _dmarc.yourcompany.example. 3600 IN TXT \"v=DMARC1; p=none\"\n\
         ; SPF, required: without it mail may be blocked or sent to spam\n\
         ; merge into the SPF record of yourcompany.example: include:amazonses.com\n"
    );
}

#[test]
fn four_environments_in_two_groups_have_six_cnames() {
    let groups = |production: &[(&str, &[&str])], sandbox: &[(&str, &[&str])]| {
        let identities = [
            identity(DOMAIN, Some("production"), production),
            identity(DOMAIN, Some("developer-sandbox"), sandbox),
        ];
        let plan = DnsPlan::new(&profile("zuora-advanced"), &identities).unwrap();
        assert_eq!(plan.spf().len(), 1);
        let text = plan.to_string();
        assert_eq!(text.matches("v=DMARC1").count(), 1);
        text.matches("IN CNAME").count()
    };
    assert_eq!(groups(&[TOKENS], &[("dkim-token", &["t4", "t5", "t6"])]), 6);
    assert_eq!(groups(&[TOKENS], &[]), 6);
    assert_eq!(
        groups(&[], &[]),
        6,
        "each group will have tokens of its own"
    );
}

#[test]
fn what_nobody_has_issued_stands_as_a_placeholder() {
    let plan = zuora(&[("dkim-zone", &["dkim.eu.example"])]);
    let data = &plan.records()[1].data;
    assert_eq!(data.missing(), ["dkim-token-2 of production"]);
    assert_eq!(
        data.to_string(),
        "; {dkim-token-2 of production}._domainkey.yourcompany.example. 3600 IN CNAME {dkim-token-2 of production}.dkim.eu.example."
    );
    // All of it is a comment, so the text is a zone already.
    let zone: Zone = plan.to_string().parse().unwrap();
    assert_eq!(zone.records().count(), 0);
    let found = diff(&plan, "");
    assert!(matches!(found.rows()[0].status, Status::Awaiting));
    assert_eq!(found.ownership(), Finding::Unknown);

    let plan = own_server(&[("selector", &["a", "b"])]).unwrap();
    assert_eq!(plan.records().len(), 3);
    assert_eq!(plan.spf()[0].text, "a:{relay-host}");
    assert!(matches!(diff(&plan, "").spf(), SpfChange::Awaiting));
}

#[test]
fn an_address_has_no_dkim_records_of_its_own() {
    let address = identity("contact@yourcompany.example", Some("production"), &[]);
    let plan = DnsPlan::new(&profile("zuora-advanced"), &[address]).unwrap();
    assert_eq!(plan.records().len(), 1);
    assert_eq!(plan.spf().len(), 1);
    assert_eq!(
        diff(&plan, PUBLISHED).ownership(),
        Finding::Missing,
        "nothing proves it in the DNS"
    );
}

#[test]
fn values_come_in_the_right_number() {
    let wrong = |plan: Result<DnsPlan, PlanError>| plan.unwrap_err().to_string();
    let tokens = |several: &[&str]| {
        DnsPlan::new(
            &profile("amazon-ses"),
            &[identity(DOMAIN, None, &[("dkim-token", several)])],
        )
    };
    assert_eq!(
        wrong(tokens(&["a", "b"])),
        "2 values of dkim-token were given, and there must be 3"
    );
    assert_eq!(
        wrong(tokens(&[])),
        "0 values of dkim-token were given, and there must be 3"
    );
    assert_eq!(
        wrong(own_server(&[
            ("selector", &["a", "b"]),
            ("key-record", &["v=DKIM1; p="])
        ])),
        "1 values of key-record were given, and there must be 2"
    );
    assert_eq!(
        wrong(own_server(&[("relay-host", &["a.example", "b.example"])])),
        "2 values of relay-host were given, and there must be 1"
    );
    let two_zones = identity(
        DOMAIN,
        None,
        &[TOKENS, ("dkim-zone", &["a.example", "b.example"])],
    );
    assert_eq!(
        wrong(DnsPlan::new(&profile("amazon-ses"), &[two_zones])),
        "2 values of dkim-zone were given, and there must be 1"
    );
}

#[test]
fn a_plan_is_for_one_domain() {
    let rules = profile("amazon-ses");
    assert!(matches!(
        DnsPlan::new(&rules, &[]),
        Err(PlanError::NoDomain)
    ));
    let literal = identity("root@[192.0.2.1]", None, &[]);
    assert!(matches!(
        DnsPlan::new(&rules, &[literal]),
        Err(PlanError::NoDomain)
    ));
    let two = [
        identity("a.example", None, &[]),
        identity("b.example", None, &[]),
    ];
    assert!(matches!(
        DnsPlan::new(&rules, &two),
        Err(PlanError::SeveralDomains)
    ));
}

#[test]
fn values_cannot_leave_their_record() {
    let check =
        |value: &str| check_values(&Values::from([("v".to_owned(), vec![value.to_owned()])]));
    assert_eq!(check("v=DKIM1; k=rsa; p=MII{}\"\\"), Ok(()));
    assert_eq!(check(&"x".repeat(4096)), Ok(()));
    assert_eq!(
        check(""),
        Err(ValueError::Empty {
            name: "v".to_owned()
        })
    );
    assert_eq!(
        check(&"x".repeat(4097)),
        Err(ValueError::TooLong {
            name: "v".to_owned(),
            octets: 4097
        })
    );
    for (value, offset) in [
        ("a\nb", 1),
        ("\r", 0),
        ("ab\0", 2),
        ("a\u{7f}", 1),
        ("aé", 1),
        ("a\u{2028}", 1),
    ] {
        assert_eq!(
            check(value),
            Err(ValueError::NotPrintable {
                name: "v".to_owned(),
                offset
            })
        );
    }
    let sneaky = own_server(&[(
        "selector",
        &["x}\nwww.yourcompany.example. 60 IN A 192.0.2.66 ; {y"],
    )]);
    assert!(matches!(
        sneaky,
        Err(PlanError::Value(ValueError::NotPrintable { offset: 2, .. }))
    ));
}

#[test]
fn a_value_in_a_name_is_part_of_a_domain_name() {
    for (selector, is_bad_name) in [
        ("a b", false),
        ("a;b", false),
        ("a\\.b", false),
        ("a..b", true),
        ("{x}", false),
        (".a", true),
    ] {
        let error =
            own_server(&[("selector", &[selector]), ("key-record", &["v=DKIM1; p="])]).unwrap_err();
        assert_eq!(
            matches!(error, PlanError::BadName { .. }),
            is_bad_name,
            "{error}"
        );
        assert_eq!(
            matches!(error, PlanError::BadDomain { .. }),
            !is_bad_name,
            "{error}"
        );
    }
    let host = own_server(&[("relay-host", &["a.example -all"])]);
    assert!(matches!(host, Err(PlanError::BadTerm(_))));
}

#[test]
fn braces_and_quotes_in_a_value_are_text() {
    let value = "v=DKIM1; n={domain} \"quoted\" \\; p=";
    let plan = own_server(&[("selector", &["a"]), ("key-record", &[value])]).unwrap();
    let zone: Zone = plan.to_string().parse().unwrap();
    let name: Name = "a._domainkey.yourcompany.example".parse().unwrap();
    let texts: Vec<_> = zone
        .records()
        .filter(|record| record.name == name)
        .map(|record| record.data.to_string())
        .collect();
    assert_eq!(texts, ["\"v=DKIM1; n={domain} \\\"quoted\\\" \\\\; p=\""]);
    assert!(matches!(
        diff_over(&plan, &zone).rows()[0].status,
        Status::Present
    ));
}

#[test]
fn a_long_text_is_split_and_found_however_it_is_split() {
    let value = format!("v=DKIM1; p={}", "A".repeat(4000));
    let plan = own_server(&[("selector", &["a"]), ("key-record", &[&value])]).unwrap();
    let zone: Zone = plan.to_string().parse().unwrap();
    assert!(matches!(
        diff_over(&plan, &zone).rows()[0].status,
        Status::Present
    ));
    let mut strings = String::new();
    for chunk in value.as_bytes().chunks(100) {
        strings.push_str(&format!(" \"{}\"", str::from_utf8(chunk).unwrap()));
    }
    let found = diff(
        &plan,
        &format!("a._domainkey.yourcompany.example. IN TXT{strings}"),
    );
    assert!(matches!(found.rows()[0].status, Status::Present));
}

fn printable() -> impl Strategy<Value = String> {
    "[ -~]{1,300}"
}

proptest! {
    #[test]
    fn whatever_the_values_are_the_text_is_a_zone(selector in printable(), key in printable(), host in printable(), absent in any::<u8>()) {
        let all: [(&str, &[&str]); 3] = [("selector", &[&selector]), ("key-record", &[&key]), ("relay-host", &[&host])];
        let given: Vec<_> = all.into_iter().enumerate().filter(|(bit, _)| absent & (1 << bit) == 0).map(|(_, value)| value).collect();
        if let Ok(plan) = own_server(&given) {
            let domain: Name = DOMAIN.parse().unwrap();
            for text in [plan.to_string(), diff(&plan, "").to_zone_text()] {
                let zone: Zone = text.parse().unwrap();
                prop_assert!(zone.records().count() <= 3);
                prop_assert!(zone.records().all(|record| record.name.is_at_or_below(&domain)));
            }
        }
    }

    #[test]
    fn values_are_checked_without_panic(value in any::<String>()) {
        let is_printable = !value.is_empty() && value.bytes().all(|octet| (0x20..0x7f).contains(&octet));
        let values = Values::from([("v".to_owned(), vec![value])]);
        prop_assert_eq!(check_values(&values).is_ok(), is_printable);
    }
}
