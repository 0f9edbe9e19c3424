//! Zuora's four ways to send.

use letterhead_dns::{Zone, block_on_ready};
use letterhead_identity::dns_plan::SpfChange;
use letterhead_identity::profile::{
    AllowList, Amount, CarriedBy, Necessity, Purpose, QuotaUnit, Substitute, UsernameRule,
    ValueIssuer, Window,
};
use letterhead_identity::value::ValueError;
use letterhead_identity::{CreateError, NotAuthorized, Profile, RuleViolation, SendAs, Subject};

use crate::{Desk, START, VENDORS, count, new, plan, profile, ready, rule, terms};

const DOMAIN: &str = "yourcompany.example";

/// Z0-01, Z1-01, Z1-05, Z1-06, Z2-03: which part of the product sends which way.
#[test]
fn workflow_sends_over_amazon_or_an_external_server_and_notifications_by_the_other_three() {
    for (name, notification, workflow) in [
        ("zuora-default", true, false),
        ("zuora-external", true, true),
        ("zuora-advanced", true, false),
        ("zuora-workflow", false, true),
    ] {
        let profile = profile(name);
        let may = |feature: &str| profile.check_feature(&feature.parse().unwrap()).is_ok();
        assert_eq!(
            (may("notification"), may("workflow")),
            (notification, workflow),
            "{name}"
        );
        assert_eq!(profile.channel().unwrap().product, "zuora", "{name}");
    }
}

/// Z0-02, Z0-03, Z0-04: the default server sends as the address of the tenant profile, which nobody has to prove.
#[test]
fn the_default_server_sends_as_the_address_of_the_tenant_profile() {
    let desk = Desk::new("zuora-default");
    let identity = desk.add("billing@yourcompany.example", "").unwrap();
    assert_eq!(identity.kind.as_str(), "tenant-email");
    assert!(identity.verification.is_verified());
    assert!(
        desk.authorize("billing@yourcompany.example", "notification")
            .is_ok()
    );
    assert!(matches!(
        desk.authorize("other@yourcompany.example", "notification"),
        Err(NotAuthorized::NoIdentity { .. })
    ));
    assert!(matches!(
        desk.authorize("billing@yourcompany.example", "workflow"),
        Err(NotAuthorized::Feature(_))
    ));
    let (tenant, from) = (
        "acme".parse().unwrap(),
        "nobody@yourcompany.example".parse().unwrap(),
    );
    let name = "zuora-default".parse().unwrap();
    let request = SendAs::new(&tenant, &from, &name);
    let sender = ready(desk.registry.default_sender(&request, START))
        .unwrap()
        .unwrap();
    assert_eq!(sender.to_string(), "billing@yourcompany.example");
    assert!(matches!(
        rule(desk.add("second@yourcompany.example", "")),
        RuleViolation::Maximum { count: 1, .. }
    ));
}

/// Z0-04: what is no address cannot be the one that mail is from, and without one there is none.
#[test]
fn the_tenant_profile_needs_a_valid_address() {
    for text in [
        "",
        "billing",
        "billing@",
        "@yourcompany.example",
        "a b@yourcompany.example",
    ] {
        let subject = text.parse::<Subject>();
        assert!(
            !matches!(subject, Ok(Subject::Address(_))),
            "{text}: {subject:?}"
        );
    }
    let desk = Desk::new("zuora-default");
    assert!(matches!(
        desk.add(DOMAIN, ""),
        Err(CreateError::NoKind { .. })
    ));
    let (tenant, from) = (
        "acme".parse().unwrap(),
        "nobody@yourcompany.example".parse().unwrap(),
    );
    let name = "zuora-default".parse().unwrap();
    let request = SendAs::new(&tenant, &from, &name);
    assert_eq!(
        ready(desk.registry.default_sender(&request, START)).unwrap(),
        None
    );
}

