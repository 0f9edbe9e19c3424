//! Zendesk's Authenticated SMTP Connector.

use letterhead_dns::{Zone, block_on_ready};
use letterhead_identity::dns_plan::PlannedData;
use letterhead_identity::profile::{
    Amount, CarriedBy, MadeBy, Necessity, Purpose, Quota, SignatureWhen, Substitute, VerifiedBy,
};
use letterhead_identity::registry::{ChangeError, Covered, SendAs};
use letterhead_identity::verification::Finding;
use letterhead_identity::{Identity, NewIdentity, NotAuthorized, Profile, RuleViolation};

use crate::{Desk, START, VENDORS, new, plan, profile, ready, rule, terms};

const NAME: &str = "zendesk-connector";

/// ZD-01, ZD-05, ZD-16, ZD-28, ZD-29: whose servers send, and what is sent where the connection does not hold.
#[test]
fn mail_goes_through_the_customers_server() {
    let profile = profile(NAME);
    let channel = profile.channel().unwrap();
    assert_eq!(channel.carried_by, CarriedBy::Vendor);
    assert_eq!(channel.while_unverified, Substitute::DefaultSender);
    assert_eq!(channel.while_disabled, Substitute::ProviderServers);
    for vendor in VENDORS {
        let vendor = crate::profile(vendor);
        let joined = profile.over_vendor(&vendor).unwrap();
        assert_eq!(joined.quotas(), vendor.quotas());
        assert_eq!(joined.endpoints(), vendor.endpoints());
        assert_eq!(joined.headers(), vendor.headers());
    }
    assert!(profile.endpoints().is_empty());
    let unlimited = |quota: &Quota| quota.maximum != Amount::Unknown;
    assert!(!profile.quotas().is_empty() && !profile.quotas().iter().any(unlimited));
}

/// ZD-27, ZD-29, ZD-59, ZD-63: the records of both are planned for the address's domain, and the terms of both.
#[test]
fn over_a_vendor_the_records_and_terms_of_both_are_planned() {
    for name in VENDORS {
        let vendor = profile(name);
        let joined = profile(NAME).over_vendor(&vendor).unwrap();
        let alone = plan_of(&vendor, &new(name, "yourcompany.example"));
        let both = plan_of(
            &joined,
            &new(joined.id().as_str(), "help@yourcompany.example"),
        );
        for (record, _) in &alone.0 {
            assert!(
                both.0.iter().any(|(known, _)| known == record),
                "{name}: {record}\n{both:?}"
            );
        }
        assert!(
            alone.0.iter().any(|(_, purpose)| *purpose == Purpose::Dkim),
            "{name}"
        );
        let own = both
            .0
            .iter()
            .filter(|(record, _)| record.contains("zendesk"));
        assert_eq!(own.count(), 2, "{name}");
        let policies = both
            .0
            .iter()
            .filter(|(_, purpose)| *purpose == Purpose::Dmarc);
        assert_eq!(policies.count(), 1, "{name}");
        let mut terms = alone.1;
        terms.push("include:mail.zendesk.com".to_owned());
        assert_eq!(both.1, terms, "{name}");
    }
}

/// ZD-27, ZD-58, ZD-60, ZD-63: the server behind the connector signs, for the address's domain, from its first mail on.
#[test]
fn over_a_vendor_the_vendor_signs_for_the_domain() {
    for (name, made_by) in [
        ("own-server", MadeBy::Sender),
        ("sendgrid", MadeBy::Provider),
        ("google-workspace", MadeBy::Provider),
    ] {
        let desk = Desk::over(NAME, name);
        let from = "help@yourcompany.example";
        desk.prove(&desk.add(from, "production").unwrap());
        let authorization = desk.authorize_in(from, "", "production", "").unwrap();
        let signatures: Vec<_> = authorization
            .signatures()
            .iter()
            .map(|signature| (signature.domain.as_str(), signature.made_by))
            .collect();
        assert_eq!(signatures, [("yourcompany.example", made_by)], "{name}");
    }
}

