//! Regions, compartments, and environments that must not share.

use letterhead_identity::registry::SendAs;
use letterhead_identity::{
    Authorization, Identity, NotAuthorized, Region, RuleViolation, Subject, rules,
};
use letterhead_identity::{CreateError, NewIdentity};

use crate::office::{Office, START, acme, custom, ready, rule};

/// Identities bound to one of two regions, kept in compartments, and unique in each region.
const REGIONAL: &str = r#"
[[identity]]
kind = "approved-sender"
covers = "exact-address"
case = "insensitive"
verified_by = []
source = "page"
[regions]
identities = "required"
others = "refused"
known = [
    { name = "us-phoenix-1", code = "PHX", location = "americas" },
    { name = "us-ashburn-1", code = "IAD", location = "americas" },
]
source = "page"
[compartments]
identities = "required"
prefix = "ocid1.compartment."
root_prefix = "ocid1.tenancy."
root_advice = "keep senders in a compartment of their own"
source = "page"
[[unique]]
kind = "approved-sender"
per = "region"
http_status = 409
source = "page"
"#;

struct Cloud(Office);

impl Cloud {
    fn new() -> Self {
        Self(Office::with([custom(REGIONAL)]))
    }

    fn create(
        &self,
        subject: &str,
        region: &str,
        compartment: &str,
    ) -> Result<Identity, CreateError> {
        let subject: Subject = subject.parse().unwrap();
        let mut new = NewIdentity::new(acme(), "custom".parse().unwrap(), subject);
        if !region.is_empty() {
            new = new.region(region.parse().unwrap());
        }
        if !compartment.is_empty() {
            new = new.compartment(compartment.parse().unwrap());
        }
        ready(self.0.0.create(&new, START))
    }

    fn send(&self, from: &str, region: Option<&str>) -> Result<Authorization, NotAuthorized> {
        let (tenant, from, profile) = (acme(), from.parse().unwrap(), "custom".parse().unwrap());
        let region: Option<Region> = region.map(|region| region.parse().unwrap());
        let request = SendAs::new(&tenant, &from, &profile).region(region.as_ref());
        ready(self.0.0.authorize(&request, START))
    }
}

const MAIL: &str = "ocid1.compartment.oc1..mail";

#[test]
fn a_sender_of_one_region_cannot_send_through_another() {
    let cloud = Cloud::new();
    let identity = cloud.create("user@example.com", "phx", MAIL).unwrap();
    assert_eq!(
        identity.key().to_string(),
        "user@example.com under custom (us-phoenix-1)",
        "a code stands for the name"
    );
    assert!(cloud.send("user@example.com", Some("PHX")).is_ok());
    assert!(cloud.send("user@example.com", Some("us-phoenix-1")).is_ok());
    let refusal = cloud.send("user@example.com", Some("IAD")).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "user@example.com cannot be sent as through us-ashburn-1: it is registered in us-phoenix-1"
    );
    assert!(matches!(
        cloud.send("user@example.com", None),
        Err(NotAuthorized::Region(_))
    ));
    assert_eq!(
        cloud
            .send("user@example.com", Some("LHR"))
            .unwrap_err()
            .to_string(),
        "there is no region LHR; known are: us-phoenix-1, us-ashburn-1"
    );
}

#[test]
fn an_address_is_unique_in_its_region_whatever_the_compartment() {
    let cloud = Cloud::new();
    cloud.create("user@example.com", "PHX", MAIL).unwrap();
    let second = rule(cloud.create("User@example.com", "PHX", "ocid1.compartment.oc1..other"));
    assert!(
        matches!(
            second,
            RuleViolation::Duplicate {
                http_status: Some(409),
                ..
            }
        ),
        "{second}"
    );
    cloud.create("user@example.com", "IAD", MAIL).unwrap();
    assert!(cloud.send("user@example.com", Some("IAD")).is_ok());
}

