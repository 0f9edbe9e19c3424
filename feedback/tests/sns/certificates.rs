//! Where certificates come from, and which are any good.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use letterhead_feedback::{SnsErrorKind, SnsVerifier};
use letterhead_mail::HttpGetErrorKind;

use crate::web::Web;
use crate::{CERTIFICATE, NOTIFICATION_2, SHORT_KEY_2, changed, now, verifier, verify};

const OTHER_NAME: &[u8] = include_bytes!("../keys/other_name.cert.pem");
const SHORT_KEY: &[u8] = include_bytes!("../keys/short_key.cert.pem");
const ELLIPTIC: &[u8] = include_bytes!("../keys/elliptic.cert.pem");

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn certificates_come_from_sns_only() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    for url in [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.evil.example/.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
    ] {
        let body = changed(NOTIFICATION_2, "SigningCertURL", url);
        let error = verify(&verifier(&web), &body, now()).unwrap_err();
        assert_eq!(error.kind(), &SnsErrorKind::CertificateUrl, "{url}");
    }
    assert!(web.asked().is_empty());
}

#[test]
fn what_is_fetched_must_be_a_usable_certificate() {
    let problem = |problem| SnsErrorKind::Certificate { problem };
    let long = [CERTIFICATE, &vec![b'\n'; 64 * 1024]].concat();
    let cut = &CERTIFICATE[..CERTIFICATE.len() / 2];
    let hollow = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    for (pem, body, expected) in [
        (&b""[..], NOTIFICATION_2, problem("it is not in PEM form")),
        (
            b"<html>no</html>",
            NOTIFICATION_2,
            problem("it is not in PEM form"),
        ),
        (cut, NOTIFICATION_2, problem("it is not in PEM form")),
        (
            b"\xff\xfe",
            NOTIFICATION_2,
            problem("it is not in PEM form"),
        ),
        (hollow, NOTIFICATION_2, problem("its time cannot be read")),
        (&long, NOTIFICATION_2, problem("it is longer than 64 KiB")),
        (OTHER_NAME, NOTIFICATION_2, problem("it does not name SNS")),
        (SHORT_KEY, SHORT_KEY_2, SnsErrorKind::Signature),
        (ELLIPTIC, NOTIFICATION_2, SnsErrorKind::Signature),
    ] {
        let web = Arc::new(Web::answering(200, pem));
        let error = verify(&verifier(&web), body, now()).unwrap_err();
        assert_eq!(error.kind(), &expected);
        assert!(!error.is_transient());
    }
}

#[test]
fn only_status_200_is_an_answer() {
    for (status, is_transient) in [
        (204, false),
        (301, false),
        (302, false),
        (403, false),
        (404, false),
        (429, true),
        (503, true),
    ] {
        let web = Arc::new(Web::answering(status, CERTIFICATE));
        let error = verify(&verifier(&web), NOTIFICATION_2, now()).unwrap_err();
        assert_eq!(error.kind(), &SnsErrorKind::FetchStatus { status });
        assert_eq!(error.is_transient(), is_transient, "{status}");
        assert_eq!(web.asked().len(), 1, "a redirect is not followed");
    }
    let web = Arc::new(Web::failing(HttpGetErrorKind::TimedOut));
    let error = verify(&verifier(&web), NOTIFICATION_2, now()).unwrap_err();
    assert_eq!(error.kind(), &SnsErrorKind::Fetch);
    assert!(error.is_transient());
    assert_eq!(
        error.source().unwrap().to_string(),
        "the web server took too long"
    );
}

#[test]
fn a_certificate_is_kept_for_a_day() {
    let web = Arc::new(Web::answering(503, b""));
    let verifier = verifier(&web).max_age(30 * DAY);
    assert!(verify(&verifier, NOTIFICATION_2, now()).is_err());
    web.answer_from_now(200, CERTIFICATE);
    for (later, asked) in [
        (Duration::ZERO, 2),
        (DAY - Duration::from_secs(1), 2),
        (DAY, 3),
        (DAY + Duration::from_secs(1), 3),
    ] {
        assert!(verify(&verifier, NOTIFICATION_2, now() + later).is_ok());
        assert_eq!(web.asked().len(), asked, "{later:?}");
    }
}

#[test]
fn an_expired_certificate_is_fetched_again_and_refused() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    let verifier = verifier(&web).max_age(100 * DAY);
    // It is valid to the end of the year, 41 days and 16 hours from now.
    let eve = now() + 41 * DAY;
    let new_year = now() + 42 * DAY;
    assert!(verify(&verifier, NOTIFICATION_2, eve).is_ok());
    let error = verify(
        &verifier,
        NOTIFICATION_2,
        new_year - Duration::from_secs(3_600),
    )
    .unwrap_err();
    assert_eq!(error.kind(), &SnsErrorKind::CertificateTime);
    assert_eq!(web.asked().len(), 2, "another may be there by now");
}

#[test]
fn certificates_are_kept_up_to_a_number() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    let verifier: SnsVerifier = verifier(&web);
    let from = |number: usize| {
        let url = format!("https://sns.eu-west-1.amazonaws.com/c{number}.pem");
        changed(NOTIFICATION_2, "SigningCertURL", url)
    };
    let after = |number: usize| now() + Duration::from_secs(u64::try_from(number).unwrap());
    for number in 0..65 {
        verify(&verifier, &from(number), after(number)).unwrap();
    }
    assert_eq!(web.asked().len(), 65);
    verify(&verifier, &from(64), after(65)).unwrap();
    assert_eq!(web.asked().len(), 65, "the newest is kept");
    verify(&verifier, &from(0), after(66)).unwrap();
    assert_eq!(web.asked().len(), 66, "the oldest is not");
}
