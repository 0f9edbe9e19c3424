//! What is planned before anything is registered.

use std::collections::BTreeMap;
use std::time::SystemTime;

use letterhead_identity::dns_plan::{PlanError, PlanNotice};
use letterhead_identity::profile::{Necessity, ProfileError};
use letterhead_identity::{DnsPlan, NewIdentity, Profile, Subject};

use super::{BY_LOCATION, DOMAIN, MAIL_FROM, custom, diff, new, plan};

fn zuora() -> Profile {
    Profile::built_in("zuora-advanced").expect("built in")
}

const FOUR: [&str; 4] = [
    "production",
    "api-sandbox",
    "developer-sandbox",
    "central-sandbox",
];

fn aliases(plan: &DnsPlan) -> Vec<String> {
    let text = plan.to_string();
    let lines = text.lines().filter(|line| line.contains(" IN CNAME "));
    lines
        .map(|line| line.split(" 3600").next().unwrap_or_default().to_owned())
        .collect()
}

/// Z0-18, Z0-20 to Z0-24.
#[test]
fn four_environments_take_six_cnames_in_the_domain() {
    for environments in [&FOUR[..], &[], &["central-sandbox", "api-sandbox"]] {
        let plan = plan(&zuora(), environments, None, &[]).expect("a plan");
        assert_eq!(plan.environments().len(), 4);
        let aliases = aliases(&plan);
        assert_eq!(aliases.len(), 6, "{aliases:?}");
        for group in ["production", "developer-sandbox"] {
            for number in 1..=3 {
                let name = format!("; {{dkim-token-{number} of {group}}}._domainkey.{DOMAIN}.");
                assert!(aliases.contains(&name), "{name}: {aliases:?}");
            }
        }
    }
}

/// Z0-18, Z0-19, Z0-22, Z1-28.
#[test]
fn environments_of_one_group_share_three_cnames() {
    for environments in [
        &["production"][..],
        &["api-sandbox"],
        &["api-sandbox", "production"],
    ] {
        let plan = plan(
            &zuora(),
            environments,
            None,
            &[("dkim-token", &["a", "b", "c"])],
        )
        .expect("a plan");
        let names: Vec<&str> = plan
            .environments()
            .iter()
            .map(|name| name.as_str())
            .collect();
        assert_eq!(names, ["production", "api-sandbox"]);
        assert_eq!(
            aliases(&plan),
            ["a", "b", "c"].map(|token| format!("{token}._domainkey.{DOMAIN}."))
        );
    }
}

/// Z0-21 to Z0-23.
#[test]
fn what_each_group_has_for_itself_is_said_for_each() {
    let six = plan(
        &zuora(),
        &[],
        None,
        &[
            ("dkim-token@api-sandbox", &["a", "b", "c"]),
            ("dkim-token@central-sandbox", &["d", "e", "f"]),
            ("dkim-zone", &["dkim.eu.example"]),
        ],
    )
    .expect("a plan");
    assert_eq!(six.to_string().matches(".dkim.eu.example.\n").count(), 6);
    assert_eq!(
        six.records()
            .iter()
            .flat_map(|record| record.data.missing())
            .count(),
        0
    );
    let error = plan(&zuora(), &[], None, &[("dkim-token", &["a", "b", "c"])]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "dkim-token is issued for each group of environments; say for which one it is: production, developer-sandbox"
    );
    let elsewhere = plan(
        &zuora(),
        &["production"],
        None,
        &[("dkim-token@central-sandbox", &["a", "b", "c"])],
    );
    assert!(matches!(elsewhere, Err(PlanError::NotPlannedFor { .. })));
    let twice = plan(
        &zuora(),
        &[],
        None,
        &[
            ("dkim-token@production", &["a", "b", "c"]),
            ("dkim-token@api-sandbox", &["d", "e", "f"]),
        ],
    );
    assert!(matches!(twice, Err(PlanError::TwoValues { .. })));
    let shared = plan(
        &zuora(),
        &[],
        None,
        &[
            ("dkim-token@production", &["a", "b", "c"]),
            ("dkim-token@developer", &["d", "e", "a"]),
        ],
    );
    assert_eq!(
        shared.unwrap_err().to_string(),
        "the value a of dkim-token is given twice, and all of them must differ"
    );
}