#[test]
fn an_identity_says_where_it_is_kept_and_the_root_is_advised_against() {
    let cloud = Cloud::new();
    assert_eq!(
        rule(cloud.create("user@example.com", "PHX", "")),
        RuleViolation::NoCompartment
    );
    assert_eq!(
        rule(cloud.create("user@example.com", "PHX", "marketing")).to_string(),
        "marketing is no compartment; its id begins with ocid1.compartment."
    );
    assert!(matches!(
        rule(cloud.create("user@example.com", "", MAIL)),
        RuleViolation::Region(_)
    ));
    let profile = custom(REGIONAL);
    let root = cloud
        .create("root@example.com", "PHX", "ocid1.tenancy.oc1..us")
        .unwrap();
    assert_eq!(
        rules::advise(&profile, &root),
        ["keep senders in a compartment of their own"]
    );
    let kept = cloud.create("user@example.com", "PHX", MAIL).unwrap();
    assert!(rules::advise(&profile, &kept).is_empty());
}

#[test]
fn an_address_that_a_sandbox_has_is_not_taken_in_production() {
    let office = Office::with([custom(
        r#"
[environments]
names = ["production", "sandbox"]
never_share = [["production", "sandbox"]]
source = "page"
[[identity]]
kind = "support-address"
covers = "exact-address"
case = "insensitive"
verified_by = []
source = "page"
"#,
    )]);
    let create = |subject, environment| office.create_for("acme", "custom", subject, environment);
    let tried = create("help@yourcompany.example", "sandbox").unwrap();
    assert_eq!(
        rule(create("Help@yourcompany.example", "production")).to_string(),
        "help@yourcompany.example is registered in sandbox, which must not share it; delete it there first"
    );
    let covered = letterhead_identity::registry::Covered::Keep;
    ready(office.0.remove(&acme(), &tried.key(), covered)).unwrap();
    create("help@yourcompany.example", "production").unwrap();
    assert!(matches!(
        rule(create("help@yourcompany.example", "sandbox")),
        RuleViolation::OtherEnvironment { .. }
    ));
}

#[test]
fn addresses_are_counted_by_domain_and_domains_by_tenant() {
    let office = Office::with([custom(
        r#"
[[identity]]
kind = "support-address"
covers = "exact-address"
verified_by = []
source = "page"
[[maximum]]
kind = "support-address"
per = "domain"
count = 3
source = "page"
[[maximum]]
kind = "support-address"
counts = "domains"
per = "tenant"
count = 2
source = "page"
[[maximum]]
kind = "support-address"
per = "tenant"
count = 5
source = "page"
[[denied]]
domain = "provider.example"
covers = "domain-and-subdomains"
source = "page"
"#,
    )]);
    let create = |subject: &str| office.create_for("acme", "custom", subject, "");
    for local in ["a", "b", "c"] {
        create(&format!("{local}@one.example")).unwrap();
    }
    assert_eq!(
        rule(create("d@one.example")).to_string(),
        "d@one.example would be one too many: at most 3 of kind support-address a domain"
    );
    create("a@two.example").unwrap();
    assert_eq!(
        rule(create("a@three.example")).to_string(),
        "a@three.example would be one too many: at most 2 domains of kind support-address a tenant"
    );
    create("b@two.example").unwrap();
    assert_eq!(
        rule(create("c@two.example")).to_string(),
        "c@two.example would be one too many: at most 5 of kind support-address a tenant"
    );
    assert_eq!(
        rule(create("support@acme.provider.example")).to_string(),
        "support@acme.provider.example cannot be registered: nobody may send as addresses of provider.example here"
    );
    assert!(matches!(
        office.authorize("custom", "x@provider.example", ""),
        Err(NotAuthorized::Denied { .. })
    ));
    assert!(matches!(
        office.authorize("custom", "x@notprovider.example", ""),
        Err(NotAuthorized::NoIdentity { .. })
    ));
}
