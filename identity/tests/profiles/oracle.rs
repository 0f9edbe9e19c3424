//! Oracle Cloud Infrastructure Email Delivery.

use letterhead_dns::{Zone, block_on_ready};
use letterhead_identity::dns_plan::SpfChange;
use letterhead_identity::profile::{
    Amount, BounceTest, Changed, CommonState, EndpointSecurity, Necessity, Need, SimulatedOutcome,
    VerifiedBy,
};
use letterhead_identity::{NewIdentity, NotAuthorized, RuleViolation, rules};

use crate::{Desk, START, count, new, plan, profile, rule, terms};

const NAME: &str = "oci-email-delivery";
const COMPARTMENT: &str =
    "ocid1.compartment.oc1..aaaaaaaat7uqcb6zoxvzoga4d4vh4dtweciavepacd3skz56atf3qp73d7fx";
const AMERICAS: &str = "include:rp.oracleemaildelivery.com";
const ASIA_PACIFIC: &str = "include:ap.rp.oracleemaildelivery.com";
const EUROPE: &str = "include:eu.rp.oracleemaildelivery.com";

fn sender(subject: &str, region: &str) -> NewIdentity {
    new(NAME, subject)
        .region(region.parse().unwrap())
        .compartment(COMPARTMENT.parse().unwrap())
}

/// OC-24, OC-40 to OC-44, OC-46, OC-E01 to OC-E22: each region with its code, its host and the terms of its location; the
/// Middle East, which no location is named for, with all of them.
#[test]
fn every_region_has_its_code_host_and_spf_terms() {
    let profile = profile(NAME);
    let all = [AMERICAS, ASIA_PACIFIC, EUROPE];
    let known = &profile.regions().unwrap().known;
    assert_eq!(known.len(), REGIONS.len());
    for (code, region, location, expected) in REGIONS {
        let found = profile
            .region(Some(&code.parse().unwrap()))
            .unwrap()
            .unwrap();
        assert_eq!(found.as_str(), region);
        let found = profile
            .known_region(&code.to_lowercase().parse().unwrap())
            .unwrap();
        assert_eq!(found.name.as_str(), region);
        assert_eq!(
            found.location.as_ref().map(|word| word.as_str()),
            location,
            "{region}"
        );
        let host = profile.endpoints()[0].host.replace("{region}", region);
        assert_eq!(host, format!("smtp.email.{region}.oci.oraclecloud.com"));
        let plan = plan(&profile, &[sender("x@yourcompany.example", code)]);
        let expected = expected.map_or_else(|| all.to_vec(), |term| vec![term]);
        assert_eq!(terms(&plan), expected, "{region}");
    }
    // A region that is newer than the list may have its hosts anywhere.
    let newer = plan(&profile, &[sender("x@yourcompany.example", "eu-milan-1")]);
    assert_eq!(terms(&newer), all);
}

const REGIONS: [(&str, &str, Option<&str>, Option<&str>); 22] = [
    (
        "YNY",
        "ap-chuncheon-1",
        Some("asia-pacific"),
        Some(ASIA_PACIFIC),
    ),
    (
        "HYD",
        "ap-hyderabad-1",
        Some("asia-pacific"),
        Some(ASIA_PACIFIC),
    ),
    (
        "MEL",
        "ap-melbourne-1",
        Some("asia-pacific"),
        Some(ASIA_PACIFIC),
    ),
    (
        "BOM",
        "ap-mumbai-1",
        Some("asia-pacific"),
        Some(ASIA_PACIFIC),
    ),
    (
        "KIX",
        "ap-osaka-1",
        Some("asia-pacific"),
        Some(ASIA_PACIFIC),
    ),
    (
        "ICN",
        "ap-seoul-1",
        Some("asia-pacific"),
        Some(ASIA_PACIFIC),
    ),
    (
        "SYD",
        "ap-sydney-1",
        Some("asia-pacific"),
        Some(ASIA_PACIFIC),
    ),
    (
        "NRT",
        "ap-tokyo-1",
        Some("asia-pacific"),
        Some(ASIA_PACIFIC),
    ),
    ("YUL", "ca-montreal-1", Some("americas"), Some(AMERICAS)),
    ("YYZ", "ca-toronto-1", Some("americas"), Some(AMERICAS)),
    ("AMS", "eu-amsterdam-1", Some("europe"), Some(EUROPE)),
    ("FRA", "eu-frankfurt-1", Some("europe"), Some(EUROPE)),
    ("ZRH", "eu-zurich-1", Some("europe"), Some(EUROPE)),
    ("DXB", "me-dubai-1", None, None),
    ("JED", "me-jeddah-1", None, None),
    ("SCL", "sa-santiago-1", Some("americas"), Some(AMERICAS)),
    ("GRU", "sa-saopaulo-1", Some("americas"), Some(AMERICAS)),
    ("CWL", "uk-cardiff-1", Some("europe"), Some(EUROPE)),
    ("LHR", "uk-london-1", Some("europe"), Some(EUROPE)),
    ("IAD", "us-ashburn-1", Some("americas"), Some(AMERICAS)),
    ("PHX", "us-phoenix-1", Some("americas"), Some(AMERICAS)),
    ("SJC", "us-sanjose-1", Some("americas"), Some(AMERICAS)),
];

