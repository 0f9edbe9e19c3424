use std::time::{Duration, SystemTime};

use super::{
    Credential, CredentialState, CredentialViolation, IssuedCredential, Rotation, RotationError,
    RotationStage, Secret, SharedCredential, UserRole, UsernameError,
};
use crate::identity::Identity;
use crate::profile::{
    Amount, CredentialRule, CredentialScope, Expiry, PasswordRule, Profile, ProfileError, Shown,
    UsernameRule,
};
use crate::subject::Subject;
use crate::verification::Verification;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

fn profile(section: &str) -> Result<Profile, ProfileError> {
    let text = format!("{HEAD}[[credential]]\nkind = \"smtp\"\nsource = \"page\"\n{section}");
    Profile::from_toml(&text, |_| None)
}

fn rule(section: &str) -> CredentialRule {
    let profile = profile(section).unwrap();
    let rule = profile.credential(&"smtp".parse().unwrap()).unwrap();
    assert_eq!(profile.credentials().len(), 1);
    rule.clone()
}

fn issued_rule() -> CredentialRule {
    rule(
        "username = \"issued\"\npassword = \"issued\"\nscope = \"user\"\nmaximum = 2\nshown = \"once\"\nexpires = \"never\"\n",
    )
}

fn credential(id: &str, user: &str) -> Credential {
    let (id, user) = (id.parse().unwrap(), user.parse().unwrap());
    Credential::new(id, "smtp".parse().unwrap(), user, NOW)
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

#[test]
fn a_section_reads_as_it_is_written() {
    let rule = issued_rule();
    assert_eq!(rule.username, UsernameRule::Issued);
    assert_eq!(rule.password, PasswordRule::Issued);
    assert_eq!(rule.scope, CredentialScope::User);
    assert_eq!(rule.maximum, Some(Amount::Known(2)));
    assert_eq!((rule.shown, rule.expires), (Shown::Once, Expiry::Never));
    let least = self::rule(
        "username = \"email-address\"\npassword = \"oauth2-token\"\nscope = \"address\"\n",
    );
    assert_eq!(least.password, PasswordRule::OAuth2Token);
    assert_eq!((least.maximum, least.shown), (None, Shown::Unknown));
    assert_eq!(least.expires, Expiry::Unknown);
}

#[test]
fn a_tenant_of_an_account_that_is_the_providers_needs_none() {
    let upstream =
        profile("username = \"issued\"\npassword = \"issued\"\nscope = \"region\"\n").unwrap();
    let below = |section: &str| {
        let head = HEAD.replace("id = \"x\"", "id = \"y\"\nupstream = \"x\"");
        let head = head.replace("[sources", &format!("{section}[sources"));
        Profile::from_toml(&head, |_| Some(upstream.clone())).unwrap()
    };
    assert_eq!(below("").credentials(), upstream.credentials());
    assert_eq!(below("credential = []\n").credentials(), []);
}

#[test]
fn a_section_that_leaves_out_what_it_needs_is_refused() {
    let rest = "scope = \"account\"\n";
    for (section, name) in [
        ("username = \"literal\"\npassword = \"issued\"\n", "literal"),
        (
            "username = \"issued\"\nliteral = \"apikey\"\npassword = \"issued\"\n",
            "literal",
        ),
        (
            "username = \"issued\"\npassword = \"derived\"\n",
            "derivation",
        ),
    ] {
        assert_eq!(
            profile(&format!("{section}{rest}")).unwrap_err(),
            ProfileError::NotDefined {
                section: "credential",
                name: name.to_owned()
            }
        );
    }
    let twice = format!(
        "username = \"issued\"\npassword = \"issued\"\n{rest}[[credential]]\nkind = \"smtp\"\nsource = \"page\"\nusername = \"issued\"\npassword = \"issued\"\n{rest}"
    );
    assert_eq!(
        profile(&twice).unwrap_err(),
        ProfileError::Twice {
            section: "credential",
            name: "smtp".to_owned()
        }
    );
}

#[test]
fn a_user_name_that_is_the_secret_is_in_no_output() {
    let rule =
        rule("username = \"server-token\"\npassword = \"same-as-username\"\nscope = \"account\"\n");
    let token = "e4b1c2d3-token";
    let kept = credential("main", "sender");
    let issued = IssuedCredential::new(kept, token, secret(token), Shown::Again);
    assert!(!format!("{issued:?} {issued:#?}").contains(token));
    for (username, password) in [
        (token.to_owned(), "other"),
        (token.to_owned(), ""),
        (format!("{token} x"), token),
        (format!("{token}\n"), token),
    ] {
        let refused = rule.check_pair(&username, &secret(password)).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains(token));
    }
}