/// Z1-20, Z1-21, Z1-22, Z2-05, Z2-07, Z2-09: the term of the default server is its host, merged into what there is.
#[test]
fn the_default_server_is_authorised_by_its_host() {
    let profile = profile("zuora-default");
    let plan = plan(
        &profile,
        &[new("zuora-default", "billing@yourcompany.example")],
    );
    assert_eq!(terms(&plan), ["a:zgateway.zuora.com"]);
    assert_eq!(plan.spf()[0].necessity, Necessity::Required);
    for (current, merged) in [
        ("v=spf1 mx -all", "v=spf1 mx a:zgateway.zuora.com -all"),
        (
            "v=spf1 include:_spf.other.example ~all",
            "v=spf1 include:_spf.other.example a:zgateway.zuora.com ~all",
        ),
    ] {
        let zone = zone_with(current);
        let diff = block_on_ready(plan.diff(&zone)).unwrap();
        let SpfChange::Replace { merged: found, .. } = diff.spf() else {
            panic!("{current}: {:?}", diff.spf());
        };
        assert_eq!(found, merged);
    }
    let zone = zone_with("v=spf1 mx a:zgateway.zuora.com -all");
    let diff = block_on_ready(plan.diff(&zone)).unwrap();
    assert!(matches!(diff.spf(), SpfChange::Present { .. }));
}

/// Z0-25, Z0-26, Z0-27, Z1-12, Z1-26: Amazon's term, in the example of the page.
#[test]
fn advanced_and_workflow_are_authorised_by_amazons_term() {
    for name in ["zuora-advanced", "zuora-workflow"] {
        let profile = profile(name);
        let mut new = new(name, DOMAIN);
        if profile.environments().is_some() {
            new = new.environment("production".parse().unwrap());
        }
        let plan = plan(&profile, &[new]);
        assert_eq!(terms(&plan), ["include:amazonses.com"], "{name}");
        assert_eq!(plan.spf()[0].necessity, Necessity::Required, "{name}");
        let diff = block_on_ready(plan.diff(&zone_with("v=spf1 mx ~all"))).unwrap();
        let SpfChange::Replace { merged, .. } = diff.spf() else {
            panic!("{:?}", diff.spf());
        };
        assert_eq!(merged, "v=spf1 mx include:amazonses.com ~all");
    }
}

/// Z0-12, Z0-15, Z1-07, Z1-08, Z1-24: mail leaves from the operator's account at Amazon, and a tenant has nothing there.
#[test]
fn tenants_have_no_server_of_amazons_to_sign_in_to() {
    for name in ["zuora-advanced", "zuora-workflow"] {
        let profile = profile(name);
        assert_eq!(profile.upstream().unwrap().as_str(), "amazon-ses");
        assert_eq!(profile.channel().unwrap().carried_by, CarriedBy::Provider);
        assert!(profile.endpoints().is_empty() && profile.refusals().is_empty());
        let names: Vec<&str> = profile
            .values()
            .iter()
            .map(|rule| rule.name.as_str())
            .collect();
        assert_eq!(names, ["dkim-zone", "dkim-token"]);
    }
}

/// Z0-18 to Z0-24: four environments, two groups, six CNAME records at the domain.
#[test]
fn four_environments_take_six_cname_records() {
    let profile = profile("zuora-advanced");
    let identity = |environment: &str, tokens: [&str; 3]| {
        new("zuora-advanced", DOMAIN)
            .environment(environment.parse().unwrap())
            .value("dkim-token", tokens.map(str::to_owned).to_vec())
    };
    let (first, second) = (["a1", "a2", "a3"], ["b1", "b2", "b3"]);
    for (environments, expected) in [
        (&[("production", first)][..], 3),
        (&[("production", first), ("api-sandbox", first)], 3),
        (
            &[("developer-sandbox", second), ("central-sandbox", second)],
            3,
        ),
        (
            &[
                ("api-sandbox", first),
                ("developer-sandbox", second),
                ("central-sandbox", second),
                ("production", first),
            ],
            6,
        ),
    ] {
        let several: Vec<_> = environments
            .iter()
            .map(|(environment, tokens)| identity(environment, *tokens))
            .collect();
        let plan = plan(&profile, &several);
        assert_eq!(count(&plan, "IN CNAME"), expected, "{environments:?}");
        assert_eq!(count(&plan, "._domainkey.yourcompany.example."), expected);
    }
}

