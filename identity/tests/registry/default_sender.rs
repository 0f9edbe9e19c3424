//! Whom mail is from where its own sender may not be used, and which way it may go.

use letterhead_identity::NewIdentity;
use letterhead_identity::registry::SendAs;
use letterhead_identity::{Authorization, Feature, NotAuthorized, Profile, RuleViolation, Subject};

use crate::office::{Office, START, acme, custom, hours, ready, rule};

/// A channel whose mail is from the provider's own address where nothing else is said.
const WORKFLOW: &str = r#"
[channel]
product = "billing"
features = ["workflow"]
default_sender = "provider-sender"
carried_by = "provider"
while_unverified = "default-sender"
while_disabled = "unknown"
source = "page"
[[identity]]
kind = "email"
covers = "exact-address"
verified_by = "mail-link"
source = "page"
[[identity]]
kind = "provider-sender"
covers = "exact-address"
verified_by = []
provider_owned = ["workflow@provider.example"]
source = "page"
"#;

/// A channel whose mail is from the one address of the tenant's.
const TENANT_EMAIL: &str = r#"
[channel]
product = "billing"
features = ["notification"]
default_sender = "tenant-email"
carried_by = "provider"
while_unverified = "refused"
while_disabled = "refused"
source = "page"
[[identity]]
kind = "tenant-email"
covers = "exact-address"
verified_by = []
source = "page"
"#;

fn send(
    office: &Office,
    from: &str,
    feature: Option<&str>,
) -> Result<Authorization, NotAuthorized> {
    let (tenant, from, profile) = (acme(), from.parse().unwrap(), "custom".parse().unwrap());
    let feature: Option<Feature> = feature.map(|feature| feature.parse().unwrap());
    let request = SendAs::new(&tenant, &from, &profile).feature(feature.as_ref());
    ready(office.0.authorize_or_default(&request, hours(1)))
}

#[test]
fn everybody_may_send_as_what_the_provider_owns_and_nobody_registers_it() {
    let office = Office::with([custom(WORKFLOW)]);
    let proof = send(&office, "workflow@provider.example", None).unwrap();
    assert_eq!(proof.identity().kind.as_str(), "provider-sender");
    assert!(proof.substitution().is_none());
    assert!(matches!(
        rule(office.create_for("acme", "custom", "workflow@provider.example", "")),
        RuleViolation::ProviderOwned { .. }
    ));
    let other: Subject = "other@provider.example".parse().unwrap();
    let new = NewIdentity::new(acme(), "custom".parse().unwrap(), other)
        .kind("provider-sender".parse().unwrap());
    assert!(matches!(
        rule(ready(office.0.create(&new, START))),
        RuleViolation::ProviderOwned { .. }
    ));
}

#[test]
fn the_default_sender_stands_in_for_one_that_is_not_verified_or_was_disabled_and_says_so() {
    let office = Office::with([custom(WORKFLOW)]);
    let identity = office
        .create_for("acme", "custom", "billing@yourcompany.example", "")
        .unwrap();
    let unverified = send(&office, "billing@yourcompany.example", None).unwrap();
    assert_eq!(unverified.from().to_string(), "workflow@provider.example");
    let substitution = unverified.substitution().unwrap();
    assert_eq!(
        substitution.requested.to_string(),
        "billing@yourcompany.example"
    );
    assert!(matches!(
        *substitution.because,
        NotAuthorized::NotVerified { .. }
    ));
    office.prove(&identity);
    let own = send(&office, "billing@yourcompany.example", None).unwrap();
    assert_eq!(own.from().to_string(), "billing@yourcompany.example");
    assert!(own.substitution().is_none());
    ready(office.0.disable(&acme(), &identity.key(), START)).unwrap();
    let disabled = send(&office, "billing@yourcompany.example", None).unwrap();
    assert_eq!(
        disabled.substitution().unwrap().because.to_string(),
        "billing@yourcompany.example covers billing@yourcompany.example, but it was disabled"
    );
    // What is nobody's stays refused: it was a mistake, and not a matter of time.
    assert!(matches!(
        send(&office, "ceo@elsewhere.example", None),
        Err(NotAuthorized::NoIdentity { .. })
    ));
}

