//! What providers say, read back from the profiles that come with the library.

mod access;
mod every;
mod operating;
mod oracle;
mod relaying;
mod setting_up;
mod vendors;
mod zendesk;
mod zuora;

use std::sync::Arc;
use std::time::SystemTime;

use letterhead_dns::block_on_ready;
use letterhead_identity::registry::SendAs;
use letterhead_identity::verification::Finding;
use letterhead_identity::{
    Authorization, DnsPlan, Identity, InMemoryIdentityStore, NotAuthorized, Profile, Registry,
    RuleViolation, Subject,
};
use letterhead_identity::{CreateError, NewIdentity};

const START: SystemTime = SystemTime::UNIX_EPOCH;

/// Whose servers can carry the mail of a channel.
const VENDORS: [&str; 10] = [
    "amazon-ses",
    "google-workspace",
    "mailgun",
    "mailjet",
    "microsoft-365",
    "oci-email-delivery",
    "own-server",
    "postmark",
    "sendgrid",
    "sparkpost",
];

fn profile(name: &str) -> Profile {
    Profile::built_in(name).unwrap()
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    block_on_ready(future).expect("the store is in memory")
}

fn new(profile: &str, subject: &str) -> NewIdentity {
    let subject: Subject = subject.parse().unwrap();
    NewIdentity::new("acme".parse().unwrap(), profile.parse().unwrap(), subject)
}

/// The registry of one tenant, under one profile.
struct Desk {
    registry: Registry,
    profile: String,
}

impl Desk {
    fn new(name: &str) -> Self {
        Self {
            registry: Registry::new(Arc::new(InMemoryIdentityStore::new()), [profile(name)]),
            profile: name.to_owned(),
        }
    }

    /// Under a channel over the servers of a vendor.
    fn over(channel: &str, vendor: &str) -> Self {
        let joined = profile(channel).over_vendor(&profile(vendor)).unwrap();
        Self {
            profile: joined.id().to_string(),
            registry: Registry::new(Arc::new(InMemoryIdentityStore::new()), [joined]),
        }
    }

    fn create(&self, new: &NewIdentity) -> Result<Identity, CreateError> {
        ready(self.registry.create(new, START))
    }

    fn add(&self, subject: &str, environment: &str) -> Result<Identity, CreateError> {
        let new = new(&self.profile, subject);
        self.create(&match environment {
            "" => new,
            name => new.environment(name.parse().unwrap()),
        })
    }

    fn prove(&self, identity: &Identity) {
        let proofs: Vec<_> = identity
            .verification
            .proofs()
            .map(|(proof, _)| proof)
            .collect();
        for proof in proofs {
            let (tenant, key) = (&identity.tenant, identity.key());
            let found = self
                .registry
                .record_finding(tenant, &key, proof, Finding::Proven, START);
            ready(found).unwrap();
        }
    }

    fn authorize(&self, from: &str, feature: &str) -> Result<Authorization, NotAuthorized> {
        self.authorize_in(from, feature, "", "")
    }

    fn authorize_in(
        &self,
        from: &str,
        feature: &str,
        environment: &str,
        region: &str,
    ) -> Result<Authorization, NotAuthorized> {
        let (tenant, from, profile) = (
            "acme".parse().unwrap(),
            from.parse().unwrap(),
            self.profile.parse().unwrap(),
        );
        let feature = (!feature.is_empty()).then(|| feature.parse().unwrap());
        let environment = (!environment.is_empty()).then(|| environment.parse().unwrap());
        let region = (!region.is_empty()).then(|| region.parse().unwrap());
        let request = SendAs::new(&tenant, &from, &profile)
            .feature(feature.as_ref())
            .environment(environment.as_ref())
            .region(region.as_ref());
        ready(self.registry.authorize(&request, START))
    }
}

fn rule(result: Result<Identity, CreateError>) -> RuleViolation {
    match result {
        Err(CreateError::Rule(violation)) => violation,
        other => panic!("{other:?}"),
    }
}

/// The plan for what would be registered.
fn plan(profile: &Profile, several: &[NewIdentity]) -> DnsPlan {
    let identities: Vec<Identity> = several
        .iter()
        .map(|new| new.to_identity(profile, START).unwrap())
        .collect();
    DnsPlan::new(profile, &identities).unwrap()
}

fn terms(plan: &DnsPlan) -> Vec<&str> {
    plan.spf().iter().map(|term| term.text.as_str()).collect()
}

fn count(plan: &DnsPlan, words: &str) -> usize {
    plan.to_string().matches(words).count()
}
