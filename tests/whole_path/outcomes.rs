//! Outcomes that never lie.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use letterhead::SendError;
use letterhead::feedback::SuppressionScope;
use letterhead::mail::{
    BoxFuture, Clock as _, Message, NotAttemptedReason, Outcome, Phase, RecipientReport, Reply,
    ReplyCode, Report, Submission, Transport,
};

use crate::setting::{ADA, Setting, address, internet, tenant};

/// A transport that gives every recipient the same outcome and keeps what it was given.
#[derive(Debug)]
pub(crate) struct Scripted {
    outcome: Outcome,
    seen: Mutex<Vec<Message>>,
}

impl Scripted {
    pub(crate) fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            seen: Mutex::default(),
        }
    }

    pub(crate) fn accepting() -> Self {
        Self::new(Outcome::Accepted)
    }

    pub(crate) fn seen(&self) -> Vec<Message> {
        self.seen.lock().unwrap().clone()
    }
}

impl Transport for Scripted {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            self.seen.lock().unwrap().push(submission.message.clone());
            Report::uniform(&submission.envelope, |recipient| {
                RecipientReport::new(recipient, self.outcome, Phase::Final)
            })
        })
    }
}

pub(crate) async fn with_outcome(outcome: Outcome) -> (Setting, Arc<Scripted>) {
    let scripted = Arc::new(Scripted::new(outcome));
    let simulator = internet();
    let dns = simulator.dns().clone();
    let setting = Setting::new(simulator, &dns, scripted.clone(), scripted.clone()).await;
    (setting, scripted)
}

#[tokio::test]
async fn in_doubt_is_a_receipt_and_never_an_error() {
    let (setting, _) = with_outcome(Outcome::InDoubt).await;
    let receipt = setting.send("zuora", &[ADA]).await.unwrap();
    assert_eq!(receipt.rows()[0].outcome(), Outcome::InDoubt);
    assert!(!receipt.rows()[0].is_safe_to_retry());
    assert!(receipt.all_accepted().is_err());
}

