use super::{
    CompartmentPath, Expected, Grantee, Group, PathError, Policies, Policy, PolicyError,
    PolicyTarget, PolicyVersion, Scope, Statement, StatementError,
};
use crate::profile::Profile;

const TEXT: &str = "Allow group Mailers to use approved-senders in compartment Mail";

fn statement(text: &str) -> Statement {
    text.parse().unwrap()
}

fn group(name: &str) -> Group {
    Group::named(name).unwrap()
}

fn path(text: &str) -> CompartmentPath {
    text.parse().unwrap()
}

#[test]
fn the_statement_of_the_guide_reads_and_prints_exactly() {
    let read = statement(TEXT);
    assert_eq!(*read.grantee(), Grantee::Groups(vec![group("Mailers")]));
    assert_eq!(read.verb().as_str(), "use");
    assert_eq!(read.resource().as_str(), "approved-senders");
    assert_eq!(*read.scope(), Scope::Compartment(path("Mail")));
    assert_eq!(read.condition(), None);
    assert_eq!(read.to_string(), TEXT);
    let made = Statement::new(
        group("Mailers"),
        "use".parse().unwrap(),
        "approved-senders".parse().unwrap(),
        Scope::Compartment(path("Mail")),
    );
    assert_eq!(made, read);
}

#[test]
fn what_was_written_is_kept() {
    for text in [
        "allow  GROUP Mailers  TO use approved-senders IN tenancy",
        "Allow group 'Dev Team', B-Admins,C to manage all-resources in compartment A:B",
        "Allow group 'Default'/'Dev Team' to read suppressions in tenancy",
        "Allow group Other/Mailers to inspect email-family in tenancy ",
        "Allow group id ocid1.group.oc1..aaaa, id ocid1.group.oc1..bbbb to use x in compartment id ocid1.compartment.oc1..cccc",
        "Allow any-user to use approved-senders in tenancy where request.user.name = 'it''s'",
        "Allow any-group to use approved-senders in tenancy",
        "Allow dynamic-group Machines to use approved-senders in tenancy",
        "Allow service 'FaaS' to use some-new-thing in compartment X",
    ] {
        let read = statement(text);
        assert_eq!(read.to_string(), text);
        // What it means survives being made anew.
        if let Grantee::Groups(groups) = read.grantee() {
            let one = groups[0].clone();
            let (verb, resource) = (read.verb().clone(), read.resource().clone());
            let made = Statement::new(one, verb, resource, read.scope().clone());
            let again = statement(&made.to_string());
            assert_eq!(again, made);
            assert!(again.grantee().includes(&groups[..1]));
        }
    }
    let conditional = statement("Allow any-user to use x in tenancy where  any { a = 'b' } ");
    assert_eq!(conditional.condition(), Some("any { a = 'b' }"));
}

