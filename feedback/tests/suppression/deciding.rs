//! What an event changes.

use std::sync::Arc;

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Applied, Decision, Event, EventKind, Ignored, InMemorySuppressionStore, Proof, Reason,
    Screening, Suppression, SuppressionFilter, SuppressionList, SuppressionPolicy,
    SuppressionReason, SuppressionScope, SuppressionStore,
};
use letterhead_mail::{EmailAddress, Reply, ReplyCode};

use crate::setting::{DAY, HARD, JOE, List, SOFT, address, day, event};

#[test]
fn dead_addresses_complaints_and_wishes_suppress_at_once() {
    for (kind, reason) in [
        (HARD, SuppressionReason::HardBounce),
        (EventKind::Complained, SuppressionReason::Complaint),
        (EventKind::Unsubscribed, SuppressionReason::Unsubscribe),
        (EventKind::Suppressed, SuppressionReason::Provider),
    ] {
        let list = List::new();
        let event = event(kind, 1, 0).with_diagnostic("so it is");
        assert_eq!(
            list.record(&event, 1),
            Decision::Suppressed(reason),
            "{kind}"
        );
        let found = list.suppressed(&[JOE]);
        assert_eq!(found[0].reason(), reason);
        assert_eq!(found[0].since(), day(0));
        assert_eq!(found[0].evidence().event(), event.id());
        assert_eq!(
            found[0].to_string(),
            format!("joe@example.org: {reason} (so it is)")
        );
    }
}

#[test]
fn what_says_nothing_about_the_address_changes_nothing() {
    for kind in [
        EventKind::Relayed,
        EventKind::Expanded,
        EventKind::Deferred,
        EventKind::NotSpam,
        EventKind::AuthFailure,
        EventKind::AutoReplied,
        EventKind::Rejected,
        EventKind::Unknown,
    ] {
        let list = List::new();
        for message in 0..10 {
            assert_eq!(
                list.record(&event(kind, message, 0), 1),
                Decision::Ignored(Ignored::Kind),
                "{kind}"
            );
        }
        assert_eq!(list.reason(), None);
    }
}

#[test]
fn a_refusal_for_policy_never_suppresses() {
    let list = List::new();
    let quoted = Reply::new(
        ReplyCode::new(550).unwrap(),
        "5.7.26".parse().ok(),
        "not authenticated",
    );
    for message in 0..10 {
        for kind in [HARD, SOFT] {
            let code = ["5.7.1", "5.1.7", "5.1.8", "4.1.8"][usize::try_from(message).unwrap() % 4];
            let stated = event(kind, message, 0).with_status(code.parse().unwrap());
            let replied = event(kind, message, 0).with_reply(quoted.clone());
            assert_eq!(list.record(&stated, 1), Decision::Ignored(Ignored::Policy));
            assert_eq!(list.record(&replied, 1), Decision::Ignored(Ignored::Policy));
        }
    }
    assert_eq!(list.reason(), None);
}

#[test]
fn what_is_not_proven_enough_changes_nothing() {
    let unproven = event(HARD, 1, 0).with_proof(Proof::Unproven);
    let list = List::new();
    assert_eq!(
        list.record(&unproven, 1),
        Decision::Ignored(Ignored::NotProven)
    );
    assert_eq!(list.reason(), None);

    let strict = List::with(SuppressionPolicy::default().minimum_proof(Proof::Provider));
    assert_eq!(
        strict.record(&event(HARD, 1, 0), 1),
        Decision::Ignored(Ignored::NotProven)
    );
    let authenticated = event(HARD, 1, 0).with_proof(Proof::Provider);
    assert_eq!(
        strict.record(&authenticated, 1),
        Decision::Suppressed(SuppressionReason::HardBounce)
    );

    let open = List::with(SuppressionPolicy::default().minimum_proof(Proof::Unproven));
    assert_eq!(
        open.record(&unproven, 1),
        Decision::Suppressed(SuppressionReason::HardBounce)
    );
}

#[test]
fn an_event_without_an_address_changes_nothing() {
    let event = Event::new(EventKind::Complained).with_proof(Proof::KnownMessage);
    assert_eq!(
        List::new().record(&event, 1),
        Decision::Ignored(Ignored::NoRecipient)
    );
}

