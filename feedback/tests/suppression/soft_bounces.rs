//! Soft bounces that repeat.

use std::num::NonZeroU32;
use std::time::Duration;

use letterhead_feedback::{
    Applied, Decision, EventKind, Ignored, SoftBounceRule, SuppressionPolicy, SuppressionReason,
    SuppressionRecord,
};

use crate::setting::{DAY, JOE, List, SOFT, day, event, event_about, three};

const REPEATED: SuppressionReason = SuppressionReason::RepeatedSoftBounce;

#[test]
fn soft_bounces_suppress_at_the_threshold() {
    let list = List::new();
    assert_eq!(
        list.record(&event(SOFT, 1, 0), 0),
        Decision::SoftBounceCounted(1)
    );
    assert_eq!(
        list.record(&event(SOFT, 2, 1), 1),
        Decision::SoftBounceCounted(2)
    );
    assert_eq!(list.reason(), None);
    let reason = SuppressionReason::RepeatedSoftBounce;
    assert_eq!(
        list.record(&event(SOFT, 3, 2), 2),
        Decision::Suppressed(reason)
    );
    assert_eq!(list.reason(), Some(reason));
}

#[test]
fn the_same_soft_bounce_counts_once() {
    let list = List::new();
    list.record(&event(SOFT, 1, 0), 0);
    for _ in 0..10 {
        assert_eq!(
            list.record(&event(SOFT, 1, 0), 1),
            Decision::Ignored(Ignored::AlreadyKnown)
        );
    }
    assert_eq!(
        list.record(&event(SOFT, 2, 1), 1),
        Decision::SoftBounceCounted(2)
    );
}

#[test]
fn soft_bounces_outside_the_window_do_not_count() {
    let list = List::new();
    list.record(&event(SOFT, 1, 0), 0);
    list.record(&event(SOFT, 2, 1), 1);
    assert_eq!(
        list.record(&event(SOFT, 3, 40), 40),
        Decision::SoftBounceCounted(1)
    );
}

#[test]
fn soft_bounces_that_come_late_count_where_they_belong() {
    let list = List::new();
    for (message, on) in [(1, 0), (2, 40), (3, 2)] {
        let decision = list.record(&event(SOFT, message, on), 41);
        assert_eq!(decision, Decision::SoftBounceCounted(1));
    }
    let suppressed = Decision::Suppressed(REPEATED);
    assert_eq!(list.record(&event(SOFT, 4, 1), 41), suppressed);
    assert_eq!(list.suppressed(&[JOE])[0].since(), day(2));
}

#[test]
fn a_delivery_forgets_the_soft_bounces_before_it() {
    let list = List::new();
    assert_eq!(
        list.record(&event(EventKind::Delivered, 9, 0), 0),
        Decision::Ignored(Ignored::AlreadyKnown)
    );
    list.record(&event(SOFT, 1, 0), 0);
    list.record(&event(SOFT, 2, 3), 3);
    assert_eq!(
        list.record(&event(EventKind::Delivered, 10, 2), 3),
        Decision::SoftBouncesReset
    );
    assert_eq!(
        list.record(&event(SOFT, 3, 1), 3),
        Decision::Ignored(Ignored::Stale)
    );
    assert_eq!(
        list.record(&event(SOFT, 4, 4), 4),
        Decision::SoftBounceCounted(2)
    );
}

#[test]
fn a_removal_forgets_soft_bounces_and_their_suppression() {
    let list = List::new();
    for message in 0..3 {
        list.record(&event(SOFT, message, 0), 0);
    }
    assert_eq!(list.remove(1), Applied::Done);
    assert_eq!(
        list.record(&event(SOFT, 2, 0), 2),
        Decision::Ignored(Ignored::AlreadyKnown)
    );
    assert_eq!(
        list.record(&event(SOFT, 7, 2), 2),
        Decision::SoftBounceCounted(1)
    );
    assert_eq!(list.reason(), None);
}

