use std::error::Error as _;
use std::time::Duration;

use letterhead_feedback::{
    EventKind, MailgunKey, Proof, Provider, ProviderReadingErrorKind, ReplayGuard, SendGridKey,
    WebhookError, WebhookSecret, WebhookSecretError,
};

use crate::{HARD, at};

// Keys and signatures by openssl ecparam and openssl dgst.
pub(crate) const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEDTBUbnVZoNEn32CpoMwOpL3V7sbT1w8QX7Kn+lCnLqYzwZYQbkp5kba9qO22yWOKSBXZVOzpA9DSXBTSFhGQgQ==";
const BODY: &[u8] = b"[{\"event\":\"bounce\",\"email\":\"joe@example.org\",\"sg_event_id\":\"e1\",\"type\":\"bounce\",\"status\":\"5.1.1\",\"reason\":\"550 5.1.1 no such user\"}]\r\n";
const SIGNATURE: &str = "MEQCIHPHQUjp9UEsecdl4+nfo37iyEIHfXZfM1narzqvXZg6AiA6/p7Icc5nn4zaDpodow2CwbQV7KBuOU1iGNNRMheJPg==";
const SIGNED: u64 = 1_700_000_000;

#[test]
fn a_webhook_of_sendgrid_is_read_as_proven() {
    let key: SendGridKey = KEY.parse().unwrap();
    let reading = key
        .verify(SIGNATURE, "1700000000", BODY, at(SIGNED + 9))
        .unwrap();
    assert_eq!(reading.events[0].kind(), EventKind::Bounced(HARD));
    assert_eq!(reading.events[0].proof(), Proof::Provider);
    // A day later it is still one that SendGrid may be sending again.
    assert!(
        key.verify(SIGNATURE, "1700000000", BODY, at(SIGNED + 86_400))
            .is_ok()
    );
}

#[test]
fn whatever_is_changed_the_signature_no_longer_fits() {
    let key: SendGridKey = KEY.parse().unwrap();
    let other: SendGridKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==".parse().unwrap();
    let now = at(SIGNED);
    let trimmed = BODY.strip_suffix(b"\r\n").unwrap();
    let shifted = [b"0", BODY].concat();
    let wrong = |outcome: Result<_, WebhookError>| {
        matches!(
            outcome,
            Err(WebhookError::WrongSignature {
                provider: Provider::SendGrid
            })
        )
    };
    assert!(wrong(other.verify(SIGNATURE, "1700000000", BODY, now)));
    assert!(wrong(key.verify(SIGNATURE, "1700000001", BODY, now)));
    assert!(wrong(key.verify(SIGNATURE, "1700000000", trimmed, now)));
    assert!(wrong(key.verify("AAAA", "1700000000", BODY, now)));
    for at in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[at] ^= 1;
        assert!(
            wrong(key.verify(SIGNATURE, "1700000000", &body, now)),
            "{at}"
        );
    }
    // The same octets, divided otherwise: it fits, and is too old.
    let outcome = key.verify(SIGNATURE, "170000000", &shifted, now);
    assert!(
        matches!(outcome, Err(WebhookError::Stale { .. })),
        "{outcome:?}"
    );
}