#[test]
fn a_secret_is_in_no_debug_output_and_is_handed_over_once() {
    let kept = credential("main", "sender").description("invoices");
    let mut issued = IssuedCredential::new(kept, "ocid1.user", secret("hunter2"), Shown::Once);
    assert!(!format!("{issued:?}").contains("hunter2"));
    assert_eq!(issued.username.expose(), "ocid1.user");
    let taken = issued.take_secret().unwrap();
    assert_eq!(taken.expose(), "hunter2");
    assert_eq!(format!("{taken:?}"), "Secret(…)");
    let gone = issued.take_secret().unwrap_err();
    assert_eq!(gone.shown, Shown::Once);
    assert_eq!(
        gone.to_string(),
        "the secret of main was handed over already; the provider does not show it again, so have another set issued"
    );
    let kept = serde_json::to_string(&issued.credential).unwrap();
    assert!(kept.contains("invoices") && !kept.contains("hunter2"));
    assert_eq!(
        serde_json::from_str::<Credential>(&kept).unwrap(),
        issued.credential
    );
}

#[test]
fn a_user_has_two_sets_at_most_and_the_refusal_says_how_many_users_are_needed() {
    let rule = issued_rule();
    for (credentials, users) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (1000, 500)] {
        assert_eq!(rule.users_needed(credentials), Some(users), "{credentials}");
    }
    let mut existing = vec![credential("a", "u")];
    let second = credential("b", "u");
    rule.check_new(&existing, &second).unwrap();
    existing.push(second);
    let third = credential("c", "u");
    let refused = rule.check_new(&existing, &third).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "u has as many sets of credentials as a user may have (2); have them issued for another user, or create one: 3 sets need 2 users"
    );
    rule.check_new(&existing, &credential("c", "v")).unwrap();
    existing[0].state = CredentialState::Retiring;
    assert!(rule.check_new(&existing, &third).is_err(), "it still works");
    existing[0].state = CredentialState::Revoked;
    rule.check_new(&existing, &third).unwrap();
    assert_eq!(
        rule.check_new(&existing, &credential("b", "v")),
        Err(CredentialViolation::Duplicate("b".parse().unwrap()))
    );
}

#[test]
fn a_number_that_is_not_known_is_not_without_limit_and_none_is() {
    let section = "username = \"issued\"\npassword = \"issued\"\nscope = \"user\"\n";
    for (maximum, users) in [
        ("", Some(1)),
        ("maximum = \"unlimited\"\n", Some(1)),
        ("maximum = \"unknown\"\n", None),
        ("maximum = 0\n", None),
    ] {
        let rule = rule(&format!("{section}{maximum}"));
        assert_eq!(rule.users_needed(7), users, "{maximum}");
        let checked = rule.check_new(&[], &credential("a", "u"));
        assert_eq!(checked.is_ok(), maximum != "maximum = 0\n", "{maximum}");
    }
}

#[test]
fn credentials_of_a_console_user_are_advised_against_and_not_refused() {
    let rule = issued_rule();
    let console = credential("a", "admin").role(UserRole::Console);
    rule.check_new(&[], &console).unwrap();
    assert!(console.advice().unwrap().contains("a user of its own"));
    for role in [UserRole::Dedicated, UserRole::Unknown] {
        assert_eq!(credential("a", "sender").role(role).advice(), None);
    }
}

#[test]
fn a_rotation_leaves_no_moment_without_working_credentials() {
    let rule = issued_rule();
    let existing = [credential("old", "u")];
    let old = &existing[0].id;
    let new = credential("new", "u");
    let mut rotation = Rotation::begin(&rule, &existing, old, new).unwrap();
    let works = |rotation: &Rotation| rotation.current().state == CredentialState::Active;
    assert_eq!(rotation.stage(), RotationStage::Begun);
    assert_eq!(rotation.current().id.as_str(), "old");
    assert!(works(&rotation));
    assert_eq!(
        rotation.retire().unwrap_err(),
        RotationError::OutOfOrder {
            stage: RotationStage::Begun,
            step: RotationStage::Retired
        },
        "the old one is still sent with"
    );
    rotation.switch().unwrap();
    assert!(works(&rotation));
    assert_eq!(rotation.current().id.as_str(), "new");
    let states = rotation.credentials().map(|credential| credential.state);
    assert_eq!(states, [CredentialState::Retiring, CredentialState::Active]);
    assert!(rotation.switch().is_err());
    rotation.retire().unwrap();
    assert!(works(&rotation));
    let states = rotation.credentials().map(|credential| credential.state);
    assert_eq!(states, [CredentialState::Revoked, CredentialState::Active]);
    assert!(rotation.retire().is_err() && rotation.switch().is_err());
}

#[test]
fn a_rotation_does_not_begin_without_a_free_slot() {
    let rule = issued_rule();
    let mut existing = vec![credential("a", "u"), credential("b", "u")];
    let old = existing[0].id.clone();
    let refused = Rotation::begin(&rule, &existing, &old, credential("c", "u")).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("revoke one that nobody uses, or have the new set issued for another user")
    );
    Rotation::begin(&rule, &existing, &old, credential("c", "v")).unwrap();
    existing[1].state = CredentialState::Revoked;
    Rotation::begin(&rule, &existing, &old, credential("c", "u")).unwrap();
    let nobody = "z".parse().unwrap();
    assert_eq!(
        Rotation::begin(&rule, &existing, &nobody, credential("c", "u")),
        Err(RotationError::NotActive(nobody))
    );
    let revoked = existing[1].id.clone();
    assert!(Rotation::begin(&rule, &existing, &revoked, credential("c", "u")).is_err());
    let elsewhere = credential("c", "u").region("eu-west-1".parse().unwrap());
    assert!(matches!(
        Rotation::begin(&rule, &existing, &old, elsewhere),
        Err(RotationError::OtherRegion(_))
    ));
    assert!(matches!(
        Rotation::begin(&rule, &existing, &old, credential("a", "u")),
        Err(RotationError::NotIssued(CredentialViolation::Duplicate(_)))
    ));
}

