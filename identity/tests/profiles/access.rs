//! Credentials, permissions and operations of the profiles.

use std::time::SystemTime;

use letterhead_identity::credentials::{IssuedCredential, SharedCredential, UserRole};
use letterhead_identity::policy::{CompartmentPath, Group, Policies, Policy, PolicyTarget, Scope};
use letterhead_identity::profile::{
    CredentialScope, Expiry, PasswordRule, Shown, UsernameRule, VerifiedBy,
};
use letterhead_identity::registry::Forwarding;
use letterhead_identity::{Credential, Identity, Secret};

use crate::{Desk, START, new, profile, ready};

/// OC-08, OC-10, OC-11, OC-12: a description, a password that is shown once, and better a user of its own.
#[test]
fn oracles_passwords_are_shown_once_and_are_better_a_users_of_their_own() {
    let oracle = profile("oci-email-delivery");
    let rule = &oracle.credentials()[0];
    assert_eq!((rule.shown, rule.expires), (Shown::Once, Expiry::Never));
    assert_eq!(
        (rule.username, rule.password),
        (UsernameRule::Issued, PasswordRule::Issued)
    );
    let made = |role| {
        let (id, user) = ("mail".parse().unwrap(), "sender".parse().unwrap());
        Credential::new(id, rule.kind.clone(), user, SystemTime::UNIX_EPOCH)
            .description("invoices")
            .role(role)
    };
    assert!(rule.check_new(&[], &made(UserRole::Dedicated)).is_ok());
    assert_eq!(made(UserRole::Dedicated).advice(), None);
    assert!(made(UserRole::Console).advice().is_some());
    let secret = Secret::from("hunter2".to_owned());
    let mut issued =
        IssuedCredential::new(made(UserRole::Dedicated), "ocid1.user", secret, rule.shown);
    assert!(!format!("{issued:?}").contains("hunter2"));
    assert_eq!(issued.take_secret().unwrap().expose(), "hunter2");
    assert!(issued.take_secret().is_err());
}

/// OC-13, OC-14, OC-18, OC-27, OC-28: the statement that is missing, for a compartment or for the whole tenancy.
#[test]
fn oracles_policy_is_for_the_compartment_of_the_senders() {
    let oracle = profile("oci-email-delivery");
    let group = || Group::named("Mailers").unwrap();
    let target = |id: &str, path| PolicyTarget::new(id.parse().unwrap(), path);
    let mail: CompartmentPath = "Mail".parse().unwrap();
    for (target, scope, statement) in [
        (
            target("ocid1.compartment.oc1..aaaa", mail.clone()),
            Scope::Compartment(mail),
            "Allow group Mailers to use approved-senders in compartment Mail",
        ),
        (
            target("ocid1.tenancy.oc1..aaaa", CompartmentPath::root()),
            Scope::Tenancy,
            "Allow group Mailers to use approved-senders in tenancy",
        ),
    ] {
        assert_eq!(oracle.policy_scope(&target), scope);
        let mut policies = Policies::default();
        let missing = oracle.missing_permissions(&[group()], &target, &policies);
        let remedies: Vec<_> = missing
            .iter()
            .filter_map(|missing| missing.remedy.clone())
            .collect();
        assert_eq!(remedies.len(), 3);
        assert_eq!(remedies[0].to_string(), statement);
        let policy = Policy::new("mail", CompartmentPath::root(), remedies).unwrap();
        policies.add(policy).unwrap();
        let left = oracle.missing_permissions(&[group()], &target, &policies);
        assert!(left.is_empty(), "{left:?}");
        let others = Group::named("Others").unwrap();
        assert_eq!(
            oracle
                .missing_permissions(&[others], &target, &policies)
                .len(),
            3
        );
    }
}

