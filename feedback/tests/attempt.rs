//! What an attempt to send says at once.

use std::time::SystemTime;

use letterhead_feedback::{Event, EventKind, Permanence, Proof, Reason};
use letterhead_mail::{
    EmailAddress, Envelope, LineEndings, Message, NotAttemptedReason, Outcome, Phase,
    RecipientReport, Reply, ReplyCode, Report, ReversePath, Submission,
};

fn reply(code: u16, enhanced: &str, text: &str) -> Reply {
    let code = ReplyCode::new(code).unwrap();
    Reply::new(code, enhanced.parse().ok(), text)
}

fn submission(recipient: &EmailAddress) -> Submission {
    let raw = b"From: a@x.example\r\nMessage-ID: <1@x.example>\r\n\r\nhello\r\n";
    let message = Message::from_bytes(raw.to_vec(), LineEndings::Strict).unwrap();
    let envelope = Envelope::new(ReversePath::Null, [recipient.clone()]).unwrap();
    let mut submission = Submission::new(
        "submission-1".parse().unwrap(),
        "acme".parse().unwrap(),
        message,
        envelope,
    );
    submission.stream = Some("news".parse().unwrap());
    submission.identity = Some("x.example".parse().unwrap());
    submission
}

fn event(outcome: Outcome, phase: Phase, reply: Option<Reply>) -> Option<Event> {
    let recipient: EmailAddress = "joe@y.example".parse().unwrap();
    let mut row = RecipientReport::new(recipient.clone(), outcome, phase);
    if let Some(reply) = reply {
        row = row.with_reply(reply);
    }
    let report = Report::new(vec![row.with_server("mx.y.example")]);
    let mut events = Event::of_attempt(&submission(&recipient), &report, SystemTime::UNIX_EPOCH);
    assert!(events.len() <= 1);
    events.pop()
}

#[test]
fn a_refusal_of_the_recipient_is_a_bounce_and_one_of_the_message_is_not() {
    use EventKind::{Bounced, Deferred, Rejected, Sent, Suppressed};
    let refused = |code, status, text| Some(reply(code, status, text));
    for (outcome, phase, reply, kind) in [
        (
            Outcome::Accepted,
            Phase::Final,
            refused(250, "2.0.0", "queued"),
            Sent,
        ),
        (
            Outcome::Rejected,
            Phase::Rcpt,
            refused(550, "5.1.1", "no such user"),
            Bounced(Permanence::Hard),
        ),
        (
            Outcome::Rejected,
            Phase::Rcpt,
            refused(550, "5.7.1", "blocked"),
            Bounced(Permanence::Soft),
        ),
        (
            Outcome::Rejected,
            Phase::Final,
            refused(554, "5.7.1", "spam"),
            Rejected,
        ),
        (
            Outcome::Rejected,
            Phase::Final,
            refused(550, "5.1.1", "no such user"),
            Rejected,
        ),
        (Outcome::Rejected, Phase::Auth, None, Rejected),
        (
            Outcome::Deferred,
            Phase::Rcpt,
            refused(451, "4.7.1", "greylisted"),
            Deferred,
        ),
        (
            Outcome::NotAttempted(NotAttemptedReason::Suppressed),
            Phase::Local,
            None,
            Suppressed,
        ),
    ] {
        let event = event(outcome, phase, reply).unwrap();
        assert_eq!(event.kind(), kind, "{outcome} at {phase}");
        assert_eq!(event.proof(), Proof::Witnessed);
        assert_eq!(event.time(), Some(SystemTime::UNIX_EPOCH));
    }
    for (outcome, phase) in [
        (
            Outcome::NotAttempted(NotAttemptedReason::Cancelled),
            Phase::Local,
        ),
        (Outcome::InDoubt, Phase::Final),
    ] {
        assert_eq!(event(outcome, phase, None), None, "{outcome}");
    }
}

#[test]
fn it_carries_all_that_is_known_of_the_message() {
    let no_such_user = reply(550, "5.1.1", "no such user");
    let event = event(Outcome::Rejected, Phase::Rcpt, Some(no_such_user.clone())).unwrap();
    assert_eq!(event.reply(), Some(&no_such_user));
    assert_eq!(event.reason(), &Reason::USER_UNKNOWN);
    assert_eq!(event.status().unwrap().to_string(), "5.1.1");
    assert_eq!(event.message_id(), Some("<1@x.example>"));
    assert_eq!(event.tenant().unwrap().as_str(), "acme");
    assert_eq!(event.stream().unwrap().as_str(), "news");
    assert_eq!(event.identity().unwrap().as_str(), "x.example");
    assert_eq!(event.submission().unwrap().as_str(), "submission-1");
    assert_eq!(event.remote_mta(), Some("mx.y.example"));
}