#[test]
fn what_is_missing_malformed_or_out_of_time_is_named() {
    let key: SendGridKey = KEY.parse().unwrap();
    let verify = |signature, timestamp, now| {
        key.verify(signature, timestamp, BODY, at(now))
            .unwrap_err()
            .to_string()
    };
    for (signature, timestamp, now, named) in [
        (
            "",
            "1700000000",
            SIGNED,
            "Signature of the sendgrid webhook is missing",
        ),
        (
            SIGNATURE,
            " ",
            SIGNED,
            "Timestamp of the sendgrid webhook is missing",
        ),
        ("not base64!", "1700000000", SIGNED, "is not base64"),
        (
            SIGNATURE,
            "+1700000000",
            SIGNED,
            "is not a count of seconds",
        ),
        (
            SIGNATURE,
            "1700000000",
            SIGNED + 90_001,
            "signed 90001 s ago, and 90000 s is the limit",
        ),
        (
            SIGNATURE,
            "1700000000",
            SIGNED - 301,
            "signed 301 s from now",
        ),
    ] {
        let error = verify(signature, timestamp, now);
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn keys_of_sendgrid_are_p256_and_wrapped() {
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n",
        &KEY[..64],
        &KEY[64..]
    );
    let key: SendGridKey = pem.parse().unwrap();
    assert!(
        key.verify(SIGNATURE, "1700000000", BODY, at(SIGNED))
            .is_ok()
    );
    for text in [
        "",
        "no key",
        "AAAA",
        // P-384
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEPXmMfF2iW1/xKCS4Fvrf8ijSfc8t3hNjr/TzekcWnIRoXWGEaoY4GGFP3gFN7H6g/jYp+EO/LlydVYR/Uqk4hdpKVFcrJVn9hVnfbBxNvxUoNFNaNPLXlKV9STxySaa+",
        // The point alone.
        "BA0wVG51WaDRJ99gqaDMDqS91e7G09cPEF+yp/pQpy6mM8GWEG5KeZG2vajttsljikgV2VTs6QPQ0lwU0hYRkIE=",
    ] {
        assert!(text.parse::<SendGridKey>().is_err(), "{text}");
    }
}

// HMACs by openssl dgst -hmac.
const BY_K1: &str = r#"{"timestamp":"1700000000","token":"tokenA","signature":"d61b763a57fd10d43f4481505cf7bc26af52fa1a00a72bfabdba761f11b3a5e9"}"#;
const BY_PARENT: &str = r#"{"timestamp":1700000000,"token":"tokenB","signature":"43E7B34DD6ADC18794BCEFA6EE181D855058A95796BEE334F12D2FF0F256C9E3"}"#;
const DELIVERED: &str = r#"{"event":"delivered","id":"G9Bn5sl1","recipient":"joe@example.org"}"#;

fn mailgun(signature: &str, data: &str) -> Vec<u8> {
    format!(r#"{{"signature":{signature},"event-data":{data}}}"#).into_bytes()
}

#[test]
fn a_signature_of_mailgun_is_good_for_one_body() {
    let key: MailgunKey = "k1".parse().unwrap();
    let guard = MailgunKey::replay_guard(10);
    let body = mailgun(BY_K1, DELIVERED);
    let first = key.verify(&body, &guard, at(SIGNED)).unwrap();
    assert_eq!(first.events[0].proof(), Proof::Provider);
    // Sent again because the answer was lost: the same events.
    let again = key
        .verify(&body, &guard, at(SIGNED + 8 * 3_600 + 300))
        .unwrap();
    assert_eq!(again.events[0].id(), first.events[0].id());
    // Something else under the same signature.
    let forged = mailgun(
        BY_K1,
        r#"{"event":"complained","recipient":"ann@example.org"}"#,
    );
    let outcome = key.verify(&forged, &guard, at(SIGNED + 1));
    assert!(
        matches!(outcome, Err(WebhookError::SignatureReused { .. })),
        "{outcome:?}"
    );
    // The same characters signed, divided otherwise.
    for block in [
        BY_K1
            .replace("1700000000", "170000000")
            .replace("tokenA", "0tokenA"),
        BY_K1
            .replace("1700000000", "17")
            .replace("tokenA", "00000000tokenA"),
    ] {
        let outcome = key.verify(&mailgun(&block, DELIVERED), &guard, at(SIGNED));
        assert!(
            matches!(outcome, Err(WebhookError::Stale { .. })),
            "{outcome:?}"
        );
    }
}

#[test]
fn the_guard_of_mailgun_outlasts_the_signature() {
    let key: MailgunKey = "k1".parse().unwrap();
    let guard = MailgunKey::replay_guard(10);
    let forged = mailgun(BY_K1, r#"{"event":"complained"}"#);
    // First seen by a clock that is behind, then until the signature is no good.
    assert!(
        key.verify(&mailgun(BY_K1, DELIVERED), &guard, at(SIGNED - 300))
            .is_ok()
    );
    for later in (SIGNED - 300..SIGNED + 36_000).step_by(100) {
        assert!(key.verify(&forged, &guard, at(later)).is_err(), "{later}");
    }
}

#[test]
fn the_parent_account_may_sign_for_its_subaccount() {
    let key: MailgunKey = "parent".parse().unwrap();
    let guard = MailgunKey::replay_guard(10);
    let both = format!(
        r#"{{"signature":{BY_K1},"parent-signature":{BY_PARENT},"event-data":{DELIVERED}}}"#
    );
    assert!(key.verify(both.as_bytes(), &guard, at(SIGNED)).is_ok());
    let other: MailgunKey = "k2".parse().unwrap();
    let outcome = other.verify(both.as_bytes(), &guard, at(SIGNED));
    assert!(
        matches!(outcome, Err(WebhookError::WrongSignature { .. })),
        "{outcome:?}"
    );
}

#[test]
fn what_mailgun_did_not_sign_is_refused_and_remembered_by_nobody() {
    let key: MailgunKey = "k1".parse().unwrap();
    let guard = ReplayGuard::new(Duration::from_secs(3_600), 10);
    let now = at(SIGNED);
    for (body, named) in [
        (
            mailgun(&BY_K1.replace("d61b", "d61c"), DELIVERED),
            "does not fit",
        ),
        (
            mailgun(&BY_K1.replace("d61b", "x61b"), DELIVERED),
            "is not 64 hexadecimal digits",
        ),
        (
            mailgun(&BY_K1.replace("d61b", ""), DELIVERED),
            "is not 64 hexadecimal digits",
        ),
        (
            mailgun(&BY_K1.replace("1700000000", "soon"), DELIVERED),
            "is not a count of seconds",
        ),
        (
            mailgun(&BY_K1.replace("token", "t"), DELIVERED),
            "signature.token of the mailgun webhook is missing",
        ),
        (
            mailgun("null", DELIVERED),
            "signature.timestamp of the mailgun webhook is missing",
        ),
        (
            DELIVERED.as_bytes().to_vec(),
            "signature.timestamp of the mailgun webhook is missing",
        ),
        (
            [b"[", mailgun(BY_K1, DELIVERED).as_slice(), b"]"].concat(),
            "is missing",
        ),
        (
            [mailgun(BY_K1, DELIVERED), b"\n{}".to_vec()].concat(),
            "is not one JSON document",
        ),
        (
            b"event=delivered&token=a&timestamp=1&signature=b".to_vec(),
            "is not one JSON document",
        ),
        (Vec::new(), "is not one JSON document"),
        (vec![b' '; 26_214_401], "is not of at most 25 MiB"),
    ] {
        let error = key.verify(&body, &guard, now).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    assert!(guard.is_empty());
    assert!(" \n".parse::<MailgunKey>().is_err());
}

#[test]
fn secrets_are_compared_in_the_form_they_come_in() {
    let body = br#"{"event":"sent"}"#;
    let basic = WebhookSecret::basic("hooks", "tr0ub4dor").unwrap();
    let bearer = WebhookSecret::bearer("tr0ub4dor").unwrap();
    let header = WebhookSecret::header("tr0ub4dor").unwrap();
    let judge = |secret: &WebhookSecret, given: Option<&str>| match secret.verify(
        given,
        body,
        Provider::Mailjet,
    ) {
        Ok(reading) => {
            assert_eq!(reading.events[0].proof(), Proof::Provider);
            "taken"
        }
        Err(WebhookError::Missing { .. }) => "missing",
        Err(WebhookError::Malformed { .. }) => "malformed",
        Err(WebhookError::WrongCredentials { .. }) => "wrong",
        Err(other) => panic!("{other}"),
    };
    for (secret, given, expected) in [
        (&basic, Some("Basic aG9va3M6dHIwdWI0ZG9y"), "taken"),
        (&basic, Some("basic  aG9va3M6dHIwdWI0ZG9y "), "taken"),
        (&basic, Some("Basic aG9va3M6Z3Vlc3M="), "wrong"),
        (&basic, Some("Basic aG9va3M6dHIwdWI0ZG9"), "malformed"),
        (&basic, Some("Basic"), "malformed"),
        (&basic, Some("Bearer tr0ub4dor"), "malformed"),
        (&basic, Some(" "), "missing"),
        (&basic, None, "missing"),
        (&bearer, Some("Bearer tr0ub4dor"), "taken"),
        (&bearer, Some("BEARER tr0ub4dor"), "taken"),
        (&bearer, Some("Bearer tr0ub4do"), "wrong"),
        (&bearer, Some("Bearer tr0ub4dorr"), "wrong"),
        (&bearer, Some("tr0ub4dor"), "malformed"),
        (&header, Some("tr0ub4dor"), "taken"),
        (&header, Some("Tr0ub4dor"), "wrong"),
        (&header, None, "missing"),
    ] {
        assert_eq!(judge(secret, given), expected, "{secret:?} {given:?}");
    }
}

#[test]
fn secrets_that_are_none_are_refused() {
    for (secret, expected) in [
        (WebhookSecret::basic("", "x"), WebhookSecretError::Empty),
        (WebhookSecret::basic("x", " "), WebhookSecretError::Empty),
        (
            WebhookSecret::basic("x:y", "z"),
            WebhookSecretError::ColonInUser,
        ),
        (
            WebhookSecret::basic("x", "y\n"),
            WebhookSecretError::Control,
        ),
        (WebhookSecret::bearer(""), WebhookSecretError::Empty),
        (WebhookSecret::header("a\r\nb"), WebhookSecretError::Control),
    ] {
        assert_eq!(secret.unwrap_err(), expected);
    }
}

#[test]
fn genuine_and_unreadable_is_an_error_with_its_place() {
    let secret = WebhookSecret::bearer("x").unwrap();
    let error = secret
        .verify(
            Some("Bearer x"),
            b"[{\"event\":\"sent\"},\n{\"event\"}]",
            Provider::Mailjet,
        )
        .unwrap_err();
    assert_eq!(error.http_status(), 400);
    assert_eq!(error.provider(), Provider::Mailjet);
    let source = error.source().unwrap().to_string();
    assert!(source.contains("line 2, column 9"), "{source}");
    let WebhookError::Unreadable { source, .. } = error else {
        panic!("{error}")
    };
    assert!(matches!(
        source.kind(),
        ProviderReadingErrorKind::NotJson { line: 2, .. }
    ));
}

#[test]
fn no_secret_is_shown() {
    let shown = format!(
        "{:?} {:?} {:?}",
        "k-v3ry".parse::<MailgunKey>().unwrap(),
        WebhookSecret::basic("us3r", "p4ss").unwrap(),
        WebhookSecret::bearer("t0ken").unwrap(),
    );
    for part in ["v3ry", "us3r", "p4ss", "t0ken"] {
        assert!(!shown.contains(part), "{shown}");
    }
    let secret = WebhookSecret::bearer("t0ken").unwrap();
    let error = secret
        .verify(Some("Bearer gu3ss"), b"{}", Provider::Mailjet)
        .unwrap_err();
    assert_eq!(error.http_status(), 401);
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("t0ken") && !shown.contains("gu3ss"),
        "{shown}"
    );
}
