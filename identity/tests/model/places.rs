//! Identities in regions and environments that must not share, with two proofs each, that are turned off and on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_dns::block_on_ready;
use letterhead_identity::NewIdentity;
use letterhead_identity::profile::VerifiedBy;
use letterhead_identity::registry::{Covered, SendAs};
use letterhead_identity::verification::Finding;
use letterhead_identity::{IdentityKey, InMemoryIdentityStore, Profile, Registry, Subject};
use letterhead_mail::TenantId;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;

/// Two addresses a domain, two domains, five addresses: small numbers are reached often.
const PROFILE: &str = r#"
schema = 1
id = "places"
title = "Places"
[sources.page]
url = "https://x.example"
as_of = "2026-01-31"
[environments]
names = ["sandbox", "production", "preview"]
never_share = [["sandbox", "production"]]
source = "page"
[regions]
identities = "required"
others = "refused"
known = [{ name = "north-1", code = "NOR" }, { name = "south-1" }]
source = "page"
[[identity]]
kind = "address"
covers = "exact-address"
case = "insensitive"
verified_by = ["inbound-test-mail", "outbound-test-mail"]
needed_to_send = ["outbound-test-mail"]
source = "page"
[[identity]]
kind = "domain"
covers = "domain"
verified_by = []
source = "page"
[[maximum]]
kind = "address"
per = "domain"
count = 2
source = "page"
[[maximum]]
kind = "address"
counts = "domains"
per = "tenant"
count = 2
source = "page"
[[maximum]]
kind = "domain"
per = "region"
count = 1
source = "page"
[[unique]]
kind = "domain"
per = "tenant"
source = "page"
"#;

const ENVIRONMENTS: [&str; 3] = ["sandbox", "production", "preview"];
const REGIONS: [&str; 2] = ["north-1", "south-1"];
/// Two of them are the same but for case.
const SUBJECTS: [&str; 9] = [
    "x@a.example",
    "X@a.example",
    "y@a.example",
    "z@a.example",
    "x@b.example",
    "x@c.example",
    "a.example",
    "b.example",
    "c.example",
];

#[derive(Debug, Clone)]
enum Step {
    Create,
    RemoveAlone,
    RemoveWithCovered,
    Prove(VerifiedBy),
    Disable,
    Enable,
    Authorize,
}