/// OC-03, OC-62, OC-65: by hand and by program.
#[test]
fn oracles_operations_go_every_way() {
    let oracle = profile("oci-email-delivery");
    for operation in ["create-identity", "add-suppression", "create-policy"] {
        let operation = oracle.operation(&operation.parse().unwrap()).unwrap();
        for way in ["console", "api", "sdk", "cli", "terraform"] {
            assert!(operation.check_way(&way.parse().unwrap()).is_ok(), "{way}");
        }
        assert!(operation.check_way(&"fax".parse().unwrap()).is_err());
    }
}

/// ZD-21, ZD-22, ZD-23, ZD-43: which addresses and brands depend on one set, and which sets serve several.
#[test]
fn zendesks_addresses_had_better_have_credentials_of_their_own() {
    let zendesk = profile("zendesk-connector");
    let rule = &zendesk.credentials()[0];
    assert_eq!(rule.scope, CredentialScope::Address);
    let identity = |local: &str, brand: &str, credential: &str| -> Identity {
        new("zendesk-connector", &format!("{local}@yourcompany.example"))
            .environment("production".parse().unwrap())
            .brand(brand.parse().unwrap())
            .credential(credential.parse().unwrap())
            .to_identity(&zendesk, START)
            .unwrap()
    };
    let identities = [
        identity("help", "red", "main"),
        identity("care", "blue", "main"),
        identity("shop", "red", "shop"),
    ];
    let reused = rule.reused(&identities);
    assert_eq!(reused.len(), 1);
    assert_eq!(reused[0].credential.as_str(), "main");
    let all: Vec<String> = SharedCredential::all(&identities)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(all.len(), 2);
    for words in [
        "help@yourcompany.example",
        "care@yourcompany.example",
        "blue",
        "red",
    ] {
        assert!(all[0].contains(words), "{all:?}");
    }
}

/// ZD-65, ZD-66: after credentials have changed, forwarding that did not change stays proven.
#[test]
fn other_credentials_leave_forwarding_to_zendesk_proven() {
    let desk = Desk::new("zendesk-connector");
    let added = desk.add("help@yourcompany.example", "production").unwrap();
    desk.prove(&added);
    let (tenant, key) = (&added.tenant, added.key());
    let states = |identity: &Identity| {
        [VerifiedBy::InboundTestMail, VerifiedBy::OutboundTestMail]
            .map(|proof| identity.verification.state(proof).unwrap().is_verified())
    };
    let credential: letterhead_identity::placement::CredentialId = "new".parse().unwrap();
    let edit = desk
        .registry
        .set_credential(tenant, &key, Some(credential.clone()));
    assert_eq!(states(&ready(edit).unwrap()), [true, true]);
    for (forwarding, expected) in [
        (Forwarding::Unchanged, [true, false]),
        (Forwarding::Changed, [false, false]),
    ] {
        let again = desk
            .registry
            .readd(tenant, &key, &credential, forwarding, START);
        assert_eq!(states(&ready(again).unwrap()), expected);
    }
}

/// Z1-16, ZD-45, ZD-46, ZD-55: what one signs in with at SendGrid, at Microsoft, and at the server behind Zendesk.
#[test]
fn user_names_are_those_of_the_pages() {
    for (name, good, bad, password) in [
        (
            "sendgrid",
            "apikey",
            "me@yourcompany.example",
            PasswordRule::Issued,
        ),
        (
            "microsoft-365",
            "help@yourcompany.example",
            "help",
            PasswordRule::MailboxPassword,
        ),
        ("zendesk-connector", "relay-user", "", PasswordRule::Issued),
    ] {
        let profile = profile(name);
        let rule = &profile.credentials()[0];
        let secret = || Secret::from("hunter2".to_owned());
        assert_eq!(rule.password, password, "{name}");
        assert!(rule.check_pair(good, &secret()).is_ok(), "{name}");
        assert!(rule.check_pair(bad, &secret()).is_err(), "{name}");
        assert!(
            rule.check_pair(good, &Secret::from(String::new())).is_err(),
            "{name}"
        );
        assert!(!format!("{:?}", secret()).contains("hunter2"));
    }
}
