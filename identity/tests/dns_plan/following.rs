//! Whoever follows the text comes to the end of it.

use letterhead_dns::Zone;
use letterhead_identity::dns_plan::{SpfChange, Status};
use letterhead_identity::{DnsPlan, Profile};
use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::{select, subsequence};

use super::{BY_LOCATION, MAIL_FROM, custom, diff_over, follow, plan};

/// Lines that a domain could have, in the way of a plan or not.
const LINES: [&str; 29] = [
    "yourcompany.example. IN TXT \"v=spf1 ~include:amazonses.com -all\"",
    "yourcompany.example. IN TXT \"v=spf1 -ip4:0.0.0.0/0 include:amazonses.com ~all\"",
    "b.yourcompany.example. IN TXT \"v=spf1 ?include:eu.bounces.example -all\"",
    "yourcompany.example. IN TXT \"v=spf1 mx ~all\"",
    "yourcompany.example. IN TXT \"v=spf1 include:eu.bounces.example -all\"",
    "yourcompany.example. IN TXT \"v=spf1 redirect=_spf.other.example\"",
    "yourcompany.example. IN TXT \"v=spf1 ip4:1 -all\"",
    "yourcompany.example. IN TXT unrelated",
    "yourcompany.example. IN MX 10 mail.yourcompany.example.",
    "_spf.other.example. IN TXT \"v=spf1 mx -all\"",
    "b.yourcompany.example. IN MX 10 feedback.eu-west-1.bounces.example.",
    "b.yourcompany.example. IN MX 10 feedback.us-east-1.bounces.example.",
    "b.yourcompany.example. IN MX 5 mail.yourcompany.example.",
    "b.yourcompany.example. IN TXT \"v=spf1 include:spf.bounces.example ~all\"",
    "b.yourcompany.example. IN TXT \"v=spf1 mx -all\"",
    "b.yourcompany.example. IN TXT \"v=spf1 ip4:1 -all\"",
    "b.yourcompany.example. IN TXT unrelated",
    "b.yourcompany.example. IN A 192.0.2.1",
    "t1._domainkey.yourcompany.example. IN CNAME t1.dkim.amazonses.com.",
    "t2._domainkey.yourcompany.example. IN CNAME other.example.",
    "t3._domainkey.yourcompany.example. IN TXT \"v=DKIM1; p=\"",
    "t3._domainkey.yourcompany.example. IN A 192.0.2.1",
    "u1._domainkey.yourcompany.example. IN CNAME u1.dkim.amazonses.com.",
    "s._domainkey.yourcompany.example. IN TXT \"v=DKIM1; p=AAAA\"",
    "s._domainkey.yourcompany.example. IN TXT \"v=DKIM1; p=BBBB\"",
    "_dmarc.yourcompany.example. IN TXT \"v=DMARC1; p=reject\"",
    "_dmarc.yourcompany.example. IN TXT \"v=DMARC1; p=none\"",
    ";fault t2._domainkey.yourcompany.example CNAME servfail",
    ";fault b.yourcompany.example MX timeout",
];

/// A line that stands alone at its name.
const ALONE: [&str; 3] = [
    "b.yourcompany.example. IN CNAME elsewhere.example.",
    "s._domainkey.yourcompany.example. IN CNAME elsewhere.example.",
    "yourcompany.example. IN CNAME elsewhere.example.",
];

fn zones() -> impl Strategy<Value = Zone> {
    let alone = prop_oneof![3 => Just(None), 1 => select(ALONE.to_vec()).prop_map(Some)];
    (subsequence(LINES.to_vec(), 0..=10), alone).prop_map(|(lines, alone)| {
        let owner = |line: &str| line.split(' ').next().map(str::to_owned);
        let kept = lines
            .into_iter()
            .filter(|line| alone.is_none_or(|alone| owner(line) != owner(alone)));
        let text: Vec<&str> = kept.chain(alone).collect();
        text.join("\n").parse().expect("a zone")
    })
}

