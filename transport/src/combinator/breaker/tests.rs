use std::num::NonZeroU32;
use std::sync::Arc;

use letterhead_mail::Submission;

use super::{Breaker, BreakerState, Word, word};
use crate::combinator::testing::{
    Run, Say, Scripted, Slow, StepClock, address, outcomes, seconds, send_now, submission,
};

fn breaker(inner: Arc<Scripted>, clock: Arc<StepClock>) -> Breaker {
    Breaker::new(inner, clock)
        .threshold(NonZeroU32::new(2).unwrap())
        .cool_off(seconds(10))
        .max_cool_off(seconds(30))
}

fn to_one() -> Submission {
    submission(&["a@x.example"])
}

#[test]
fn a_server_is_judged_by_what_it_decided() {
    let of = |says: &[Say]| {
        let rows = says.iter().map(|say| say.row(&address("a@x.example")));
        word(&letterhead_mail::Report::new(rows.collect()))
    };
    for say in Say::ALL {
        let expected = match say {
            Say::Unreachable | Say::Lost => Word::Failure,
            Say::Cancelled | Say::Postponed | Say::Withheld => Word::Nothing,
            Say::Accepted
            | Say::Busy
            | Say::BusyFor(_)
            | Say::NoSuchUser
            | Say::Spam
            | Say::LoginRefused => Word::Success,
        };
        assert_eq!(of(&[say]), expected, "{say:?}");
    }
    assert_eq!(of(&[Say::Unreachable, Say::Postponed]), Word::Failure);
    assert_eq!(of(&[Say::Lost, Say::Unreachable]), Word::Failure);
    assert_eq!(of(&[Say::Lost, Say::NoSuchUser]), Word::Success);
}

