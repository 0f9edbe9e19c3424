//! What is told of records that are published beside those wanted.

use std::collections::BTreeMap;
use std::time::SystemTime;

use letterhead_dns::Zone;
use letterhead_identity::dns_plan::{DnsDiff, SpfChange, Status};
use letterhead_identity::profile::Purpose;
use letterhead_identity::{DnsPlan, Profile};

use super::{DOMAIN, MAIL_FROM, custom, diff, diff_over, follow, new, plan};

fn return_path() -> DnsPlan {
    let name: (&str, &[&str]) = ("mail-from-domain", &["b.yourcompany.example"]);
    plan(&custom(MAIL_FROM), &[], Some("eu-west-1"), &[name]).expect("a plan")
}

fn statuses(diff: &DnsDiff) -> Vec<String> {
    diff.rows()
        .iter()
        .map(|row| row.status.to_string())
        .collect()
}

const MX: &str = "b.yourcompany.example. IN MX 10 feedback.eu-west-1.bounces.example.\n";
const SPF: &str = "b.yourcompany.example. IN TXT \"v=spf1 include:spf.bounces.example ~all\"\n";

/// Exactly one mail server and one SPF record at a return path.
#[test]
fn a_return_path_has_one_mail_server_and_one_spf_record() {
    let plan = return_path();
    let one = |text: &str| format!("b.yourcompany.example. IN {text}\n");
    for (zone, mx, txt) in [
        (format!("{MX}{SPF}"), "present", "present"),
        (
            format!("{MX}{SPF}{}", one("TXT other")),
            "present",
            "present",
        ),
        (
            format!("{MX}{SPF}{}", one("MX 20 other.example.")),
            "conflicting",
            "present",
        ),
        (
            format!("{SPF}{}", one("MX 20 other.example.")),
            "wrong",
            "present",
        ),
        (
            format!("{MX}{SPF}{}", one("TXT \"v=spf1 -all\"")),
            "present",
            "conflicting",
        ),
        (
            format!("{MX}{}", one("TXT \"v=spf1 mx -all\"")),
            "present",
            "wrong",
        ),
        (
            format!(
                "{MX}{}",
                one("TXT \"v=spf1 mx include:SPF.bounces.example -all\"")
            ),
            "present",
            "present",
        ),
        (
            format!("{MX}{}", one("TXT \"v=spf1 ip4:1 -all\"")),
            "present",
            "wrong",
        ),
        (one("CNAME gone.example."), "conflicting", "conflicting"),
        (String::new(), "missing", "missing"),
    ] {
        let found = diff(&plan, &zone);
        assert_eq!(statuses(&found), [mx, txt], "{zone}");
        assert_eq!(found.is_complete(), (mx, txt) == ("present", "present"));
        let after = follow(&found.to_zone_text(), zone.parse().expect("a zone"));
        let then = diff_over(&plan, &after);
        let is_for_its_owner = found.rows().iter().any(|row| row.problem.is_some());
        assert_eq!(
            then.is_complete(),
            !is_for_its_owner,
            "{zone}\n{}",
            found.to_zone_text()
        );
    }
    let found = diff(&plan, &format!("{MX}{}", one("TXT \"v=spf1 mx -all\"")));
    assert!(
        found
            .to_zone_text()
            .contains("TXT \"v=spf1 mx include:spf.bounces.example -all\""),
        "what was there is kept"
    );
}

/// Whoever gets the domain's own mail goes on getting it.
#[test]
fn mail_servers_of_the_domain_are_never_to_be_replaced() {
    let rules = custom(
        "[[record]]\npurpose = \"mail-from\"\nkind = \"MX\"\nowner = \"{domain}\"\nvalue = \"10 mxa.x.example.\"\nnecessity = \"advised\"\nsource = \"page\"\n[[record]]\npurpose = \"mail-from\"\nkind = \"MX\"\nowner = \"{domain}\"\nvalue = \"10 mxb.x.example.\"\nnecessity = \"advised\"\nsource = \"page\"\n",
    );
    let plan = plan(&rules, &[], None, &[]).expect("two servers of one identity go together");
    assert_eq!(
        plan.to_string()
            .matches("\n; unless there is one: ")
            .count(),
        2
    );
    let own = "yourcompany.example. IN MX 5 mail.yourcompany.example.\n";
    let found = diff(&plan, own);
    assert_eq!(statuses(&found), ["conflicting", "conflicting"]);
    let text = found.to_zone_text();
    assert!(text.lines().all(|line| line.starts_with(';')), "{text}");
    assert!(!text.contains("REPLACE"), "{text}");
    let both = "yourcompany.example. IN MX 10 mxa.x.example.\nyourcompany.example. IN MX 10 mxb.x.example.\n";
    assert_eq!(statuses(&diff(&plan, both)), ["present", "present"]);
    assert_eq!(
        statuses(&diff(&plan, &format!("{own}{both}"))),
        ["present", "present"]
    );
    assert_eq!(statuses(&diff(&plan, "")), ["missing", "missing"]);
}