fn plans() -> impl Strategy<Value = DnsPlan> {
    let zuora = (proptest::bool::ANY, proptest::bool::ANY).prop_map(|(one, both)| {
        let mut values: Vec<(&str, &[&str])> = vec![("dkim-token@production", &["t1", "t2", "t3"])];
        if both {
            values.push(("dkim-token@central-sandbox", &["u1", "u2", "u3"]));
        }
        let environments: &[&str] = if one && !both { &["api-sandbox"] } else { &[] };
        let zuora = Profile::built_in("zuora-advanced").expect("built in");
        plan(&zuora, environments, None, &values).expect("a plan")
    });
    let regions = select(vec![
        None,
        Some("eu-west-1"),
        Some("us-east-1"),
        Some("dxb"),
        Some("new"),
    ]);
    let return_path = regions.prop_map(|region| {
        let rules = custom(&format!("{MAIL_FROM}{BY_LOCATION}"));
        let name: (&str, &[&str]) = ("mail-from-domain", &["b.yourcompany.example"]);
        plan(&rules, &[], region, &[name]).expect("a plan")
    });
    let own = Just(()).prop_map(|()| {
        let own = Profile::built_in("own-server").expect("built in");
        let values: [(&str, &[&str]); 3] = [
            ("selector", &["s"]),
            ("key-record", &["v=DKIM1; p=AAAA"]),
            ("relay-host", &["relay.yourcompany.example"]),
        ];
        plan(&own, &[], None, &values).expect("a plan")
    });
    prop_oneof![zuora, return_path, own]
}

/// Whether everything that is not done says who has to act first.
fn is_explained(diff: &letterhead_identity::dns_plan::DnsDiff) -> bool {
    let rows = diff.rows().iter().all(|row| match row.status {
        Status::Present => true,
        Status::Awaiting => !row.planned.data.missing().is_empty(),
        Status::Unknown(_) => true,
        Status::Wrong(_) | Status::Conflicting(_) => row.problem.is_some(),
        _ => false,
    });
    let spf = match diff.spf() {
        SpfChange::NotNeeded
        | SpfChange::Present { .. }
        | SpfChange::Unknown(_)
        | SpfChange::Awaiting => true,
        SpfChange::Blocked { problem, .. } => !problem.is_empty(),
        _ => false,
    };
    rows && spf
}

proptest! {
    /// Z0-25, Z1-22: once the text is followed, all is there or it is said who has to act, and nobody else lost a record.
    #[test]
    fn following_the_text_completes_the_diff_or_says_why_not(zone in zones(), plan in plans()) {
        let before = diff_over(&plan, &zone);
        let text = before.to_zone_text();
        let after = follow(&text, zone.clone());
        let then = diff_over(&plan, &after);
        prop_assert!(is_explained(&then), "{text}\n{then}");
        // What was for its owner to decide before is so still, and nothing else is.
        let problems = |diff: &letterhead_identity::dns_plan::DnsDiff| diff.rows().iter().filter(|row| row.problem.is_some()).count();
        prop_assert!(problems(&then) <= problems(&before));
        for record in zone.records() {
            let is_replaced = text.contains(&format!("; REPLACE {} ", record.name));
            prop_assert!(is_replaced || after.records().any(|other| other.data == record.data && other.name == record.name));
        }
        // There is nothing more to do, and doing it again changes nothing.
        prop_assert_eq!(follow(&then.to_zone_text(), after.clone()).to_string(), after.to_string());
    }

    /// What is printed without looking at the DNS does not add an SPF or DMARC record to one that is there.
    #[test]
    fn the_plan_itself_adds_no_second_record(zone in zones(), plan in plans()) {
        let mut after = zone.clone();
        after.extend(plan.to_string().parse().expect("a zone"));
        let texts = |zone: &Zone| {
            let all = zone.records().map(|record| record.data.to_string());
            all.filter(|text| text.starts_with("\"v=spf1") || text.starts_with("\"v=DMARC1")).count()
        };
        prop_assert_eq!(texts(&zone), texts(&after));
    }
}