#[test]
fn it_opens_after_failures_in_a_row_and_doubles_up_to_the_longest_time() {
    let inner = Scripted::new(&[
        &[Say::Unreachable],
        &[Say::Busy],
        &[Say::Unreachable],
        &[Say::Postponed],
        &[Say::Lost],
        &[Say::Unreachable],
        &[Say::Unreachable],
        &[Say::Unreachable],
        &[Say::Accepted],
        &[Say::Unreachable],
        &[Say::Unreachable],
    ]);
    let clock = StepClock::new();
    let breaker = breaker(inner.clone(), clock.clone());
    for _ in 0..4 {
        assert_eq!(send_now(&breaker, &to_one()).rows().len(), 1);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
    let report = send_now(&breaker, &to_one());
    assert_eq!(outcomes(&report), ["a in doubt"]);
    // The probes that fail double the time, and a success begins anew.
    for (number, open_for) in [(6, 10), (7, 20), (8, 30), (9, 30)] {
        assert_eq!(breaker.state(), BreakerState::Open);
        clock.advance(seconds(open_for - 1));
        let report = send_now(&breaker, &submission(&["a@x.example", "b@x.example"]));
        assert_eq!(
            outcomes(&report),
            [
                "a not attempted (postponed) at local",
                "b not attempted (postponed) at local"
            ]
        );
        assert_eq!(report.rows()[1].retry_after(), Some(seconds(1)));
        clock.advance(seconds(1));
        assert_eq!(breaker.state(), BreakerState::Probing);
        assert_eq!(send_now(&breaker, &to_one()).rows().len(), 1);
        assert_eq!(inner.attempts().len(), number);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    for _ in 0..2 {
        assert_eq!(send_now(&breaker, &to_one()).rows().len(), 1);
    }
    let report = send_now(&breaker, &to_one());
    assert_eq!(report.rows()[0].retry_after(), Some(seconds(10)));
}

/// A breaker that has just opened, over a server that takes a second for each attempt.
fn opened(clock: &Arc<StepClock>, then: &[Say]) -> (Breaker, Arc<Scripted>) {
    let script: Vec<Vec<Say>> = std::iter::once(vec![Say::Unreachable])
        .chain(then.iter().map(|say| vec![*say]))
        .collect();
    let inner = Scripted::of(script);
    let slow = Slow {
        takes: seconds(1),
        clock: clock.clone(),
        inner: inner.clone(),
    };
    let breaker = Breaker::new(Arc::new(slow), clock.clone())
        .threshold(NonZeroU32::MIN)
        .cool_off(seconds(10));
    let submission = to_one();
    let (mut run, _) = Run::start(&breaker, &submission);
    clock.advance(seconds(1));
    assert!(run.step().is_some());
    drop(run);
    assert_eq!(breaker.state(), BreakerState::Open);
    (breaker, inner)
}

#[test]
fn one_probe_at_a_time_is_let_through() {
    let clock = StepClock::new();
    let (breaker, inner) = opened(&clock, &[Say::Accepted]);
    clock.advance(seconds(10));
    let submission = to_one();
    let (mut probe, report) = Run::start(&breaker, &submission);
    assert!(report.is_none());
    let refused = send_now(&breaker, &submission);
    assert_eq!(outcomes(&refused), ["a not attempted (postponed) at local"]);
    assert!(refused.rows()[0].retry_after().is_some());
    clock.advance(seconds(1));
    assert!(probe.step().unwrap().all_accepted());
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(inner.attempts().len(), 2);
}

#[test]
fn a_dropped_probe_lets_the_next_one_in() {
    let clock = StepClock::new();
    let (breaker, _) = opened(&clock, &[Say::Accepted]);
    clock.advance(seconds(10));
    let submission = to_one();
    drop(Run::start(&breaker, &submission));
    let (mut probe, report) = Run::start(&breaker, &submission);
    assert!(report.is_none());
    clock.advance(seconds(1));
    assert!(probe.step().unwrap().all_accepted());
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_probe_that_was_not_made_lets_the_next_one_in_and_doubles_nothing() {
    let clock = StepClock::new();
    let inner = Scripted::new(&[
        &[Say::Unreachable],
        &[Say::Unreachable],
        &[Say::Postponed],
        &[Say::Unreachable],
    ]);
    let breaker = breaker(inner.clone(), clock.clone());
    for _ in 0..2 {
        assert_eq!(send_now(&breaker, &to_one()).rows().len(), 1);
    }
    clock.advance(seconds(10));
    for _ in 0..2 {
        assert_eq!(breaker.state(), BreakerState::Probing);
        assert_eq!(send_now(&breaker, &to_one()).rows().len(), 1);
    }
    let report = send_now(&breaker, &to_one());
    assert_eq!(report.rows()[0].retry_after(), Some(seconds(20)));
}

#[test]
fn an_attempt_from_before_does_not_count() {
    let clock = StepClock::new();
    let (breaker, _) = opened(&clock, &[Say::Accepted, Say::Unreachable, Say::Accepted]);
    clock.advance(seconds(10));
    let submission = to_one();
    // Closed again, and three attempts under way, the first of which opens it.
    let (mut probe, _) = Run::start(&breaker, &submission);
    clock.advance(seconds(1));
    assert!(probe.step().is_some());
    let (mut failing, _) = Run::start(&breaker, &submission);
    let (mut while_open, _) = Run::start(&breaker, &submission);
    let (mut while_probing, _) = Run::start(&breaker, &submission);
    clock.advance(seconds(1));
    assert!(failing.step().is_some());
    assert_eq!(breaker.state(), BreakerState::Open);
    assert!(while_open.step().unwrap().all_accepted());
    assert_eq!(breaker.state(), BreakerState::Open);
    clock.advance(seconds(10));
    let (_probe, report) = Run::start(&breaker, &submission);
    assert!(report.is_none());
    assert!(while_probing.step().unwrap().all_accepted());
    assert_eq!(breaker.state(), BreakerState::Probing);
    assert!(!send_now(&breaker, &submission).all_accepted());
}

#[test]
fn a_clock_that_is_set_back_does_not_keep_it_open() {
    let clock = StepClock::new();
    let inner = Scripted::new(&[&[Say::Unreachable], &[Say::Unreachable], &[Say::Accepted]]);
    let breaker = breaker(inner, clock.clone());
    for _ in 0..2 {
        assert_eq!(send_now(&breaker, &to_one()).rows().len(), 1);
    }
    clock.set(letterhead_mail::Clock::now(&*clock) - seconds(86_400));
    let report = send_now(&breaker, &to_one());
    assert_eq!(report.rows()[0].retry_after(), Some(seconds(10)));
    clock.advance(seconds(10));
    assert!(send_now(&breaker, &to_one()).all_accepted());
}
