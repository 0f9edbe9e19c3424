//! What can be changed about an identity that is there: off and on, modes, switches, proofs by test mail, order.

use std::sync::atomic::{AtomicBool, Ordering};

use letterhead_dns::{Answer, BoxFuture, LookupError, Name, RecordType, Resolver, Zone};
use letterhead_identity::NewIdentity;
use letterhead_identity::profile::VerifiedBy;
use letterhead_identity::registry::{ChangeError, Covered, ListOrder, SwitchError};
use letterhead_identity::verification::Finding;
use letterhead_identity::{
    Identity, IdentityKey, NotAuthorized, Registry, RuleViolation, Subject, Values,
};

use crate::office::{Office, acme, custom, hours, ready};

/// Addresses connected by forwarding and by an authenticated relay, each proven by a mail of its own.
const CONNECTOR: &str = r#"
[[identity]]
kind = "support-address"
covers = "exact-address"
verified_by = ["inbound-test-mail", "outbound-test-mail"]
needed_to_send = ["outbound-test-mail"]
source = "page"
[[mode]]
name = "two-way"
source = "page"
[[mode]]
name = "outbound-only"
source = "page"
[[mode]]
name = "trial"
becomes = ["two-way"]
source = "page"
[[switch]]
name = "digital-signatures"
source = "page"
[[value]]
name = "token"
default = "s1"
source = "page"
[[record]]
purpose = "dkim"
kind = "CNAME"
owner = "{token}._domainkey.{domain}"
value = "{token}._domainkey.provider.example."
kinds = ["support-address"]
switch = "digital-signatures"
necessity = "advised"
source = "page"
[[signature]]
domain = "provider.example"
when = "never"
made_by = "provider"
source = "page"
[[signature]]
domain = "{identity-domain}"
when = "switched-on"
switch = "digital-signatures"
made_by = "provider"
source = "page"
"#;

fn connector() -> (Office, Identity) {
    let office = Office::with([custom(CONNECTOR)]);
    let identity = office
        .create_for("acme", "custom", "help@yourcompany.example", "")
        .unwrap();
    (office, identity)
}

fn found(office: &Office, identity: &Identity, proof: VerifiedBy) -> Identity {
    let (tenant, key) = (acme(), identity.key());
    let registry = &office.0;
    let recorded = registry.record_finding(&tenant, &key, proof, Finding::Proven, hours(1));
    ready(recorded).unwrap()
}

#[test]
fn each_leg_is_proven_by_a_mail_of_its_own_and_sending_needs_the_outbound_one() {
    let (office, identity) = connector();
    let inbound = found(&office, &identity, VerifiedBy::InboundTestMail);
    assert_eq!(
        inbound.verification.to_string(),
        "an outbound test mail pending"
    );
    assert!(matches!(
        office.authorize("custom", "help@yourcompany.example", ""),
        Err(NotAuthorized::NotVerified { .. })
    ));
    let (other, identity) = connector();
    let outbound = found(&other, &identity, VerifiedBy::OutboundTestMail);
    assert!(
        !outbound.verification.is_verified(),
        "forwarding is not proven"
    );
    assert!(
        other
            .authorize("custom", "help@yourcompany.example", "")
            .is_ok()
    );
    let wrong = ready(other.0.record_finding(
        &acme(),
        &identity.key(),
        VerifiedBy::Dns,
        Finding::Proven,
        hours(1),
    ));
    assert_eq!(
        wrong.unwrap_err().to_string(),
        "help@yourcompany.example under custom is not verified by DNS records"
    );
}

#[test]
fn what_is_disabled_keeps_its_proofs_and_lets_nothing_out() {
    let (office, identity) = connector();
    found(&office, &identity, VerifiedBy::InboundTestMail);
    found(&office, &identity, VerifiedBy::OutboundTestMail);
    let off = ready(office.0.disable(&acme(), &identity.key(), hours(2))).unwrap();
    assert!(off.verification.is_verified());
    let again = ready(office.0.disable(&acme(), &identity.key(), hours(9))).unwrap();
    assert_eq!(again.disabled, Some(hours(2)), "it is off since then");
    assert!(matches!(
        office.authorize("custom", "help@yourcompany.example", ""),
        Err(NotAuthorized::Disabled { since, .. }) if since == hours(2)
    ));
    ready(office.0.enable(&acme(), &identity.key())).unwrap();
    assert!(
        office
            .authorize("custom", "help@yourcompany.example", "")
            .is_ok()
    );
}

#[test]
fn a_mode_is_changed_only_into_what_it_can_become() {
    let (office, identity) = connector();
    assert_eq!(identity.mode.as_ref().unwrap().as_str(), "two-way");
    let change = |mode: &str| {
        ready(
            office
                .0
                .set_mode(&acme(), &identity.key(), &mode.parse().unwrap()),
        )
    };
    assert_eq!(
        change("outbound-only").unwrap_err().to_string(),
        "an identity cannot be changed from two-way to outbound-only; delete it and add it again"
    );
    assert!(change("two-way").is_ok());
    assert!(matches!(
        change("three-way"),
        Err(ChangeError::Rule(RuleViolation::UnknownMode { .. }))
    ));
    let subject: Subject = "trial@yourcompany.example".parse().unwrap();
    let new =
        NewIdentity::new(acme(), "custom".parse().unwrap(), subject).mode("trial".parse().unwrap());
    let trial = ready(office.0.create(&new, hours(0))).unwrap();
    let changed = ready(
        office
            .0
            .set_mode(&acme(), &trial.key(), &"two-way".parse().unwrap()),
    );
    assert_eq!(changed.unwrap().mode.unwrap().as_str(), "two-way");
}