type Place = (&'static str, &'static str, &'static str);

fn steps() -> impl Strategy<Value = Vec<(Place, Step)>> {
    let step = prop_oneof![
        6 => Just(Step::Create),
        1 => Just(Step::RemoveAlone),
        1 => Just(Step::RemoveWithCovered),
        2 => Just(Step::Prove(VerifiedBy::InboundTestMail)),
        4 => Just(Step::Prove(VerifiedBy::OutboundTestMail)),
        1 => Just(Step::Disable),
        1 => Just(Step::Enable),
        4 => Just(Step::Authorize),
    ];
    let place = (
        select(ENVIRONMENTS.to_vec()),
        select(REGIONS.to_vec()),
        select(SUBJECTS.to_vec()),
    );
    proptest::collection::vec((place, step), 1..60)
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    inbound: bool,
    outbound: bool,
    disabled: bool,
}

#[derive(Debug, Default)]
struct Model(BTreeMap<Place, Entry>);

fn is_address(subject: &str) -> bool {
    subject.contains('@')
}

fn domain_of(subject: &str) -> &str {
    subject.rsplit('@').next().unwrap()
}

fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The different subjects among these, as they are written.
fn distinct<'a>(subjects: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut subjects: Vec<&str> = subjects.collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

impl Model {
    fn create(&mut self, place: Place) -> Result<(), &'static str> {
        let (environment, region, subject) = place;
        let keys = || self.0.keys().copied();
        let here = |(e, r, s): &Place| *e == environment && *r == region && is_same(s, subject);
        let elsewhere = |(_, _, s): &Place| !is_address(subject) && *s == subject;
        if keys().any(|other| here(&other) || elsewhere(&other)) {
            return Err("Duplicate");
        }
        let apart = |other: &str| {
            matches!(
                (environment, other),
                ("sandbox", "production") | ("production", "sandbox")
            )
        };
        if keys().any(|(e, _, s)| apart(e) && is_same(s, subject)) {
            return Err("OtherEnvironment");
        }
        let alike = || keys().filter(|(_, _, s)| is_address(s) == is_address(subject));
        if is_address(subject) {
            let domain = domain_of(subject);
            let in_domain = distinct(
                alike()
                    .map(|(_, _, s)| s)
                    .filter(|s| domain_of(s) == domain),
            );
            if in_domain.len() >= 2 && !in_domain.contains(&subject) {
                return Err("Maximum");
            }
            let domains = distinct(alike().map(|(_, _, s)| domain_of(s)));
            if domains.len() >= 2 && !domains.contains(&domain) {
                return Err("Maximum");
            }
        } else if alike().any(|(_, r, _)| r == region) {
            return Err("Maximum");
        }
        self.0.insert(place, Entry::default());
        Ok(())
    }

    fn remove(&mut self, place: Place, covered: Covered) -> bool {
        if self.0.remove(&place).is_none() {
            return false;
        }
        let (environment, region, domain) = place;
        if covered == Covered::Remove && !is_address(domain) {
            self.0.retain(|(e, r, s), _| {
                !(*e == environment && *r == region && is_address(s) && domain_of(s) == domain)
            });
        }
        true
    }

    fn may_send(&self, environment: &str, region: &str, from: &str) -> bool {
        self.0.iter().any(|((e, r, s), entry)| {
            let covers = if is_address(s) {
                is_same(s, from)
            } else {
                domain_of(from) == *s
            };
            let is_proven = entry.outbound || !is_address(s);
            *e == environment && *r == region && covers && is_proven && !entry.disabled
        })
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    block_on_ready(future).expect("the store is in memory")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_registry_does_what_the_model_does(steps in steps()) {
        let profile = Profile::from_toml(PROFILE, |_| None).unwrap();
        let id = profile.id().clone();
        let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [profile]);
        let (tenant, now): (TenantId, _) = ("acme".parse().unwrap(), SystemTime::UNIX_EPOCH);
        let mut model = Model::default();
        for (place, step) in steps {
            let (environment, region, subject) = place;
            let key = IdentityKey::new(id.clone(), subject.parse::<Subject>().unwrap())
                .environment_group(environment.parse().unwrap())
                .region(region.parse().unwrap());
            let entry = model.0.get_mut(&place);
            match step {
                Step::Create => {
                    let new = NewIdentity::new(tenant.clone(), id.clone(), subject.parse::<Subject>().unwrap())
                        .environment(environment.parse().unwrap())
                        .region(region.parse().unwrap());
                    let found = ready(registry.create(&new, now)).map(|_| ()).map_err(|error| format!("{error:?}"));
                    match model.create(place) {
                        Ok(()) => prop_assert_eq!(found, Ok(())),
                        Err(rule) => assert!(found.as_ref().is_err_and(|error| error.contains(rule)), "{rule}: {found:?}"),
                    }
                }
                Step::RemoveAlone => {
                    let removed = ready(registry.remove(&tenant, &key, Covered::Keep)).is_ok();
                    prop_assert_eq!(model.remove(place, Covered::Keep), removed);
                }
                Step::RemoveWithCovered => {
                    let removed = ready(registry.remove(&tenant, &key, Covered::Remove)).is_ok();
                    prop_assert_eq!(model.remove(place, Covered::Remove), removed);
                }
                Step::Prove(proof) => {
                    let proven = ready(registry.record_finding(&tenant, &key, proof, Finding::Proven, now)).is_ok();
                    let expected = entry.filter(|_| is_address(subject)).map(|entry| match proof {
                        VerifiedBy::InboundTestMail => entry.inbound = true,
                        _ => entry.outbound = true,
                    });
                    prop_assert_eq!(expected.is_some(), proven);
                }
                Step::Disable => {
                    let done = ready(registry.disable(&tenant, &key, now)).is_ok();
                    prop_assert_eq!(entry.map(|entry| entry.disabled = true).is_some(), done);
                }
                Step::Enable => {
                    let done = ready(registry.enable(&tenant, &key)).is_ok();
                    prop_assert_eq!(entry.map(|entry| entry.disabled = false).is_some(), done);
                }
                Step::Authorize => {
                    let from = if is_address(subject) { subject.to_owned() } else { format!("w@{subject}") };
                    let address = from.parse().unwrap();
                    let (environment_word, region_word) = (environment.parse().unwrap(), region.parse().unwrap());
                    let request = SendAs::new(&tenant, &address, &id)
                        .environment(Some(&environment_word))
                        .region(Some(&region_word));
                    let allowed = ready(registry.authorize(&request, now)).is_ok();
                    prop_assert_eq!(model.may_send(environment, region, &from), allowed);
                }
            }
        }
        prop_assert_eq!(ready(registry.list(&tenant)).unwrap().len(), model.0.len());
        let verified = ready(registry.list(&tenant)).unwrap().iter().filter(|identity| identity.verification.is_verified()).count();
        let expected = model.0.iter().filter(|((_, _, subject), entry)| !is_address(subject) || entry.inbound && entry.outbound);
        prop_assert_eq!(expected.count(), verified);
    }
}
