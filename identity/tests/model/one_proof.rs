//! Identities of one proof each, under a profile with groups of environments.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::block_on_ready;
use letterhead_identity::NewIdentity;
use letterhead_identity::profile::VerifiedBy;
use letterhead_identity::registry::{Covered, SendAs};
use letterhead_identity::verification::Finding;
use letterhead_identity::{
    Identity, InMemoryIdentityStore, Profile, ProfileId, Registry, Subject, VerificationState,
};
use letterhead_mail::EmailAddress;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::select;

const TENANTS: [&str; 2] = ["acme", "globex"];
const ENVIRONMENTS: [&str; 4] = [
    "production",
    "api-sandbox",
    "developer-sandbox",
    "central-sandbox",
];
const SUBJECTS: [&str; 9] = [
    "a.example",
    "b.example",
    "mail.a.example",
    "x@a.example",
    "y@a.example",
    "x@b.example",
    "x@mail.a.example",
    "y@mail.a.example",
    "z@c.example",
];
const AUTHORS: [&str; 8] = [
    "x@a.example",
    "X@A.example",
    "y@b.example",
    "x@mail.a.example",
    "w@deep.mail.a.example",
    "x@ba.example",
    "z@c.example",
    "z+l@c.example",
];

#[derive(Debug, Clone)]
enum Step {
    Create,
    Remove,
    Record(Finding),
    Authorize(&'static str),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<(&'static str, &'static str, &'static str, Step)>> {
    let step = prop_oneof![
        4 => Just(Step::Create),
        1 => Just(Step::Remove),
        3 => select(vec![Finding::Proven, Finding::Missing, Finding::Unknown]).prop_map(Step::Record),
        3 => select(AUTHORS.to_vec()).prop_map(Step::Authorize),
        1 => (1_u64..80).prop_map(Step::Wait),
    ];
    let one = (
        select(TENANTS.to_vec()),
        select(ENVIRONMENTS.to_vec()),
        select(SUBJECTS.to_vec()),
        step,
    );
    proptest::collection::vec(one, 1..60)
}

/// Hours, by tenant, group and subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending { until: u64 },
    Verified { missing_since: Option<u64> },
    Failed,
}

type Entry = (&'static str, &'static str, &'static str);

#[derive(Debug, Default)]
struct Model {
    entries: BTreeMap<Entry, State>,
    hour: u64,
}

fn group_of(environment: &'static str) -> &'static str {
    match environment {
        "production" | "api-sandbox" => "production",
        _ => "developer-sandbox",
    }
}

fn domain_of(subject: &str) -> &str {
    subject.rsplit('@').next().unwrap()
}

impl Model {
    fn create(&mut self, entry: Entry) -> Result<(), &'static str> {
        let (tenant, _, subject) = entry;
        let is_address = |subject: &str| subject.contains('@');
        if self.entries.contains_key(&entry) {
            return Err("Duplicate");
        }
        let mut own: Vec<&str> = self
            .entries
            .keys()
            .filter(|(other, ..)| *other == tenant)
            .map(|(.., subject)| *subject)
            .collect();
        let shares = |other: &&str| {
            is_address(other) != is_address(subject) && domain_of(other) == domain_of(subject)
        };
        if own.iter().any(shares) {
            return Err("Exclusive");
        }
        own.retain(|other| is_address(other) == is_address(subject) && *other != subject);
        own.sort_unstable();
        own.dedup();
        let is_known = self
            .entries
            .keys()
            .any(|(other, _, known)| *other == tenant && *known == subject);
        let limit = if is_address(subject) { 3 } else { 1 };
        if !is_known && own.len() >= limit {
            return Err("Maximum");
        }
        let until = self.hour + if is_address(subject) { 24 } else { 72 };
        self.entries.insert(entry, State::Pending { until });
        Ok(())
    }

    fn record(&mut self, entry: Entry, finding: Finding) -> bool {
        let hour = self.hour;
        let Some(state) = self.entries.get_mut(&entry) else {
            return false;
        };
        *state = match (*state, finding) {
            (_, Finding::Proven) => State::Verified {
                missing_since: None,
            },
            (State::Pending { until }, Finding::Missing) if hour >= until => State::Failed,
            (
                State::Verified {
                    missing_since: None,
                },
                Finding::Missing,
            ) => State::Verified {
                missing_since: Some(hour),
            },
            (
                State::Verified {
                    missing_since: Some(since),
                },
                Finding::Missing,
            ) if hour - since >= 72 => State::Failed,
            (state, _) => state,
        };
        true
    }

    /// The subject that lets the mail out.
    fn authorize(&self, tenant: &str, group: &str, from: &str) -> Option<&'static str> {
        let (local, domain) = from.rsplit_once('@').unwrap();
        let domain = domain.to_lowercase();
        let covers = |subject: &str| match subject.rsplit_once('@') {
            Some((own_local, own_domain)) => own_local == local && own_domain == domain,
            None => domain == subject || domain.ends_with(&format!(".{subject}")),
        };
        self.entries
            .iter()
            .filter(|((t, g, s), state)| {
                *t == tenant && *g == group && covers(s) && matches!(state, State::Verified { .. })
            })
            .map(|((.., subject), _)| *subject)
            .max_by_key(|subject| (subject.contains('@'), subject.len()))
    }
}