#[test]
fn signing_is_turned_on_last_and_adds_the_identitys_signature() {
    let (office, identity) = connector();
    found(&office, &identity, VerifiedBy::OutboundTestMail);
    let switch = "digital-signatures".parse().unwrap();
    let turn_on = |zone: &str| {
        let zone: Zone = zone.parse().unwrap();
        ready(office.0.switch_on(&acme(), &identity.key(), &switch, &zone))
    };
    let domains = || {
        let proof = office
            .authorize("custom", "help@yourcompany.example", "")
            .unwrap();
        let domains = proof
            .signatures()
            .iter()
            .map(|expected| expected.domain.to_string());
        domains.collect::<Vec<_>>()
    };
    let early = turn_on("").unwrap_err();
    assert!(matches!(early, SwitchError::Unpublished { .. }), "{early}");
    assert!(
        early
            .to_string()
            .contains("s1._domainkey.yourcompany.example."),
        "{early}"
    );
    assert!(domains().is_empty(), "never the provider's own");
    let published = "s1._domainkey.yourcompany.example. IN CNAME s1._domainkey.provider.example.\n";
    turn_on(published).unwrap();
    assert_eq!(domains(), ["yourcompany.example"]);
    ready(office.0.switch_off(&acme(), &identity.key(), &switch)).unwrap();
    assert!(domains().is_empty());
    let unknown = ready(office.0.switch_on(
        &acme(),
        &identity.key(),
        &"sparkle".parse().unwrap(),
        &Zone::new(),
    ));
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "there is no switch sparkle; known are: digital-signatures"
    );
}

#[test]
fn removing_a_domain_leaves_or_takes_the_addresses_it_covers_as_the_caller_says() {
    for (covered, left) in [(Covered::Keep, 3), (Covered::Remove, 1)] {
        let office = Office::new();
        let domain = office.ses("yourcompany.example");
        office.ses("contact@yourcompany.example");
        office.ses("news@en.yourcompany.example");
        office.ses("contact@notyourcompany.example");
        let removed = ready(office.0.remove(&acme(), &domain.key(), covered)).unwrap();
        assert_eq!(removed.len(), 4 - left);
        assert_eq!(ready(office.0.list(&acme())).unwrap().len(), left);
    }
}

#[test]
fn identities_are_listed_by_address_or_by_age_both_ways() {
    let office = Office::new();
    let profile: letterhead_identity::ProfileId = "amazon-ses".parse().unwrap();
    for (name, hour) in [("b.example", 1), ("c.example", 0), ("a@z.example", 2)] {
        let subject: Subject = name.parse().unwrap();
        let new = NewIdentity::new(acme(), profile.clone(), subject);
        ready(office.0.create(&new, hours(hour))).unwrap();
    }
    for (order, expected) in [
        (
            ListOrder::BySubject,
            ["a@z.example", "b.example", "c.example"],
        ),
        (
            ListOrder::BySubjectDescending,
            ["c.example", "b.example", "a@z.example"],
        ),
        (
            ListOrder::ByCreation,
            ["c.example", "b.example", "a@z.example"],
        ),
        (
            ListOrder::ByCreationDescending,
            ["a@z.example", "b.example", "c.example"],
        ),
    ] {
        let listed = ready(office.0.list_by(&acme(), order)).unwrap();
        let names: Vec<String> = listed.iter().map(|one| one.subject.to_string()).collect();
        assert_eq!(names, expected, "{order:?}");
    }
}

/// A zone during whose first lookup somebody issues another token.
#[derive(Debug)]
struct Meanwhile(Zone, Registry, IdentityKey, AtomicBool);

impl Resolver for Meanwhile {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        Box::pin(async move {
            if !self.3.swap(true, Ordering::Relaxed) {
                let values = Values::from([("token".to_owned(), vec!["s2".to_owned()])]);
                let tenant = acme();
                let set = self.1.set_values(&tenant, &self.2, values, hours(1));
                set.await.unwrap();
            }
            self.0.lookup(name, record_type).await
        })
    }
}

#[test]
fn records_that_are_no_longer_wanted_turn_nothing_on() {
    let (office, identity) = connector();
    let published = "s1._domainkey.yourcompany.example. IN CNAME s1._domainkey.provider.example.\n";
    let meanwhile = Meanwhile(
        published.parse().unwrap(),
        office.0.clone(),
        identity.key(),
        AtomicBool::new(false),
    );
    let switch = "digital-signatures".parse().unwrap();
    let turned = ready(
        office
            .0
            .switch_on(&acme(), &identity.key(), &switch, &meanwhile),
    );
    assert!(
        matches!(turned, Err(SwitchError::Unpublished { .. })),
        "{turned:?}"
    );
}
