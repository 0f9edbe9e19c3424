//! The command `send`, against servers that do what they like.

mod authority;
mod content;
mod faults;
mod misuse;
mod peer;
mod secured;
mod silence;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use self::peer::{Peer, serve};
use crate::{run_with, text};

const MAIL: &[u8] = b"From: s@x.example\r\nSubject: one\r\n\r\nHello\r\n";

/// A file for one test, with this in it.
fn file(name: &str, octets: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("send-{name}"));
    std::fs::write(&path, octets).expect("the file is written");
    path
}

/// Runs the command with more options than sender and URL.
fn send_with(address: SocketAddr, options: &[&str], mail: &[u8]) -> Output {
    let url = format!("smtp://{address}");
    let always = ["--url", &url, "--mail-from", "s@x.example"];
    run_with("send", &[&always, options].concat(), mail)
}

/// Runs the command for one recipient, signing in as `alice` where the server offers it.
fn send(address: SocketAddr, options: &[&str]) -> Output {
    send_mail(address, options, MAIL)
}

fn send_mail(address: SocketAddr, options: &[&str], mail: &[u8]) -> Output {
    let always = ["--rcpt", "r@x.example", "--json", "--timeout", "30"];
    send_with(address, &[&always, options].concat(), mail)
}

/// The options by which `alice` signs in without TLS.
fn sign_in(name: &str) -> [String; 4] {
    let file = file(&format!("password-{name}"), b"s3cr3t\n");
    let file = file.to_str().expect("a path in text").to_owned();
    ["--user", "alice", "--password-file"]
        .map(str::to_owned)
        .into_iter()
        .chain([file])
        .collect::<Vec<String>>()
        .try_into()
        .expect("four of them")
}

/// The only row, of a message that was not accepted: outcome, phase, code, text.
fn failure(output: &Output) -> (String, String, Option<u64>, String) {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    let [line] = lines.as_slice() else {
        panic!("one row: {lines:?}");
    };
    let row: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(row["recipient"], "r@x.example");
    let word = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    (
        word("outcome"),
        word("phase"),
        row["code"].as_u64(),
        word("text"),
    )
}

/// Asserts that the only recipient was accepted.
fn assert_accepted(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stdout).starts_with(
        r#"{"recipient":"r@x.example","outcome":"accepted","phase":"final","code":250,"#
    ));
}

/// Takes two of four recipients, with or without pipelining.
fn partial(mut peer: Peer, extension: &str) {
    peer.say("220 mx ready\r\n");
    peer.exchange("EHLO ", &format!("250-mx\r\n250 {extension}\r\n"));
    peer.exchange("MAIL FROM:<s@x.example>", "250 2.1.0 ok\r\n");
    peer.exchange("RCPT TO:<a@x.example>", "250 2.1.5 ok\r\n");
    peer.exchange("RCPT TO:<b@x.example>", "450 4.2.0 greylisted\r\n");
    peer.exchange("RCPT TO:<c@x.example>", "550 5.1.1 no such user\r\n");
    peer.exchange("RCPT TO:<d@x.example>", "250\r\n");
    peer.exchange("DATA", "354 go\r\n");
    peer.content();
    peer.say("250 2.0.0 Ok: queued as 4ABC12\r\n");
    peer.exchange("QUIT", "221 bye\r\n");
}

const FOUR: [&str; 8] = [
    "--rcpt",
    "a@x.example",
    "--rcpt",
    "b@x.example",
    "--rcpt",
    "c@x.example",
    "--rcpt",
    "d@X.EXAMPLE",
];

#[test]
fn recipients_that_are_refused_cost_the_others_nothing_and_each_has_its_line() {
    for extension in ["HELP", "PIPELINING"] {
        let server = serve(move |peer| partial(peer, extension));
        let output = send_with(server.address, &[&FOUR[..], &["--json"]].concat(), MAIL);
        server.end();
        let accepted = r#""outcome":"accepted","phase":"final","code":250,"enhanced":"2.0.0","text":"Ok: queued as 4ABC12"}"#;
        assert_eq!(
            text(&output.stdout),
            [
                &format!(r#"{{"recipient":"a@x.example",{accepted}"#),
                r#"{"recipient":"b@x.example","outcome":"deferred","phase":"rcpt","code":450,"enhanced":"4.2.0","text":"greylisted"}"#,
                r#"{"recipient":"c@x.example","outcome":"rejected","phase":"rcpt","code":550,"enhanced":"5.1.1","text":"no such user"}"#,
                &format!(r#"{{"recipient":"d@x.example",{accepted}"#),
                "",
            ]
            .join("\n")
        );
        assert_eq!(output.status.code(), Some(1), "not all were accepted");
    }
}

#[test]
fn people_get_a_table() {
    let server = serve(|peer| partial(peer, "PIPELINING"));
    let output = send_with(server.address, &FOUR, MAIL);
    server.end();
    assert_eq!(
        text(&output.stdout),
        "\
recipient    outcome   phase  code  enhanced  text
a@x.example  accepted  final  250   2.0.0     Ok: queued as 4ABC12
b@x.example  deferred  rcpt   450   4.2.0     greylisted
c@x.example  rejected  rcpt   550   5.1.1     no such user
d@x.example  accepted  final  250   2.0.0     Ok: queued as 4ABC12
queue id at 127.0.0.1: 4ABC12
"
    );
    assert_eq!(output.status.code(), Some(1));
}

/// A server that pipelines may ask for content though it refused everyone; it gets none.
#[test]
fn nobody_is_accepted_where_all_were_refused_and_content_was_asked_for() {
    let server = serve(|mut peer: Peer| {
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", "250-mx\r\n250 PIPELINING\r\n");
        peer.exchange("MAIL ", "250 ok\r\n");
        peer.exchange("RCPT ", "550 5.1.1 no such user\r\n");
        peer.exchange("DATA", "354 go\r\n");
        let content = peer.content();
        peer.say("250 2.0.0 taken all the same\r\n");
        content
    });
    let (outcome, phase, code, words) = failure(&send(server.address, &[]));
    assert_eq!((outcome.as_str(), phase.as_str()), ("rejected", "rcpt"));
    assert_eq!((code, words.as_str()), (Some(550), "no such user"));
    assert_eq!(server.end(), b".\r\n");
}

#[test]
fn the_status_is_0_when_all_were_accepted() {
    let server = serve(|mut peer: Peer| {
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", "250 mx\r\n");
        peer.take_message()
    });
    assert_accepted(&send(server.address, &[]));
    server.end();
}

/// The null sender is written either way, and a recipient that is named twice has one row.
#[test]
fn the_null_sender_and_repeated_recipients() {
    for null in ["", "<>"] {
        let server = serve(|mut peer: Peer| {
            peer.say("220 mx ready\r\n");
            peer.exchange("EHLO ", "250 mx\r\n");
            peer.exchange("MAIL FROM:<>", "250 ok\r\n");
            peer.exchange("RCPT TO:<r@x.example>", "250 ok\r\n");
            peer.exchange("DATA", "451 4.3.0 try later\r\n");
            peer.exchange("QUIT", "221 bye\r\n");
        });
        let twice = ["--mail-from", null, "--rcpt", "r@X.example"];
        let (outcome, phase, code, words) = failure(&send(server.address, &twice));
        assert_eq!((outcome.as_str(), phase.as_str()), ("deferred", "data"));
        assert_eq!((code, words.as_str()), (Some(451), "try later"));
        server.end();
    }
}
