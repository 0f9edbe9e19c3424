//! Changes on the way that must not pass.

use letterhead_dkim::{Cause, DkimResult, SignError, sign};

use crate::support::{self, now, signed, signers, verdicts};

fn message() -> Vec<u8> {
    support::messages().swap_remove(0).1
}

fn none_passes(message: &[u8], what: &str) {
    let verdicts = verdicts(message);
    assert_eq!(verdicts.len(), 2, "{what}");
    for verdict in verdicts {
        assert!(!verdict.is_pass(), "{what}: {verdict}");
    }
}

#[test]
fn added_fields_break_the_signature_wherever_they_are_put() {
    let whole = signed(&message(), &signers());
    assert!(
        verdicts(&whole)
            .iter()
            .all(letterhead_dkim::Verdict::is_pass)
    );
    let text = String::from_utf8(whole).unwrap();
    for added in [
        "From: Eve <eve@example.org>",
        "Subject: Win",
        "To: x@y",
        "Cc: eve@example.org",
        "Reply-To: eve@example.com",
        "Date: Mon, 1 Jan 2001 00:00:00 +0000",
        "Message-ID: <2@x>",
        "MIME-Version: 1.0",
        "Content-Type: text/html",
        "Content-Transfer-Encoding: base64",
    ] {
        let above = format!("{added}\r\n{text}");
        none_passes(above.as_bytes(), added);
        let below = text.replacen("\r\n\r\n", &format!("\r\n{added}\r\n\r\n"), 1);
        none_passes(below.as_bytes(), added);
    }
}

#[test]
fn fields_of_relays_do_no_harm() {
    let whole = signed(&message(), &signers());
    let relayed = [
        b"Return-Path: <>\r\nReceived: from a by b; now\r\nX-Spam: no\r\n".to_vec(),
        whole,
    ]
    .concat();
    assert!(
        verdicts(&relayed)
            .iter()
            .all(letterhead_dkim::Verdict::is_pass)
    );
}

#[test]
fn an_appended_body_fails() {
    let whole = signed(&message(), &signers());
    for added in [&b"Buy now\r\n"[..], b"x", b"\r\n\r\nx\r\n"] {
        let longer = [&whole[..], added].concat();
        for verdict in verdicts(&longer) {
            assert_eq!(verdict.cause(), &Cause::BodyHashMismatch);
        }
    }
}

#[test]
fn an_altered_octet_anywhere_does_not_pass() {
    let message = message();
    let whole = signed(&message, &signers());
    let signed_part = whole.len() - message.len();
    for position in (0..whole.len()).step_by(7) {
        let mut altered = whole.clone();
        // Letters become other letters, white space becomes a letter: no change that canonicalisation takes back.
        altered[position] = if altered[position] == b'q' {
            b'j'
        } else {
            b'q'
        };
        let verdicts = verdicts(&altered);
        let passes = verdicts.iter().filter(|verdict| verdict.is_pass()).count();
        // Damage to one signature leaves the other one standing; damage to the message leaves none.
        let most = usize::from(position < signed_part);
        assert!(passes <= most, "octet {position}: {verdicts:?}");
    }
}

#[test]
fn the_second_signature_of_another_message_does_not_pass() {
    let one = signed(&message(), &signers());
    let other = signed(b"From: eve@example.com\r\n\r\nx\r\n", &signers());
    let stolen = [&one[..one.len() - message().len()], &other[..]].concat();
    let results: Vec<DkimResult> = verdicts(&stolen)
        .iter()
        .map(letterhead_dkim::Verdict::result)
        .collect();
    assert_eq!(
        results,
        [
            DkimResult::Fail,
            DkimResult::Fail,
            DkimResult::Pass,
            DkimResult::Pass
        ]
    );
}

#[test]
fn messages_that_would_not_verify_are_not_signed() {
    let error = |message: &[u8]| sign(message, &signers(), now()).unwrap_err();
    assert!(matches!(error(b"To: a\r\n\r\nx"), SignError::NoFrom));
    assert!(matches!(
        error(b"From: a\r\nfrom: b\r\n\r\nx"),
        SignError::SeveralFrom
    ));
    assert!(matches!(
        error(b"From: a\r\n\r\nx\ny"),
        SignError::BareLineEnd { offset: 12 }
    ));
    assert!(matches!(
        error(b"From: a\rb\r\n\r\nx"),
        SignError::BareLineEnd { offset: 7 }
    ));
    assert!(matches!(
        error(b"From: a\r\nnonsense\r\n\r\nx"),
        SignError::HeaderSyntax { offset: 9 }
    ));
    assert!(matches!(
        error(b" From: a\r\n\r\nx"),
        SignError::HeaderSyntax { offset: 0 }
    ));
    assert!(matches!(error(b""), SignError::NoFrom));
    let before = std::time::SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1);
    assert!(matches!(
        sign(b"From: a\r\n\r\n", &signers(), before).unwrap_err(),
        SignError::Time
    ));
}
