use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::{Clock, ReversePath, Submission};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};

use super::{Rate, RateKey, RateLimit, RatePeriod};
use crate::combinator::testing::{
    Run, Say, Scripted, Slow, StepClock, outcomes, seconds, send_now, submission,
};

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn messages(amount: u32, period: RatePeriod) -> Rate {
    Rate::messages(number(amount), period)
}

fn to_one() -> Submission {
    submission(&["a@x.example"])
}

#[test]
fn a_burst_goes_out_at_once_and_the_rest_at_the_pace() {
    let clock = StepClock::new();
    let inner = Scripted::accepting();
    let rate = messages(2, RatePeriod::Second).with_burst(number(3));
    let limited = RateLimit::new(rate, inner.clone(), clock.clone());
    let submission = to_one();
    for _ in 0..3 {
        assert!(send_now(&limited, &submission).all_accepted());
    }
    let (mut fourth, report) = Run::start(&limited, &submission);
    assert!(report.is_none());
    clock.advance(Duration::from_millis(499));
    assert!(fourth.step().is_none());
    clock.advance(Duration::from_millis(1));
    assert!(fourth.step().unwrap().all_accepted());
    clock.advance(seconds(60));
    for _ in 0..3 {
        assert!(send_now(&limited, &submission).all_accepted());
    }
    assert!(Run::start(&limited, &submission).1.is_none());
}

#[test]
fn several_rates_hold_at_once() {
    let clock = StepClock::new();
    let rate = Rate::recipients(number(10), RatePeriod::Hour);
    let limited = RateLimit::new(
        messages(1, RatePeriod::Second),
        Scripted::accepting(),
        clock.clone(),
    )
    .and(rate)
    .max_wait(seconds(0));
    let five = submission(&[
        "a@x.example",
        "b@x.example",
        "c@x.example",
        "d@x.example",
        "e@x.example",
    ]);
    assert!(send_now(&limited, &five).all_accepted());
    let wait = |report: &letterhead_mail::Report| report.rows()[0].retry_after().unwrap();
    assert_eq!(wait(&send_now(&limited, &five)), seconds(1));
    clock.advance(seconds(1));
    assert!(send_now(&limited, &five).all_accepted());
    clock.advance(seconds(1));
    // Two of 3600 seconds' tokens are there again by then.
    assert_eq!(wait(&send_now(&limited, &five)), seconds(1_798));
    assert_eq!(wait(&send_now(&limited, &to_one())), seconds(358));
}

#[test]
fn what_would_wait_too_long_is_postponed_and_takes_nothing() {
    let clock = StepClock::new();
    let inner = Scripted::accepting();
    let limited = RateLimit::new(
        messages(1, RatePeriod::Minute),
        inner.clone(),
        clock.clone(),
    )
    .max_wait(seconds(59));
    assert!(send_now(&limited, &to_one()).all_accepted());
    for _ in 0..5 {
        let report = send_now(&limited, &submission(&["a@x.example", "b@x.example"]));
        assert_eq!(
            outcomes(&report),
            [
                "a not attempted (postponed) at local",
                "b not attempted (postponed) at local"
            ]
        );
        assert_eq!(report.rows()[1].retry_after(), Some(seconds(60)));
    }
    clock.advance(seconds(1));
    let submission = to_one();
    let (mut waiting, report) = Run::start(&limited, &submission);
    assert!(report.is_none());
    // Behind the one that waits, there is no time left for another.
    assert_eq!(
        send_now(&limited, &submission).rows()[0].retry_after(),
        Some(seconds(119))
    );
    clock.advance(seconds(59));
    assert!(waiting.step().unwrap().all_accepted());
    assert_eq!(inner.attempts().len(), 2);
}

#[test]
fn more_recipients_than_a_bucket_holds_leave_it_in_debt() {
    let clock = StepClock::new();
    let rate = Rate::recipients(number(2), RatePeriod::Second);
    let limited = RateLimit::new(rate, Scripted::accepting(), clock.clone());
    let six = submission(&[
        "a@x.example",
        "b@x.example",
        "c@x.example",
        "d@x.example",
        "e@x.example",
        "f@x.example",
    ]);
    assert!(send_now(&limited, &six).all_accepted());
    let one = to_one();
    let (mut next, report) = Run::start(&limited, &one);
    assert!(report.is_none());
    clock.advance(Duration::from_millis(2_499));
    assert!(next.step().is_none());
    clock.advance(Duration::from_millis(1));
    assert!(next.step().unwrap().all_accepted());
}