#[test]
fn an_event_about_one_of_several_suppresses_nobody() {
    let list = List::new();
    let event = Event::new(EventKind::Complained)
        .with_candidates(vec![address(JOE), address("ann@example.org")])
        .with_proof(Proof::Witnessed);
    assert_eq!(
        list.record(&event, 1),
        Decision::Ignored(Ignored::Ambiguous)
    );
    assert!(list.suppressed(&[JOE, "ann@example.org"]).is_empty());
}

#[test]
fn a_refusal_that_says_policy_in_words_never_suppresses() {
    let list = List::new();
    let status = "5.1.1".parse().unwrap();
    for (message, reason) in [
        Reason::SPAM,
        Reason::BLOCKED,
        Reason::AUTHENTICATION_FAILURE,
        Reason::SENDER_REJECTED,
    ]
    .into_iter()
    .enumerate()
    {
        let message = u32::try_from(message).unwrap();
        for kind in [HARD, SOFT] {
            let event = event(kind, message, 0).with_reason(reason.clone());
            let of_a_code = event.clone().with_status(status);
            assert_eq!(list.record(&event, 1), Decision::Ignored(Ignored::Policy));
            assert_eq!(
                list.record(&of_a_code, 1),
                Decision::Ignored(Ignored::Policy)
            );
        }
    }
    let full = event(SOFT, 9, 0).with_reason(Reason::MAILBOX_FULL);
    assert_eq!(list.record(&full, 1), Decision::SoftBounceCounted(1));
}

#[test]
fn a_newer_event_takes_the_place_of_an_older_one() {
    let list = List::new();
    for (message, on, decision) in [
        (1, 5, Decision::Suppressed(SuppressionReason::HardBounce)),
        (2, 7, Decision::Suppressed(SuppressionReason::HardBounce)),
        (3, 6, Decision::Ignored(Ignored::AlreadyKnown)),
    ] {
        assert_eq!(list.record(&event(HARD, message, on), 9), decision);
    }
    let found = list.suppressed(&[JOE]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].since(), day(7));
    assert_eq!(found[0].evidence().event(), event(HARD, 2, 7).id());
}

#[test]
fn a_suppression_ends_when_the_policy_says() {
    let policy = SuppressionPolicy::default().lasts(SuppressionReason::Provider, DAY * 14);
    let list = List::with(policy);
    list.record(&event(EventKind::Suppressed, 1, 1), 3);
    let held = |now| list.check(&list.scope(), &[JOE], now).suppressed.len();
    assert_eq!((held(3), held(14), held(15)), (1, 1, 0));
    let listed = list.all(&SuppressionFilter::all(), 10);
    assert_eq!(listed[0].until(), Some(day(15)));
    assert!(listed[0].holds_at(day(14)) && !listed[0].holds_at(day(15)));
    list.record(&event(EventKind::Suppressed, 2, 16), 16);
    assert_eq!((held(29), held(30)), (1, 0));
}

#[test]
fn one_address_is_asked_about_twice_and_answered_twice() {
    let list = List::new();
    list.record(&event(HARD, 1, 0), 0);
    assert_eq!(list.suppressed(&[JOE, "Joe@Example.org", JOE]).len(), 3);
}

#[test]
fn the_address_written_to_is_suppressed_not_the_one_forwarded_to() {
    let list = List::new();
    let event = event(HARD, 1, 0).with_original_recipient(address("ann@example.org"));
    list.record(&event, 1);
    let found = list.suppressed(&[JOE, "ann@example.org"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].address(), Some(&address("ann@example.org")));
}

#[test]
fn a_delivery_does_not_end_a_suppression() {
    let list = List::new();
    list.record(&event(EventKind::Complained, 1, 0), 0);
    list.record(&event(EventKind::Delivered, 2, 1), 1);
    assert_eq!(list.reason(), Some(SuppressionReason::Complaint));
}