#[test]
fn several_keys_at_one_selector_are_told() {
    let own = Profile::built_in("own-server").expect("built in");
    let values: [(&str, &[&str]); 2] = [("selector", &["a"]), ("key-record", &["v=DKIM1; p=AAAA"])];
    let plan = plan(&own, &[], None, &values).expect("a plan");
    let zone = "a._domainkey.yourcompany.example. IN TXT \"v=DKIM1; p=AAAA\"\na._domainkey.yourcompany.example. IN TXT \"v=DKIM1; p=BBBB\"\n";
    let found = diff(&plan, zone);
    assert!(matches!(&found.rows()[0].status, Status::Conflicting(others) if others.len() == 1));
    let after = follow(&found.to_zone_text(), zone.parse().expect("a zone"));
    assert_eq!(statuses(&diff_over(&plan, &after))[0], "present");
}

/// It was asked for once; a proof beside the one wanted: both are told, and neither is in the way.
#[test]
fn what_is_not_needed_is_superfluous_and_in_nobodys_way() {
    let rules = custom(
        "[[value]]\nname = \"token\"\nissued_by = \"provider\"\ncount = 1\nsource = \"page\"\n[[record]]\npurpose = \"ownership\"\nkind = \"TXT\"\nowner = \"{domain}\"\nvalue = \"x-verification={token}\"\nnecessity = \"required\"\nsource = \"page\"\n[[obsolete]]\nterm = \"include:spf.old.example\"\nnote = \"the return path is checked now\"\nsource = \"page\"\n",
    );
    let plan = plan(&rules, &[], None, &[("token", &["one"])]).expect("a plan");
    let text = |text: &str| format!("yourcompany.example. IN TXT \"{text}\"\n");
    let zone = [
        "x-verification=one",
        "x-verification=two",
        "y-verification=three",
        "v=spf1 mx ?include:SPF.old.example ~all",
    ]
    .map(text)
    .concat();
    let found = diff(&plan, &zone);
    let told: Vec<(Purpose, &str)> = found
        .superfluous()
        .iter()
        .map(|extra| (extra.purpose, extra.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Purpose::Ownership, "x-verification=two"),
            (Purpose::Spf, "?include:SPF.old.example"),
        ]
    );
    assert!(found.is_complete());
    assert!(matches!(found.spf(), SpfChange::NotNeeded));
    assert_eq!(
        found.to_zone_text(),
        "; ownership, superfluous: another proof of the same form; remove it once nobody is verified by it\n\
         ; is now yourcompany.example. TXT \"x-verification=two\"\n\
         ; SPF, superfluous: the return path is checked now\n\
         ; is now yourcompany.example. TXT \"?include:SPF.old.example\"\n"
    );
    assert!(found.to_string().contains(
        "\nsuperfluous          ownership yourcompany.example. TXT x-verification=two\n"
    ));
    assert!(diff(&plan, "").superfluous().is_empty());
    assert!(
        diff(&plan, ";fault yourcompany.example TXT servfail")
            .superfluous()
            .is_empty()
    );
}

/// Z1-20 to Z1-22, Z2-07 to Z2-09: without its term the record authorises others only; it is merged, and the rest kept.
#[test]
fn a_record_without_the_term_is_merged() {
    let rules = custom(
        "[[spf]]\nterm = \"a:zgateway.zuora.com\"\nnecessity = \"required\"\nsource = \"page\"\n",
    );
    let plan = plan(&rules, &[], None, &[]).expect("a plan");
    assert!(matches!(
        diff(&plan, "yourcompany.example. IN TXT \"v=spf1 mx -all\"").spf(),
        SpfChange::Replace { merged, .. } if merged == "v=spf1 mx a:zgateway.zuora.com -all"
    ));
    let good = diff(
        &plan,
        "yourcompany.example. IN TXT \"v=spf1 mx a:zgateway.zuora.com -all\"",
    );
    assert!(good.is_complete());
}