fn identity(subject: &str, credential: &str, brand: &str) -> Identity {
    let subject: Subject = subject.parse().unwrap();
    let profile = profile(
        "username = \"issued\"\npassword = \"issued\"\nscope = \"user\"\n[[identity]]\nkind = \"address\"\ncovers = \"exact-address\"\nverified_by = []\nsource = \"page\"\n",
    )
    .unwrap();
    let rule = &profile.identities()[0];
    let tenant = "acme".parse().unwrap();
    let id = profile.id().clone();
    let mut identity = Identity::provider_owned(tenant, id, rule, subject, NOW);
    identity.verification = Verification::begun(rule, NOW + Duration::from_secs(1));
    identity.credential = (!credential.is_empty()).then(|| credential.parse().unwrap());
    identity.brand = (!brand.is_empty()).then(|| brand.parse().unwrap());
    identity
}

#[test]
fn what_shares_credentials_is_shown_and_found_where_it_should_not() {
    let identities = [
        identity("a@x.example", "main", "red"),
        identity("b@x.example", "main", "red"),
        identity("c@x.example", "other", "red"),
        identity("d@x.example", "other", "blue"),
        identity("e@x.example", "own", ""),
        identity("f@x.example", "", "blue"),
    ];
    let shown: Vec<String> = SharedCredential::all(&identities)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        shown,
        [
            "main serves a@x.example under x, b@x.example under x (brands: red)",
            "other serves c@x.example under x, d@x.example under x (brands: blue, red)",
            "own serves e@x.example under x",
        ]
    );
    let reused = |scope: &str, sharing: &str| -> Vec<String> {
        let rule = rule(&format!(
            "username = \"issued\"\npassword = \"issued\"\nscope = \"{scope}\"\nsharing = \"{sharing}\"\n"
        ));
        let found = rule.reused(&identities);
        found.iter().map(|set| set.credential.to_string()).collect()
    };
    assert_eq!(reused("address", "discouraged"), ["main", "other"]);
    assert_eq!(reused("brand", "discouraged"), ["other"]);
    assert_eq!(reused("user", "discouraged"), [""; 0]);
    assert_eq!(reused("address", "allowed"), [""; 0]);
    let one_without_brand = [
        identity("a@x.example", "main", "red"),
        identity("b@x.example", "main", ""),
    ];
    let by_brand = rule(
        "username = \"issued\"\npassword = \"issued\"\nscope = \"brand\"\nsharing = \"discouraged\"\n",
    );
    assert_eq!(by_brand.reused(&one_without_brand).len(), 1);
    assert_eq!(by_brand.reused(&one_without_brand[..1]), []);
}

#[test]
fn a_user_name_is_what_its_rule_says() {
    let by = |username: &str, more: &str| {
        rule(&format!(
            "username = \"{username}\"\n{more}password = \"issued\"\nscope = \"user\"\n"
        ))
    };
    let literal = by("literal", "literal = \"apikey\"\n");
    literal.check_username("apikey").unwrap();
    assert_eq!(
        literal.check_username("SG.abc").unwrap_err().to_string(),
        "the user name is \"apikey\" for everybody; the key is the password"
    );
    let mailbox = by("email-address", "");
    mailbox.check_username("help@x.example").unwrap();
    assert!(matches!(
        mailbox.check_username("help"),
        Err(UsernameError::NotAddress(_))
    ));
    let key = by("access-key-id", "refused_prefixes = [\"ASIA\"]\n");
    key.check_username("AKIAIOSFODNN7EXAMPLE").unwrap();
    assert_eq!(
        key.check_username("ASIAIOSFODNN7EXAMPLE"),
        Err(UsernameError::Refused {
            prefix: "ASIA".to_owned()
        })
    );
    assert_eq!(key.check_username("AKIA X"), Err(UsernameError::Space));
    for rule in [&literal, &mailbox, &key] {
        assert_eq!(rule.check_username(""), Err(UsernameError::Empty));
        assert_eq!(
            rule.check_username("ab\r\n"),
            Err(UsernameError::Control { offset: 2 })
        );
    }
}

#[test]
fn a_password_that_is_the_user_name_once_more_has_to_be_that() {
    let rule =
        rule("username = \"server-token\"\npassword = \"same-as-username\"\nscope = \"account\"\n");
    rule.check_pair("t0ken", &secret("t0ken")).unwrap();
    assert_eq!(
        rule.check_pair("t0ken", &secret("other")),
        Err(UsernameError::PasswordDiffers)
    );
    assert_eq!(
        issued_rule().check_pair("u", &secret("")),
        Err(UsernameError::NoPassword)
    );
}
