//! What is wrong is said with its place, and never with a secret.

use std::error::Error;

use letterhead::settings::{Place, Settings, SettingsError};
use proptest::prelude::{ProptestConfig, prop, proptest};

use crate::directory::Directory;

const NONE: [(&str, &str); 0] = [];

/// The file of the documentation, its secrets beside it.
fn documented(directory: &Directory) -> String {
    let text = include_str!("../../src/settings/letterhead.toml");
    for name in ["dkim.pem", "ses"] {
        assert!(text.contains(&format!("/run/secrets/{name}")));
    }
    directory.write("ses", "another password\n");
    text.replace("/run/secrets/", "")
}

fn problem(directory: &Directory, text: &str, variables: &[(&str, &str)]) -> String {
    let path = directory.write("letterhead.toml", text);
    let error = Settings::from_file(&path, variables.iter().copied()).unwrap_err();
    let problem = match error.source() {
        None => error.to_string(),
        Some(source) => format!("{error}: {source}"),
    };
    problem.replace(&format!("{}/", directory.path().display()), "")
}

#[test]
fn the_documented_file_is_what_it_says() {
    let directory = Directory::new();
    let path = directory.write("letterhead.toml", &documented(&directory));
    let settings = Settings::from_file(&path, [("SMTP_PASSWORD", "the third one")]).unwrap();
    let routes: Vec<&str> = settings.routes().iter().map(|route| route.name()).collect();
    assert_eq!(routes, ["own", "ses"]);
    let profiles = settings.profiles().iter();
    let profiles: Vec<&str> = profiles.map(|profile| profile.id().as_str()).collect();
    assert_eq!(profiles, ["amazon-ses", "own-server"]);
    let [identity] = settings.identities() else {
        panic!("{settings:?}");
    };
    assert_eq!(identity.values["selector"], ["2026a"]);
    assert!(identity.values["key-record"][0].starts_with("v=DKIM1; k=rsa; p=MII"));
    let acme = "acme".parse().unwrap();
    let of = |from: &str| settings.channels().routes(&acme, &from.parse().unwrap());
    assert_eq!(of("a@news.yourcompany.example").unwrap(), ["ses"]);
    assert_eq!(of("a@yourcompany.example").unwrap(), ["own"]);
    let shown = format!("{settings:?}");
    for secret in ["another password", "the third one", "PRIVATE"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn each_problem_has_its_file_line_and_key() {
    let directory = Directory::new();
    directory.write("empty", "\n");
    let good = "[routes.own]\nprofile = \"own-server\"\nserver = \"smtp://a.example\"\n";
    for (text, expected) in [
        (
            "[routes.own\n",
            "letterhead.toml:1:12: unclosed table, expected `]`",
        ),
        (
            "routs = 1\n",
            "letterhead.toml:1:1: routs: unknown field `routs`, expected one of",
        ),
        (
            "\n\n[routes.own]\nserver = \"smtp://a.example\"\n",
            "letterhead.toml:3:1: routes.own: missing field `profile`",
        ),
        (
            "[routes.own]\nprofile = \"ownserver\"\n",
            "letterhead.toml:2:1: routes.own.profile: there is no built-in profile \"ownserver\"",
        ),
        (
            "[routes.own]\nprofile = \"own-server\"\n",
            "letterhead.toml:1:9: routes.own: own-server names no server; name one: server = ",
        ),
        (
            "[routes.ses]\nprofile = \"amazon-ses\"\n",
            "letterhead.toml:1:9: routes.ses: the profile does not say where mail is taken",
        ),
        (
            "[routes.own]\nprofile = \"own-server\"\nserver = \"http://a.example\"\n",
            "letterhead.toml:3:10: routes.own.server: an endpoint begins with smtp://",
        ),
        (
            &format!("{good}port = 25\n"),
            "letterhead.toml:4:1: routes.own.port: unknown field `port`, expected one of",
        ),
        (
            &format!("{good}user = \"app\"\n"),
            "letterhead.toml:4:1: routes.own.user: there is a user, and no password",
        ),
        (
            &format!("{good}password = {{ env = \"NOT_SET\" }}\n"),
            "letterhead.toml:4:1: routes.own.password: there is a password, and no user",
        ),
        (
            &format!("{good}user = \"app\"\npassword = {{ env = \"NOT_SET\" }}\n"),
            "letterhead.toml:5:1: routes.own.password: the variable NOT_SET is not set, or not UTF-8",
        ),
        (
            &format!("{good}user = \"app\"\npassword = {{ file = \"empty\" }}\n"),
            "letterhead.toml:5:1: routes.own.password: the secret is empty",
        ),
        (
            &format!("{good}user = \"app\"\npassword = {{ file = \"nowhere\" }}\n"),
            "letterhead.toml:5:1: routes.own.password: nowhere: No such file",
        ),
        (
            &format!("{good}user = \"app\"\npassword = {{ env = \"A\", file = \"B\" }}\n"),
            "letterhead.toml:5:12: routes.own.password: a secret is in one place",
        ),
        (
            &format!("{good}keys = [\"main\"]\n"),
            "letterhead.toml:4:1: routes.own.keys: there is no [keys.main], and no other",
        ),
        (
            &format!("{good}max_connections = 0\n"),
            "letterhead.toml:4:19: routes.own.max_connections: number would be zero",
        ),
        (
            &format!("{good}security = \"none\"\n"),
            "letterhead.toml:4:12: routes.own.security: unknown variant `none`",
        ),
        (
            &format!("{good}ca_file = \"dkim.pem\"\n"),
            "letterhead.toml:4:1: routes.own.ca_file: ",
        ),
        (
            &format!(
                "{good}security = \"plaintext\"\nuser = \"app\"\npassword = {{ file = \"password\" }}\n"
            ),
            "letterhead.toml:1:9: routes.own: ",
        ),
        (
            &format!("{good}tier = \"gold\"\n"),
            "letterhead.toml:1:9: routes.own: the tier of the route \"own\" is not known",
        ),
        (
            &format!("{good}feature = \"ledger\"\n").replace("own-server", "zuora-workflow"),
            "letterhead.toml:1:9: routes.own: ",
        ),
        (
            &format!("{good}[channels]\neverybody = [\"own\", \"ses\"]\n"),
            "letterhead.toml:5:1: channels.everybody: there is no [routes.ses]; there are own",
        ),
        (
            &format!("{good}[channels.identities.acme]\n\"a b\" = [\"own\"]\n"),
            "letterhead.toml:5:1: channels.identities.acme.a b: ",
        ),
        (
            "[keys.main]\ndomain = \"a.example\"\nselector = \"s\"\npem = { file = \"password\" }\n",
            "letterhead.toml:4:1: keys.main.pem: ",
        ),
        (
            "[keys.main]\ndomain = \"a..example\"\nselector = \"s\"\npem = { file = \"dkim.pem\" }\n",
            "letterhead.toml:2:10: keys.main.domain: ",
        ),
        (
            "profiles = [\"mine.toml\"]\n",
            "letterhead.toml:1:1: profiles: mine.toml: No such file",
        ),
        (
            "[identities.main]\ntenant = \"acme\"\nprofile = \"own-server\"\nsubject = \"a.example\"\nkind = \"address\"\n",
            "letterhead.toml:5:1: identities.main.kind: there is no kind address; there are domain",
        ),
        (
            "[identities.main]\ntenant = \"acme\"\nprofile = \"own-server\"\nsubject = \"a.example\"\nvalues.relay = [\"b.example\"]\n",
            "letterhead.toml:1:13: identities.main: ",
        ),
    ] {
        let problem = problem(&directory, text, &[]);
        assert!(
            problem.starts_with(expected),
            "{text}\n{problem}\n{expected}"
        );
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    let directory = Directory::new();
    let good =
        "[routes.own]\nprofile = \"own-server\"\nserver = \"smtp://a.example\"\nuser = \"app\"\n";
    for value in [
        "\"hunter2\"",
        "{ value = \"hunter2\" }",
        "[\"hunter2\"]",
        "{ env = \"A\", value = \"hunter2\" }",
    ] {
        let problem = problem(
            &directory,
            &format!("{good}password = {value}\n"),
            &[("A", "b")],
        );
        assert!(problem.starts_with("letterhead.toml:5:"), "{problem}");
        assert!(problem.contains("routes.own.password"), "{problem}");
        assert!(!problem.contains("hunter2"), "{problem}");
    }
    let server =
        "[routes.own]\nprofile = \"own-server\"\nserver = \"smtp://app:hunter2@a.example\"\n";
    let problem = problem(&directory, server, &[]);
    assert!(
        problem.contains("routes.own.server") && !problem.contains("hunter2"),
        "{problem}"
    );
}

#[test]
fn a_variable_holds_over_the_file_and_is_named_where_it_is_wrong() {
    let directory = Directory::new();
    let text = "[routes.own-relay]\nprofile = \"own-server\"\nserver = \"smtp://a.example\"\n";
    for (variables, expected) in [
        (
            &[("LETTERHEAD__ROUTES__OWN_RELAY__SERVER", "a.example")][..],
            "LETTERHEAD__ROUTES__OWN_RELAY__SERVER: routes.own-relay.server: an endpoint begins",
        ),
        (
            &[("LETTERHEAD__ROUTES__SES__SERVER", "smtp://b.example")],
            "LETTERHEAD__ROUTES__SES__SERVER: routes.ses: missing field `profile`",
        ),
        (
            &[("LETTERHEAD__ROUTES", "own")],
            "LETTERHEAD__ROUTES: routes: invalid type: string \"own\", expected a map",
        ),
        (
            &[("LETTERHEAD__ROUTES__OWN_RELAY__SERVER__PORT", "25")],
            "LETTERHEAD__ROUTES__OWN_RELAY__SERVER__PORT: routes.own_relay.server.port: it is no key",
        ),
        (
            &[("LETTERHEAD__ROUTES__OWN_RELAY__PASSWORD", " ")],
            "LETTERHEAD__ROUTES__OWN_RELAY__PASSWORD: routes.own-relay.password: there is a password, and no user",
        ),
        (
            &[("LETTERHEAD__CHANNELS__EVERYBODY", "own-relay, ses")],
            "LETTERHEAD__CHANNELS__EVERYBODY: channels.everybody: there is no [routes.ses]; there are own-relay",
        ),
        (
            &[("LETTERHEAD____X", "")],
            "LETTERHEAD____X: .x: it is no key",
        ),
    ] {
        let problem = problem(&directory, text, variables);
        assert!(problem.starts_with(expected), "{problem}\n{expected}");
    }
    let path = directory.write("letterhead.toml", text);
    let settings = Settings::from_file(
        &path,
        [
            ("LETTERHEAD__ROUTES__OWN_RELAY__USER", "app"),
            ("LETTERHEAD__ROUTES__OWN_RELAY__PASSWORD", "hunter2"),
            ("LETTERHEAD__ROUTES__OWN_RELAY__MAX_CONNECTIONS", "3"),
            ("LETTERHEAD__CHANNELS__EVERYBODY", "own-relay"),
        ],
    );
    let settings = settings.unwrap();
    let from = "a@b.example".parse().unwrap();
    let everybody = settings.channels().routes(&"x".parse().unwrap(), &from);
    assert_eq!(everybody.unwrap(), ["own-relay"]);
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_named() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    let octets = || OsString::from_vec(vec![0xff]);
    let other = Settings::from_variables([(OsString::from("OTHER"), octets())]);
    assert!(other.is_ok());
    let error = Settings::from_variables([(OsString::from("LETTERHEAD__EHLO_NAME"), octets())]);
    let SettingsError::Wrong { place, .. } = error.unwrap_err() else {
        panic!("it is wrong");
    };
    assert_eq!(place.to_string(), "LETTERHEAD__EHLO_NAME: ehlo_name");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Settings::from_file("nowhere/letterhead.toml", NONE).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("nowhere/letterhead.toml cannot be read: No such file"),
        "{text}"
    );
}

#[test]
fn a_place_is_counted_in_characters() {
    let error = Settings::from_toml("# é\n\"é\" = 1\n", NONE).unwrap_err();
    let SettingsError::Wrong { place, .. } = error else {
        panic!("it is wrong");
    };
    let Place::Text {
        line, column, key, ..
    } = place
    else {
        panic!("{place}");
    };
    assert_eq!((line, column, key.as_str()), (2, 1, "é"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn damaged_settings_are_an_error_or_settings(
        cut in 0..900usize,
        put in prop::sample::select(&["", "\"", "[", "=", "\n", "é", "\0", "[a]\n", "= 1\n"][..]),
        skip in 0..40usize,
        key in "[A-Z_]{0,12}",
    ) {
        let text = include_str!("../../src/settings/letterhead.toml");
        let before: String = text.chars().take(cut).collect();
        let after: String = text.chars().skip(cut + skip).collect();
        let name = format!("LETTERHEAD__{key}");
        if let Err(error) = Settings::from_toml(&format!("{before}{put}{after}"), [(name.as_str(), "x")]) {
            assert!(!error.to_string().is_empty());
        }
    }
}
