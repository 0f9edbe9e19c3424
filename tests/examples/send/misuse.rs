//! What cannot be carried out ends with 2, says what is wrong and what to do, and sends nothing.

use std::io;
use std::net::TcpListener;

use super::{MAIL, file};
use crate::{run, run_with, text};

const WHO: [&str; 4] = ["--mail-from", "s@x.example", "--rcpt", "r@x.example"];

/// The first line on standard error, for a command that must not connect to anyone.
fn refused(options: &[&str], mail: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("no waiting");
    let port = listener.local_addr().expect("an address").port();
    let options: Vec<String> = options
        .iter()
        .map(|option| option.replace("PORT", &port.to_string()))
        .collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let output = run_with("send", &options, mail);
    assert_eq!(output.status.code(), Some(2), "{options:?}");
    assert_eq!(text(&output.stdout), "", "{options:?}");
    let came = listener.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(came, Err(io::ErrorKind::WouldBlock), "{options:?}");
    let first = text(&output.stderr).lines().next().unwrap_or_default();
    first.strip_prefix("send: ").expect("its name").to_owned()
}

#[test]
fn options_that_are_missing_malformed_or_at_odds() {
    let password = file("password-misuse", b"s3cr3t\n");
    let empty = file("password-empty", b"\n");
    let [password, empty] = [&password, &empty].map(|path| path.to_str().expect("a path in text"));
    let url = ["--url", "smtp://127.0.0.1:PORT"];
    for (options, words) in [
        (&[][..], "--mail-from is missing"),
        (&WHO, "--url is missing; write smtp://"),
        (&[&url[..], &WHO[..2]].concat(), "--rcpt is missing"),
        (&[&url[..], &WHO[2..]].concat(), "--mail-from is missing"),
        (&["--what"], "\"--what\" is not an option"),
        (&[&WHO[..], &["--url"]].concat(), "--url needs a value"),
        (
            &[&WHO[..], &["--url", "127.0.0.1:PORT"]].concat(),
            "begins with smtp:// (STARTTLS) or smtps://",
        ),
        (
            &[&WHO[..], &["--url", "http://127.0.0.1:PORT"]].concat(),
            "begins with smtp://",
        ),
        (
            &[&WHO[..], &["--url", "smtp://127.0.0.1:PORT/x"]].concat(),
            "nothing may follow host and port",
        ),
        (
            &[&WHO[..], &["--url", "smtp://127.0.0.1:99999"]].concat(),
            "a port is a number",
        ),
        (
            &[&WHO[..], &["--url", "smtp://a b"]].concat(),
            "neither a domain name nor an IP address",
        ),
        (
            &[&WHO[..], &["--url", "smtp://al%4@127.0.0.1:PORT"]].concat(),
            "a '%' without two hexadecimal digits",
        ),
        (
            &[&WHO[..], &["--url", "smtp://@127.0.0.1:PORT"]].concat(),
            "the user before the host is empty",
        ),
        (
            &[&WHO[..], &["--url", "smtp://alice@127.0.0.1:PORT"]].concat(),
            "give --password-file FILE",
        ),
        (
            &[
                &WHO[..],
                &[
                    "--url",
                    "smtp://alice@127.0.0.1:PORT",
                    "--user",
                    "alice",
                    "--password-file",
                    password,
                ],
            ]
            .concat(),
            "a user is in the URL and in --user",
        ),
        (
            &[&url[..], &WHO, &["--user", "alice"]].concat(),
            "give --password-file FILE",
        ),
        (
            &[&url[..], &WHO, &["--password-file", password]].concat(),
            "give --user NAME",
        ),
        (
            &[
                &url[..],
                &WHO,
                &["--user", "alice", "--password-file", "/nowhere/at/all"],
            ]
            .concat(),
            "--password-file /nowhere/at/all: ",
        ),
        (
            &[
                &url[..],
                &WHO,
                &["--user", "alice", "--password-file", empty],
            ]
            .concat(),
            "is empty; write the password into it",
        ),
        (
            &[
                &WHO[..],
                &["--url", "smtp://192.0.2.1:25"],
                &[
                    "--tls",
                    "none",
                    "--user",
                    "alice",
                    "--password-file",
                    password,
                ],
            ]
            .concat(),
            "the password would be sent without TLS, and not to this machine",
        ),
        (
            &[&url[..], &WHO, &["--tls", "maybe"]].concat(),
            "write required, opportunistic or none",
        ),
        (
            &[
                &WHO[..],
                &["--url", "smtps://127.0.0.1:PORT", "--tls", "none"],
            ]
            .concat(),
            "write smtp:// to do without",
        ),
        (
            &[&url[..], &WHO, &["--ca", "/nowhere/at/all"]].concat(),
            "--ca /nowhere/at/all: ",
        ),
        (
            &[&url[..], &WHO, &["--ca", password]].concat(),
            "must hold certificates in PEM",
        ),
        (
            &[&url[..], &WHO, &["--tls", "none", "--ca", password]].concat(),
            "leave one of them out",
        ),
        (
            &[&url[..], &WHO, &["--timeout", "soon"]].concat(),
            "give seconds above 0, such as 2.5",
        ),
        (
            &[&url[..], &WHO, &["--timeout", "0"]].concat(),
            "give seconds above 0",
        ),
        (
            &[&url[..], &WHO, &["--timeout", "-1"]].concat(),
            "give seconds above 0",
        ),
        (
            &[&url[..], &WHO, &["--timeout", "NaN"]].concat(),
            "give seconds above 0",
        ),
        (
            &[&url[..], &WHO, &["--timeout", "1e300"]].concat(),
            "give seconds above 0",
        ),
    ] {
        let line = refused(options, MAIL);
        assert!(line.contains(words), "{options:?}: {line}");
    }
}

