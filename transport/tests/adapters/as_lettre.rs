//! Our transports as lettre's.

use std::sync::{Arc, Mutex};

use letterhead_mail::{Entropy, NotAttemptedReason, Outcome, Transport};
use letterhead_transport::adapter::lettre::{AsLettre, AsLettreError};
use lettre::AsyncTransport as _;

use crate::support::Scripted;

/// Counts, so that every draw differs.
#[derive(Debug, Default)]
struct Counter(Mutex<u8>);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        let mut next = self.0.lock().unwrap();
        *next += 1;
        buffer.fill(*next);
    }
}

fn theirs(rows: &[(&str, Outcome)]) -> (AsLettre<Arc<dyn Transport>>, Arc<Scripted>) {
    let scripted = Arc::new(Scripted::new(rows));
    let ours: Arc<dyn Transport> = scripted.clone();
    let tenant = "acme".parse().unwrap();
    (
        AsLettre::new(ours, tenant, Arc::new(Counter::default())),
        scripted,
    )
}

fn message() -> lettre::Message {
    lettre::Message::builder()
        .from("Sam <s@x.example>".parse().unwrap())
        .to("a@x.example".parse().unwrap())
        .bcc("b@x.example".parse().unwrap())
        .keep_bcc()
        .body(String::from("Hello\n"))
        .unwrap()
}

#[tokio::test]
async fn a_message_of_lettre_becomes_a_submission_of_the_tenant() {
    let both = [
        ("a@x.example", Outcome::Accepted),
        ("b@x.example", Outcome::Accepted),
    ];
    let (theirs, scripted) = theirs(&both);
    assert!(theirs.send(message()).await.unwrap().all_accepted());
    assert!(theirs.send(message()).await.unwrap().all_accepted());
    let given = scripted.given.lock().unwrap();
    assert_eq!(given[0].id.as_str(), "01".repeat(16));
    assert_eq!(given[1].id.as_str(), "02".repeat(16));
    assert_eq!(given[0].tenant.as_str(), "acme");
    let recipients: Vec<_> = given[0]
        .envelope
        .addresses()
        .map(ToString::to_string)
        .collect();
    assert_eq!(recipients, ["a@x.example", "b@x.example"]);
    assert!(given[0].message.header("Bcc").is_none());
    assert_eq!(given[0].message.body(), b"Hello\r\n");
}

/// `Err` is what callers send again on, so it must be certain that nobody has the message.
#[tokio::test]
async fn only_what_nobody_accepted_is_an_error() {
    use Outcome::{Accepted, Deferred, InDoubt, Rejected};
    let suppressed = Outcome::NotAttempted(NotAttemptedReason::Suppressed);
    let postponed = Outcome::NotAttempted(NotAttemptedReason::Postponed);
    // Some: an error, and whether it is safe to send again.
    for (one, other, expected) in [
        (Accepted, Rejected, None),
        (Accepted, Deferred, None),
        (InDoubt, Rejected, None),
        (Deferred, InDoubt, None),
        (suppressed, Accepted, None),
        (Rejected, Rejected, Some(false)),
        (Deferred, Rejected, Some(false)),
        (suppressed, Deferred, Some(false)),
        (Deferred, postponed, Some(true)),
    ] {
        let (theirs, _) = theirs(&[("a@x.example", one), ("b@x.example", other)]);
        let result = theirs.send(message()).await;
        let rows = match &result {
            Ok(report) => report.rows(),
            Err(error) => error.report().unwrap().rows(),
        };
        assert_eq!((rows[0].outcome(), rows[1].outcome()), (one, other));
        let retry = result.err().map(|error| error.is_safe_to_retry());
        assert_eq!(retry, expected, "{one} {other}");
    }
}

#[tokio::test]
async fn a_recipient_without_a_row_may_have_been_sent_to() {
    let (theirs, _) = theirs(&[("a@x.example", Outcome::Rejected)]);
    assert!(theirs.send(message()).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_sent_is_an_error_before_anything_is() {
    let (theirs, scripted) = theirs(&[]);
    let to = vec!["a@x.example".parse().unwrap()];
    let envelope = lettre::address::Envelope::new(None, to).unwrap();
    let error = theirs.send_raw(&envelope, b"a\0").await.unwrap_err();
    assert!(matches!(error, AsLettreError::Mail(_)));
    assert!(error.report().is_none() && !error.is_safe_to_retry());
    assert!(scripted.given.lock().unwrap().is_empty());
}