#[test]
fn what_is_no_statement_is_refused_with_place_and_what_was_expected() {
    for (text, offset, expected) in [
        ("", 0, Expected::Allow),
        ("Deny group A to use x in tenancy", 0, Expected::Allow),
        ("Allow", 5, Expected::Grantee),
        ("Allow user A to use x in tenancy", 6, Expected::Grantee),
        ("Allow group , to use x in tenancy", 12, Expected::Name),
        ("Allow group A, to use x in tenancy", 18, Expected::To),
        ("Allow group 'A to use x in tenancy", 34, Expected::Quote),
        ("Allow group '' to use x in tenancy", 13, Expected::Name),
        ("Allow group D/ to use x in tenancy", 18, Expected::To),
        ("Allow group id", 14, Expected::Id),
        ("Allow group Dev Team to use x in tenancy", 16, Expected::To),
        (
            "Allow group <group name> to use x in tenancy",
            19,
            Expected::To,
        ),
        ("Allow group A to", 16, Expected::Verb),
        ("Allow group A to us/e x in tenancy", 19, Expected::Resource),
        ("Allow group A to use", 20, Expected::Resource),
        (
            "Allow group A to use all resources in tenancy",
            25,
            Expected::In,
        ),
        ("Allow group A to use x in", 25, Expected::Location),
        (
            "Allow group A to use x in the tenancy",
            26,
            Expected::Location,
        ),
        (
            "Allow group A to use x in compartment",
            37,
            Expected::Compartment,
        ),
        (
            "Allow group A to use x in compartment A::B",
            40,
            Expected::Compartment,
        ),
        ("Allow group A to use x in compartment id", 40, Expected::Id),
        (
            "Allow group A to use b in compartment C where x = 'y'\nAllow any-user to manage all-resources in tenancy",
            53,
            Expected::NoControl,
        ),
        (
            "Allow group A\tto use x in tenancy",
            13,
            Expected::NoControl,
        ),
        (
            "Allow group 'A\rB' to use x in tenancy",
            14,
            Expected::NoControl,
        ),
        (
            "Allow group A to use x in tenancy\n",
            33,
            Expected::NoControl,
        ),
        (
            "Allow group A to use x in tenancy\u{85}",
            33,
            Expected::NoControl,
        ),
        (
            "Allow group A to use x in compartment A B",
            40,
            Expected::WhereOrEnd,
        ),
        (
            "Allow group A to use x in tenancy where ",
            40,
            Expected::Condition,
        ),
    ] {
        let refused: Result<Statement, _> = text.parse();
        assert_eq!(refused, Err(StatementError { offset, expected }), "{text}");
    }
    let error = "Allow group A to".parse::<Statement>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a verb such as \"use\" at octet 16 of the statement"
    );
}

#[test]
fn a_path_reads_back_from_the_statement_that_names_it() {
    for text in ["Mail", "A:Mail", "id:Mail", "A:id", "ids"] {
        let scope = Scope::Compartment(path(text));
        let (verb, resource) = ("use".parse().unwrap(), "x".parse().unwrap());
        let made = Statement::new(group("A"), verb, resource, scope);
        assert_eq!(statement(&made.to_string()), made);
    }
    for text in ["id", "ID"] {
        assert_eq!(text.parse::<CompartmentPath>(), Err(PathError::Id));
    }
    assert_eq!(
        "A:B C".parse::<CompartmentPath>(),
        Err(PathError::Name { offset: 3 })
    );
    assert!("A\nB".parse::<Group>().is_err());
}

#[test]
fn a_group_reads_as_it_prints() {
    for (group, text) in [
        (Group::named("Mailers"), "Mailers"),
        (Group::named("Dev Team"), "'Dev Team'"),
        (Group::named("id"), "'id'"),
        (Group::in_domain("Default", "a,b"), "'Default'/'a,b'"),
        (Group::in_domain("Other", "Mailers"), "Other/Mailers"),
    ] {
        let group = group.unwrap();
        assert_eq!(group.to_string(), text);
        assert_eq!(text.parse::<Group>().unwrap(), group);
    }
    for name in ["", " ", "a'b", "a\"b", "a\nb"] {
        assert!(Group::named(name).is_err(), "{name:?}");
    }
    let default = Group::in_domain("default", "Mailers").unwrap();
    assert!(default.is_same(&group("Mailers")));
    assert!(!default.is_same(&group("mailers")));
    let id: Group = "id ocid1.group.oc1..a".parse().unwrap();
    assert!(!id.is_same(&group("Mailers")) && id.is_same(&id.clone()));
}

#[test]
fn the_name_of_a_policy_is_unique_and_its_description_can_be_changed() {
    let policy = |name: &str, attached_to| Policy::new(name, attached_to, vec![statement(TEXT)]);
    let mut policies = Policies::default();
    let first = policy("mail", path("A")).unwrap();
    policies.add(first.with_description("who sends")).unwrap();
    let elsewhere = policy("mail", path("B")).unwrap();
    assert_eq!(
        policies.add(elsewhere).unwrap_err().to_string(),
        "there is a policy mail already; names are unique in the whole tenancy and cannot be changed, so choose another"
    );
    policies.change_description("mail", "who may send").unwrap();
    let kept: Vec<_> = policies.iter().collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].name(), kept[0].description()),
        ("mail", "who may send")
    );
    assert_eq!(*kept[0].attached_to(), path("A"));
    assert!(matches!(
        policies.change_description("other", ""),
        Err(PolicyError::NotFound { .. })
    ));
    for name in ["", "a b", "ä", &"x".repeat(256)] {
        let refused = policy(name, CompartmentPath::root());
        assert!(
            matches!(refused, Err(PolicyError::BadName { .. })),
            "{name}"
        );
    }
    assert!(matches!(
        Policy::new("mail", CompartmentPath::root(), Vec::new()),
        Err(PolicyError::NoStatement { .. })
    ));
}