#[test]
fn a_password_in_the_url_is_refused_and_not_repeated() {
    for url in [
        "smtp://alice:hunter2@127.0.0.1:PORT",
        "smtps://alice:hunter2@127.0.0.1:PORT/",
        "smtp://:hunter2@127.0.0.1:PORT",
        "smtp://a@b:hunter2@127.0.0.1:PORT",
    ] {
        let line = refused(&[&WHO[..], &["--url", url]].concat(), MAIL);
        assert!(line.contains("give --password-file FILE"), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn a_malformed_address_is_named_in_one_line() {
    let url = ["--url", "smtp://127.0.0.1:PORT", "--json"];
    for address in [
        "nobody",
        "@x.example",
        "a@",
        "a@b@c",
        "a b@x.example",
        "a@x.example\r\nDATA",
        "a@x.example> BODY=8BITMIME",
        "<a@x.example>",
    ] {
        for (option, others) in [("--rcpt", &WHO[..]), ("--mail-from", &WHO[2..])] {
            let line = refused(&[&url[..], others, &[option, address]].concat(), MAIL);
            assert!(line.starts_with(option), "{line}");
            assert!(line.contains("not an email address"), "{line}");
        }
    }
    let line = refused(&[&url[..], &WHO, &["--rcpt", ""]].concat(), MAIL);
    assert!(line.contains("not an email address"), "{line}");
}

#[test]
fn a_mail_that_cannot_be_one_is_refused() {
    let options = [&["--url", "smtp://127.0.0.1:PORT"], &WHO[..]].concat();
    for (mail, strict, words) in [
        (&b""[..], false, "there is no mail on standard input"),
        (b"From: a@x.example\r\n\r\na\0b\r\n", false, "a NUL octet"),
        (
            b"From: a@x.example\n\na\n",
            true,
            "without --strict, line ends are made CRLF",
        ),
        (b"From: a@x.example\r\n\r\na\rb\r\n", true, "at octet 22"),
        (
            b"From: a@x.example\r\n\r\na",
            true,
            "the last line does not end in CRLF",
        ),
    ] {
        let mut options = options.clone();
        options.extend(strict.then_some("--strict"));
        let line = refused(&options, mail);
        assert!(line.contains(words), "{line}");
    }
}

#[test]
fn help_says_how_to_write_it() {
    let output = run("send", &["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("usage: send --url URL"));
}
