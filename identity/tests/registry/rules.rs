//! What a tenant may register.

use letterhead_identity::profile::Per;
use letterhead_identity::value::ValueError;
use letterhead_identity::{CreateError, NewIdentity};
use letterhead_identity::{RuleViolation, Subject};

use crate::office::{Office, START, acme, custom, ready, rule};

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

#[test]
fn an_environment_goes_by_its_name_however_it_is_written() {
    let office = Office::new();
    for (name, group) in [
        ("Production", "production"),
        ("ApiSandbox", "production"),
        ("API_SANDBOX", "production"),
        ("Developer", "developer-sandbox"),
        ("centralsandbox", "developer-sandbox"),
        ("central", "developer-sandbox"),
    ] {
        let identity = office
            .create_for(name, "zuora-advanced", "yourcompany.example", name)
            .unwrap();
        assert_eq!(identity.environment_group.unwrap().as_str(), group);
    }
    assert_eq!(
        rule(office.zuora("yourcompany.example", "moon")).to_string(),
        "there is no environment moon; known are: production, api-sandbox, developer-sandbox, central-sandbox"
    );
}

#[test]
fn only_ascii_letters_are_the_same_in_another_case() {
    let office = Office::new();
    let identity = office
        .create_for("acme", "google-workspace", "kate@yourcompany.example", "")
        .unwrap();
    office.prove(&identity);
    assert!(
        office
            .authorize("google-workspace", "Kate@yourcompany.example", "")
            .is_ok()
    );
    // The Kelvin sign folds to a k, and is another mailbox.
    assert!(
        office
            .authorize("google-workspace", "\u{212A}ate@yourcompany.example", "")
            .is_err()
    );
}

#[test]
fn a_compartment_is_refused_where_there_are_none() {
    let office = Office::new();
    let new = NewIdentity::new(
        acme(),
        "amazon-ses".parse().unwrap(),
        "yourcompany.example".parse::<Subject>().unwrap(),
    )
    .compartment("ocid1.compartment.oc1..mail".parse().unwrap());
    let violation = rule(ready(office.0.create(&new, START)));
    assert!(matches!(violation, RuleViolation::NoCompartments { .. }));
    assert_eq!(
        violation.to_string(),
        "there are no compartments here; leave ocid1.compartment.oc1..mail out"
    );
}