/// Z0-31, Z0-32, Z0-33: one domain, three addresses, and not both of one domain.
#[test]
fn a_tenant_has_one_domain_and_three_addresses() {
    let desk = Desk::new("zuora-advanced");
    desk.add(DOMAIN, "production").unwrap();
    assert!(matches!(
        rule(desk.add("other.example", "production")),
        RuleViolation::Maximum { count: 1, .. }
    ));
    assert!(matches!(
        rule(desk.add("contact@yourcompany.example", "production")),
        RuleViolation::Exclusive { .. }
    ));
    for local in ["a", "b", "c"] {
        desk.add(&format!("{local}@other.example"), "production")
            .unwrap();
    }
    assert!(matches!(
        rule(desk.add("d@other.example", "production")),
        RuleViolation::Maximum { count: 3, .. }
    ));
}

/// Z0-14, Z0-34 to Z0-40, Z1-09: who may send once it is verified, and which signatures the mail carries.
#[test]
fn coverage_and_signatures_follow_the_verified_identity() {
    let desk = Desk::new("zuora-advanced");
    let domain = desk.add(DOMAIN, "production").unwrap();
    let address = desk.add("contact@other.example", "production").unwrap();
    assert_eq!(
        profile("zuora-advanced")
            .channel()
            .unwrap()
            .while_unverified,
        Substitute::Refused
    );
    assert!(matches!(
        desk.authorize_in("employee@yourcompany.example", "", "production", ""),
        Err(NotAuthorized::NotVerified { .. })
    ));
    desk.prove(&domain);
    desk.prove(&address);
    for (from, signed_by) in [
        (
            "contact@yourcompany.example",
            &["amazonses.com", DOMAIN][..],
        ),
        ("noreply@en.yourcompany.example", &["amazonses.com", DOMAIN]),
        ("contact@other.example", &["amazonses.com"]),
        ("employee@other.example", &[]),
        ("x@notyourcompany.example", &[]),
    ] {
        let domains: Vec<String> = match desk.authorize_in(from, "notification", "production", "") {
            Ok(authorization) => authorization
                .signatures()
                .iter()
                .map(|signature| signature.domain.to_string())
                .collect(),
            Err(_) => Vec::new(),
        };
        assert_eq!(domains, signed_by, "{from}");
    }
}

/// Z0-17: what goes through the raw interface is smaller than what goes over SMTP.
#[test]
fn advanced_takes_what_the_raw_interface_takes() {
    let profile = profile("zuora-advanced");
    assert!(profile.check_message(50, 10_485_760).is_ok());
    assert!(profile.check_message(51, 1).is_err());
    assert!(profile.check_message(1, 10_485_761).is_err());
}

/// Z1-24, Z1-25: the default sender of Workflow is Zuora's own, for everybody and for nobody to change.
#[test]
fn workflow_sends_as_an_address_of_zuoras_by_default() {
    let desk = Desk::new("zuora-workflow");
    let authorization = desk.authorize("workflow@zuora.com", "workflow").unwrap();
    assert!(authorization.identity().verification.is_verified());
    let taken = new("zuora-workflow", "workflow@zuora.com").kind("zuora-address".parse().unwrap());
    assert!(matches!(
        rule(desk.create(&taken)),
        RuleViolation::ProviderOwned { .. }
    ));
    let (tenant, from) = (
        "acme".parse().unwrap(),
        "x@yourcompany.example".parse().unwrap(),
    );
    let name = "zuora-workflow".parse().unwrap();
    let request = SendAs::new(&tenant, &from, &name);
    let sender = ready(desk.registry.default_sender(&request, START))
        .unwrap()
        .unwrap();
    assert_eq!(sender.to_string(), "workflow@zuora.com");
}

