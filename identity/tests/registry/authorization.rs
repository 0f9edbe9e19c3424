//! As whom a tenant may send.

use letterhead_identity::identity::IdentityKey;
use letterhead_identity::profile::MadeBy;
use letterhead_identity::registry::{ChangeError, Covered};
use letterhead_identity::{Identity, NotAuthorized};

use crate::office::{Office, acme, ready};

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
                "the tenant acme has no identity under zuora-advanced that covers {from}; it has yourcompany.example"
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
        Err("the tenant acme has no identity under amazon-ses that covers a@yourcompany.example; it has none there".to_owned())
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
        "news.example.com covers a@news.example.com, but it is not verified: DNS records pending; \
         publish what Registry::dns_plan says, and let Registry::verify look"
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
    let removed = ready(office.0.remove(&acme(), &first.key(), Covered::Keep)).unwrap();
    assert_eq!(removed.len(), 1);
    assert!(removed[0].verification.is_verified());
    assert!(matches!(
        ready(office.0.remove(&acme(), &first.key(), Covered::Keep)),
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
    ready(office.0.remove(&acme(), &again.key(), Covered::Keep)).unwrap();
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
