//! One plan for a domain that sends in several ways.

use std::collections::BTreeMap;
use std::time::SystemTime;

use letterhead_dns::Zone;
use letterhead_identity::dns_plan::{PlanError, SpfChange};
use letterhead_identity::profile::{Necessity, Purpose};
use letterhead_identity::{DnsPlan, Profile};
use proptest::prelude::*;

use super::{DOMAIN, custom, diff, diff_over, follow, new, plan};

fn built_in(name: &str) -> DnsPlan {
    let profile = Profile::built_in(name).expect("built in");
    plan(&profile, &[], None, &[]).expect("a plan")
}

/// With a key and a relay of its own.
fn own_server() -> DnsPlan {
    let profile = Profile::built_in("own-server").expect("built in");
    let values: [(&str, &[&str]); 3] = [
        ("selector", &["2026a"]),
        ("key-record", &["v=DKIM1; p=aGVsbG8="]),
        ("relay-host", &["smtp.yourcompany.example"]),
    ];
    plan(&profile, &[], None, &values).expect("a plan")
}

fn mailgun() -> DnsPlan {
    let profile = Profile::built_in("mailgun").expect("built in");
    let values: [(&str, &[&str]); 2] = [
        ("selector", &["mg"]),
        ("key-record", &["k=rsa; p=aGVsbG8="]),
    ];
    plan(&profile, &[], None, &values).expect("a plan")
}

#[test]
fn two_ways_have_one_spf_record_and_one_dmarc_record() {
    let apart = [own_server(), mailgun()];
    let spf = |text: &str| text.matches("v=spf1").count();
    let each = apart.each_ref().map(|plan| diff(plan, "").to_zone_text());
    assert_eq!(each.iter().map(|text| spf(text)).sum::<usize>(), 2);

    let plan = DnsPlan::merge(apart).expect("one plan");
    let profiles: Vec<&str> = plan.profiles().iter().map(|id| id.as_str()).collect();
    assert_eq!(profiles, ["own-server", "mailgun"]);
    let text = diff(&plan, "").to_zone_text();
    assert_eq!(spf(&text), 1, "{text}");
    assert_eq!(text.matches("v=DMARC1").count(), 1, "{text}");
    assert!(
        text.contains("a:smtp.yourcompany.example include:mailgun.org"),
        "{text}"
    );
    assert_eq!(text.matches("_domainkey").count(), 2, "{text}");
    assert!(
        text.trim_end().ends_with("~all\"") || text.trim_end().ends_with("-all\""),
        "{text}"
    );

    let published: Zone = follow(&text, Zone::new());
    let after = diff_over(&plan, &published);
    assert!(after.is_complete(), "{after}");
    assert_eq!(after.to_zone_text(), "");
    let json = serde_json::to_value(&plan).expect("JSON");
    assert_eq!(json["profile"], "own-server, mailgun");
}

#[test]
fn a_record_that_is_there_gets_the_terms_of_all() {
    let plan = DnsPlan::merge([own_server(), mailgun()]).expect("one plan");
    let zone = format!("{DOMAIN}. 3600 IN TXT \"v=spf1 include:mailgun.org ip4:192.0.2.1 -all\"\n");
    let found = diff(&plan, &zone);
    let SpfChange::Replace { merged, .. } = found.spf() else {
        panic!("{:?}", found.spf());
    };
    assert_eq!(merged.matches("include:mailgun.org").count(), 1, "{merged}");
    assert!(merged.contains("a:smtp.yourcompany.example"), "{merged}");
}

#[test]
fn what_one_way_requires_is_required_of_all() {
    let record = |necessity: &str| {
        custom(&format!(
            "[[record]]\npurpose = \"dmarc\"\nkind = \"TXT\"\nowner = \"_dmarc.{{domain}}\"\nvalue = \"v=DMARC1; p=none\"\nnecessity = \"{necessity}\"\nsource = \"page\"\n[[spf]]\nterm = \"include:x.example\"\nnecessity = \"{necessity}\"\nsource = \"page\"\n"
        ))
    };
    let plans = ["advised", "required"]
        .map(|necessity| plan(&record(necessity), &[], None, &[]).expect("a plan"));
    for plans in [plans.clone(), {
        let [one, other] = plans;
        [other, one]
    }] {
        let merged = DnsPlan::merge(plans).expect("one plan");
        let [policy] = merged.records() else {
            panic!("{:?}", merged.records());
        };
        assert_eq!(policy.necessity, Necessity::Required);
        let [term] = merged.spf() else {
            panic!("{:?}", merged.spf());
        };
        assert_eq!(term.necessity, Necessity::Required);
    }
}

