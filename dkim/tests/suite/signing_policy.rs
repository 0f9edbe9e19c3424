//! What is not signed unless it is asked for by name.

use std::time::Duration;

use letterhead_dkim::{
    SignError, SignatureTemplate, Signer, expired_signatures, prepare, sign, verify,
};
use letterhead_dns::block_on_ready;

use crate::support::{self, ED25519, RSA, domain, key, now, signed};

const MESSAGE: &[u8] = b"From: a@example.org\r\n\r\nHello\r\n";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A signer of this domain without any permission.
fn signer(pem: &str, domain: &str) -> Signer {
    let key = key(pem);
    let selector = key.algorithm().key_type().parse().unwrap();
    Signer::new(domain.parse().unwrap(), selector, key)
}

#[test]
fn ed25519_stands_beside_rsa_of_the_same_domain() {
    let rsa = || signer(RSA, "example.org");
    let ed25519 = || signer(ED25519, "example.org");
    for (signers, alone) in [
        (vec![], None),
        (vec![rsa()], None),
        (vec![ed25519(), rsa()], None),
        (vec![ed25519(), ed25519(), rsa()], None),
        (vec![ed25519().ed25519_alone()], None),
        (vec![ed25519()], Some("example.org")),
        (
            vec![rsa(), signer(ED25519, "example.net")],
            Some("example.net"),
        ),
        (
            vec![rsa(), signer(ED25519, "mail.example.org")],
            Some("mail.example.org"),
        ),
        (
            vec![ed25519().ed25519_alone(), ed25519()],
            Some("example.org"),
        ),
    ] {
        let refused = match sign(MESSAGE, &signers, now()) {
            Ok(fields) => {
                assert_eq!(fields.len(), signers.len());
                None
            }
            Err(SignError::OnlyEd25519 { domain }) => Some(domain.to_string()),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(refused.as_deref(), alone);
    }
    let template: &SignatureTemplate = &ed25519().template().clone();
    assert!(matches!(
        prepare(MESSAGE, &[template], now()),
        Err(SignError::OnlyEd25519 { .. })
    ));
}

#[test]
fn an_expiry_that_queues_outlive_is_refused() {
    let rsa = || signer(RSA, "example.org");
    let least = SignatureTemplate::SHORTEST_EXPIRY;
    assert!(least > 5 * DAY, "longer than the retries of RFC 5321");
    for (signer, taken) in [
        (rsa().expires_after(least), true),
        (rsa().expires_after(30 * DAY), true),
        (rsa().expires_after(least - Duration::from_nanos(1)), false),
        (rsa().expires_after(Duration::ZERO), false),
        (rsa().dangerous_expires_after(Duration::ZERO), true),
        (rsa().dangerous_expires_after(DAY).expires_after(DAY), false),
        (rsa().expires_after(DAY).dangerous_expires_after(DAY), true),
    ] {
        match sign(MESSAGE, &[signer], now()) {
            Ok(fields) => {
                assert!(taken);
                assert!(fields[0].as_str().contains("x="));
            }
            Err(error) => {
                assert!(!taken, "{error}");
                assert!(matches!(error, SignError::ExpiryTooShort { .. }));
            }
        }
    }
    let error = sign(MESSAGE, &[rsa().expires_after(DAY)], now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the signature would expire after 86400 seconds, while queued mail may wait for 604800; \
         set a longer expiry or none"
    );
}

/// RFC 6376 §3.5, `x=`: it is greater than `t=`.
#[test]
fn the_shortest_life_is_a_second() {
    for life in [
        Duration::ZERO,
        Duration::from_millis(1),
        Duration::from_secs(1),
    ] {
        let signer = support::signer(key(RSA)).dangerous_expires_after(life);
        let message = signed(MESSAGE, &[signer]);
        let verdict = support::verdicts(&message).remove(0);
        assert!(verdict.is_pass(), "{verdict}");
        let expiry = verdict.signature().unwrap().expires_at();
        assert_eq!(expiry, Some(now() + Duration::from_secs(1)));
    }
}

#[test]
fn expired_signatures_are_seen_before_the_receiver_sees_them() {
    let signers = [
        support::signer(key(RSA)).expires_after(10 * DAY),
        support::signer(key(ED25519)),
    ];
    let message = signed(MESSAGE, &signers);
    let end = now() + 10 * DAY;
    assert_eq!(
        expired_signatures(&message, end - Duration::from_secs(1)),
        []
    );
    let expired = expired_signatures(&message, end);
    assert_eq!(expired.len(), 1);
    assert_eq!(
        (expired[0].domain(), expired[0].selector().as_str()),
        (&domain(), "rsa")
    );
    assert_eq!(expired[0].expired_at(), end);
    // Whatever verification calls expired was called expired here.
    let limits = letterhead_dkim::VerifyLimits::default().clock_skew(Duration::ZERO);
    let later = end + Duration::from_secs(1);
    let verdicts = block_on_ready(verify(&message, &support::zone(), later, &limits)).unwrap();
    assert_eq!(verdicts[0].cause(), &letterhead_dkim::Cause::Expired);
    assert!(verdicts[1].is_pass());
    assert_eq!(expired_signatures(MESSAGE, later), []);
    assert_eq!(
        expired_signatures(b"DKIM-Signature: v=1\r\n\r\n", later),
        []
    );
}