/// ZD-39: nothing is planned for a domain that nobody may send as.
#[test]
fn a_domain_that_is_denied_has_no_plan() {
    let connector = Profile::built_in("zendesk-connector").expect("a profile");
    let subject: Subject = "help@acme.zendesk.com".parse().expect("an address");
    let new = NewIdentity::new(
        "acme".parse().expect("a name"),
        connector.id().clone(),
        subject,
    );
    let plan = DnsPlan::preview(
        &connector,
        &new,
        &[],
        &BTreeMap::new(),
        SystemTime::UNIX_EPOCH,
    );
    assert_eq!(
        plan.unwrap_err().to_string(),
        "help@acme.zendesk.com cannot be registered: nobody may send as addresses of zendesk.com here"
    );
}

/// Z1-27, Z1-28: support sends three, and not another number.
#[test]
fn names_that_the_profile_does_not_have_and_wrong_counts_are_refused() {
    let error = |environments: &[&str], values: &[(&str, &[&str])]| {
        plan(&zuora(), environments, None, values)
            .unwrap_err()
            .to_string()
    };
    assert!(error(&["staging"], &[]).starts_with("there is no environment staging; known are: "));
    assert!(error(&[], &[("token", &["a"])]).contains("knows no value named token"));
    assert!(error(&[], &[("dkim-token@staging", &["a"])]).contains("no environment staging"));
    assert_eq!(
        error(&["production"], &[("dkim-token", &["a", "b"])]),
        "2 values of dkim-token were given, and there must be 3"
    );
}

/// Z2-05: what rests on a provider has its SPF term; an address needs it too.
#[test]
fn an_address_needs_the_term_and_no_keys() {
    let profile = zuora();
    let address = new(&profile, "contact@yourcompany.example");
    let plan = DnsPlan::preview(
        &profile,
        &address,
        &[],
        &BTreeMap::new(),
        SystemTime::UNIX_EPOCH,
    )
    .expect("a plan");
    assert_eq!(plan.spf()[0].text, "include:amazonses.com");
    assert_eq!(aliases(&plan), [""; 0]);
}

/// OC-40 to OC-44: the terms of a location; all of them, and a notice, where nobody says which it is.
#[test]
fn a_region_without_a_location_gets_every_term_and_is_reported() {
    let rules = custom(&format!("{MAIL_FROM}{BY_LOCATION}"));
    for (region, terms, notice) in [
        (Some("eu-west-1"), &["include:eu.bounces.example"][..], None),
        (Some("US-EAST-1"), &["include:bounces.example"], None),
        (
            Some("dxb"),
            &["include:bounces.example", "include:eu.bounces.example"],
            Some("nobody says which SPF term the hosts of me-south-1 are under"),
        ),
        (
            Some("xx-new-9"),
            &["include:bounces.example", "include:eu.bounces.example"],
            Some("nobody says which SPF term the hosts of xx-new-9 are under"),
        ),
        (
            None,
            &["include:bounces.example", "include:eu.bounces.example"],
            Some("no region is named"),
        ),
    ] {
        let plan = plan(&rules, &[], region, &[]).expect("a plan");
        let texts: Vec<&str> = plan.spf().iter().map(|term| term.text.as_str()).collect();
        assert_eq!(texts, terms, "{region:?}");
        let notices: Vec<String> = plan.notices().iter().map(PlanNotice::to_string).collect();
        assert_eq!(notices.len(), usize::from(notice.is_some()));
        if let Some(start) = notice {
            assert!(notices[0].starts_with(start), "{notices:?}");
            let text = diff(&plan, "").to_zone_text();
            assert!(text.starts_with(&format!("; {start}")), "{text}");
        }
    }
}