/// ZD-51: Microsoft takes no credentials for inbound relay.
#[test]
fn over_microsoft_addresses_are_connected_outbound_only() {
    let two_way = |desk: &Desk| {
        let new = new(&desk.profile, "help@yourcompany.example")
            .environment("production".parse().unwrap())
            .mode("two-way".parse().unwrap());
        desk.create(&new)
    };
    let desk = Desk::over(NAME, "microsoft-365");
    let refused = rule(two_way(&desk));
    assert!(matches!(refused, RuleViolation::RefusedMode { .. }));
    assert!(
        refused.to_string().starts_with(
            "the servers do not take the mode two-way: Microsoft's services take no SMTP credentials"
        ),
        "{refused}"
    );
    let identity = desk.add("help@yourcompany.example", "production").unwrap();
    assert_eq!(identity.mode.as_ref().unwrap().as_str(), "outbound-only");
    let (key, mode) = (identity.key(), "two-way".parse().unwrap());
    assert!(matches!(
        ready(desk.registry.set_mode(&identity.tenant, &key, &mode)),
        Err(ChangeError::Rule(RuleViolation::RefusedMode { .. }))
    ));
    assert!(two_way(&Desk::over(NAME, "own-server")).is_ok());
}

/// The records of a plan, each with what it is for, and its SPF terms.
fn plan_of(profile: &Profile, new: &NewIdentity) -> (Vec<(String, Purpose)>, Vec<String>) {
    let plan = plan(profile, std::slice::from_ref(new));
    let records = plan.records().iter();
    // What is awaited is told apart by environment where there are several.
    let text = |data: &PlannedData| data.to_string().replace(" of production", "");
    let records = records.map(|record| (text(&record.data), record.purpose));
    let terms = plan.spf().iter().map(|term| term.text.clone());
    (records.collect(), terms.collect())
}

/// ZD-03, ZD-04, ZD-06: two modes, and none becomes the other.
#[test]
fn an_address_is_connected_in_one_of_two_ways_for_good() {
    let profile = profile(NAME);
    let names: Vec<&str> = profile
        .modes()
        .iter()
        .map(|mode| mode.name.as_str())
        .collect();
    assert_eq!(names, ["outbound-only", "two-way"]);
    let desk = Desk::new(NAME);
    let identity = desk.add("help@yourcompany.example", "production").unwrap();
    assert_eq!(identity.mode.as_ref().unwrap().as_str(), "outbound-only");
    let (key, mode) = (identity.key(), "two-way".parse().unwrap());
    let changed = ready(desk.registry.set_mode(&identity.tenant, &key, &mode));
    assert!(matches!(
        changed,
        Err(ChangeError::Rule(RuleViolation::NoConversion { .. }))
    ));
    let two_way = new(NAME, "care@yourcompany.example")
        .environment("production".parse().unwrap())
        .mode("two-way".parse().unwrap());
    assert!(desk.create(&two_way).is_ok());
}

/// ZD-14, ZD-15: an address is in the sandbox or in production, and has to be deleted in the one before the other.
#[test]
fn sandbox_and_production_never_share_an_address() {
    let desk = Desk::new(NAME);
    let address = "help@yourcompany.example";
    let tested = desk.add(address, "sandbox").unwrap();
    assert!(matches!(
        rule(desk.add(address, "production")),
        RuleViolation::OtherEnvironment { .. }
    ));
    ready(
        desk.registry
            .remove(&tested.tenant, &tested.key(), Covered::Keep),
    )
    .unwrap();
    desk.add(address, "production").unwrap();
}

/// ZD-18, ZD-19, ZD-20: 50 addresses a domain, 4 domains, 200 addresses.
#[test]
fn there_are_fifty_addresses_at_each_of_four_domains() {
    let desk = Desk::new(NAME);
    for domain in ["a.example", "b.example", "c.example", "d.example"] {
        for number in 0..50 {
            desk.add(&format!("s{number}@{domain}"), "production")
                .unwrap();
        }
        assert!(matches!(
            rule(desk.add(&format!("s50@{domain}"), "production")),
            RuleViolation::Maximum { count: 50, .. }
        ));
    }
    assert!(matches!(
        rule(desk.add("s@e.example", "production")),
        RuleViolation::Maximum { count: 4, .. }
    ));
    let total = profile(NAME)
        .maxima()
        .iter()
        .any(|maximum| maximum.count == Amount::Known(200));
    assert!(total);
}

