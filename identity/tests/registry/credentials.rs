//! Giving an identity other credentials, in the two forms that providers have.

use letterhead_identity::NewIdentity;
use letterhead_identity::identity::IdentityKey;
use letterhead_identity::profile::VerifiedBy;
use letterhead_identity::registry::Forwarding;
use letterhead_identity::verification::{Finding, VerificationState};
use letterhead_identity::{Identity, Profile};

use crate::office::{Office, START, hours, ready};

const PROFILE: &str = r#"
schema = 1
id = "connector"
title = "Connector"
[sources.page]
url = "https://x.example"
as_of = "2026-01-31"
[[identity]]
kind = "support-address"
covers = "exact-address"
verified_by = ["inbound-test-mail", "outbound-test-mail"]
deadline_hours = 1
source = "page"
"#;

const INBOUND: VerifiedBy = VerifiedBy::InboundTestMail;
const OUTBOUND: VerifiedBy = VerifiedBy::OutboundTestMail;

/// An address that both proofs are there for.
fn verified() -> (Office, Identity, IdentityKey) {
    let office = Office::with([Profile::from_toml(PROFILE, |_| None).unwrap()]);
    let subject: letterhead_identity::Subject = "help@x.example".parse().unwrap();
    let new = NewIdentity::new(
        "acme".parse().unwrap(),
        "connector".parse().unwrap(),
        subject,
    )
    .credential("old".parse().unwrap());
    let created = ready(office.0.create(&new, START)).unwrap();
    let key = created.key();
    for proof in [INBOUND, OUTBOUND] {
        let proven = office
            .0
            .record_finding(&created.tenant, &key, proof, Finding::Proven, START);
        ready(proven).unwrap();
    }
    (office, created, key)
}

#[test]
fn edited_credentials_leave_every_proof() {
    let (office, created, key) = verified();
    let new = Some("new".parse().unwrap());
    let edited = ready(office.0.set_credential(&created.tenant, &key, new.clone())).unwrap();
    assert_eq!(edited.credential, new);
    assert_eq!(edited.created, created.created);
    assert!(edited.verification.is_verified());
}

#[test]
fn an_address_added_again_keeps_the_proof_of_forwarding_only_where_that_is_unchanged() {
    for (forwarding, keeps) in [(Forwarding::Unchanged, true), (Forwarding::Changed, false)] {
        let (office, created, key) = verified();
        let new = "new".parse().unwrap();
        let readd = office
            .0
            .readd(&created.tenant, &key, &new, forwarding, hours(5));
        let added = ready(readd).unwrap();
        assert_eq!(added.credential, Some(new));
        assert_eq!(added.created, hours(5));
        let inbound = added.verification.state(INBOUND).unwrap();
        assert_eq!(inbound.is_verified(), keeps);
        assert_eq!(
            added.verification.state(OUTBOUND),
            Some(&VerificationState::Pending {
                deadline: Some(hours(6))
            }),
            "the new credentials have to be tried"
        );
        let kept = ready(office.0.identity(&created.tenant, &key)).unwrap();
        assert_eq!(kept, Some(added));
    }
}
