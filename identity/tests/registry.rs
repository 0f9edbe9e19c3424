//! What a tenant may register, how it is proven, and as whom it may then send.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::{Zone, block_on_ready};
use letterhead_identity::dns_plan::ValueError;
use letterhead_identity::identity::IdentityKey;
use letterhead_identity::profile::{MadeBy, Per};
use letterhead_identity::registry::{ChangeError, CreateError, NewIdentity, VerifyError};
use letterhead_identity::verification::Finding;
use letterhead_identity::{
    Authorization, Identity, InMemoryIdentityStore, NotAuthorized, Profile, Registry,
    RuleViolation, Subject, VerificationState,
};
use letterhead_mail::TenantId;

const START: SystemTime = SystemTime::UNIX_EPOCH;

fn ready<T>(future: impl Future<Output = T>) -> T {
    block_on_ready(future).expect("store and zone answer at once")
}

fn hours(count: u64) -> SystemTime {
    START + Duration::from_hours(count)
}

struct Office(Registry);

impl Office {
    fn new() -> Self {
        let profiles = Profile::built_in_names().map(|name| Profile::built_in(name).unwrap());
        Self::with(profiles)
    }

    fn with(profiles: impl IntoIterator<Item = Profile>) -> Self {
        Self(Registry::new(
            Arc::new(InMemoryIdentityStore::new()),
            profiles,
        ))
    }