#[test]
fn a_policy_below_the_root_cannot_speak_of_the_whole_tenancy() {
    let wide = statement("Allow group A to use x in tenancy");
    Policy::new("a", CompartmentPath::root(), vec![wide.clone()]).unwrap();
    let refused = Policy::new("a", path("Mail"), vec![wide]).unwrap_err();
    assert!(refused.to_string().ends_with("attach it to the root"));
}

#[test]
fn a_version_is_current_or_a_day_that_there_is() {
    for text in ["current", "2026-01-31", "2024-02-29", "2000-02-29"] {
        let version: PolicyVersion = text.parse().unwrap();
        assert_eq!(version.to_string(), text);
    }
    for text in [
        "",
        "Current",
        "2026-1-31",
        "31-01-2026",
        "2026-13-01",
        "2026-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-01-00",
        "2026-01-31 ",
    ] {
        let refused = text.parse::<PolicyVersion>();
        assert!(
            matches!(refused, Err(PolicyError::BadVersion { .. })),
            "{text}"
        );
    }
    let policy = Policy::new("a", CompartmentPath::root(), vec![statement(TEXT)]).unwrap();
    assert_eq!(*policy.version(), PolicyVersion::Current);
    let dated = policy.with_version("2026-01-31".parse().unwrap());
    assert_eq!(dated.version().to_string(), "2026-01-31");
}

fn profile() -> Profile {
    let text = r#"
schema = 1
id = "x"
title = "X"
[sources.page]
url = "https://x.example"
as_of = "2026-01-31"
[compartments]
identities = "required"
prefix = "ocid1.compartment.oc1.."
root_prefix = "ocid1.tenancy.oc1.."
source = "page"
[[permission]]
verb = "use"
resource = "approved-senders"
also_by_verbs = ["manage"]
also_by_resources = ["email-family", "all-resources"]
source = "page"
[[permission]]
verb = "manage"
resource = "suppressions"
source = "page"
"#;
    Profile::from_toml(text, |_| None).unwrap()
}

fn target(text: &str) -> PolicyTarget {
    PolicyTarget::new("ocid1.compartment.oc1..m".parse().unwrap(), path(text))
}

fn root() -> PolicyTarget {
    PolicyTarget::new(
        "ocid1.tenancy.oc1..t".parse().unwrap(),
        CompartmentPath::root(),
    )
}

/// What is missing to whoever is in group Mailers, by resource.
fn missing(target: &PolicyTarget, attached_to: &CompartmentPath, texts: &[&str]) -> Vec<String> {
    let mut policies = Policies::default();
    for (at, text) in texts.iter().enumerate() {
        let name = format!("p{at}");
        let policy = Policy::new(&name, attached_to.clone(), vec![statement(text)]);
        policies.add(policy.unwrap()).unwrap();
    }
    let missing = profile().missing_permissions(&[group("Mailers")], target, &policies);
    missing
        .iter()
        .map(|missing| missing.permission.resource.to_string())
        .collect()
}

#[test]
fn what_a_user_may_not_do_yet_is_named_with_the_statement_to_add() {
    let found =
        profile().missing_permissions(&[group("Mailers")], &target("Mail"), &Policies::default());
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            format!("no policy allows to use approved-senders; add: {TEXT}"),
            "no policy allows to manage suppressions; add: Allow group Mailers to manage suppressions in compartment Mail".to_owned(),
        ]
    );
    // What is proposed is enough.
    let remedies: Vec<String> = found
        .iter()
        .map(|missing| missing.remedy.as_ref().unwrap().to_string())
        .collect();
    let remedies: Vec<&str> = remedies.iter().map(String::as_str).collect();
    let at_root = CompartmentPath::root();
    assert_eq!(missing(&target("Mail"), &at_root, &remedies), [""; 0]);
    // A user in no group is told so.
    let nobody = profile().missing_permissions(&[], &target("Mail"), &Policies::default());
    assert!(
        nobody[0]
            .to_string()
            .ends_with("put the user into a group that may")
    );
}