/// Z0-25 to Z0-27, Z1-12, Z1-26.
#[test]
fn the_record_that_the_page_shows_has_everything() {
    let zuora = Profile::built_in("zuora-advanced").expect("built in");
    let plan = plan(&zuora, &[], None, &[]).expect("a plan");
    let shown = diff(
        &plan,
        "yourcompany.example. IN TXT \"v=spf1 mx include:amazonses.com ~all\"\n",
    );
    assert!(matches!(shown.spf(), SpfChange::Present { .. }));
    let none = diff(&plan, "");
    assert!(
        matches!(none.spf(), SpfChange::New { record } if record == "v=spf1 include:amazonses.com ~all")
    );
    assert!(
        none.to_zone_text()
            .contains("; SPF, required: without it mail may be blocked or sent to spam\n")
    );
}

/// OC-43, OC-44: three terms whose records another keeps are not taken for three that find nothing.
#[test]
fn a_zone_need_not_hold_what_providers_publish() {
    let term = |number: u8| {
        format!(
            "[[spf]]\nterm = \"include:r{number}.provider.example\"\nnecessity = \"required\"\nsource = \"page\"\n"
        )
    };
    let plan = plan(&custom(&[1, 2, 3].map(term).concat()), &[], None, &[]).expect("a plan");
    let own = "yourcompany.example. IN TXT \"v=spf1 mx ~all\"\nyourcompany.example. IN MX 10 a.yourcompany.example.\na.yourcompany.example. IN A 192.0.2.1\na.yourcompany.example. IN AAAA 2001:db8::1\n";
    assert!(matches!(diff(&plan, own).spf(), SpfChange::Replace { .. }));
    let gone = own.replace("v=spf1 mx", "v=spf1 a:x.example a:y.example a:z.example");
    assert!(matches!(
        diff(&plan, &gone).spf(),
        SpfChange::Blocked { .. }
    ));
}

#[test]
fn a_record_that_has_the_term_and_does_not_pass_it_is_not_complete() {
    let profile = Profile::built_in("zuora-default").expect("built in");
    let sender = new(&profile, "billing@yourcompany.example");
    let (none, now) = (BTreeMap::new(), SystemTime::UNIX_EPOCH);
    let plan = DnsPlan::preview(&profile, &sender, &[], &none, now).expect("a plan");
    let good = "v=spf1 a:zgateway.zuora.com -all";
    for (record, merged) in [
        ("v=spf1 ~a:zgateway.zuora.com -all", good),
        ("v=spf1 ?a:zgateway.zuora.com -all", good),
        ("v=spf1 -a:ZGateway.zuora.com. -all", good),
        (
            "v=spf1 -ip4:0.0.0.0/0 -all",
            "v=spf1 a:zgateway.zuora.com -ip4:0.0.0.0/0 -all",
        ),
        (
            "v=spf1 -ip4:0.0.0.0/0 a:zgateway.zuora.com -all",
            "v=spf1 a:zgateway.zuora.com -ip4:0.0.0.0/0 a:zgateway.zuora.com -all",
        ),
    ] {
        let zone: Zone = format!("{DOMAIN}. IN TXT \"{record}\"")
            .parse()
            .expect("a zone");
        let before = diff_over(&plan, &zone);
        assert!(!before.is_complete(), "{record}");
        assert_eq!(before.spf_notices().len(), 1, "{record}");
        assert!(
            matches!(before.spf(), SpfChange::Replace { merged: found, .. } if found == merged),
            "{:?}",
            before.spf()
        );
        let after = diff_over(&plan, &follow(&before.to_zone_text(), zone));
        assert!(after.is_complete(), "{record}");
        assert_eq!(after.spf_notices(), []);
    }
}

#[test]
fn a_record_that_refuses_a_part_of_what_is_wanted_is_blocked() {
    let rules = custom(
        "[[spf]]\nterm = \"ip4:192.0.2.0/24\"\nnecessity = \"required\"\nsource = \"page\"\n",
    );
    let plan = plan(&rules, &[], None, &[]).expect("a plan");
    let found = diff(
        &plan,
        &format!("{DOMAIN}. IN TXT \"v=spf1 -ip4:192.0.2.5 ip4:192.0.2.0/24 -all\""),
    );
    assert!(!found.is_complete());
    assert!(
        matches!(found.spf(), SpfChange::Blocked { problem, .. } if problem == "`-ip4:192.0.2.5` comes before `ip4:192.0.2.0/24` and does not pass it, or not all of it; remove it if all of it may send"),
        "{:?}",
        found.spf()
    );
}

