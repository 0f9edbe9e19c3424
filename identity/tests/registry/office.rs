//! What all of these tests start from.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::block_on_ready;
use letterhead_identity::registry::SendAs;
use letterhead_identity::verification::Finding;
use letterhead_identity::{
    Authorization, Identity, InMemoryIdentityStore, NotAuthorized, Profile, Registry,
    RuleViolation, Subject,
};
use letterhead_identity::{CreateError, NewIdentity};
use letterhead_mail::TenantId;

pub(crate) const START: SystemTime = SystemTime::UNIX_EPOCH;

pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    block_on_ready(future).expect("store and zone answer at once")
}

pub(crate) fn hours(count: u64) -> SystemTime {
    START + Duration::from_hours(count)
}

pub(crate) struct Office(pub(crate) Registry);

impl Office {
    pub(crate) fn new() -> Self {
        let profiles = Profile::built_in_names().map(|name| Profile::built_in(name).unwrap());
        Self::with(profiles)
    }

    pub(crate) fn with(profiles: impl IntoIterator<Item = Profile>) -> Self {
        Self(Registry::new(
            Arc::new(InMemoryIdentityStore::new()),
            profiles,
        ))
    }

    pub(crate) fn create_for(
        &self,
        tenant: &str,
        profile: &str,
        subject: &str,
        environment: &str,
    ) -> Result<Identity, CreateError> {
        let subject: Subject = subject.parse().unwrap();
        let mut new = NewIdentity::new(tenant.parse().unwrap(), profile.parse().unwrap(), subject);
        if !environment.is_empty() {
            new = new.environment(environment.parse().unwrap());
        }
        ready(self.0.create(&new, START))
    }

    pub(crate) fn zuora(&self, subject: &str, environment: &str) -> Result<Identity, CreateError> {
        self.create_for("acme", "zuora-advanced", subject, environment)
    }

    pub(crate) fn ses(&self, subject: &str) -> Identity {
        self.create_for("acme", "amazon-ses", subject, "").unwrap()
    }

    pub(crate) fn prove(&self, identity: &Identity) {
        for (proof, _) in identity.verification.proofs() {
            let key = identity.key();
            let found = Finding::Proven;
            ready(
                self.0
                    .record_finding(&identity.tenant, &key, proof, found, START),
            )
            .unwrap();
        }
    }

    pub(crate) fn authorize(
        &self,
        profile: &str,
        from: &str,
        environment: &str,
    ) -> Result<Authorization, NotAuthorized> {
        let environment = (!environment.is_empty()).then(|| environment.parse().unwrap());
        let (tenant, from, profile) = (acme(), from.parse().unwrap(), profile.parse().unwrap());
        let request = SendAs::new(&tenant, &from, &profile).environment(environment.as_ref());
        ready(self.0.authorize(&request, START))
    }

    /// The identity that lets mail out under SES, or why none does.
    pub(crate) fn decides(&self, from: &str) -> Result<String, String> {
        self.authorize("amazon-ses", from, "")
            .map(|authorization| authorization.identity().subject.to_string())
            .map_err(|refusal| refusal.to_string())
    }
}

pub(crate) fn acme() -> TenantId {
    "acme".parse().unwrap()
}

pub(crate) fn rule(result: Result<Identity, CreateError>) -> RuleViolation {
    match result {
        Err(CreateError::Rule(violation)) => violation,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn custom(sections: &str) -> Profile {
    let head = "schema = 1\nid = \"custom\"\ntitle = \"X\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";
    Profile::from_toml(&format!("{head}{sections}"), |_| None).unwrap()
}