/// Z1-27 to Z1-30: three records by a request to support, exactly, and 72 hours.
#[test]
fn workflow_awaits_exactly_three_records_from_support() {
    let profile = profile("zuora-workflow");
    let rule = profile
        .values()
        .iter()
        .find(|rule| rule.name == "dkim-token")
        .unwrap();
    assert_eq!(rule.issued_by, Some(ValueIssuer::SupportRequest));
    assert_eq!(rule.count, Some(3));
    let awaited = plan(&profile, &[new("zuora-workflow", DOMAIN)]);
    assert_eq!(count(&awaited, "IN CNAME {dkim-token-"), 3);
    for tokens in [&["a", "b"][..], &["a", "b", "c", "d"]] {
        let tokens = tokens
            .iter()
            .map(|token| (*token).to_owned())
            .collect::<Vec<_>>();
        let given = new("zuora-workflow", DOMAIN).value("dkim-token", tokens.clone());
        let refused = given.to_identity(&profile, START);
        assert!(
            matches!(
                refused,
                Err(CreateError::Value(ValueError::WrongCount { expected: 3, given, .. }))
                    if given == tokens.len()
            ),
            "{tokens:?}"
        );
    }
    let domain = profile.identity(&"domain".parse().unwrap()).unwrap();
    assert_eq!(domain.deadline_hours, Some(72));
}

/// Z0-05, Z0-06, Z0-08, Z1-14, Z1-15, Z1-16, Z1-31, Z2-10: an external server is any vendor's, whose rules hold then.
#[test]
fn an_external_server_is_any_vendors() {
    let external = profile("zuora-external");
    assert_eq!(external.channel().unwrap().carried_by, CarriedBy::Vendor);
    for vendor in VENDORS {
        let vendor = profile(vendor);
        let joined = external.over_vendor(&vendor).unwrap();
        assert_eq!(
            joined.id().as_str(),
            format!("zuora-external-{}", vendor.id())
        );
        assert_eq!(joined.records(), vendor.records());
        assert_eq!(joined.spf(), vendor.spf());
        assert_eq!(joined.signatures(), vendor.signatures());
        assert_eq!(joined.identities(), vendor.identities());
        assert_eq!(joined.endpoints(), vendor.endpoints());
        assert_eq!(joined.quotas(), vendor.quotas());
        assert!(joined.check_feature(&"workflow".parse().unwrap()).is_ok());
    }
    let over = external.over_vendor(&profile("sendgrid")).unwrap();
    let names: Vec<_> = over
        .credentials()
        .iter()
        .map(|rule| &rule.username)
        .collect();
    assert_eq!(names[0], &UsernameRule::Literal, "apikey");
    assert_eq!(over.relay().unwrap().ip_allow_list, AllowList::None);
    for vendor in ["zuora-external", "zendesk-connector"] {
        assert!(external.over_vendor(&profile(vendor)).is_err());
    }
    assert!(
        profile("zuora-default")
            .over_vendor(&profile("sendgrid"))
            .is_err()
    );
}

/// Z0-09, Z0-10, Z0-11: the limits that bulk events run into at Google and Microsoft, each with source and date.
#[test]
fn limits_of_mailbox_services_are_known_with_their_source() {
    for name in ["google-workspace", "microsoft-365"] {
        let profile = profile(name);
        let limited = profile
            .quotas()
            .iter()
            .filter(|quota| quota.window != Window::Message);
        assert!(limited.clone().count() >= 2, "{name}");
        for quota in limited {
            assert!(profile.source(&quota.source).is_some());
        }
    }
}

/// Z0-24, Z0-39: keys stand under the identity's domain, and a DMARC record is advised everywhere.
#[test]
fn dmarc_is_advised_wherever_mail_is_sent() {
    for name in Profile::built_in_names() {
        let profile = profile(name);
        let dmarc = profile
            .records()
            .iter()
            .find(|record| record.purpose == Purpose::Dmarc);
        assert_eq!(dmarc.unwrap().necessity, Necessity::Advised, "{name}");
    }
}

fn zone_with(spf: &str) -> Zone {
    format!("{DOMAIN}. IN TXT \"{spf}\"").parse().unwrap()
}

/// Z0-17: how large a message may be is said to be unknown, and not left out as if there were no limit.
#[test]
fn workflow_says_that_the_size_of_a_message_is_not_known() {
    let profile = profile("zuora-workflow");
    let size = profile
        .quotas()
        .iter()
        .find(|quota| (quota.unit, quota.window) == (QuotaUnit::Octets, Window::Message));
    assert_eq!(size.unwrap().maximum, Amount::Unknown);
}
