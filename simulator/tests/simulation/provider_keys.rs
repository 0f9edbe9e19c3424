//! Providers sign for the domains of their customers, once the records are published that they ask for.

use std::sync::Arc;

use letterhead_dns::{RecordType, block_on_ready};
use letterhead_identity::{InMemoryIdentityStore, NewIdentity, Profile, Registry, Subject, Values};
use letterhead_simulator::{Front, Simulator};

use crate::common::{FRONT, address, builder, front, name, send, start, submission};

const DOMAIN: &str = "yourcompany.example";
const JOE: &str = "joe@receiver.example";

fn world(front: Front) -> Simulator {
    builder(3).front(front).build().unwrap()
}

/// What the plan for the domain, with these values, says is missing.
fn missing(simulator: &Simulator, profile: &str, values: Values) -> String {
    let profile = Profile::built_in(profile).unwrap();
    let region = profile.regions().and_then(|regions| {
        let own = "us-east-1".parse().unwrap();
        let mut known = regions.known.iter().map(|region| region.name.clone());
        known
            .clone()
            .find(|name| *name == own)
            .or_else(|| known.next())
    });
    let compartment = profile
        .compartments()
        .map(|_| "ocid1.compartment.oc1..mail".parse().unwrap());
    let environment = profile
        .environments()
        .map(|_| "production".parse().unwrap());
    let id = profile.id().clone();
    let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [profile]);
    let subject: Subject = DOMAIN.parse().unwrap();
    let mut new = NewIdentity::new("acme".parse().unwrap(), id.clone(), subject).values(values);
    if let Some(region) = region {
        new = new.region(region);
    }
    if let Some(environment) = environment {
        new = new.environment(environment);
    }
    if let Some(compartment) = compartment {
        new = new.compartment(compartment);
    }
    block_on_ready(async {
        registry.create(&new, start()).await.unwrap();
        let plan = registry.dns_plan(&new.tenant, &id, &new.subject).await;
        plan.unwrap().diff(simulator.dns()).await.to_zone_text()
    })
    .unwrap()
}

/// Whether a mail of the domain's arrives with a signature of the domain's that holds.
fn arrives_signed(simulator: &Simulator) -> bool {
    let before = simulator.mails_of(&address(JOE)).len();
    let mail = submission(
        "bounces@yourcompany.example",
        "billing@yourcompany.example",
        &[JOE],
    );
    assert!(send(simulator, FRONT, &mail).all_accepted());
    let mails = simulator.mails_of(&address(JOE));
    assert_eq!(mails.len(), before + 1);
    let verdicts = mails[before].authentication.to_string();
    let words: Vec<&str> = verdicts.split_ascii_whitespace().collect();
    let verdicts = words.join(" ");
    let holds = verdicts.contains("dkim=pass header.d=yourcompany.example ");
    assert!(!holds || verdicts.contains("dmarc=pass"), "{verdicts}");
    holds
}

#[test]
fn every_provider_that_keeps_keys_signs_with_what_it_issued() {
    let mut signing = Vec::new();
    for id in Profile::built_in_names() {
        let profile = Profile::built_in(id).unwrap();
        let simulator = world(front(id).verified(Subject::Domain(name(DOMAIN))));
        let issued = simulator.front(FRONT).unwrap().issue(&name(DOMAIN));
        if issued.is_empty() || profile.signatures().is_empty() {
            continue;
        }
        assert!(!arrives_signed(&simulator), "{id}: nothing is published");
        let zone = missing(&simulator, id, issued);
        simulator.dns().publish_zone(zone.parse().unwrap());
        assert!(arrives_signed(&simulator), "{id}\n{zone}");
        signing.push(id);
    }
    assert_eq!(
        signing,
        [
            "amazon-ses",
            "google-workspace",
            "mailgun",
            "mailjet",
            "microsoft-365",
            "oci-email-delivery",
            "postmark",
            "resend",
            "sendgrid",
            "sparkpost",
            "zuora-advanced",
        ]
    );
}

/// Values that the application's settings have from the provider's site, not from the simulated one.
#[test]
fn aliases_as_the_profile_describes_them_lead_to_keys_of_the_simulated_provider() {
    let simulator = world(front("sendgrid").verified(Subject::Domain(name(DOMAIN))));
    let values = [
        ("return-path-domain", "em1234.yourcompany.example"),
        ("account-host", "u1234.wl.sendgrid.net"),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
    let zone = missing(&simulator, "sendgrid", Values::from(values));
    simulator.dns().publish_zone(zone.parse().unwrap());
    assert!(arrives_signed(&simulator), "{zone}");

    let second = "s2._domainkey.yourcompany.example.".parse().unwrap();
    simulator.dns().remove(&second, RecordType::CNAME);
    assert!(!arrives_signed(&simulator), "one of the two is missing");
    let elsewhere = "s2._domainkey.yourcompany.example. 300 IN CNAME s2.other.example.";
    simulator.dns().publish_zone(elsewhere.parse().unwrap());
    assert!(
        !arrives_signed(&simulator),
        "one of the two leads elsewhere"
    );
}

#[test]
fn a_key_record_of_somebody_else_is_not_signed_with() {
    let simulator = world(front("mailjet").verified(Subject::Domain(name(DOMAIN))));
    let record = "mailjet._domainkey.yourcompany.example. 300 IN TXT \"k=rsa; p=MIGf\"";
    simulator.dns().publish_zone(record.parse().unwrap());
    assert!(!arrives_signed(&simulator));
}