/// `p=none` of one, `p=reject` of the other; `x=…` keeps the profiles apart.
fn policy(value: &str, necessity: &str) -> DnsPlan {
    let profile = custom(&format!(
        "[[record]]\npurpose = \"dmarc\"\nkind = \"TXT\"\nowner = \"_dmarc.{{domain}}\"\nvalue = \"v=DMARC1; p={value}\"\nnecessity = \"{necessity}\"\nsource = \"page\"\n"
    ));
    plan(&profile, &[], None, &[]).expect("a plan")
}

#[test]
fn of_two_policies_the_required_one_holds_else_the_first() {
    let value = |plans: [DnsPlan; 2]| DnsPlan::merge(plans).map(|plan| plan.to_string());
    let first = value([policy("none", "advised"), policy("reject", "advised")]).expect("a plan");
    assert!(
        first.contains("p=none") && !first.contains("p=reject"),
        "{first}"
    );
    let required = value([policy("none", "advised"), policy("reject", "required")]);
    let required = required.expect("a plan");
    assert!(
        required.contains("p=reject") && !required.contains("p=none"),
        "{required}"
    );
    let both = value([policy("none", "required"), policy("reject", "required")]);
    assert!(matches!(both, Err(PlanError::Clash { .. })), "{both:?}");
}

#[test]
fn what_cannot_stand_together_is_told() {
    let key = |record: &str| {
        let profile = Profile::built_in("own-server").expect("built in");
        let values: [(&str, &[&str]); 3] = [
            ("selector", &["2026a"]),
            ("key-record", &[record]),
            ("relay-host", &["smtp.yourcompany.example"]),
        ];
        plan(&profile, &[], None, &values).expect("a plan")
    };
    let error = DnsPlan::merge([key("v=DKIM1; p=aGVsbG8="), key("v=DKIM1; p=d29ybGQ=")]);
    let error = error.expect_err("two keys under one selector").to_string();
    assert!(error.contains("2026a._domainkey"), "{error}");
    assert!(matches!(DnsPlan::merge([]), Err(PlanError::NoDomain)));
    let profile = Profile::built_in("own-server").expect("built in");
    let other = new(&profile, "other.example");
    let other = DnsPlan::preview(
        &profile,
        &other,
        &[],
        &BTreeMap::new(),
        SystemTime::UNIX_EPOCH,
    );
    let error = DnsPlan::merge([own_server(), other.expect("a plan")]);
    assert!(matches!(error, Err(PlanError::SeveralDomains)));
}

#[test]
fn every_record_has_the_page_that_its_own_profile_names() {
    let names: Vec<&str> = Profile::built_in_names().collect();
    let plans: Vec<DnsPlan> = names
        .iter()
        .filter_map(|name| {
            let profile = Profile::built_in(name).ok()?;
            plan(&profile, &[], None, &[]).ok()
        })
        .collect();
    assert!(plans.len() > 8, "{}", plans.len());
    let pages = |plan: &DnsPlan| {
        let records = plan.records().iter();
        let records = records.map(|record| (format!("{}", record.data), &record.source));
        let terms = plan
            .spf()
            .iter()
            .map(|term| (term.text.clone(), &term.source));
        let all = records.chain(terms);
        all.map(|(what, source)| (what, plan.source(source).expect("a page").url.clone()))
            .collect::<Vec<_>>()
    };
    for one in &plans {
        for other in &plans {
            let Ok(merged) = DnsPlan::merge([one.clone(), other.clone()]) else {
                continue;
            };
            let of_both = [pages(one), pages(other)].concat();
            for page in pages(&merged) {
                assert!(of_both.contains(&page), "{page:?}");
            }
        }
    }
}

/// Where one takes SPF or DKIM, and the other wants both.
#[test]
fn it_is_complete_when_each_of_them_is() {
    let plans = [own_server(), built_in("sendgrid"), mailgun()];
    let merged = DnsPlan::merge(plans.clone()).expect("one plan");
    let own = follow(&diff(&plans[0], "").to_zone_text(), Zone::new());
    assert!(diff_over(&plans[0], &own).is_complete());
    assert!(!diff_over(&merged, &own).is_complete());
    let dmarc = merged.records().last().expect("records");
    assert_eq!(dmarc.purpose, Purpose::Dmarc);
}

proptest! {
    /// In whatever order, and with a plan twice: the same records, once.
    #[test]
    fn order_and_repetition_change_nothing(order in proptest::collection::vec(0_usize..3, 1..6)) {
        let plans = [own_server(), mailgun(), built_in("amazon-ses")];
        let merged = DnsPlan::merge(order.iter().map(|place| plans[*place].clone())).expect("one plan");
        let mut distinct = order.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let once = DnsPlan::merge(distinct.iter().map(|place| plans[*place].clone())).expect("one plan");
        let sorted = |plan: &DnsPlan| {
            let mut lines: Vec<String> = plan.records().iter().map(|record| record.data.to_string()).collect();
            lines.extend(plan.spf().iter().map(|term| term.text.clone()));
            lines.sort();
            lines
        };
        prop_assert_eq!(sorted(&merged), sorted(&once));
    }
}