/// OC-35 to OC-37, OC-39 to OC-43: whether the sender's domain has the record, and which it is to publish.
#[test]
fn a_senders_domain_is_told_its_record_where_it_has_none() {
    let profile = profile(NAME);
    for (region, record) in [
        ("PHX", "v=spf1 include:rp.oracleemaildelivery.com ~all"),
        ("NRT", "v=spf1 include:ap.rp.oracleemaildelivery.com ~all"),
        ("FRA", "v=spf1 include:eu.rp.oracleemaildelivery.com ~all"),
        (
            "DXB",
            "v=spf1 include:rp.oracleemaildelivery.com include:ap.rp.oracleemaildelivery.com include:eu.rp.oracleemaildelivery.com ~all",
        ),
    ] {
        let plan = plan(&profile, &[sender("x@yourcompany.example", region)]);
        assert!(
            plan.spf()
                .iter()
                .all(|term| term.necessity == Necessity::Required)
        );
        let missing = block_on_ready(plan.diff(&Zone::default())).unwrap();
        assert!(
            matches!(missing.spf(), SpfChange::New { record: found } if found == record),
            "{region}: {:?}",
            missing.spf()
        );
        let zone: Zone = format!("yourcompany.example. IN TXT \"{record}\"")
            .parse()
            .unwrap();
        let there = block_on_ready(plan.diff(&zone)).unwrap();
        assert!(matches!(there.spf(), SpfChange::Present { .. }), "{region}");
        // The region that nobody has a location for is reported.
        assert_eq!(plan.notices().len(), usize::from(region == "DXB"));
    }
}

/// OC-22, OC-24, OC-25: an address sends where it was approved: one of Phoenix never through Ashburn.
#[test]
fn a_sender_of_phoenix_cannot_send_through_ashburn() {
    let desk = Desk::new(NAME);
    desk.create(&sender("billing@yourcompany.example", "PHX"))
        .unwrap();
    let through = |from: &str, region: &str| desk.authorize_in(from, "", "", region);
    assert!(through("billing@yourcompany.example", "us-phoenix-1").is_ok());
    assert!(matches!(
        through("billing@yourcompany.example", "IAD"),
        Err(NotAuthorized::OtherRegion { .. })
    ));
    assert!(matches!(
        through("other@yourcompany.example", "PHX"),
        Err(NotAuthorized::NoIdentity { .. })
    ));
    assert!(matches!(
        through("billing@yourcompany.example", ""),
        Err(NotAuthorized::Region(_))
    ));
}

/// OC-29, OC-30: a second one of the same tenancy is refused with the status of the API, whatever the compartment.
#[test]
fn a_duplicate_is_a_conflict() {
    let desk = Desk::new(NAME);
    let first = sender("billing@yourcompany.example", "PHX");
    desk.create(&first).unwrap();
    let elsewhere = first
        .clone()
        .compartment("ocid1.compartment.oc1..other".parse().unwrap());
    for second in [first, elsewhere] {
        assert!(matches!(
            rule(desk.create(&second)),
            RuleViolation::Duplicate {
                http_status: Some(409),
                ..
            }
        ));
    }
    desk.create(&sender("billing@yourcompany.example", "IAD"))
        .unwrap();
}

/// OC-23, OC-26, OC-27, OC-33: each sender is in a compartment by its id; the root is advised against.
#[test]
fn senders_are_kept_in_compartments_and_better_not_in_the_root() {
    let profile = profile(NAME);
    let rule_of = profile.compartments().unwrap();
    assert_eq!(rule_of.identities, Need::Required);
    let desk = Desk::new(NAME);
    let at = |compartment: &str| {
        let new = new(NAME, "billing@yourcompany.example").region("PHX".parse().unwrap());
        match compartment {
            "" => new,
            id => new.compartment(id.parse().unwrap()),
        }
    };
    assert!(matches!(
        rule(desk.create(&at(""))),
        RuleViolation::NoCompartment
    ));
    assert!(matches!(
        rule(desk.create(&at("ocid1.user.oc1..x"))),
        RuleViolation::BadCompartment { .. }
    ));
    for (compartment, is_advised_against) in
        [(COMPARTMENT, false), ("ocid1.tenancy.oc1..aaaa", true)]
    {
        let identity = at(compartment).to_identity(&profile, START).unwrap();
        let advice = rules::advise(&profile, &identity);
        let is_named = advice.iter().any(|line| line.contains("root compartment"));
        assert_eq!(is_named, is_advised_against, "{advice:?}");
    }
}