    fn create_for(
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

    fn zuora(&self, subject: &str, environment: &str) -> Result<Identity, CreateError> {
        self.create_for("acme", "zuora-advanced", subject, environment)
    }

    fn ses(&self, subject: &str) -> Identity {
        self.create_for("acme", "amazon-ses", subject, "").unwrap()
    }

    fn prove(&self, identity: &Identity) {
        ready(
            self.0
                .record_finding(&identity.tenant, &identity.key(), Finding::Proven, START),
        )
        .unwrap();
    }

    fn authorize(
        &self,
        profile: &str,
        from: &str,
        environment: &str,
    ) -> Result<Authorization, NotAuthorized> {
        let environment = (!environment.is_empty()).then(|| environment.parse().unwrap());
        ready(self.0.authorize(
            &acme(),
            &from.parse().unwrap(),
            &profile.parse().unwrap(),
            environment.as_ref(),
        ))
    }

    /// The identity that lets mail out under SES, or why none does.
    fn decides(&self, from: &str) -> Result<String, String> {
        self.authorize("amazon-ses", from, "")
            .map(|authorization| authorization.identity().subject.to_string())
            .map_err(|refusal| refusal.to_string())
    }
}

fn acme() -> TenantId {
    "acme".parse().unwrap()
}

fn rule(result: Result<Identity, CreateError>) -> RuleViolation {
    match result {
        Err(CreateError::Rule(violation)) => violation,
        other => panic!("{other:?}"),
    }
}

fn custom(sections: &str) -> Profile {
    let head = "schema = 1\nid = \"custom\"\ntitle = \"X\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";
    Profile::from_toml(&format!("{head}{sections}"), |_| None).unwrap()
}

#[test]
fn a_tenant_has_one_domain_and_three_addresses() {
    let office = Office::new();
    office.zuora("yourcompany.example", "production").unwrap();
    let second = rule(office.zuora("other.example", "production"));
    assert_eq!(
        second.to_string(),
        "other.example would be one too many: at most 1 of kind domain a tenant"
    );
    for local in ["a", "b", "c"] {
        office
            .zuora(&format!("{local}@other.example"), "production")
            .unwrap();
    }
    for environment in ["production", "central-sandbox"] {
        assert!(matches!(
            rule(office.zuora("d@other.example", environment)),
            RuleViolation::Maximum {
                per: Per::Tenant,
                count: 3,
                ..
            }
        ));
    }
    // Another tenant and another profile count by themselves.
    office
        .create_for("globex", "zuora-advanced", "other.example", "production")
        .unwrap();
    office.ses("other.example");
}

#[test]
fn domain_and_address_of_one_domain_shut_each_other_out_in_either_order() {
    for (first, second) in [
        ("yourcompany.example", "contact@YourCompany.Example"),
        ("contact@yourcompany.example", "YOURCOMPANY.example"),
    ] {
        for environment in ["production", "api-sandbox", "developer-sandbox"] {
            let office = Office::new();
            office.zuora(first, "production").unwrap();
            let violation = rule(office.zuora(second, environment));
            assert!(
                matches!(violation, RuleViolation::Exclusive { .. }),
                "{environment}: {violation}"
            );
        }
    }
    let office = Office::new();
    office.zuora("yourcompany.example", "production").unwrap();
    // The page leaves subdomains open; they are another domain.
    office
        .zuora("contact@en.yourcompany.example", "production")
        .unwrap();
    office
        .zuora("contact@notyourcompany.example", "production")
        .unwrap();
    // SES itself knows no such rule.
    office.ses("yourcompany.example");
    office.ses("contact@yourcompany.example");
}

#[test]
fn exclusion_can_be_a_matter_of_each_environment_group() {
    let identity = |kind: &str, covers: &str| {
        format!(
            "[[identity]]\nkind = \"{kind}\"\ncovers = \"{covers}\"\nverified_by = \"dns\"\nsource = \"page\"\n"
        )
    };
    let office = Office::with([custom(&format!(
        "{}{}[environments]\nnames = [\"a\", \"b\"]\nsource = \"page\"\n[[exclusive]]\nkinds = [\"domain\", \"email\"]\nshare = \"domain\"\nper = \"environment-group\"\nsource = \"page\"\n",
        identity("domain", "domain"),
        identity("email", "exact-address")
    ))]);
    let create = |subject, environment| office.create_for("acme", "custom", subject, environment);
    create("yourcompany.example", "a").unwrap();
    create("contact@yourcompany.example", "b").unwrap();
    assert!(matches!(
        rule(create("contact@yourcompany.example", "a")),
        RuleViolation::Exclusive { .. }
    ));
}

#[test]
fn one_domain_in_two_environment_groups_is_one_identity() {
    let office = Office::new();
    office.zuora("yourcompany.example", "production").unwrap();
    let shared = rule(office.zuora("YourCompany.example", "api-sandbox"));
    assert_eq!(
        shared.to_string(),
        "yourcompany.example is registered already"
    );
    let sandbox = office
        .zuora("yourcompany.example", "central-sandbox")
        .unwrap();
    assert_eq!(
        sandbox.environment_group.as_ref().unwrap().as_str(),
        "developer-sandbox"
    );
    assert!(matches!(
        rule(office.zuora("yourcompany.example", "developer-sandbox")),
        RuleViolation::Duplicate { .. }
    ));
    let plan = ready(office.0.dns_plan(
        &acme(),
        &"zuora-advanced".parse().unwrap(),
        &"yourcompany.example".parse().unwrap(),
    ))
    .unwrap();
    assert_eq!(plan.to_string().matches("IN CNAME").count(), 6);
}

#[test]
fn what_cannot_be_registered_is_told_apart() {
    let office = Office::new();
    assert!(matches!(
        rule(office.zuora("a.example", "")),
        RuleViolation::NoEnvironment
    ));
    let unknown = rule(office.zuora("a.example", "staging"));
    assert!(
        matches!(unknown, RuleViolation::Environment(_)),
        "{unknown}"
    );
    assert!(matches!(
        office.create_for("acme", "nobody", "a.example", ""),
        Err(CreateError::NoProfile(_))
    ));
    assert!(matches!(
        office.create_for("acme", "own-server", "a@a.example", ""),
        Err(CreateError::NoKind { .. })
    ));
    let new = NewIdentity::new(
        acme(),
        "amazon-ses".parse().unwrap(),
        "a.example".parse::<Subject>().unwrap(),
    );
    let with_kind = |kind: &str| {
        ready(
            office
                .0
                .create(&new.clone().kind(kind.parse().unwrap()), START),
        )
    };
    assert!(matches!(
        rule(with_kind("email")),
        RuleViolation::WrongSubject { .. }
    ));
    assert_eq!(
        rule(with_kind("region")).to_string(),
        "there is no identity of kind region here; known are: email, domain"
    );
    let with_value = new.value("dkim-token", vec!["a\nb".to_owned()]);
    assert!(matches!(
        ready(office.0.create(&with_value, START)),
        Err(CreateError::Value(ValueError::NotPrintable {
            offset: 1,
            ..
        }))
    ));
    assert_eq!(ready(office.0.list(&acme())).unwrap(), []);
}

#[test]
fn addresses_that_differ_in_case_are_two_where_case_matters() {
    let office = Office::new();
    office.ses("Billing@a.example");
    office.ses("billing@a.example");
    let office = Office::with([custom(
        "[[identity]]\nkind = \"email\"\ncovers = \"exact-address\"\ncase = \"insensitive\"\nverified_by = \"mail-link\"\nsource = \"page\"\n",
    )]);
    let identity = office
        .create_for("acme", "custom", "Billing@a.example", "")
        .unwrap();
    assert!(matches!(
        rule(office.create_for("acme", "custom", "billing@A.example", "")),
        RuleViolation::Duplicate { .. }
    ));
    office.prove(&identity);
    assert!(office.authorize("custom", "BILLING@a.example", "").is_ok());
    assert!(
        office
            .authorize("custom", "billing+x@a.example", "")
            .is_err()
    );
}

const PUBLISHED: &str = "\
a._domainkey.yourcompany.example. 60 IN CNAME a.dkim.amazonses.com.
b._domainkey.yourcompany.example. 60 IN CNAME b.dkim.amazonses.com.
c._domainkey.yourcompany.example. 60 IN CNAME c.dkim.amazonses.com.
";

fn tokens(names: [&str; 3]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

#[test]
fn an_identity_is_verified_by_its_records_and_falls_only_after_72_hours_without() {
    let office = Office::new();
    let key = office
        .zuora("yourcompany.example", "production")
        .unwrap()
        .key();
    let published: Zone = PUBLISHED.parse().unwrap();
    let failing: Zone =
        format!("{PUBLISHED};fault b._domainkey.yourcompany.example CNAME servfail")
            .parse()
            .unwrap();
    let state = |zone: &Zone, now| {
        let verification = ready(office.0.verify(&acme(), &key, zone, now)).unwrap();
        (verification.finding, verification.identity.verification)
    };
    let pending = VerificationState::Pending {
        deadline: Some(hours(72)),
    };
    assert_eq!(
        state(&published, hours(1)),
        (Finding::Missing, pending.clone()),
        "no tokens yet"
    );
    ready(
        office
            .0
            .set_values(&acme(), &key, "dkim-token", tokens(["a", "b", "c"])),
    )
    .unwrap();
    assert_eq!(state(&failing, hours(2)), (Finding::Unknown, pending));
    let verified = |missing_since| VerificationState::Verified {
        since: hours(3),
        missing_since,
    };
    assert_eq!(
        state(&published, hours(3)),
        (Finding::Proven, verified(None))
    );
    assert_eq!(
        state(&Zone::new(), hours(10)),
        (Finding::Missing, verified(Some(hours(10))))
    );
    assert_eq!(
        state(&failing, hours(200)),
        (Finding::Unknown, verified(Some(hours(10))))
    );
    assert_eq!(
        state(&published, hours(81)),
        (Finding::Proven, verified(None)),
        "it came back"
    );
    assert_eq!(
        state(&Zone::new(), hours(100)).1,
        verified(Some(hours(100)))
    );
    assert_eq!(
        state(&Zone::new(), hours(171)).1,
        verified(Some(hours(100)))
    );
    assert!(
        office
            .authorize("zuora-advanced", "x@yourcompany.example", "api-sandbox")
            .is_ok()
    );
    assert_eq!(
        state(&Zone::new(), hours(172)).1,
        VerificationState::Failed { at: hours(172) }
    );
    assert!(matches!(
        office.authorize("zuora-advanced", "x@yourcompany.example", "production"),
        Err(NotAuthorized::NotVerified { .. })
    ));
    assert!(state(&published, hours(173)).1.is_verified());
}

#[test]
fn pending_fails_at_its_deadline() {
    let office = Office::new();
    let key = office
        .zuora("yourcompany.example", "production")
        .unwrap()
        .key();
    let state = |now| {
        ready(office.0.verify(&acme(), &key, &Zone::new(), now))
            .unwrap()
            .identity
            .verification
    };
    assert!(matches!(
        state(hours(71)),
        VerificationState::Pending { .. }
    ));
    assert_eq!(
        state(hours(72)),
        VerificationState::Failed { at: hours(72) }
    );
}

#[test]
fn only_what_the_dns_proves_is_verified_by_it() {
    let office = Office::new();
    let address = office.ses("contact@yourcompany.example");
    let zone: Zone = PUBLISHED.parse().unwrap();
    let refused = ready(office.0.verify(&acme(), &address.key(), &zone, START)).unwrap_err();
    assert!(matches!(refused, VerifyError::NotByDns(_)), "{refused}");
    let globex: TenantId = "globex".parse().unwrap();
    let gone = ready(office.0.verify(&globex, &address.key(), &zone, START)).unwrap_err();
    assert_eq!(
        gone.to_string(),
        "there is no identity contact@yourcompany.example under amazon-ses"
    );
    let bad = ready(office.0.set_values(
        &acme(),
        &address.key(),
        "dkim-token",
        vec![String::new()],
    ));
    assert!(matches!(
        bad,
        Err(ChangeError::Value(ValueError::Empty { .. }))
    ));
}

#[test]
fn an_address_lets_out_that_address_only() {
    let office = Office::new();
    office.prove(
        &office
            .zuora("contact@yourcompany.example", "production")
            .unwrap(),
    );
    let authorize = |from| office.authorize("zuora-advanced", from, "production");
    let authorization = authorize("contact@YOURCOMPANY.example").unwrap();
    assert_eq!(
        authorization.from().to_string(),
        "contact@yourcompany.example"
    );
    // Its mail is signed for the provider's domain only, so it cannot align.
    let signatures: Vec<_> = authorization
        .signatures()
        .iter()
        .map(|signature| signature.domain.as_str())
        .collect();
    assert_eq!(signatures, ["amazonses.com"]);
    for from in [
        "employee@yourcompany.example",
        "Contact@yourcompany.example",
        "contact+may@yourcompany.example",
        "contact@en.yourcompany.example",
        "contact@[192.0.2.1]",
    ] {
        assert!(
            matches!(authorize(from), Err(NotAuthorized::NoIdentity { .. })),
            "{from}"
        );
    }
}

#[test]
fn a_domain_lets_out_its_addresses_and_those_below() {
    let office = Office::new();
    office.prove(&office.zuora("yourcompany.example", "production").unwrap());
    let authorize = |from| office.authorize("zuora-advanced", from, "production");
    for from in [
        "contact@yourcompany.example",
        "employee@YourCompany.Example",
        "noreply@en.yourcompany.example",
        "a@b.c.yourcompany.example",
    ] {
        let authorization = authorize(from).unwrap();
        let signatures: Vec<_> = authorization
            .signatures()
            .iter()
            .map(|signature| (signature.domain.as_str(), signature.made_by))
            .collect();
        assert_eq!(
            signatures,
            [
                ("amazonses.com", MadeBy::Provider),
                ("yourcompany.example", MadeBy::Provider)
            ]
        );
    }
    for from in [
        "a@notyourcompany.example",
        "a@company.example",
        "a@example",
        "a@yourcompany.example.net",
        "a@[127.0.0.1]",
    ] {
        let refusal = authorize(from).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            format!(
                "acme has no identity under zuora-advanced that covers {from}; it has yourcompany.example"
            )
        );
    }
}

#[test]
fn another_tenants_identity_is_nobody_elses() {
    let office = Office::new();
    office.prove(
        &office
            .create_for("globex", "amazon-ses", "yourcompany.example", "")
            .unwrap(),
    );
    assert_eq!(
        office.decides("a@yourcompany.example"),
        Err("acme has no identity under amazon-ses that covers a@yourcompany.example; it has none there".to_owned())
    );
    // Nor does one under another profile count.
    office.prove(&office.zuora("yourcompany.example", "production").unwrap());
    assert!(office.decides("a@yourcompany.example").is_err());
}

#[test]
fn no_group_of_environments_stands_in_for_another() {
    let office = Office::new();
    office.prove(&office.zuora("yourcompany.example", "api-sandbox").unwrap());
    let authorize =
        |environment| office.authorize("zuora-advanced", "a@yourcompany.example", environment);
    assert!(authorize("production").is_ok());
    assert!(authorize("api-sandbox").is_ok());
    for other in ["developer-sandbox", "central-sandbox"] {
        assert!(matches!(
            authorize(other),
            Err(NotAuthorized::NoIdentity { .. })
        ));
    }
    assert!(matches!(
        authorize("staging"),
        Err(NotAuthorized::Environment(_))
    ));
    assert!(matches!(
        authorize(""),
        Err(NotAuthorized::NoEnvironment(_))
    ));
    assert!(matches!(
        office.authorize("nobody", "a@b.example", ""),
        Err(NotAuthorized::NoProfile(_))
    ));
}

#[test]
fn the_most_granular_identity_decides() {
    let office = Office::new();
    for subject in [
        "user@a.b.example.com",
        "a.b.example.com",
        "b.example.com",
        "example.com",
    ] {
        office.prove(&office.ses(subject));
    }
    for (from, subject) in [
        ("user@example.com", "example.com"),
        ("user@b.example.com", "b.example.com"),
        ("user@a.b.example.com", "user@a.b.example.com"),
        ("user+x@a.b.example.com", "user@a.b.example.com"),
        ("User@a.b.example.com", "a.b.example.com"),
        ("user@c.a.b.example.com", "a.b.example.com"),
        ("user@c.example.com", "example.com"),
    ] {
        assert_eq!(office.decides(from).as_deref(), Ok(subject), "{from}");
    }
    // An address that was registered with its label is closer than the one without.
    office.prove(&office.ses("user+x@a.b.example.com"));
    assert_eq!(
        office.decides("user+x@a.b.example.com").as_deref(),
        Ok("user+x@a.b.example.com")
    );
    assert_eq!(
        office.decides("user+y@a.b.example.com").as_deref(),
        Ok("user@a.b.example.com")
    );
}

#[test]
fn what_is_not_verified_takes_nothing_away() {
    let office = Office::new();
    let domain = office.ses("example.com");
    office.ses("news.example.com");
    let refusal = office.decides("a@news.example.com").unwrap_err();
    assert_eq!(
        refusal,
        "news.example.com covers a@news.example.com, but it is not verified: pending"
    );
    office.prove(&domain);
    assert_eq!(
        office.decides("a@news.example.com").as_deref(),
        Ok("example.com")
    );
}

#[test]
fn what_is_removed_lets_nothing_out_and_makes_room() {
    let office = Office::new();
    let first = office.zuora("yourcompany.example", "production").unwrap();
    office.prove(&first);
    let removed = ready(office.0.remove(&acme(), &first.key())).unwrap();
    assert!(removed.verification.is_verified());
    assert!(matches!(
        ready(office.0.remove(&acme(), &first.key())),
        Err(ChangeError::NotFound(_))
    ));
    assert!(
        office
            .authorize("zuora-advanced", "a@yourcompany.example", "production")
            .is_err()
    );
    let again = office.zuora("yourcompany.example", "production").unwrap();
    assert!(
        !again.verification.is_verified(),
        "it has to be proven again"
    );
    ready(office.0.remove(&acme(), &again.key())).unwrap();
    office
        .zuora("contact@yourcompany.example", "production")
        .unwrap();
    office.zuora("other.example", "production").unwrap();
    let keys: Vec<String> = ready(office.0.list(&acme()))
        .unwrap()
        .iter()
        .map(Identity::key)
        .map(|key: IdentityKey| key.to_string())
        .collect();
    assert_eq!(
        keys,
        [
            "contact@yourcompany.example under zuora-advanced (production)",
            "other.example under zuora-advanced (production)"
        ]
    );
}
