use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::envelope::Notify;
use letterhead_mail::{Envelope, Recipient, Transport};

use super::Retry;
use crate::combinator::testing::{
    Run, SameOctet, Say, Scripted, SkippingClock, StepClock, address, outcomes, seconds, send_now,
    submission,
};

/// Half of each bound is waited.
fn retry(inner: Arc<dyn Transport>, clock: Arc<StepClock>) -> Retry {
    Retry::new(inner, clock, Arc::new(HalfTheBound))
}

#[derive(Debug)]
struct HalfTheBound;

impl letterhead_mail::Entropy for HalfTheBound {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
        *buffer.last_mut().unwrap() = 0x80;
    }
}

#[test]
fn only_who_is_safe_is_tried_again_and_the_message_stays() {
    let inner = Scripted::new(&[
        &[Say::Busy, Say::Lost, Say::NoSuchUser, Say::Unreachable],
        &[Say::Lost, Say::Accepted],
    ]);
    let clock = StepClock::new();
    let retry = retry(inner.clone(), clock.clone());
    let mut submission = submission(&["a@x.example", "b@x.example", "c@x.example"]);
    let asked = Recipient::from(address("d@x.example")).with_notify(Notify::NEVER);
    let mut recipients = submission.envelope.recipients().to_vec();
    recipients.push(asked.clone());
    submission.envelope = Envelope::new(submission.envelope.sender().clone(), recipients).unwrap();
    let (mut run, report) = Run::start(&retry, &submission);
    assert!(report.is_none());
    clock.advance(Duration::from_millis(499));
    assert!(run.step().is_none());
    clock.advance(Duration::from_millis(1));
    let report = run.step().unwrap();
    assert_eq!(
        outcomes(&report),
        [
            "a in doubt",
            "b in doubt",
            "c rejected at rcpt",
            "d accepted"
        ]
    );
    assert_eq!(inner.sent_to(), ["a b c d", "a d"]);
    let attempts = inner.attempts();
    assert_eq!(attempts[1].message, submission.message);
    assert_eq!(attempts[1].envelope.recipients()[1], asked);
}

#[test]
fn bounds_double_up_to_the_longest_and_attempts_are_counted() {
    let inner = Scripted::new(&[&[Say::Busy]]);
    let clock = StepClock::new();
    let retry = retry(inner.clone(), clock.clone())
        .max_attempts(NonZeroU32::new(5).unwrap())
        .first_wait(seconds(2))
        .max_wait(seconds(6));
    let submission = submission(&["a@x.example"]);
    let (mut run, mut report) = Run::start(&retry, &submission);
    let mut waits = Vec::new();
    while report.is_none() {
        let sent = inner.attempts().len();
        let mut waited = 0;
        while inner.attempts().len() == sent {
            clock.advance(seconds(1));
            waited += 1;
            report = run.step();
        }
        waits.push(waited);
    }
    assert_eq!(waits, [1, 2, 3, 3]);
    assert_eq!(outcomes(&report.unwrap()), ["a deferred at rcpt"]);
    assert_eq!(inner.attempts().len(), 5);
}

#[test]
fn a_named_time_is_waited_and_who_comes_too_late_holds_nobody_back() {
    let inner = Scripted::new(&[
        &[Say::BusyFor(20), Say::BusyFor(3_600), Say::Busy],
        &[Say::Accepted],
    ]);
    let clock = StepClock::new();
    let retry = retry(inner.clone(), clock.clone());
    let submission = submission(&["a@x.example", "b@x.example", "c@x.example"]);
    let (mut run, _) = Run::start(&retry, &submission);
    clock.advance(seconds(19));
    assert!(run.step().is_none());
    clock.advance(seconds(1));
    let report = run.step().unwrap();
    assert_eq!(
        outcomes(&report),
        ["a accepted", "b deferred at rcpt", "c accepted"]
    );
    assert_eq!(report.rows()[1].retry_after(), Some(seconds(3_600)));
    assert_eq!(inner.sent_to(), ["a b c", "a c"]);
}

#[test]
fn no_attempt_begins_after_the_end() {
    let inner = Scripted::new(&[&[Say::BusyFor(25)]]);
    let retry = Retry::new(
        inner.clone(),
        SkippingClock::new(),
        Arc::new(SameOctet(0xff)),
    )
    .max_attempts(NonZeroU32::MAX);
    let report = send_now(&retry, &submission(&["a@x.example"]));
    assert_eq!(outcomes(&report), ["a deferred at rcpt"]);
    // At 0, 25 and 50 seconds of 60.
    assert_eq!(inner.attempts().len(), 3);
}

#[test]
fn the_extremes_of_the_settings_do_not_overflow() {
    let inner = Scripted::new(&[&[Say::Busy], &[Say::Busy], &[Say::Accepted]]);
    let retry = Retry::new(inner, SkippingClock::new(), Arc::new(SameOctet(0)))
        .first_wait(Duration::MAX)
        .max_wait(Duration::MAX)
        .max_total(Duration::MAX);
    assert!(send_now(&retry, &submission(&["a@x.example"])).all_accepted());
    let inner = Scripted::new(&[&[Say::Busy]]);
    let retry = Retry::new(
        inner.clone(),
        SkippingClock::new(),
        Arc::new(SameOctet(0xff)),
    )
    .first_wait(Duration::MAX)
    .max_wait(Duration::MAX)
    .max_total(Duration::MAX);
    let report = send_now(&retry, &submission(&["a@x.example"]));
    assert_eq!((report.rows().len(), inner.attempts().len()), (1, 1));
}

#[test]
fn a_dropped_wait_sends_nothing_more() {
    let inner = Scripted::new(&[&[Say::Busy]]);
    let clock = StepClock::new();
    let retry = retry(inner.clone(), clock.clone());
    let submission = submission(&["a@x.example"]);
    let (run, report) = Run::start(&retry, &submission);
    assert!(report.is_none());
    drop(run);
    clock.advance(seconds(60));
    assert_eq!(inner.attempts().len(), 1);
}