fn state_of(identity: &Identity) -> State {
    let hour = |time: SystemTime| {
        time.duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs()
            / 3600
    };
    let proofs: Vec<_> = identity.verification.proofs().collect();
    let [(_, state)] = proofs.as_slice() else {
        panic!("{proofs:?}");
    };
    match *state {
        VerificationState::Pending { deadline } => State::Pending {
            until: hour((*deadline).unwrap()),
        },
        VerificationState::Verified { missing_since, .. } => State::Verified {
            missing_since: missing_since.map(hour),
        },
        VerificationState::Failed { .. } => State::Failed,
        _ => panic!("{:?}", identity.verification),
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    block_on_ready(future).expect("the store is in memory")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_registry_does_what_the_model_does(steps in steps()) {
        let profile: ProfileId = "zuora-advanced".parse().unwrap();
        let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [Profile::built_in("zuora-advanced").unwrap()]);
        let mut model = Model::default();
        for (tenant, environment, subject, step) in steps {
            let entry = (tenant, group_of(environment), subject);
            let tenant_id = tenant.parse().unwrap();
            let now = SystemTime::UNIX_EPOCH + Duration::from_hours(model.hour);
            let new = NewIdentity::new(tenant.parse().unwrap(), profile.clone(), subject.parse::<Subject>().unwrap())
                .environment(environment.parse().unwrap());
            let key = ready(registry.list(&tenant_id)).unwrap().into_iter().map(|identity| identity.key()).find(|key| {
                key.subject == new.subject && key.environment_group.as_ref().is_some_and(|group| group.as_str() == entry.1)
            });
            match step {
                Step::Create => {
                    let found = ready(registry.create(&new, now)).map(|_| ()).map_err(|error| format!("{error:?}"));
                    match model.create(entry) {
                        Ok(()) => prop_assert_eq!(found, Ok(())),
                        Err(rule) => assert!(found.as_ref().is_err_and(|error| error.contains(rule)), "{rule}: {found:?}"),
                    }
                }
                Step::Remove => {
                    let removed = key.is_some_and(|key| ready(registry.remove(&tenant_id, &key, Covered::Keep)).is_ok());
                    prop_assert_eq!(model.entries.remove(&entry).is_some(), removed);
                }
                Step::Record(finding) => {
                    let recorded = key.is_some_and(|key| {
                        let proof = match key.subject {
                            Subject::Address(_) => VerifiedBy::MailLink,
                            Subject::Domain(_) => VerifiedBy::Dns,
                        };
                        ready(registry.record_finding(&tenant_id, &key, proof, finding, now)).is_ok()
                    });
                    prop_assert_eq!(model.record(entry, finding), recorded);
                }
                Step::Authorize(from) => {
                    let environment = environment.parse().unwrap();
                    let found = {
                        let from = from.parse().unwrap();
                        let request = SendAs::new(&tenant_id, &from, &profile).environment(Some(&environment));
                        ready(registry.authorize(&request, now))
                    };
                    let subject = found.ok().map(|authorization| authorization.identity().subject.to_string());
                    prop_assert_eq!(subject.as_deref(), model.authorize(tenant, entry.1, from));
                }
                Step::Wait(hours) => model.hour += hours,
            }
        }
        let mut found = BTreeMap::new();
        for tenant in TENANTS {
            for identity in ready(registry.list(&tenant.parse().unwrap())).unwrap() {
                let group = identity.environment_group.as_ref().unwrap().to_string();
                found.insert((tenant.to_owned(), group, identity.subject.to_string()), state_of(&identity));
            }
        }
        let expected: BTreeMap<_, _> = model.entries.into_iter()
            .map(|((tenant, group, subject), state)| ((tenant.to_owned(), group.to_owned(), subject.to_owned()), state))
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_domain_covers_by_whole_labels_and_never_by_suffix(
        front in "[a-z0-9]{0,3}(\\.[a-z0-9]{1,3}){0,2}",
        joint in select(vec!["", ".", "-"]),
        domain in "[a-z0-9]{1,4}(\\.[a-z0-9]{1,4}){0,2}",
        upper in any::<u8>(),
    ) {
        let author = if front.is_empty() { domain.clone() } else { format!("{front}{joint}{domain}") };
        let cased = if upper & 1 == 0 { author.to_uppercase() } else { author.clone() };
        let Ok(from) = format!("x@{cased}").parse::<EmailAddress>() else {
            return Ok(());
        };
        let ses = Profile::built_in("amazon-ses").unwrap();
        let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), [ses.clone()]);
        let new = NewIdentity::new("acme".parse().unwrap(), ses.id().clone(), domain.parse::<Subject>().unwrap());
        let identity = ready(registry.create(&new, SystemTime::UNIX_EPOCH)).unwrap();
        let labels: Vec<&str> = author.split('.').collect();
        let own: Vec<&str> = domain.split('.').collect();
        let rule = ses.identity(&identity.kind).unwrap();
        prop_assert_eq!(identity.covers(&from, rule).is_some(), labels.ends_with(&own));
    }
}
