//! Identities survive being kept as JSON.

use std::time::{Duration, SystemTime};

use letterhead_identity::NewIdentity;
use letterhead_identity::identity::IdentityKey;
use letterhead_identity::verification::Finding;
use letterhead_identity::{Identity, InMemoryIdentityStore, Profile, Registry, Subject};

fn ready<T>(future: impl Future<Output = T>) -> T {
    letterhead_dns::block_on_ready(future).expect("the store is in memory")
}

fn identities() -> Vec<Identity> {
    let profiles = Profile::built_in_names().map(|name| Profile::built_in(name).unwrap());
    let registry = Registry::new(std::sync::Arc::new(InMemoryIdentityStore::new()), profiles);
    let now = SystemTime::UNIX_EPOCH + Duration::new(1_800_000_000, 123_456_789);
    let tenant: letterhead_mail::TenantId = "acme & söhne".parse().unwrap();
    let mut identities = Vec::new();
    for (profile, subject, environment) in [
        ("zuora-advanced", "yourcompany.example", Some("production")),
        (
            "zuora-advanced",
            "\"a b\"@other.example",
            Some("central-sandbox"),
        ),
        ("amazon-ses", "contact+x@yourcompany.example", None),
        ("amazon-ses", "root@[192.0.2.1]", None),
        ("own-server", "xn--mller-kva.example", None),
    ] {
        let subject: Subject = subject.parse().unwrap();
        let value = if profile == "own-server" {
            "key-record"
        } else {
            "dkim-zone"
        };
        let mut new = NewIdentity::new(tenant.clone(), profile.parse().unwrap(), subject)
            .value(value, vec!["{x} ; \"\\".to_owned(), "b".to_owned()]);
        if let Some(environment) = environment {
            new = new.environment(environment.parse().unwrap());
        }
        let created = ready(registry.create(&new, now)).unwrap();
        for (finding, hours) in [
            (Finding::Proven, 1),
            (Finding::Missing, 2),
            (Finding::Missing, 80),
        ] {
            let later = now + Duration::from_hours(hours);
            let (proof, _) = created.verification.proofs().next().unwrap();
            let key = created.key();
            let changed = registry.record_finding(&tenant, &key, proof, finding, later);
            identities.push(ready(changed).unwrap());
        }
        identities.push(created);
    }
    identities
}

#[test]
fn an_identity_reads_back_as_it_was() {
    for identity in identities() {
        let text = serde_json::to_string(&identity).unwrap();
        let read: Identity = serde_json::from_str(&text).unwrap();
        assert_eq!(read, identity, "{text}");
        let key = serde_json::to_string(&identity.key()).unwrap();
        assert_eq!(
            serde_json::from_str::<IdentityKey>(&key).unwrap(),
            identity.key()
        );
    }
}

#[test]
fn the_form_is_plain() {
    let pending = identities()
        .into_iter()
        .find(|identity| {
            identity.profile.as_str() == "own-server" && !identity.verification.is_verified()
        })
        .unwrap();
    let value = serde_json::to_value(&pending).unwrap();
    assert_eq!(value["subject"], "xn--mller-kva.example");
    assert_eq!(value["kind"], "domain");
    assert_eq!(value["environment_group"], serde_json::Value::Null);
    assert!(
        value["verification"]["dns"]
            .as_object()
            .unwrap()
            .contains_key("failed"),
        "{value}"
    );
}

#[test]
fn what_no_identity_can_be_is_not_read() {
    let identity = &identities()[0];
    for (field, bad) in [
        ("subject", "not a domain"),
        ("subject", "a@b@c"),
        ("subject", ""),
        ("profile", "Zuora"),
        ("kind", "two words"),
        ("tenant", "line\nend"),
        ("verification", "verified"),
    ] {
        let mut value = serde_json::to_value(identity).unwrap();
        value[field] = bad.into();
        assert!(
            serde_json::from_value::<Identity>(value).is_err(),
            "{field} = {bad:?}"
        );
    }
}