#[test]
fn an_event_older_than_a_removal_does_not_suppress_again() {
    let list = List::new();
    list.record(&event(HARD, 1, 0), 0);
    assert_eq!(list.remove(5), Applied::Done);
    assert_eq!(list.reason(), None);
    assert_eq!(
        list.record(&event(HARD, 2, 4), 6),
        Decision::Ignored(Ignored::Stale)
    );
    assert_eq!(
        list.record(&event(HARD, 1, 0), 6),
        Decision::Ignored(Ignored::AlreadyKnown)
    );
    assert_eq!(list.reason(), None);
    assert_eq!(
        list.record(&event(HARD, 3, 6), 6),
        Decision::Suppressed(SuppressionReason::HardBounce)
    );
}

#[test]
fn a_removal_counts_also_where_nothing_was_suppressed() {
    let list = List::new();
    assert_eq!(list.remove(5), Applied::Unchanged);
    assert_eq!(
        list.record(&event(EventKind::Complained, 1, 4), 6),
        Decision::Ignored(Ignored::Stale)
    );
}

#[test]
fn a_replay_without_a_time_does_not_undo_a_removal() {
    let list = List::new();
    let timeless = Event::new(HARD)
        .with_recipient(address("joe@example.org"))
        .with_message_id("<1@mail.example.com>")
        .with_proof(Proof::KnownMessage);
    list.record(&timeless, 0);
    list.remove(1);
    assert_eq!(
        list.record(&timeless, 2),
        Decision::Ignored(Ignored::AlreadyKnown)
    );
    assert_eq!(list.reason(), None);
}

#[test]
fn a_time_to_come_counts_as_now() {
    let list = List::new();
    list.record(&event(HARD, 1, 1_000), 1);
    assert_eq!(list.suppressed(&[JOE])[0].since(), day(1));
    assert_eq!(list.remove(2), Applied::Done);
}

#[test]
fn a_removal_older_than_the_suppression_is_stale() {
    let list = List::new();
    list.record(&event(HARD, 1, 5), 5);
    assert_eq!(list.remove(4), Applied::Stale);
    assert_eq!(list.reason(), Some(SuppressionReason::HardBounce));
}

#[test]
fn the_greatest_reason_is_the_one_that_is_named() {
    let list = List::new();
    list.record(&event(HARD, 1, 0), 0);
    assert_eq!(
        list.record(&event(EventKind::Complained, 2, 1), 1),
        Decision::Suppressed(SuppressionReason::Complaint)
    );
    list.record(&event(HARD, 3, 2), 2);
    assert_eq!(list.reason(), Some(SuppressionReason::Complaint));
}

#[test]
fn case_does_not_matter_and_the_answer_is_spelled_as_the_question() {
    let list = List::new();
    list.record(&event(HARD, 1, 0), 0);
    let asked = [
        "ann@example.org",
        "JOE@Example.org",
        "joe+x@example.org",
        "Joe@example.org",
    ];
    let found = list.suppressed(&asked);
    let found: Vec<EmailAddress> = found
        .iter()
        .filter_map(Suppression::address)
        .cloned()
        .collect();
    assert_eq!(found, [address(asked[1]), address(asked[3])]);
}

#[test]
fn tenants_do_not_see_one_another() {
    let list = List::new();
    list.record(&event(HARD, 1, 0), 0);
    let other = List {
        list: list.list.clone(),
        tenant: "other".parse().unwrap(),
    };
    assert_eq!(other.reason(), None);
    assert_eq!(other.remove(9), Applied::Unchanged);
    assert_eq!(
        other.record(&event(HARD, 1, 10), 10),
        Decision::Suppressed(SuppressionReason::HardBounce)
    );
    assert_eq!(list.reason(), Some(SuppressionReason::HardBounce));
}

#[test]
fn a_store_is_held_as_a_trait_object() {
    let store: Box<dyn SuppressionStore> = Box::new(InMemorySuppressionStore::new());
    let list = SuppressionList::new(Arc::new(store), SuppressionPolicy::default());
    let mail = SuppressionScope::new("acme".parse().unwrap());
    let none = block_on_ready(list.check(&mail, &[], day(0)))
        .unwrap()
        .unwrap();
    assert_eq!(none, Screening::default());
}