/// ZD-25, ZD-44, ZD-47 to ZD-49: two proofs, each by itself; mail needs the outbound one.
#[test]
fn forwarding_and_the_outbound_connection_are_proven_apart() {
    let desk = Desk::new(NAME);
    let from = "help@yourcompany.example";
    let identity = desk.add(from, "production").unwrap();
    let proofs: Vec<_> = identity
        .verification
        .proofs()
        .map(|(proof, _)| proof)
        .collect();
    assert_eq!(
        proofs,
        [VerifiedBy::InboundTestMail, VerifiedBy::OutboundTestMail]
    );
    let may_send = || desk.authorize_in(from, "", "production", "").is_ok();
    // A test mail that did not come through proves nothing, and the next one may.
    let (tenant, key) = (&identity.tenant, identity.key());
    for proof in [VerifiedBy::InboundTestMail, VerifiedBy::OutboundTestMail] {
        let missing = desk
            .registry
            .record_finding(tenant, &key, proof, Finding::Missing, START);
        let state = ready(missing).unwrap().verification;
        assert!(!state.state(proof).unwrap().is_verified());
        assert!(!may_send(), "{proof}");
    }
    for (proof, expected) in [
        (VerifiedBy::InboundTestMail, false),
        (VerifiedBy::OutboundTestMail, true),
    ] {
        record(&desk, &identity, proof);
        assert_eq!(may_send(), expected, "{proof}");
    }
}

/// ZD-39: nobody sends as a system address.
#[test]
fn system_addresses_are_denied() {
    let desk = Desk::new(NAME);
    for address in ["support@yoursubdomain.zendesk.com", "support@zendesk.com"] {
        assert!(matches!(
            rule(desk.add(address, "production")),
            RuleViolation::Denied { .. }
        ));
        assert!(matches!(
            desk.authorize_in(address, "", "production", ""),
            Err(NotAuthorized::Denied { .. })
        ));
    }
    desk.add("support@notzendesk.com", "production").unwrap();
}

/// ZD-58, ZD-59, ZD-60: never the provider's own signature; the customer's domain's once it is turned on, after its records.
#[test]
fn the_provider_signs_for_the_customers_domain_once_that_is_turned_on() {
    let profile = profile(NAME);
    let never = profile
        .signatures()
        .iter()
        .find(|rule| rule.domain == "zendesk.com");
    assert_eq!(never.unwrap().when, SignatureWhen::Never);
    let desk = Desk::new(NAME);
    let from = "help@yourcompany.example";
    let identity = desk.add(from, "production").unwrap();
    desk.prove(&identity);
    let signed = || {
        let authorization = desk.authorize_in(from, "", "production", "").unwrap();
        let signatures = authorization.signatures().iter();
        signatures
            .map(|signature| (signature.domain.to_string(), signature.made_by))
            .collect::<Vec<_>>()
    };
    assert_eq!(signed(), []);
    let (key, switch) = (identity.key(), "digital-signatures".parse().unwrap());
    let records = "zendesk1._domainkey.yourcompany.example. IN CNAME zendesk1._domainkey.zendesk.com.\n\
                   zendesk2._domainkey.yourcompany.example. IN CNAME zendesk2._domainkey.zendesk.com.\n";
    let one: Zone = records.lines().next().unwrap().parse().unwrap();
    let both: Zone = records.parse().unwrap();
    for zone in [&Zone::default(), &one] {
        let early = desk
            .registry
            .switch_on(&identity.tenant, &key, &switch, zone);
        assert!(ready(early).is_err());
    }
    ready(
        desk.registry
            .switch_on(&identity.tenant, &identity.key(), &switch, &both),
    )
    .unwrap();
    assert_eq!(
        signed(),
        [("yourcompany.example".to_owned(), MadeBy::Provider)]
    );
}