#[test]
fn a_delivery_ends_a_suppression_by_the_soft_bounces_before_it() {
    let list = List::new();
    for message in 1..=3 {
        list.record(&event(SOFT, message, message), 3);
    }
    // Between them, and late in coming: they were not three in a row.
    let delivered = list.record(&event(EventKind::Delivered, 9, 2), 4);
    assert_eq!(delivered, Decision::SoftBouncesReset);
    assert_eq!(list.reason(), None);
    for message in 4..=5 {
        list.record(&event(SOFT, message, message), 5);
    }
    assert_eq!(list.reason(), Some(REPEATED));
    list.record(&event(EventKind::Delivered, 10, 1), 6);
    assert_eq!(list.reason(), Some(REPEATED));
    list.record(&event(EventKind::Delivered, 11, 5), 6);
    assert_eq!(list.reason(), None);
}

#[test]
fn a_burst_counts_once_a_day() {
    let list = List::with(SuppressionPolicy::default().soft_bounces(three().one_in(DAY)));
    let hour = |number: u32| day(0) + Duration::from_secs(3_600) * number;
    for message in 0..20 {
        let bounce = event_about(JOE, SOFT, message, hour(message));
        assert_eq!(list.record(&bounce, 1), Decision::SoftBounceCounted(1));
    }
    assert_eq!(
        list.record(&event(SOFT, 30, 1), 2),
        Decision::SoftBounceCounted(2)
    );
    assert_eq!(
        list.record(&event(SOFT, 31, 2), 2),
        Decision::Suppressed(REPEATED)
    );
    assert_eq!(
        list.record(&event(SOFT, 31, 2), 2),
        Decision::Ignored(Ignored::AlreadyKnown)
    );
}

#[test]
fn a_period_of_nothing_makes_none_the_same() {
    let list =
        List::with(SuppressionPolicy::default().soft_bounces(three().one_in(Duration::ZERO)));
    for message in 0..3 {
        list.record(&event(SOFT, message, 0), 0);
    }
    assert_eq!(list.reason(), Some(REPEATED));
}

#[test]
fn what_is_remembered_of_soft_bounces_is_bounded() {
    let most = SuppressionRecord::MAX_SOFT_BOUNCES;
    let rule = SoftBounceRule::new(NonZeroU32::MAX, DAY * 9_000);
    let list = List::with(SuppressionPolicy::default().soft_bounces(rule));
    for message in 0..300 {
        list.record(&event(SOFT, message, message), 300);
        if message < 63 {
            assert_eq!(list.reason(), None);
        }
    }
    // A threshold beyond what is remembered is what is remembered.
    assert_eq!(list.reason(), Some(REPEATED));
    let joe = JOE.parse().unwrap();
    let record = letterhead_dns::block_on_ready(list.list.get(&list.tenant, &joe));
    let record = record.unwrap().unwrap().unwrap();
    assert_eq!(record.soft_bounces().count(), most);
    assert_eq!(record.soft_bounces().next(), Some(day(300 - 64)));
    let written = serde_json::to_string(&record).unwrap();
    assert!(written.len() < 10_000, "{}", written.len());
}

#[test]
fn a_soft_bounce_suppression_has_its_own_end_and_words() {
    let policy = SuppressionPolicy::default()
        .soft_bounces(three())
        .lasts(REPEATED, DAY * 10);
    let list = List::with(policy);
    for message in 1..=3 {
        let words = format!("mailbox full, {message}");
        list.record(&event(SOFT, message, message).with_diagnostic(&words), 3);
    }
    let found = list.check(&list.scope(), &[JOE], 12).suppressed;
    assert_eq!(found[0].until(), Some(day(13)));
    assert_eq!(found[0].evidence().diagnostic(), Some("mailbox full, 3"));
    assert!(list.check(&list.scope(), &[JOE], 13).suppressed.is_empty());
}