/// An alias leaves no room for anything else, also where it is right already.
#[test]
fn everything_beside_an_alias_is_named_and_gone_when_the_text_is_followed() {
    let rules = Profile::built_in("amazon-ses").expect("a profile");
    let tokens: (&str, &[&str]) = ("dkim-token", &["a", "b", "c"]);
    let plan = plan(&rules, &[], None, &[tokens]).expect("a plan");
    let others = "a._domainkey.yourcompany.example. IN A 192.0.2.1\n\
                  a._domainkey.yourcompany.example. IN MX 10 mx.example.\n\
                  a._domainkey.yourcompany.example. IN TXT other\n";
    let right = "a._domainkey.yourcompany.example. IN CNAME a.dkim.amazonses.com.\n";
    let wrong = "a._domainkey.yourcompany.example. IN CNAME b.example.\n";
    let target = "a.dkim.amazonses.com. IN TXT \"p=\"\n";
    for (zone, count) in [
        (others.to_owned(), 3),
        (format!("{others}{right}{target}"), 3),
        (format!("{others}{wrong}"), 4),
    ] {
        let found = diff(&plan, &zone);
        let Status::Conflicting(named) = &found.rows()[0].status else {
            panic!("{:?}", found.rows()[0].status);
        };
        assert_eq!(named.len(), count, "{zone}");
        assert!(!found.is_complete());
        let after = follow(&found.to_zone_text(), zone.parse().expect("a zone"));
        assert_eq!(statuses(&diff_over(&plan, &after))[0], "present", "{after}");
    }
    assert_eq!(
        statuses(&diff(&plan, &format!("{right}{target}")))[0],
        "present"
    );
}

/// Z1-14: over an external server either of SPF and DKIM will do.
#[test]
fn one_way_of_authentication_is_enough_where_the_profile_says_so() {
    let rules = Profile::built_in("zuora-external").expect("a profile");
    let values: [(&str, &[&str]); 3] = [
        ("relay-host", &["mail.yourcompany.example"]),
        ("selector", &["s1"]),
        ("key-record", &["v=DKIM1; p=AAAA"]),
    ];
    let plan = plan(&rules, &[], None, &values).expect("a plan");
    let spf = "yourcompany.example. IN TXT \"v=spf1 a:mail.yourcompany.example -all\"\n\
               mail.yourcompany.example. IN A 192.0.2.1\n";
    let dkim = "s1._domainkey.yourcompany.example. IN TXT \"v=DKIM1; p=AAAA\"\n";
    assert!(!diff(&plan, "").is_complete());
    assert!(diff(&plan, spf).is_complete());
    assert!(diff(&plan, dkim).is_complete());
    let own = Profile::built_in("own-server").expect("a profile");
    let plan = super::plan(&own, &[], None, &values).expect("a plan");
    assert!(!diff(&plan, spf).is_complete());
    assert!(!diff(&plan, dkim).is_complete());
    assert!(diff(&plan, &format!("{spf}{dkim}")).is_complete());
}

/// The same key in other spacing is the same key.
#[test]
fn a_key_record_is_compared_by_what_it_says() {
    let own = Profile::built_in("own-server").expect("a profile");
    let values: [(&str, &[&str]); 2] = [
        ("selector", &["s1"]),
        (
            "key-record",
            &["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
        ),
    ];
    let plan = plan(&own, &[], None, &values).expect("a plan");
    for (text, status) in [
        (
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "present",
        ),
        (
            "v=DKIM1;k=ed25519;p=11qYAYKxCrfVS/7TyWQHOg7 hcvPapiMlrwIaaPcHURo=",
            "present",
        ),
        (
            "v=DKIM1; k=ed25519; p=12qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "wrong",
        ),
        (
            "v=DKIM1; k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "wrong",
        ),
    ] {
        let zone = format!("s1._domainkey.yourcompany.example. IN TXT \"{text}\"\n");
        assert_eq!(statuses(&diff(&plan, &zone))[0], status, "{text}");
    }
}