#[test]
fn what_is_kept_in_the_root_needs_a_statement_for_the_whole_tenancy() {
    assert_eq!(profile().policy_scope(&root()), Scope::Tenancy);
    assert_eq!(
        profile().policy_scope(&target("A:Mail")),
        Scope::Compartment(path("A:Mail"))
    );
    let at_root = CompartmentPath::root();
    let narrow = [
        TEXT,
        "Allow group Mailers to manage suppressions in compartment Mail",
    ];
    assert_eq!(missing(&target("Mail"), &at_root, &narrow), [""; 0]);
    assert_eq!(missing(&root(), &at_root, &narrow).len(), 2);
    let wide = [
        "Allow group Mailers to use approved-senders in tenancy",
        "Allow group Mailers to manage suppressions in tenancy",
    ];
    assert_eq!(missing(&root(), &at_root, &wide), [""; 0]);
    assert_eq!(missing(&target("Mail"), &at_root, &wide), [""; 0]);
}

#[test]
fn only_a_statement_for_the_group_the_verb_and_the_place_counts() {
    let grants = |attached_to: &CompartmentPath, at: &str, text: &str| {
        let left = missing(&target(at), attached_to, &[text]);
        !left.contains(&"approved-senders".to_owned())
    };
    let at_root = CompartmentPath::root();
    for text in [
        TEXT,
        "allow GROUP Default/Mailers TO Use Approved-Senders IN compartment Mail",
        "Allow group Others, Mailers to use approved-senders in compartment Mail",
        "Allow group Mailers to manage email-family in compartment Mail",
        "Allow any-user to use all-resources in tenancy",
        "Allow any-group to use approved-senders in tenancy",
        "Allow group Mailers to use approved-senders in compartment id ocid1.compartment.oc1..m",
    ] {
        assert!(grants(&at_root, "Mail", text), "{text}");
    }
    for text in [
        "Allow group Others to use approved-senders in compartment Mail",
        "Allow group Other/Mailers to use approved-senders in compartment Mail",
        "Allow dynamic-group Mailers to use approved-senders in compartment Mail",
        "Allow group Mailers to read approved-senders in compartment Mail",
        "Allow group Mailers to use suppressions in compartment Mail",
        "Allow group Mailers to use approved-senders in compartment Mai",
        "Allow group Mailers to use approved-senders in compartment Mail:Below",
        "Allow group Mailers to use approved-senders in compartment id ocid1.compartment.oc1..n",
        "Allow group Mailers to use approved-senders in tenancy where request.region = 'phx'",
    ] {
        assert!(!grants(&at_root, "Mail", text), "{text}");
    }
    // A policy names compartments from where it is attached, and what is below is meant as well.
    assert!(grants(&path("A"), "A:Mail", TEXT));
    assert!(grants(&path("A:Mail"), "A:Mail", TEXT));
    assert!(grants(&path("A"), "A:Mail:Invoices", TEXT));
    assert!(!grants(&path("A"), "B:Mail", TEXT));
    assert!(!grants(&at_root, "A:Mail", TEXT));
}

#[test]
fn a_condition_is_shown_and_not_relied_on() {
    let mut policies = Policies::default();
    let text = "Allow group Mailers to use approved-senders in tenancy where a = 'b'";
    let policy = Policy::new("p", CompartmentPath::root(), vec![statement(text)]);
    policies.add(policy.unwrap()).unwrap();
    let found = profile().missing_permissions(&[group("Mailers")], &target("Mail"), &policies);
    assert_eq!(found[0].only_if, [statement(text)]);
    assert_eq!(
        found[0].to_string(),
        format!("to use approved-senders is allowed under conditions only: {text}; add: {TEXT}")
    );
}