/// ZD-29, ZD-59: the plan has both aliases before the switch is on, and the term for mail that the provider sends itself.
#[test]
fn the_plan_has_both_aliases_and_the_term_of_the_providers_own_servers() {
    let profile = profile(NAME);
    let new = new(NAME, "help@yourcompany.example").environment("production".parse().unwrap());
    let plan = plan(&profile, &[new]);
    let text = plan.to_string();
    for number in [1, 2] {
        let alias = format!(
            "zendesk{number}._domainkey.yourcompany.example. 3600 IN CNAME zendesk{number}._domainkey.zendesk.com."
        );
        assert!(text.contains(&alias), "{text}");
    }
    assert_eq!(terms(&plan), ["include:mail.zendesk.com"]);
    assert_eq!(plan.spf()[0].necessity, Necessity::Advised);
    let note = plan.spf()[0].note.as_deref().unwrap();
    assert!(note.contains("through the connector"), "{note}");
    assert!(block_on_ready(plan.diff(&Zone::default())).is_some());
}

/// ZD-16, ZD-17: the default address stands in until the connection is proven. ZD-28: what is disabled sends nothing through the
/// connector, and goes on receiving.
#[test]
fn the_default_address_stands_in_for_one_that_is_not_connected() {
    let desk = Desk::new(NAME);
    let default = desk.add("care@yourcompany.example", "production").unwrap();
    desk.prove(&default);
    let identity = desk.add("help@yourcompany.example", "production").unwrap();
    let sends_as = || {
        let (tenant, from, profile, environment) = (
            "acme".parse().unwrap(),
            "help@yourcompany.example".parse().unwrap(),
            NAME.parse().unwrap(),
            "production".parse().unwrap(),
        );
        let request = SendAs::new(&tenant, &from, &profile).environment(Some(&environment));
        let authorization = ready(desk.registry.authorize_or_default(&request, START)).unwrap();
        (
            authorization.from().to_string(),
            authorization.substitution().is_some(),
        )
    };
    assert_eq!(sends_as(), ("care@yourcompany.example".to_owned(), true));
    desk.prove(&identity);
    assert_eq!(sends_as(), ("help@yourcompany.example".to_owned(), false));
    let key = identity.key();
    let disabled = ready(desk.registry.disable(&identity.tenant, &key, START)).unwrap();
    let inbound = disabled.verification.state(VerifiedBy::InboundTestMail);
    assert!(inbound.unwrap().is_verified());
    assert!(matches!(
        desk.authorize_in("help@yourcompany.example", "", "production", ""),
        Err(NotAuthorized::Disabled { .. })
    ));
}

/// ZD-09, ZD-50, ZD-51: behind cloud services mail comes in by forwarding and leaves with authentication; ZD-53, ZD-54: where
/// Microsoft's takes it.
#[test]
fn cloud_services_are_connected_for_outbound_mail_only() {
    for vendor in ["microsoft-365", "google-workspace"] {
        let joined = profile(NAME).over_vendor(&profile(vendor)).unwrap();
        let identity = new(NAME, "help@yourcompany.example")
            .environment("production".parse().unwrap())
            .mode("outbound-only".parse().unwrap())
            .to_identity(&joined, START)
            .unwrap();
        assert_eq!(identity.mode.unwrap().as_str(), "outbound-only");
    }
    let microsoft = profile("microsoft-365");
    let joined = profile(NAME).over_vendor(&microsoft).unwrap();
    for profile in [&microsoft, &joined] {
        let servers: Vec<_> = profile
            .endpoints()
            .iter()
            .map(|server| (server.host.as_str(), server.port))
            .collect();
        assert_eq!(
            servers,
            [("smtp.office365.com", 587), ("smtp.office365.com", 25)]
        );
    }
}

fn record(desk: &Desk, identity: &Identity, proof: VerifiedBy) {
    let (tenant, key) = (&identity.tenant, identity.key());
    let found = desk
        .registry
        .record_finding(tenant, &key, proof, Finding::Proven, START);
    ready(found).unwrap();
}
