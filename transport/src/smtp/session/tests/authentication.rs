//! AUTH.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_mail::{Outcome, Phase};

use super::dialogue::{Act, acts, password, run, settings, two_recipients};
use crate::credentials::Credentials;
use crate::endpoint::Security;
use crate::smtp::session::{ClientSession, PlaintextAuth, SessionSettings, Step};

const BEHIND: [&str; 6] = ["250", "250", "250", "354", "250", "221"];

fn with(credentials: Credentials) -> SessionSettings {
    settings(Security::ImplicitTls).with_credentials(credentials)
}

/// A server that offers these mechanisms, answers AUTH so, and takes the message.
fn server(mechanisms: &str, answers: &[&str]) -> Vec<Act> {
    let ehlo = format!("250-mx\r\n250 AUTH {mechanisms}");
    let mut replies = vec!["220 mx", &ehlo];
    replies.extend(answers);
    replies.extend(BEHIND);
    acts(&replies)
}

#[test]
fn login_is_used_where_plain_is_not_offered() {
    let outcomes = run(
        with(password()),
        &two_recipients(),
        &server("login", &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235"]),
    );
    assert!(outcomes.report.all_accepted());
    assert!(
        outcomes
            .written
            .contains("AUTH LOGIN\r\nYWxpY2U=\r\nczNjcjN0\r\nMAIL")
    );
}

#[test]
fn plain_is_said_again_where_the_server_overlooked_it() {
    let outcomes = run(
        with(password()),
        &two_recipients(),
        &server("PLAIN", &["334", "235"]),
    );
    assert!(outcomes.report.all_accepted());
    assert!(
        outcomes
            .written
            .contains("AUTH PLAIN AGFsaWNlAHMzY3IzdA==\r\nAGFsaWNlAHMzY3IzdA==\r\nMAIL")
    );
}

#[test]
fn a_bearer_token_goes_by_xoauth2_and_its_refusal_is_fetched() {
    let token = || Credentials::bearer("alice", "tok".into());
    let outcomes = run(
        with(token()),
        &two_recipients(),
        &server("XOAUTH2", &["235"]),
    );
    assert!(outcomes.report.all_accepted());
    assert!(
        outcomes
            .written
            .contains("AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciB0b2sBAQ==\r\nMAIL")
    );

    let refused = run(
        with(token()),
        &two_recipients(),
        &acts(&[
            "220 mx",
            "250-mx\r\n250 AUTH XOAUTH2",
            "334 eyJ9",
            "535 5.7.8 expired",
            "221",
        ]),
    );
    assert_eq!(refused.rows(), [(Outcome::Rejected, Phase::Auth); 2]);
    assert!(refused.written.ends_with("AQ==\r\n\r\nQUIT\r\n"));
}

#[test]
fn a_bearer_token_goes_by_oauthbearer_where_that_is_offered() {
    let credentials = || Credentials::bearer("al=ice", "tok".into());
    let response =
        STANDARD.encode("n,a=al=3Dice,\u{1}host=mx.example.org\u{1}auth=Bearer tok\u{1}\u{1}");
    let outcomes = run(
        with(credentials()),
        &two_recipients(),
        &server("XOAUTH2 OAUTHBEARER", &["235"]),
    );
    assert!(outcomes.report.all_accepted());
    assert!(
        outcomes
            .written
            .contains(&format!("AUTH OAUTHBEARER {response}\r\nMAIL"))
    );
    // The refusal comes behind a challenge with its reasons, which is answered by octet 1 (RFC 7628 §3.2.3).
    let refused = run(
        with(credentials()),
        &two_recipients(),
        &server(
            "OAUTHBEARER",
            &["334 eyJzdGF0dXMiOiI0MDEifQ==", "535 5.7.8 expired"],
        ),
    );
    assert_eq!(refused.rows(), [(Outcome::Rejected, Phase::Auth); 2]);
    assert!(refused.written.contains(&format!("{response}\r\nAQ==\r\n")));
}

#[test]
fn a_response_too_long_for_the_command_waits_for_the_challenge() {
    for (credentials, mechanism) in [
        (
            Credentials::bearer("alice", "t".repeat(2_000).into()),
            "XOAUTH2",
        ),
        (Credentials::new("alice", "p".repeat(2_000).into()), "PLAIN"),
    ] {
        let outcomes = run(
            with(credentials),
            &two_recipients(),
            &server(mechanism, &["334", "235"]),
        );
        assert!(outcomes.report.all_accepted());
        assert!(outcomes.written.contains(&format!("AUTH {mechanism}\r\n")));
    }
    let endless = Credentials::new("alice", "p".repeat(10_000).into());
    let outcomes = run(with(endless), &two_recipients(), &server("PLAIN", &[]));
    assert_eq!(outcomes.rows(), [(Outcome::Deferred, Phase::Auth); 2]);
}

#[test]
fn a_server_that_goes_on_asking_is_told_to_stop() {
    let more = ["334 YQ==", "334 Yg==", "501 stopped", "221"];
    let mut replies = vec!["220 mx", "250-mx\r\n250 AUTH PLAIN"];
    replies.extend(more);
    let outcomes = run(with(password()), &two_recipients(), &acts(&replies));
    assert_eq!(outcomes.rows(), [(Outcome::Deferred, Phase::Auth); 2]);
    assert!(outcomes.written.ends_with("\r\n*\r\nQUIT\r\n"));

    let mut endless = vec!["220 mx", "250-mx\r\n250 AUTH PLAIN"];
    endless.extend(["334"; 50]);
    let outcomes = run(with(password()), &two_recipients(), &acts(&endless));
    assert_eq!(outcomes.rows(), [(Outcome::Deferred, Phase::Auth); 2]);
    assert!(outcomes.left > 40);
}

#[test]
fn success_after_stopping_is_not_believed() {
    let outcomes = run(
        with(password()),
        &two_recipients(),
        &acts(&[
            "220 mx",
            "250-mx\r\n250 AUTH PLAIN",
            "334",
            "334",
            "235 ok",
            "221",
        ]),
    );
    assert_eq!(outcomes.rows(), [(Outcome::Deferred, Phase::Auth); 2]);
    assert!(!outcomes.written.contains("MAIL"));
}

#[test]
fn credentials_stay_home_where_they_cannot_go() {
    let clear = settings(Security::Plaintext).with_credentials(password());
    let opportunistic = settings(Security::Opportunistic).with_credentials(password());
    let nul = with(Credentials::new("a\0b", "s3cr3t".into()));
    for (settings, offered) in [
        (clear, "AUTH PLAIN"),
        (opportunistic, "AUTH PLAIN"),
        (nul, "AUTH PLAIN"),
        (with(password()), "AUTH CRAM-MD5"),
        (with(password()), "SIZE"),
        (
            with(Credentials::bearer("alice", "tok".into())),
            "AUTH PLAIN LOGIN",
        ),
    ] {
        let ehlo = format!("250-mx\r\n250 {offered}");
        let outcomes = run(
            settings,
            &two_recipients(),
            &acts(&["220 mx", &ehlo, "221"]),
        );
        assert_eq!(outcomes.rows(), [(Outcome::Deferred, Phase::Auth); 2]);
        assert_eq!(outcomes.written, "EHLO client.example.org\r\nQUIT\r\n");
    }
}

#[test]
fn credentials_go_in_the_clear_only_where_that_is_asked_for() {
    let settings = settings(Security::Plaintext)
        .with_credentials(password())
        .with_plaintext_auth(PlaintextAuth::DangerousAllow);
    assert!(
        run(settings, &two_recipients(), &server("PLAIN", &["235"]))
            .report
            .all_accepted()
    );
}

#[test]
fn a_server_that_repeats_the_credentials_does_not_get_them_into_the_report() {
    for answers in [
        ["535 not AGFsaWNlAHMzY3IzdA==", "221"].as_slice(),
        &["535-5.7.8 no\r\n535 5.7.8 s3cr3t", "221"],
        &["421 AGFsaWNlAHMzY3IzdA==", "221"],
        &["334 again", "535 AGFsaWNlAHMzY3IzdA=="],
    ] {
        let mut replies = vec!["220 mx", "250-mx\r\n250 AUTH PLAIN"];
        replies.extend(answers);
        let outcomes = run(with(password()), &two_recipients(), &acts(&replies));
        let shown = format!("{:?}", outcomes.report);
        assert!(
            !shown.contains("s3cr3t") && !shown.contains("AGFs"),
            "{shown}"
        );
        assert!(shown.contains("withheld"), "{shown}");
    }
}

#[test]
fn a_server_that_repeats_a_part_of_the_credentials_does_not_get_it_into_the_report() {
    let long = "correct-horse/battery-staple ".repeat(20);
    let response = STANDARD.encode(format!("\0alice\0{long}"));
    let (head, tail) = response.split_at(400);
    for refusal in [
        format!("501 {head}"),
        format!("501 {tail}"),
        format!("501-{head}\r\n501 {tail}"),
        format!("501-5.5.2 {head}\r\n501 5.5.2 {tail}"),
        format!(
            "501-cannot decode\r\n501 {}",
            response.get(100..115).unwrap()
        ),
        // Neither line has a piece; both together have.
        "501-AGFs\r\n501 aWNl".to_owned(),
        "501-5.5.2 AGFs\r\n501 5.5.2 aWNl".to_owned(),
        "501 AGF saWNl".to_owned(),
        format!("501 {}", long.get(..40).unwrap()),
    ] {
        let outcomes = run(
            with(Credentials::new("alice", long.as_str().into())),
            &two_recipients(),
            &acts(&["220 mx", "250-mx\r\n250 AUTH PLAIN", "334", &refusal, "221"]),
        );
        assert_eq!(outcomes.rows(), [(Outcome::Rejected, Phase::Auth); 2]);
        for row in outcomes.report.rows() {
            let reply = row.reply().unwrap();
            assert_eq!(
                reply.text(),
                "(text withheld: it repeats the credentials)",
                "{refusal}"
            );
        }
    }
}

#[test]
fn a_short_password_over_two_lines_is_withheld_and_other_text_is_kept() {
    for (refusal, text) in [
        (
            "535-5.7.8 s3c\r\n535 5.7.8 r3t",
            "(text withheld: it repeats the credentials)",
        ),
        (
            "535-5.7.8 no such user\r\n535 5.7.8 or wrong password",
            "no such user or wrong password",
        ),
    ] {
        let outcomes = run(
            with(password()),
            &two_recipients(),
            &acts(&["220 mx", "250-mx\r\n250 AUTH PLAIN", refusal, "221"]),
        );
        assert_eq!(outcomes.report.rows()[0].reply().unwrap().text(), text);
    }
}

#[test]
fn debug_output_holds_no_secret() {
    let mut session = ClientSession::new(with(password()));
    session.submit(
        &two_recipients(),
        super::dialogue::NOW,
        super::dialogue::NOW,
    );
    let mut shown = String::new();
    for reply in ["220 mx\r\n", "250-mx\r\n250 AUTH PLAIN\r\n", "334\r\n"] {
        session.received(reply.as_bytes());
        loop {
            let step = session.step(super::dialogue::NOW);
            shown.push_str(&format!("{session:?}{step:?}"));
            if matches!(step, Step::Read) {
                break;
            }
        }
    }
    assert!(shown.contains("AuthExchange") && shown.contains("Transmit("));
    assert!(!shown.contains("s3cr3t") && !shown.contains("AGFs") && !shown.contains("czNj"));
}