/// OC-22, OC-66: how many senders there may be depends on the tenancy, and nobody takes that for no limit.
#[test]
fn limits_that_depend_on_the_tenancy_are_unknown() {
    let profile = profile(NAME);
    assert!(
        profile
            .maxima()
            .iter()
            .all(|maximum| maximum.count == Amount::Unknown)
    );
    assert!(
        profile
            .quotas()
            .iter()
            .all(|quota| quota.maximum == Amount::Unknown)
    );
    assert!(!profile.quotas().is_empty());
    let tiers: Vec<String> = profile.tiers().iter().map(ToString::to_string).collect();
    assert_eq!(tiers, ["enterprise", "new"]);
    assert!(
        profile
            .quotas()
            .iter()
            .all(|quota| quota.changed == Changed::OnRequest)
    );
    let identity = sender("x@yourcompany.example", "PHX")
        .to_identity(&profile, START)
        .unwrap();
    let advice = rules::advise(&profile, &identity);
    assert!(
        advice.iter().any(|line| line.contains("is not known here")),
        "{advice:?}"
    );
}

/// OC-22 and the domain-wide sender: an address is approved as it is; a domain by its key, and without those below it.
#[test]
fn a_whole_domain_needs_its_key_and_covers_no_subdomain() {
    let profile = profile(NAME);
    let desk = Desk::new(NAME);
    let address = profile
        .identity(&"approved-sender".parse().unwrap())
        .unwrap();
    assert!(address.verified_by.is_empty());
    let domain = desk.create(&sender("yourcompany.example", "FRA")).unwrap();
    assert_eq!(domain.kind.as_str(), "approved-domain");
    assert!(domain.verification.state(VerifiedBy::Dns).is_some());
    desk.prove(&domain);
    let authorization = desk
        .authorize_in("x@yourcompany.example", "", "", "FRA")
        .unwrap();
    assert_eq!(
        authorization.signatures()[0].domain.to_string(),
        "yourcompany.example"
    );
    assert!(
        desk.authorize_in("x@en.yourcompany.example", "", "", "FRA")
            .is_err()
    );

    let keyed = sender("yourcompany.example", "FRA")
        .value("selector", vec!["fra-2026".to_owned()])
        .value(
            "dkim-target",
            vec!["fra-2026.yourcompany.example.dkim.fra1.oracleemaildelivery.com".to_owned()],
        );
    let text = plan(&profile, &[keyed]).to_string();
    assert!(
        text.contains("fra-2026._domainkey.yourcompany.example. 3600 IN CNAME fra-2026.yourcompany.example.dkim.fra1.oracleemaildelivery.com."),
        "{text}"
    );
    // An address has no key of its own to publish.
    assert_eq!(
        count(
            &plan(&profile, &[sender("x@yourcompany.example", "FRA")]),
            "IN CNAME"
        ),
        0
    );
}

/// The provider's own words for the states of a sender.
#[test]
fn states_of_senders_are_known_by_their_names() {
    let profile = profile(NAME);
    for rule in profile.identities() {
        for (name, state) in [
            ("CREATING", CommonState::Pending),
            ("ACTIVE", CommonState::Verified),
            ("NEEDS_ATTENTION", CommonState::NeedsAttention),
            ("INACTIVE", CommonState::Inactive),
            ("FAILED", CommonState::Failed),
        ] {
            assert_eq!(rule.states.get(name), Some(&state), "{name}");
        }
        assert_eq!(rule.states.get("NEW_WORD"), None);
    }
}

/// OC-47, OC-50, OC-51, OC-52: 587 and 25 with STARTTLS, and since then 465.
#[test]
fn every_port_is_encrypted() {
    let profile = profile(NAME);
    let ports: Vec<_> = profile
        .endpoints()
        .iter()
        .map(|endpoint| (endpoint.port, endpoint.security))
        .collect();
    assert_eq!(
        ports,
        [
            (587, EndpointSecurity::Starttls),
            (25, EndpointSecurity::Starttls),
            (465, EndpointSecurity::Implicit),
        ]
    );
}

/// OC-67 to OC-70: any address of the sink is taken and not delivered; bounces are tried elsewhere.
#[test]
fn mail_to_the_sink_is_thrown_away() {
    let profile = profile(NAME);
    let sink = &profile.simulated_addresses()[0];
    assert_eq!(sink.outcome, SimulatedOutcome::Discarded);
    let note = sink.note.as_deref().unwrap();
    assert!(note.contains("a few messages to a domain that does not exist"));
    let test = profile.volume_test().unwrap();
    assert!(
        test.note
            .as_deref()
            .unwrap()
            .contains("harms the reputation")
    );
    assert_eq!(test.sink.as_str(), "email-blackhole.com");
    assert_eq!(test.bounces, Some(BounceTest::DomainWithoutMx));
    for (address, is_meant) in [
        ("example@email-blackhole.com", true),
        ("load+17@EMAIL-BLACKHOLE.com", true),
        ("example@mail.email-blackhole.com", false),
        ("example@notemail-blackhole.com", false),
    ] {
        assert_eq!(
            sink.is_meant_by(&address.parse().unwrap()),
            is_meant,
            "{address}"
        );
    }
}
