use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::{ApiRequest, OperationError};
use crate::profile::{Operation, Profile, ProfileError};

const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

const OCI: &str = r#"
[compartments]
identities = "required"
prefix = "ocid1.compartment.oc1.."
root_prefix = "ocid1.tenancy.oc1.."
source = "page"

[[operation]]
name = "create-identity"
through = ["console", "api"]
method = "POST"
path = "/20170907/senders"
body = { compartmentId = "{compartment}", emailAddress = "{address}" }
source = "page"

[[operation]]
name = "add-suppression"
through = ["console", "api"]
method = "POST"
path = "/20170907/suppressions"
body = { compartmentId = "{compartment}", emailAddress = "{address}" }
source = "page"

[[operation]]
name = "get-suppression"
through = ["api"]
method = "GET"
path = "/20170907/suppressions/{suppression}"
source = "page"

[[operation]]
name = "remove-suppression"
through = ["api"]
method = "DELETE"
path = "/20170907/suppressions/{suppression}"
source = "page"

[[operation]]
name = "create-policy"
through = ["console", "api"]
takes_effect_seconds = 10
source = "page"
"#;

const ZENDESK: &str = r#"
[[operation]]
name = "create-identity"
through = ["console"]
note = "credentials can be entered in the console only"
source = "page"

[[operation]]
name = "delete-identity"
through = ["console", "api"]
batch = 1
source = "page"

[[operation]]
name = "enter-credentials"
through = ["console"]
source = "page"
"#;

const COMPARTMENT: &str =
    "ocid1.compartment.oc1..aaaaaaaat7uqcb6zoxvzoga4d4vh4dtweciavepacd3skz56atf3qp73d7fx";

fn read(sections: &str) -> Result<Profile, ProfileError> {
    Profile::from_toml(&format!("{HEAD}{sections}"), |_| None)
}

fn operation(sections: &str, name: &str) -> Operation {
    let profile = read(sections).unwrap();
    profile.operation(&name.parse().unwrap()).unwrap().clone()
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn request(name: &str, pairs: &[(&str, &str)]) -> Result<ApiRequest, OperationError> {
    read(OCI)
        .unwrap()
        .api_request(&name.parse().unwrap(), &values(pairs))
}

#[test]
fn senders_and_suppressions_are_created_by_a_request_with_valid_json() {
    for (name, path) in [
        ("create-identity", "/20170907/senders"),
        ("add-suppression", "/20170907/suppressions"),
    ] {
        let pairs = [
            ("compartment", COMPARTMENT),
            ("address", "user@example.com"),
        ];
        let made = request(name, &pairs).unwrap();
        assert_eq!((made.method.as_str(), made.path.as_str()), ("POST", path));
        let body = made.body.unwrap();
        assert_eq!(
            body,
            format!(r#"{{"compartmentId":"{COMPARTMENT}","emailAddress":"user@example.com"}}"#)
        );
        let json: BTreeMap<String, String> = serde_json::from_str(&body).unwrap();
        assert_eq!(json["compartmentId"], COMPARTMENT);
    }
}

#[test]
fn suppressions_are_looked_up_and_removed_by_a_path_without_a_body() {
    for (name, method) in [("get-suppression", "GET"), ("remove-suppression", "DELETE")] {
        let made = request(name, &[("suppression", "a/b c?d%é")]).unwrap();
        assert_eq!(
            made,
            ApiRequest {
                method: method.to_owned(),
                path: "/20170907/suppressions/a%2Fb%20c%3Fd%25%C3%A9".to_owned(),
                body: None
            }
        );
        for dots in [".", ".."] {
            let refused = request(name, &[("suppression", dots)]).unwrap_err();
            assert!(matches!(refused, OperationError::NotInPath { .. }));
        }
    }
}

#[test]
fn text_of_every_kind_reads_back_from_the_body() {
    let all: String = (0..0x300)
        .filter_map(char::from_u32)
        .chain("\u{2028}😀{address}\u{10ffff}".chars())
        .collect();
    let create = operation(OCI, "create-identity");
    let pairs = [("compartment", "\"},{\"x\":\"\\"), ("address", &all)];
    let body = create.request(&values(&pairs)).unwrap().body.unwrap();
    let json: BTreeMap<String, String> = serde_json::from_str(&body).unwrap();
    assert_eq!(json["emailAddress"], all);
    assert_eq!(json["compartmentId"], pairs[0].1);
    assert_eq!(json.len(), 2);
}

#[test]
fn a_value_that_is_missing_or_empty_is_named() {
    for pairs in [
        &[("compartment", COMPARTMENT)][..],
        &[("compartment", COMPARTMENT), ("address", "")],
    ] {
        assert_eq!(
            request("create-identity", pairs).unwrap_err().to_string(),
            "create-identity needs a value for address"
        );
    }
}

#[test]
fn a_compartment_has_to_have_the_form_of_its_id() {
    let with = |id: &str| {
        let pairs = [("compartment", id), ("address", "user@example.com")];
        request("create-identity", &pairs)
    };
    with(COMPARTMENT).unwrap();
    with("ocid1.tenancy.oc1..aaaa").unwrap();
    for id in ["ocid1.compartment.oc1..", "ocid1.user.oc1..aaaa", "Mail"] {
        assert_eq!(
            with(id).unwrap_err().to_string(),
            format!("{id} is no compartment; its id begins with ocid1.compartment.oc1..")
        );
    }
    let error = with("ocid1.compartment.oc1..a b").unwrap_err();
    assert!(matches!(error, OperationError::NoLabel(_)));
}

#[test]
fn a_policy_takes_effect_after_ten_seconds() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    let create = operation(OCI, "create-policy");
    assert_eq!(
        create.takes_effect(now),
        Some(now + Duration::from_secs(10))
    );
    assert_eq!(operation(OCI, "create-identity").takes_effect(now), None);
}

#[test]
fn what_only_the_console_does_is_refused_through_the_api() {
    let api = "api".parse().unwrap();
    let refused = operation(ZENDESK, "create-identity").check_way(&api);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "create-identity cannot be done through api, only through: console (credentials can be entered in the console only)"
    );
    let credentials = operation(ZENDESK, "enter-credentials");
    assert!(credentials.check_way(&api).is_err());
    credentials.check_way(&"console".parse().unwrap()).unwrap();
    operation(ZENDESK, "delete-identity")
        .check_way(&api)
        .unwrap();
    assert!(matches!(
        operation(ZENDESK, "create-identity").request(&BTreeMap::new()),
        Err(OperationError::NoRequest { .. })
    ));
    let nothing = read(ZENDESK).unwrap();
    assert_eq!(
        nothing
            .api_request(&"fly".parse().unwrap(), &BTreeMap::new())
            .unwrap_err()
            .to_string(),
        "nothing is known here of fly; known are: create-identity, delete-identity, enter-credentials"
    );
}

