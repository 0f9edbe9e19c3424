//! TLS and AUTH: what is said before them, and to whom nothing is said.

use std::sync::Arc;

use super::authority::Authority;
use super::peer::{Peer, serve};
use super::{MAIL, assert_accepted, failure, file, send, sign_in};
use crate::{run_with, text};

const REQUIRED: [&str; 2] = ["--tls", "required"];

/// Says what was heard behind EHLO.
fn heard_behind_ehlo(peer: Peer) -> Vec<String> {
    let mut heard = peer.heard;
    assert!(heard.remove(0).starts_with("EHLO "), "{heard:?}");
    heard
}

#[test]
fn starttls_that_is_missing_refused_or_followed_by_something_sends_nothing() {
    for (offer, answer, words) in [
        (
            "250-mx\r\n250 AUTH PLAIN\r\n",
            None,
            "TLS is required and the server does not offer STARTTLS",
        ),
        (
            "250-mx\r\n250 STARTTLS\r\n",
            Some("454 4.7.0 not now\r\n"),
            "not now",
        ),
        (
            "250-mx\r\n250 STARTTLS\r\n",
            Some("502 5.5.1 never\r\n"),
            "never",
        ),
        (
            "250-mx\r\n250 STARTTLS\r\n",
            Some("220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n"),
            "octets behind it that TLS does not protect",
        ),
        ("250-mx\r\n250 STARTTLS\r\n", Some("250 fine\r\n"), "250"),
    ] {
        let server = serve(move |mut peer: Peer| {
            peer.say("220 mx ready\r\n");
            peer.exchange("EHLO ", offer);
            if let Some(answer) = answer {
                peer.exchange("STARTTLS", answer);
            }
            peer.see_off();
            heard_behind_ehlo(peer)
        });
        let sign_in = sign_in("starttls");
        let sign_in = sign_in.each_ref().map(String::as_str);
        let output = send(server.address, &[&REQUIRED[..], &sign_in].concat());
        let (outcome, phase, _, sentence) = failure(&output);
        assert_eq!(
            (outcome.as_str(), phase.as_str()),
            ("deferred", "tls"),
            "{words}"
        );
        assert!(sentence.contains(words), "{sentence}");
        let heard = server.end();
        assert!(
            heard
                .iter()
                .all(|line| line == "STARTTLS" || line == "QUIT"),
            "{heard:?}"
        );
    }
}

/// On loopback TLS is opportunistic: the mail goes in the clear where it is not offered, and with TLS where it is.
#[test]
fn tls_is_opportunistic_on_loopback_unless_said_otherwise() {
    let server = serve(|mut peer: Peer| {
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", "250 mx\r\n");
        peer.take_message()
    });
    assert_accepted(&send(server.address, &[]));
    server.end();

    let authority = Authority::new();
    let config = authority.server("127.0.0.1");
    let ca = authority.file("opportunistic.pem");
    let ca = ["--ca", ca.to_str().expect("a path in text")];
    let server = serve(move |mut peer: Peer| {
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", "250-mx\r\n250 STARTTLS\r\n");
        peer.exchange("STARTTLS", "220 go\r\n");
        assert!(peer.secure(&config), "the client knows the authority");
        peer.exchange("EHLO ", "250 mx\r\n");
        peer.take_message()
    });
    assert_accepted(&send(server.address, &ca));
    server.end();

    // With `none` the offer is passed over.
    let server = serve(|mut peer: Peer| {
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", "250-mx\r\n250 STARTTLS\r\n");
        peer.take_message()
    });
    assert_accepted(&send(server.address, &["--tls", "none"]));
    server.end();
}

/// Runs the command over TLS from the first octet.
fn send_implicitly(port: u16, ca: &str, options: &[&str]) -> std::process::Output {
    let url = format!("smtps://127.0.0.1:{port}");
    let always = [
        "--url",
        &url,
        "--mail-from",
        "s@x.example",
        "--rcpt",
        "r@x.example",
        "--json",
        "--ca",
        ca,
    ];
    run_with("send", &[&always, options].concat(), MAIL)
}