#[test]
fn the_region_stands_in_records_and_is_asked_for() {
    let rules = custom(MAIL_FROM);
    let at = |region, name: &str| plan(&rules, &[], region, &[("mail-from-domain", &[name])]);
    let bounce = "bounce.yourcompany.example";
    let known = at(Some("dxb"), bounce).expect("a plan");
    assert_eq!(
        known.records()[0].data.to_string(),
        "bounce.yourcompany.example. 3600 IN MX 10 feedback.me-south-1.bounces.example."
    );
    let open = at(None, bounce).expect("a plan");
    assert_eq!(open.records()[0].data.missing(), ["region"]);
    assert!(open.records()[1].data.missing().is_empty());
    assert_eq!(
        plan(&rules, &[], None, &[])
            .expect("a plan")
            .records()
            .len(),
        0
    );
    let nowhere = "[[record]]\npurpose = \"mail-from\"\nkind = \"MX\"\nowner = \"b.{domain}\"\nvalue = \"10 {region}.example.\"\nnecessity = \"required\"\nsource = \"page\"\n";
    let text = format!(
        "schema = 1\nid = \"x\"\ntitle = \"X\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n{nowhere}"
    );
    assert!(matches!(
        Profile::from_toml(&text, |_| None),
        Err(ProfileError::NotDefined { name, .. }) if name == "region"
    ));
}

#[test]
fn a_return_path_is_below_the_domain() {
    let rules = custom(MAIL_FROM);
    let at = |rules: &Profile, name: &str| {
        plan(
            rules,
            &[],
            Some("eu-west-1"),
            &[("mail-from-domain", &[name])],
        )
    };
    for (name, sentence) in [
        (
            "yourcompany.example",
            "mail-from-domain is yourcompany.example, and it must be a subdomain of its own, below yourcompany.example",
        ),
        (
            "notyourcompany.example",
            "mail-from-domain is notyourcompany.example, and it must be a subdomain of yourcompany.example",
        ),
        ("a..b", "\"a..b\" is not a domain name"),
    ] {
        assert_eq!(at(&rules, name).unwrap_err().to_string(), sentence);
    }
    let at_or_below = custom(&MAIL_FROM.replace(
        "custom = \"mail-from-domain\"",
        "custom = \"mail-from-domain\"\ncustom_domain = \"at-or-below\"",
    ));
    assert!(at(&at_or_below, DOMAIN).is_ok());
    assert!(at(&at_or_below, "example").is_err());
}

/// Two identities whose records exclude each other are told, and not planned.
#[test]
fn records_of_one_name_that_exclude_each_other_are_no_plan() {
    let rules = custom(MAIL_FROM);
    let in_region = |region: &str| {
        let mut new =
            new(&rules, DOMAIN).value("mail-from-domain", vec!["b.yourcompany.example".to_owned()]);
        new.region = Some(region.parse().expect("a region"));
        new.to_identity(&rules, SystemTime::UNIX_EPOCH)
            .expect("an identity")
    };
    let both = [in_region("eu-west-1"), in_region("us-east-1")];
    let error = DnsPlan::new(&rules, &both).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("cannot both be published; give each a name of its own"),
        "{error}"
    );
    assert!(DnsPlan::new(&rules, &both[..1]).is_ok());
    let own = Profile::built_in("own-server").expect("built in");
    let keys = [
        ("selector", &["a", "a"][..]),
        ("key-record", &["v=DKIM1; p=", "v=DKIM1; p=AAAA"]),
    ];
    assert!(matches!(
        plan(&own, &[], None, &keys),
        Err(PlanError::Clash { .. })
    ));
}

/// ZD-59: published before it is turned on, and not to be done without afterwards.
#[test]
fn records_of_a_switch_are_required_once_it_is_on() {
    let rules = custom(
        "[[switch]]\nname = \"signatures\"\nsource = \"page\"\n[[record]]\npurpose = \"dkim\"\nkind = \"CNAME\"\nowner = \"k1._domainkey.{domain}\"\nvalue = \"k1.x.example.\"\nswitch = \"signatures\"\nnecessity = \"advised\"\nsource = \"page\"\n",
    );
    let mut identity = new(&rules, DOMAIN)
        .to_identity(&rules, SystemTime::UNIX_EPOCH)
        .expect("an identity");
    let before = DnsPlan::new(&rules, std::slice::from_ref(&identity)).expect("a plan");
    assert_eq!(before.records()[0].necessity, Necessity::Advised);
    assert!(before.is_all_advice() && diff(&before, "").is_complete());
    let off = identity.clone();
    identity
        .switches
        .insert("signatures".parse().expect("a word"));
    for both in [[off.clone(), identity.clone()], [identity, off]] {
        let after = DnsPlan::new(&rules, &both).expect("a plan");
        assert_eq!(after.records().len(), 1);
        assert_eq!(after.records()[0].necessity, Necessity::Required);
        assert!(!diff(&after, "").is_complete());
    }
}