#[test]
fn one_address_is_deleted_at_a_time() {
    let addresses = ["a@x.example", "b@x.example", "c@x.example"];
    let delete = operation(ZENDESK, "delete-identity");
    let calls: Vec<&[&str]> = delete.batches(&addresses).collect();
    assert_eq!(
        calls,
        [&addresses[0..1], &addresses[1..2], &addresses[2..3]]
    );
    // Where nobody says, one is what surely works.
    let create = operation(ZENDESK, "create-identity");
    assert_eq!(create.batches(&addresses).count(), 3);
    let two = ZENDESK.replace("batch = 1", "batch = 2");
    assert_eq!(
        operation(&two, "delete-identity")
            .batches(&addresses)
            .count(),
        2
    );
}

#[test]
fn a_section_that_cannot_be_used_is_refused() {
    let section = |rest: &str| {
        read(&format!(
            "[[operation]]\nname = \"a\"\nsource = \"page\"\n{rest}"
        ))
    };
    for (rest, name) in [
        ("through = []\n", "through"),
        ("through = [\"api\"]\nmethod = \"GET\"\n", "path"),
        ("through = [\"api\"]\npath = \"/a\"\n", "method"),
        ("through = [\"api\"]\nbody = { a = \"b\" }\n", "method"),
    ] {
        assert_eq!(
            section(rest).unwrap_err(),
            ProfileError::NotDefined {
                section: "operation",
                name: name.to_owned()
            }
        );
    }
    for rest in [
        "through = [\"api\"]\nmethod = \"Get\"\npath = \"/a\"\n",
        "through = [\"api\"]\nmethod = \"GET\"\npath = \"a\"\n",
        "through = [\"api\"]\nmethod = \"GET\"\npath = \"/a b\"\n",
        "through = [\"api\"]\nbatch = 0\n",
    ] {
        assert!(
            matches!(section(rest), Err(ProfileError::Syntax { .. })),
            "{rest}"
        );
    }
}