#[test]
fn implicit_tls_trusts_the_authority_that_is_named() {
    let authority = Authority::new();
    let config = authority.server("127.0.0.1");
    let ca = authority.file("implicit.pem");
    let password = file("password-implicit", b"s3cr3t");
    let server = serve(move |mut peer: Peer| {
        assert!(peer.secure(&config), "the client knows the authority");
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", "250-mx\r\n250 AUTH PLAIN\r\n");
        peer.exchange("AUTH PLAIN AGFsaWNlQHgAczNjcjN0", "235 2.7.0 welcome\r\n");
        peer.take_message()
    });
    // The user stands in the URL.
    let url = format!("smtps://alice%40x@127.0.0.1:{}", server.address.port());
    let password = password.to_str().expect("a path in text");
    let ca = ca.to_str().expect("a path in text");
    let options = ["--url", &url, "--password-file", password];
    assert_accepted(&send_implicitly(server.address.port(), ca, &options));
    assert_eq!(server.end(), [MAIL, b".\r\n"].concat());
}

#[test]
fn a_certificate_for_another_name_out_of_time_or_of_another_authority_gets_no_word() {
    let authority = Authority::new();
    let ca = authority.file("certificates.pem");
    let ca = ca.to_str().expect("a path in text");
    for (name, config) in [
        ("another name", authority.server("other.example")),
        ("out of time", authority.expired_server("127.0.0.1")),
        ("another authority", Authority::new().server("127.0.0.1")),
    ] {
        let implicit = Arc::clone(&config);
        let server = serve(move |mut peer: Peer| {
            // With TLS 1.3 the server's side may be through before the client has refused.
            peer.secure(&implicit);
            peer.hear()
        });
        let output = send_implicitly(server.address.port(), ca, &[]);
        let (outcome, phase, _, words) = failure(&output);
        assert_eq!(
            (outcome.as_str(), phase.as_str()),
            ("deferred", "tls"),
            "{name}: {words}"
        );
        assert_eq!(server.end(), None, "{name}");

        let server = serve(move |mut peer: Peer| {
            peer.reach("tls");
            peer.say("220 go\r\n");
            peer.secure(&config);
            peer.hear()
        });
        let output = send(server.address, &[&REQUIRED[..], &["--ca", ca]].concat());
        let (outcome, phase, _, words) = failure(&output);
        assert_eq!(
            (outcome.as_str(), phase.as_str()),
            ("deferred", "tls"),
            "{name}: {words}"
        );
        assert_eq!(server.end(), None, "{name}");
    }
}

#[test]
fn a_sign_in_that_is_refused_sends_no_mail_and_does_not_show_the_password() {
    let server = serve(|mut peer: Peer| {
        peer.reach("auth");
        peer.say("535 5.7.8 no such user or password\r\n");
        peer.exchange("QUIT", "221 bye\r\n");
        assert_eq!(peer.hear(), None);
    });
    let sign_in = sign_in("refused");
    let output = send(server.address, &sign_in.each_ref().map(String::as_str));
    server.end();
    assert_eq!(
        text(&output.stdout),
        "{\"recipient\":\"r@x.example\",\"outcome\":\"rejected\",\"phase\":\"auth\",\"code\":535,\"enhanced\":\"5.7.8\",\"text\":\"no such user or password\"}\n"
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "");
}

/// To a server on this machine it may go in the clear, and a refusal is that of the credentials.
#[test]
fn a_refused_password_is_rejected_at_auth_with_the_servers_words() {
    let server = serve(|mut peer: Peer| {
        peer.say("220 mx ready\r\n");
        peer.exchange("EHLO ", "250-mx\r\n250 AUTH PLAIN LOGIN\r\n");
        peer.exchange("AUTH PLAIN ", "535 5.7.8 no\r\n");
        peer.see_off();
        heard_behind_ehlo(peer)
    });
    let sign_in = sign_in("in-the-clear");
    let options = sign_in.each_ref().map(String::as_str);
    let (outcome, phase, code, words) = failure(&send(server.address, &options));
    assert_eq!(
        (outcome.as_str(), phase.as_str(), code, words.as_str()),
        ("rejected", "auth", Some(535), "no")
    );
    server.end();
}
