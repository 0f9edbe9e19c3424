//! The rules of suppression, over the store in memory.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Applied, Decision, Event, EventKind, Ignored, InMemorySuppressionStore, Permanence, Proof,
    Suppression, SuppressionList, SuppressionPolicy, SuppressionReason, SuppressionStore,
};
use letterhead_mail::{EmailAddress, Reply, ReplyCode, TenantId};

const DAY: u64 = 24 * 60 * 60;
const HARD: EventKind = EventKind::Bounced(Permanence::Hard);
const SOFT: EventKind = EventKind::Bounced(Permanence::Soft);

fn day(number: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(20_000 * DAY + number * DAY)
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

/// A proven event about joe@example.org and the message of this number, as of this day.
fn event(kind: EventKind, message: u64, on: u64) -> Event {
    Event::new(kind)
        .with_recipient(address("joe@example.org"))
        .with_message_id(&format!("<{message}@mail.example.com>"))
        .with_time(day(on))
        .with_proof(Proof::KnownMessage)
}

/// A list whose operations are ready at once, on behalf of one tenant.
struct List {
    list: SuppressionList,
    tenant: TenantId,
}

impl List {
    fn new() -> Self {
        Self::with(SuppressionPolicy::default().soft_bounce_threshold(NonZeroU32::new(3).unwrap()))
    }

    fn with(policy: SuppressionPolicy) -> Self {
        Self {
            list: SuppressionList::new(Arc::new(InMemorySuppressionStore::new()), policy),
            tenant: "acme".parse().unwrap(),
        }
    }

    fn record(&self, event: &Event, now: u64) -> Decision {
        block_on_ready(self.list.record(&self.tenant, event, day(now)))
            .unwrap()
            .unwrap()
    }

    fn suppressed(&self, addresses: &[EmailAddress]) -> Vec<Suppression> {
        block_on_ready(self.list.suppressed(&self.tenant, addresses))
            .unwrap()
            .unwrap()
    }

    fn reason(&self) -> Option<SuppressionReason> {
        self.suppressed(&[address("joe@example.org")])
            .first()
            .map(Suppression::reason)
    }

    fn remove(&self, now: u64) -> Applied {
        let joe = address("joe@example.org");
        block_on_ready(self.list.remove(&self.tenant, &joe, day(now)))
            .unwrap()
            .unwrap()
    }

    fn add_manual(&self, who: &str, now: u64) -> Applied {
        let who = address(who);
        let added = self
            .list
            .add_manual(&self.tenant, &who, "asked\r\nby phone", day(now));
        block_on_ready(added).unwrap().unwrap()
    }
}

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
        let found = list.suppressed(&[address("joe@example.org")]);
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
fn the_address_written_to_is_suppressed_not_the_one_forwarded_to() {
    let list = List::new();
    let event = event(HARD, 1, 0).with_original_recipient(address("ann@example.org"));
    list.record(&event, 1);
    let found = list.suppressed(&[address("joe@example.org"), address("ann@example.org")]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].address(), &address("ann@example.org"));
}

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
    // Late in coming, and long past by then.
    assert_eq!(
        list.record(&event(SOFT, 4, 2), 41),
        Decision::SoftBounceCounted(1)
    );
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
    assert_eq!(
        list.suppressed(&[address("joe@example.org")])[0].since(),
        day(1)
    );
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
fn the_greater_reason_is_kept() {
    let list = List::new();
    list.record(&event(HARD, 1, 0), 0);
    assert_eq!(
        list.record(&event(EventKind::Complained, 2, 1), 1),
        Decision::Suppressed(SuppressionReason::Complaint)
    );
    assert_eq!(
        list.record(&event(HARD, 3, 2), 2),
        Decision::Ignored(Ignored::AlreadyKnown)
    );
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
    ]
    .map(address);
    let found = list.suppressed(&asked);
    let found: Vec<&EmailAddress> = found.iter().map(Suppression::address).collect();
    assert_eq!(found, [&asked[1], &asked[3]]);
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
fn a_manual_entry_keeps_its_note() {
    let list = List::new();
    assert_eq!(list.add_manual("joe@example.org", 1), Applied::Done);
    assert_eq!(list.add_manual("joe@example.org", 2), Applied::Unchanged);
    let found = list.suppressed(&[address("joe@example.org")]);
    assert_eq!(found[0].reason(), SuppressionReason::Manual);
    assert_eq!(found[0].evidence().diagnostic(), Some("asked by phone"));
    assert_eq!(list.remove(3), Applied::Done);
    assert_eq!(list.add_manual("joe@example.org", 4), Applied::Done);
}

#[test]
fn pages_show_every_suppression_once_and_in_order() {
    let list = List::new();
    let all = [
        "b@x.example",
        "A@x.example",
        "d@x.example",
        "c@x.example",
        "e@x.example",
    ];
    for who in all {
        list.add_manual(who, 1);
    }
    let joe = event(SOFT, 1, 0);
    list.record(&joe, 1);
    let limit = NonZeroUsize::new(2).unwrap();
    let mut seen = Vec::new();
    let mut cursor = None;
    let mut pages = 0;
    loop {
        let page = block_on_ready(list.list.store().page(&list.tenant, cursor, limit))
            .unwrap()
            .unwrap();
        pages += 1;
        seen.extend(
            page.suppressions
                .iter()
                .map(|suppression| suppression.address().to_string()),
        );
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(
        seen,
        [
            "A@x.example",
            "b@x.example",
            "c@x.example",
            "d@x.example",
            "e@x.example"
        ]
    );
    assert_eq!(pages, 3);
}

#[test]
fn a_store_is_held_as_a_trait_object() {
    let store: Box<dyn SuppressionStore> = Box::new(InMemorySuppressionStore::new());
    let list = SuppressionList::new(Arc::new(store), SuppressionPolicy::default());
    let none = block_on_ready(list.suppressed(&"acme".parse().unwrap(), &[]))
        .unwrap()
        .unwrap();
    assert!(none.is_empty());
}