#[test]
fn a_tenants_own_address_is_the_default_sender_where_the_profile_says_so() {
    let office = Office::with([custom(TENANT_EMAIL)]);
    let (tenant, profile) = (acme(), "custom".parse().unwrap());
    let from = "anyone@yourcompany.example".parse().unwrap();
    let request = SendAs::new(&tenant, &from, &profile);
    let default = || ready(office.0.default_sender(&request, START)).unwrap();
    assert_eq!(default(), None, "the tenant has not said");
    office
        .create_for("acme", "custom", "accounts@yourcompany.example", "")
        .unwrap();
    assert_eq!(
        default().unwrap().to_string(),
        "accounts@yourcompany.example"
    );
    assert!(send(&office, "accounts@yourcompany.example", None).is_ok());
}

#[test]
fn a_feature_sends_only_the_ways_it_may() {
    let office = Office::with([custom(WORKFLOW)]);
    let from = "workflow@provider.example";
    assert!(send(&office, from, Some("workflow")).is_ok());
    assert_eq!(
        send(&office, from, Some("notification"))
            .unwrap_err()
            .to_string(),
        "notification does not send through custom, which is for: workflow"
    );
}

#[test]
fn a_channel_over_a_vendor_has_the_vendors_rules_where_it_has_none_of_its_own() {
    let external = custom(
        "[channel]\nproduct = \"billing\"\ncarried_by = \"vendor\"\nwhile_unverified = \"refused\"\nwhile_disabled = \"refused\"\nsource = \"page\"\n",
    );
    let vendor = Profile::built_in("amazon-ses").unwrap();
    let joined = external.over_vendor(&vendor).unwrap();
    assert_eq!(joined.id().as_str(), "custom-amazon-ses");
    assert_eq!(joined.spf(), vendor.spf());
    assert!(joined.channel().is_some());
    assert_eq!(
        vendor.over_vendor(&external).unwrap_err().to_string(),
        "amazon-ses does not send through the servers of custom"
    );
    assert!(external.over_vendor(&external).is_err());
}

#[test]
fn a_brand_is_stood_in_for_by_its_own_oldest_address_or_by_one_of_no_brand() {
    let office = Office::with([custom(
        &TENANT_EMAIL.replace("verified_by = []", "verified_by = \"mail-link\""),
    )]);
    let create = |address: &str, brand: &str, hour| {
        let subject: Subject = address.parse().unwrap();
        let mut new = NewIdentity::new(acme(), "custom".parse().unwrap(), subject);
        if !brand.is_empty() {
            new = new.brand(brand.parse().unwrap());
        }
        ready(office.0.create(&new, hours(hour))).unwrap()
    };
    let stands_in = |from: &str| {
        let (tenant, from, profile) = (acme(), from.parse().unwrap(), "custom".parse().unwrap());
        let request = SendAs::new(&tenant, &from, &profile);
        let proof = ready(office.0.authorize_or_default(&request, hours(9)));
        proof.map(|proof| proof.from().to_string()).ok()
    };
    create("pending@beta.example", "beta", 0);
    office.prove(&create("help@alpha.example", "alpha", 0));
    assert_eq!(
        stands_in("pending@beta.example"),
        None,
        "never another brand's"
    );
    office.prove(&create("office@yourcompany.example", "", 1));
    assert_eq!(
        stands_in("pending@beta.example").unwrap(),
        "office@yourcompany.example"
    );
    office.prove(&create("help@beta.example", "beta", 3));
    office.prove(&create("aaa@beta.example", "beta", 4));
    assert_eq!(
        stands_in("pending@beta.example").unwrap(),
        "help@beta.example"
    );
}
