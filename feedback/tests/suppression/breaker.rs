//! Hard bounces that are held.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Applied, BreakerRule, Change, Cursor, Decision, Erasure, EventKind, Ignored,
    InMemorySuppressionStore, Page, StoreError, StoreErrorKind, SuppressionFilter, SuppressionKey,
    SuppressionPolicy, SuppressionReason, SuppressionRecord, SuppressionStore,
};
use letterhead_mail::{BoxFuture, TenantId};

use crate::setting::{HARD, List, address, day, event_about};

fn policy() -> SuppressionPolicy {
    let rule = BreakerRule::default()
        .minimum(NonZeroU32::new(5).unwrap())
        .capacity(10);
    SuppressionPolicy::default().breaker(Some(rule))
}

fn bounce(list: &List, number: u32, on: u32) -> Decision {
    let who = format!("{number}@x.example");
    list.record(&event_about(&who, HARD, number, day(on)), on)
}

const SUPPRESSED: Decision = Decision::Suppressed(SuppressionReason::HardBounce);

#[test]
fn a_jump_is_held_and_released() {
    let list = List::with(policy());
    let decisions: Vec<Decision> = (0..8).map(|number| bounce(&list, number, 1)).collect();
    assert_eq!(decisions[..4], [SUPPRESSED; 4]);
    assert_eq!(decisions[4..], [Decision::Held; 4]);
    assert!(list.suppressed(&["4@x.example"]).is_empty());
    // The same report again is nothing new, held or not.
    assert_eq!(
        bounce(&list, 0, 1),
        Decision::Ignored(Ignored::AlreadyKnown)
    );
    assert_eq!(
        bounce(&list, 5, 1),
        Decision::Ignored(Ignored::AlreadyKnown)
    );
    let held = list.list.held();
    assert_eq!(held.len(), 4);
    assert_eq!(held[0].key().as_str(), "4@x.example");
    assert_eq!((held[0].domain(), held[0].at()), ("x.example", day(1)));
    assert_eq!(held[0].tenant(), &list.tenant);
    let released = block_on_ready(list.list.release_held("X.example"));
    assert_eq!(released.unwrap().unwrap(), 4);
    assert_eq!(list.suppressed(&["4@x.example"])[0].since(), day(1));
    assert!(list.list.held().is_empty());
    // A day later it is over.
    assert_eq!(bounce(&list, 20, 2), SUPPRESSED);
}

#[test]
fn what_is_dropped_suppresses_nobody() {
    let list = List::with(policy());
    for number in 0..8 {
        bounce(&list, number, 1);
    }
    assert!(list.list.drop_held("y.example").is_empty());
    assert_eq!(list.list.drop_held("x.example").len(), 4);
    assert!(list.list.held().is_empty());
    assert!(list.suppressed(&["7@x.example"]).is_empty());
}

#[test]
fn what_is_held_is_bounded() {
    let list = List::with(policy());
    let decisions: Vec<Decision> = (0..15).map(|number| bounce(&list, number, 1)).collect();
    assert_eq!(decisions[13], Decision::Held);
    assert_eq!(decisions[14], Decision::Ignored(Ignored::TooManyHeld));
}

#[test]
fn deliveries_show_that_it_is_no_mistake_of_theirs() {
    let list = List::with(policy());
    for number in 100..120 {
        let who = format!("{number}@x.example");
        list.record(&event_about(&who, EventKind::Delivered, number, day(1)), 1);
    }
    for number in 0..15 {
        assert_eq!(bounce(&list, number, 1), SUPPRESSED, "{number}");
    }
}

#[test]
fn complaints_are_never_held() {
    let list = List::with(policy());
    for number in 0..8 {
        bounce(&list, number, 1);
    }
    let complaint = event_about("7@x.example", EventKind::Complained, 70, day(1));
    let decision = list.record(&complaint, 1);
    assert_eq!(decision, Decision::Suppressed(SuppressionReason::Complaint));
}

#[test]
fn without_a_breaker_nothing_is_held() {
    let list = List::with(SuppressionPolicy::default().breaker(None));
    for number in 0..500 {
        assert_eq!(bounce(&list, number, 1), SUPPRESSED);
    }
}

#[test]
fn erasing_an_address_erases_what_is_held_of_it() {
    let list = List::with(policy());
    for number in 0..8 {
        bounce(&list, number, 1);
    }
    let who = address("6@X.example");
    let erased = list
        .list
        .erase(&list.tenant, &who, Erasure::Forgotten, day(2));
    assert_eq!(block_on_ready(erased).unwrap().unwrap(), Applied::Done);
    assert_eq!(list.list.held().len(), 3);
    assert!(!format!("{:?}", list.list.held()).contains("6@x.example"));
}

/// A store that can be out of reach.
#[derive(Debug, Default)]
struct Unsteady {
    store: InMemorySuppressionStore,
    down: AtomicBool,
}

impl Unsteady {
    fn check(&self) -> Result<(), StoreError> {
        if self.down.load(Ordering::Relaxed) {
            return Err(StoreErrorKind::Unavailable.into());
        }
        Ok(())
    }
}

impl SuppressionStore for Unsteady {
    fn check<'a>(
        &'a self,
        tenant: &'a TenantId,
        keys: &'a [SuppressionKey],
    ) -> BoxFuture<'a, Result<Vec<SuppressionRecord>, StoreError>> {
        Box::pin(async move {
            Self::check(self)?;
            self.store.check(tenant, keys).await
        })
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Applied>, StoreError>> {
        Box::pin(async move {
            Self::check(self)?;
            self.store.apply(changes).await
        })
    }

    fn page<'a>(
        &'a self,
        tenant: &'a TenantId,
        filter: &'a SuppressionFilter,
        after: Option<Cursor>,
        limit: std::num::NonZeroUsize,
    ) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            Self::check(self)?;
            self.store.page(tenant, filter, after, limit).await
        })
    }
}

#[test]
fn what_cannot_be_released_stays_held() {
    let store = Arc::new(Unsteady::default());
    let list = List::over(store.clone(), policy());
    for number in 0..8 {
        bounce(&list, number, 1);
    }
    store.down.store(true, Ordering::Relaxed);
    assert!(
        block_on_ready(list.list.release_held("x.example"))
            .unwrap()
            .is_err()
    );
    let (mail, asked) = (list.scope(), [address("1@x.example")]);
    let asked = list.list.check(&mail, &asked, day(1));
    let error = block_on_ready(asked).unwrap().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    store.down.store(false, Ordering::Relaxed);
    assert_eq!(list.list.held().len(), 4);
    let released = block_on_ready(list.list.release_held("x.example"));
    assert_eq!(released.unwrap().unwrap(), 4);
}

#[test]
fn what_was_sent_is_what_bounces_are_compared_with() {
    for (sent, is_held) in [(200, false), (20, true)] {
        let list = List::with(policy());
        for number in 0..sent {
            let who = format!("reader{number}@x.example");
            let event = event_about(&who, EventKind::Sent, number, day(1));
            assert_eq!(list.record(&event, 1), Decision::Ignored(Ignored::Kind));
        }
        let mut bounces = (0..10).map(|number| bounce(&list, number, 1));
        assert_eq!(
            bounces.any(|decision| decision == Decision::Held),
            is_held,
            "{sent} sent"
        );
    }
}