#[tokio::test]
async fn proven_not_accepted_is_an_error_that_keeps_the_rows() {
    for outcome in [Outcome::Deferred, Outcome::Rejected] {
        let (setting, _) = with_outcome(outcome).await;
        match setting.send("zuora", &[ADA]).await {
            Err(SendError::NothingAccepted(receipt)) => {
                assert_eq!(receipt.rows()[0].outcome(), outcome);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn suppressed_recipients_have_a_row_and_cost_the_others_nothing() {
    let setting = Setting::in_process().await;
    let now = setting.simulator.clock().now();
    setting
        .suppression
        .add_manual(
            &SuppressionScope::new(tenant("acme")),
            &address("gone@receiver.example"),
            "by hand",
            now,
        )
        .await
        .unwrap();
    let receipt = setting
        .send("own", &["GONE@receiver.example", ADA])
        .await
        .unwrap();
    let rows: Vec<String> = receipt.rows().iter().map(ToString::to_string).collect();
    assert_eq!(
        rows[0],
        "GONE@receiver.example not attempted (suppressed) at local: suppressed: manual"
    );
    assert_eq!(
        receipt.rows()[0].outcome(),
        Outcome::NotAttempted(NotAttemptedReason::Suppressed)
    );
    assert_eq!(receipt.rows()[1].outcome(), Outcome::Accepted);
    assert_eq!(setting.simulator.mails_of(&address(ADA)).len(), 1);
}

#[tokio::test]
async fn signatures_are_made_at_the_attempt_and_the_message_stays_the_same() {
    let (setting, scripted) = with_outcome(Outcome::Accepted).await;
    let submission = setting
        .mailer
        .prepare(setting.outgoing("own", &[ADA]))
        .await
        .unwrap();
    assert!(submission.message.header("DKIM-Signature").is_none());
    for _ in 0..2 {
        setting
            .mailer
            .attempt(&submission)
            .await
            .unwrap()
            .all_accepted()
            .unwrap();
        setting.simulator.advance(Duration::from_hours(24));
    }
    let seen = scripted.seen();
    let times = |message: &Message| -> Vec<String> {
        let signatures = message.headers_named("DKIM-Signature");
        let tag = |text: String| {
            text.split("; t=")
                .nth(1)
                .and_then(|rest| rest.split(';').next())
                .map(str::to_owned)
        };
        signatures
            .filter_map(|field| tag(field.unfolded()))
            .collect()
    };
    let start = setting.simulator.clock().now() - Duration::from_hours(48);
    let start = start
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    assert_eq!(times(&seen[0]), [start.to_string(), start.to_string()]);
    let next = (start + 86_400).to_string();
    assert_eq!(times(&seen[1]), [next.clone(), next]);
    assert_eq!(seen[0].message_id(), seen[1].message_id());
    assert_eq!(seen[0].body(), seen[1].body());
}

#[tokio::test]
async fn a_transport_that_forgets_a_recipient_does_not_make_it_disappear() {
    #[derive(Debug)]
    struct Forgetful;
    impl Transport for Forgetful {
        fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
            let first = submission.envelope.addresses().next().unwrap().clone();
            let reply = Reply::new(ReplyCode::OK, None, "Ok");
            let row =
                RecipientReport::new(first, Outcome::Accepted, Phase::Final).with_reply(reply);
            Box::pin(async move { Report::new(vec![row]) })
        }
    }
    let simulator = internet();
    let dns = simulator.dns().clone();
    let setting = Setting::new(simulator, &dns, Arc::new(Forgetful), Arc::new(Forgetful)).await;
    let receipt = setting
        .send("zuora", &[ADA, "b@receiver.example"])
        .await
        .unwrap();
    assert_eq!(receipt.rows().len(), 2);
    assert_eq!(receipt.rows()[1].outcome(), Outcome::InDoubt);
}

#[tokio::test]
async fn an_address_that_a_server_refuses_as_dead_is_not_written_to_again() {
    let simulator = internet();
    let dns = simulator.dns().clone();
    let receiver = simulator.transport("mx.receiver.example").unwrap();
    let setting = Setting::new(simulator, &dns, receiver.clone(), receiver).await;
    let receipt = setting.send("own", &["nobody@receiver.example", ADA]).await;
    let rows = match receipt {
        Ok(receipt) => receipt.rows().to_vec(),
        Err(SendError::NothingAccepted(receipt)) => receipt.rows().to_vec(),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(
        (rows[0].outcome(), rows[0].phase()),
        (Outcome::Rejected, Phase::Rcpt)
    );
    assert_eq!(
        setting.suppressed(&["nobody@receiver.example", ADA]).await,
        ["nobody@receiver.example hard-bounce"]
    );
}

/// Refuses the first recipient for now and takes the others; then takes everybody.
#[derive(Debug, Default)]
struct Greylisting(Mutex<Vec<Vec<String>>>);

impl Transport for Greylisting {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        let mut attempts = self.0.lock().unwrap();
        let first = attempts
            .is_empty()
            .then(|| submission.envelope.addresses().next().unwrap().clone());
        attempts.push(
            submission
                .envelope
                .addresses()
                .map(ToString::to_string)
                .collect(),
        );
        let report = Report::uniform(&submission.envelope, |recipient| {
            let outcome = if first.as_ref() == Some(&recipient) {
                Outcome::Deferred
            } else {
                Outcome::Accepted
            };
            RecipientReport::new(recipient, outcome, Phase::Rcpt)
        });
        Box::pin(async move { report })
    }
}

#[tokio::test]
async fn another_attempt_goes_to_those_only_who_are_left() {
    let greylisting = Arc::new(Greylisting::default());
    let simulator = internet();
    let dns = simulator.dns().clone();
    let setting = Setting::new(simulator, &dns, greylisting.clone(), greylisting.clone()).await;
    let outgoing = setting.outgoing("zuora", &["b@receiver.example", ADA]);
    let submission = setting.mailer.prepare(outgoing).await.unwrap();
    let receipt = setting.mailer.attempt(&submission).await.unwrap();
    let rest = receipt.remaining(&submission).unwrap();
    let receipt = setting.mailer.attempt(&rest).await.unwrap();
    receipt.all_accepted().unwrap();
    assert!(receipt.remaining(&rest).is_none());
    assert_eq!(
        *greylisting.0.lock().unwrap(),
        [vec!["b@receiver.example", ADA], vec!["b@receiver.example"]]
    );
}

#[tokio::test]
async fn whether_a_failure_is_temporary_follows_the_rows() {
    for (outcome, temporary) in [(Outcome::Deferred, true), (Outcome::Rejected, false)] {
        let (setting, _) = with_outcome(outcome).await;
        let error = setting.send("zuora", &[ADA]).await.unwrap_err();
        assert_eq!(error.is_temporary(), temporary, "{error}");
        assert_eq!(error.receipt().unwrap().rows().len(), 1);
    }
}
