use std::num::NonZeroU32;
use std::time::Duration;

use super::{BreakerRule, DestinationBreaker, Ruling};
use crate::event::EventId;
use crate::suppression::moment::Moment;
use crate::suppression::{Change, ChangeAction, Coverage, SuppressionReason};

const MINUTE: u64 = 60_000;
const START: u64 = 1_800_000_000_000;

fn rule() -> BreakerRule {
    BreakerRule::default()
        .minimum(NonZeroU32::new(10).unwrap())
        .capacity(20)
}

fn bounce(number: u64, minute: u64) -> Change {
    let action = ChangeAction::Suppress {
        reason: SuppressionReason::HardBounce,
        coverage: Coverage::default(),
        until: None,
        note: None,
    };
    let address = format!("{number}@x.example");
    Change::new(
        "acme".parse().unwrap(),
        address.parse().unwrap(),
        EventId::of(&[Some(&address)]),
        Moment::from(START + minute * MINUTE).time(),
        action,
    )
}

/// What becomes of hard bounces with these numbers, one a second from this minute on.
fn held(breaker: &mut DestinationBreaker, numbers: std::ops::Range<u64>, minute: u64) -> usize {
    let mut held = 0;
    for number in numbers {
        match breaker.judge(&rule(), "x.example", bounce(number, minute)) {
            Ruling::Held => held += 1,
            Ruling::Suppress(_) => {}
            other => panic!("{other:?}"),
        }
    }
    held
}

#[test]
fn a_jump_is_held_until_it_is_over() {
    let mut breaker = DestinationBreaker::default();
    assert_eq!(held(&mut breaker, 0..15, 0), 6);
    assert_eq!(held(&mut breaker, 15..16, 100), 1);
    assert_eq!(held(&mut breaker, 16..17, 121), 0);
    assert_eq!(breaker.held().count(), 7);
}

#[test]
fn other_destinations_go_on() {
    let mut breaker = DestinationBreaker::default();
    held(&mut breaker, 0..15, 0);
    let other = breaker.judge(&rule(), "y.example", bounce(90, 0));
    assert!(matches!(other, Ruling::Suppress(_)));
}

#[test]
fn a_few_among_much_that_arrives_are_no_jump() {
    let mut breaker = DestinationBreaker::default();
    let at = Moment::from(START);
    for _ in 0..100 {
        breaker.observe(&rule(), "x.example", at);
    }
    assert_eq!(held(&mut breaker, 0..100, 0), 1);
}

#[test]
fn what_is_usual_is_no_jump() {
    let mut breaker = DestinationBreaker::default();
    let mut number = 0;
    // Six an hour, for a day.
    for minute in (0..1_440).step_by(10) {
        assert_eq!(held(&mut breaker, number..number + 1, minute), 0);
        number += 1;
    }
    // Three times the usual is none, more than four times is.
    assert_eq!(held(&mut breaker, number..number + 12, 1_445), 0);
    assert!(held(&mut breaker, number + 12..number + 30, 1_450) > 0);
}

#[test]
fn old_bounces_that_come_late_are_no_jump() {
    let mut breaker = DestinationBreaker::default();
    assert_eq!(held(&mut breaker, 0..1, 10_000), 0);
    assert_eq!(held(&mut breaker, 1..100, 100), 0);
}

#[test]
fn old_bounces_that_come_during_a_jump_are_not_held() {
    let mut breaker = DestinationBreaker::default();
    assert_eq!(held(&mut breaker, 0..10, 1_000), 1);
    assert_eq!(held(&mut breaker, 10..15, 100), 0);
    assert_eq!(held(&mut breaker, 15..16, 970), 1);
}

#[test]
fn what_is_held_is_bounded_and_known_again() {
    let mut breaker = DestinationBreaker::default();
    held(&mut breaker, 0..29, 0);
    let judged = |breaker: &mut DestinationBreaker, number| {
        breaker.judge(&rule(), "x.example", bounce(number, 0))
    };
    assert_eq!(judged(&mut breaker, 20), Ruling::Known);
    assert_eq!(judged(&mut breaker, 29), Ruling::Full);
    let taken = breaker.take("x.example");
    assert_eq!(taken.len(), 20);
    assert_eq!(taken[0].domain(), "x.example");
    assert!(breaker.take("x.example").is_empty());
    breaker.put_back(taken);
    let tenant = "acme".parse().unwrap();
    assert!(breaker.erase(&tenant, &[bounce(20, 0).key]));
    assert!(!breaker.erase(&tenant, &[bounce(20, 0).key]));
    assert_eq!(breaker.held().count(), 19);
}

#[test]
fn destinations_are_bounded() {
    let mut breaker = DestinationBreaker::default();
    for number in 0..DestinationBreaker::MAX_DESTINATIONS + 5 {
        let at = Moment::from(START).after(Duration::from_secs(600));
        breaker.observe(&rule(), &format!("{number}.example"), at);
    }
    assert_eq!(
        breaker.destinations.len(),
        DestinationBreaker::MAX_DESTINATIONS
    );
}