#[test]
fn those_who_wait_come_in_the_order_of_arrival() {
    let clock = StepClock::new();
    let inner = Scripted::accepting();
    let rate = Rate::recipients(number(4), RatePeriod::Second);
    let limited = RateLimit::new(rate, inner.clone(), clock.clone());
    let four = submission(&["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
    assert!(send_now(&limited, &four).all_accepted());
    let small = submission(&["late@x.example"]);
    let (mut first, _) = Run::start(&limited, &four);
    let (mut second, report) = Run::start(&limited, &small);
    // There would be enough for the small one long before there is for the large one.
    assert!(report.is_none());
    clock.advance(Duration::from_millis(250));
    assert!(second.step().is_none());
    clock.advance(Duration::from_millis(750));
    assert!(second.step().is_none());
    assert!(first.step().unwrap().all_accepted());
    clock.advance(Duration::from_millis(250));
    assert!(second.step().unwrap().all_accepted());
    assert_eq!(inner.sent_to(), ["a b c d", "a b c d", "late"]);
}

#[test]
fn whoever_waits_gives_up_in_time_whatever_those_before_do() {
    let clock = StepClock::new();
    let limited = RateLimit::new(
        messages(1, RatePeriod::Second),
        Scripted::accepting(),
        clock.clone(),
    )
    .max_wait(seconds(5));
    let submission = to_one();
    assert!(send_now(&limited, &submission).all_accepted());
    // The first is held and not looked after.
    let (first, _) = Run::start(&limited, &submission);
    let (mut second, report) = Run::start(&limited, &submission);
    assert!(report.is_none());
    clock.advance(seconds(4));
    assert!(second.step().is_none());
    clock.advance(seconds(1));
    assert_eq!(
        outcomes(&second.step().unwrap()),
        ["a not attempted (postponed) at local"]
    );
    drop(first);
    assert!(send_now(&limited, &submission).all_accepted());
}

#[test]
fn nobody_overtakes_one_whose_time_has_come() {
    let clock = StepClock::new();
    let inner = Scripted::accepting();
    let limited = RateLimit::new(
        messages(4, RatePeriod::Second).with_burst(number(2)),
        inner.clone(),
        clock.clone(),
    );
    for _ in 0..2 {
        assert!(send_now(&limited, &to_one()).all_accepted());
    }
    let (early, late) = (
        submission(&["early@x.example"]),
        submission(&["late@x.example"]),
    );
    let (mut first, _) = Run::start(&limited, &early);
    // There is enough for both, but the first has not looked yet.
    clock.advance(seconds(1));
    let (mut second, report) = Run::start(&limited, &late);
    assert!(report.is_none());
    assert!(first.step().unwrap().all_accepted());
    assert!(second.step().unwrap().all_accepted());
    assert_eq!(inner.sent_to()[2..], ["early", "late"]);
}

#[test]
fn a_dropped_wait_takes_nothing_and_those_behind_move_up() {
    let clock = StepClock::new();
    let rate = Rate::recipients(number(4), RatePeriod::Second);
    let limited = RateLimit::new(rate, Scripted::accepting(), clock.clone());
    let four = submission(&["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
    assert!(send_now(&limited, &four).all_accepted());
    let small = to_one();
    let (first, _) = Run::start(&limited, &four);
    let (middle, _) = Run::start(&limited, &four);
    let (mut last, report) = Run::start(&limited, &small);
    assert!(report.is_none());
    drop(middle);
    drop(first);
    assert!(last.step().is_none());
    clock.advance(Duration::from_millis(250));
    assert!(last.step().unwrap().all_accepted());
    // What was handed on is used.
    let slow = RateLimit::new(
        messages(1, RatePeriod::Minute),
        Arc::new(Slow {
            takes: seconds(1),
            clock: clock.clone(),
            inner: Scripted::accepting(),
        }),
        clock.clone(),
    )
    .max_wait(seconds(0));
    drop(Run::start(&slow, &small));
    assert_eq!(
        outcomes(&send_now(&slow, &small)),
        ["a not attempted (postponed) at local"]
    );
}

#[test]
fn keys_have_buckets_of_their_own() {
    let mut other = to_one();
    other.tenant = "other".parse().unwrap();
    other.identity = Some("x.example".parse().unwrap());
    other.channel = Some("bulk".to_owned());
    other.envelope = other.envelope.from_other(ReversePath::Null);
    for (key, apart) in [
        (RateKey::Everything, false),
        (RateKey::Tenant, true),
        (RateKey::Identity, true),
        (RateKey::Channel, true),
        (RateKey::SenderDomain, true),
        (RateKey::RecipientDomain, false),
    ] {
        let limited = RateLimit::new(
            messages(1, RatePeriod::Minute),
            Scripted::accepting(),
            StepClock::new(),
        )
        .key(key)
        .max_wait(seconds(0));
        assert!(send_now(&limited, &to_one()).all_accepted());
        assert!(!send_now(&limited, &to_one()).all_accepted(), "{key:?}");
        assert_eq!(send_now(&limited, &other).all_accepted(), apart, "{key:?}");
    }
    let by_id = RateLimit::new(
        messages(1, RatePeriod::Minute),
        Scripted::accepting(),
        StepClock::new(),
    )
    .key_by(|submission| submission.id.to_string())
    .max_wait(seconds(0));
    assert!(send_now(&by_id, &to_one()).all_accepted());
    assert!(!send_now(&by_id, &other).all_accepted());
    other.id = "id-2".parse().unwrap();
    assert!(send_now(&by_id, &other).all_accepted());
}

#[test]
fn recipient_domains_are_limited_each_by_itself() {
    let clock = StepClock::new();
    let inner = Scripted::new(&[
        &[Say::Accepted],
        &[Say::NoSuchUser, Say::Lost, Say::Accepted],
        &[Say::Accepted],
    ]);
    let rate = Rate::recipients(number(1), RatePeriod::Second);
    let limited = RateLimit::new(rate, inner.clone(), clock.clone())
        .key(RateKey::RecipientDomain)
        .max_wait(seconds(1));
    assert!(send_now(&limited, &submission(&["a@slow.example"])).all_accepted());
    let submission = submission(&[
        "b@slow.example",
        "c@x.example",
        "d@x.example",
        "e@x.example",
    ]);
    let (mut run, report) = Run::start(&limited, &submission);
    assert!(report.is_none());
    assert_eq!(inner.sent_to(), ["a", "c d e"]);
    clock.advance(seconds(1));
    assert_eq!(
        outcomes(&run.step().unwrap()),
        [
            "b accepted",
            "c rejected at rcpt",
            "d in doubt",
            "e accepted"
        ]
    );
    drop(run);
    // The one is waited for; the other, in debt, is not.
    let (mut run, _) = Run::start(&limited, &submission);
    clock.advance(seconds(1));
    let report = run.step().unwrap();
    assert_eq!(
        outcomes(&report),
        [
            "b accepted",
            "c not attempted (postponed) at local",
            "d not attempted (postponed) at local",
            "e not attempted (postponed) at local"
        ]
    );
}

#[test]
fn keys_that_are_full_again_are_forgotten() {
    let clock = StepClock::new();
    let limited = RateLimit::new(
        messages(1, RatePeriod::Second),
        Scripted::accepting(),
        clock.clone(),
    )
    .key(RateKey::Tenant);
    let mut submission = to_one();
    for tenant in 0..10_000 {
        submission.tenant = format!("tenant {tenant}").parse().unwrap();
        assert!(send_now(&limited, &submission).all_accepted());
        clock.advance(Duration::from_millis(20));
    }
    let kept = limited.limiter.remembered_keys();
    assert!(kept <= 300, "{kept}");
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let clock = StepClock::new();
    let limited = RateLimit::new(
        messages(1, RatePeriod::Second),
        Scripted::accepting(),
        clock.clone(),
    )
    .max_wait(seconds(0));
    assert!(send_now(&limited, &to_one()).all_accepted());
    clock.set(clock.now() - seconds(3_600));
    let report = send_now(&limited, &to_one());
    assert_eq!(report.rows()[0].retry_after(), Some(seconds(1)));
    clock.advance(seconds(1));
    assert!(send_now(&limited, &to_one()).all_accepted());
}

#[test]
fn the_extremes_of_the_settings_do_not_overflow() {
    let clock = StepClock::new();
    let most = Rate::recipients(NonZeroU32::MAX, RatePeriod::Day);
    let least = messages(1, RatePeriod::Day).with_burst(NonZeroU32::MAX);
    let limited = RateLimit::new(most, Scripted::accepting(), clock.clone())
        .and(least)
        .max_wait(Duration::MAX);
    clock.advance(Duration::from_secs(u64::from(u32::MAX)));
    assert!(send_now(&limited, &to_one()).all_accepted());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes and goes, no more goes out than the burst and the pace allow, nobody is overtaken, and nobody is left
    /// waiting for nothing.
    #[test]
    fn the_pace_is_kept_and_the_order_too(
        amount in 1_u32..5,
        burst in 1_u32..5,
        steps in vec((0_u8..4, any::<u8>()), 1..60),
    ) {
        let clock = StepClock::new();
        let start = clock.now();
        let inner = Scripted::accepting();
        let rate = messages(amount, RatePeriod::Second).with_burst(number(burst));
        let limited = RateLimit::new(rate, inner.clone(), clock.clone()).max_wait(seconds(3_600));
        let submissions: Vec<Submission> = (0..steps.len())
            .map(|number| submission(&[&format!("{number}@x.example")]))
            .collect();
        let mut runs = Vec::new();
        for ((what, value), submission) in steps.iter().zip(&submissions) {
            match what {
                0 | 1 => {
                    let (run, report) = Run::start(&limited, submission);
                    if report.is_none() {
                        runs.push(run);
                    }
                }
                2 => clock.advance(Duration::from_millis(u64::from(*value) * 4)),
                _ => {
                    if !runs.is_empty() {
                        drop(runs.remove(usize::from(*value) % runs.len()));
                    }
                }
            }
            runs.retain_mut(|run| run.step().is_none());
            let elapsed = clock.now().duration_since(start).unwrap();
            let allowed = u128::from(burst) + elapsed.as_nanos() * u128::from(amount) / 1_000_000_000;
            assert!(inner.attempts().len() as u128 <= allowed);
        }
        let order: Vec<usize> = inner.sent_to().iter().map(|to| to.parse().unwrap()).collect();
        assert!(order.is_sorted(), "{order:?}");
        clock.advance(seconds(60));
        // Each of those who wait wakes the next.
        for _ in 0..runs.len() {
            runs.retain_mut(|run| run.step().is_none());
            clock.advance(seconds(1));
        }
        assert!(runs.is_empty());
    }
}
