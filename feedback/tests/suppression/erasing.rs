//! Addresses that are not kept, or no longer.

use std::sync::Arc;

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Applied, Decision, EraseError, Erasure, Event, EventKind, InMemorySuppressionStore, KeyHasher,
    ListFormat, SuppressionFilter, SuppressionList, SuppressionPolicy, SuppressionReason,
    SuppressionStore,
};

use crate::setting::{HARD, JOE, List, SOFT, address, day, event, three};

fn hasher() -> KeyHasher {
    KeyHasher::new(&[7; 32]).unwrap()
}

fn policy() -> SuppressionPolicy {
    SuppressionPolicy::default().soft_bounces(three())
}

fn hashed() -> List {
    let store = Arc::new(InMemorySuppressionStore::new());
    List::of(SuppressionList::new(store, policy()).with_hashed_keys(hasher()))
}

fn with_erased_keys(store: Arc<dyn SuppressionStore>) -> List {
    List::of(SuppressionList::new(store, policy()).with_erased_keys(hasher()))
}

fn erase(list: &List, erasure: Erasure) -> Result<Applied, EraseError> {
    let joe = address(JOE);
    let erased = list.list.erase(&list.tenant, &joe, erasure, day(50));
    block_on_ready(erased).unwrap()
}

/// All that the store has of one tenant, as it would be written down.
fn written(list: &List) -> String {
    let limit = 100.try_into().unwrap();
    let filter = SuppressionFilter::all();
    let page = list.list.store().page(&list.tenant, &filter, None, limit);
    let records = block_on_ready(page).unwrap().unwrap().records;
    format!("{}{records:?}", serde_json::to_string(&records).unwrap())
}

fn bounce() -> Event {
    event(HARD, 1, 0).with_diagnostic("550 5.1.1 <Joe@Example.org> unknown")
}

#[test]
fn a_list_of_hashes_works_without_the_address() {
    let list = hashed();
    assert_eq!(
        list.record(&bounce(), 0),
        Decision::Suppressed(SuppressionReason::HardBounce)
    );
    list.record(&event(SOFT, 2, 1), 1);
    list.add_manual(JOE, 2);
    let found = list.suppressed(&["ann@example.org", "JOE@example.org"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].address(), Some(&address("JOE@example.org")));
    assert_eq!(found[0].evidence().diagnostic(), None);
    let listed = list.all(&SuppressionFilter::all(), 9);
    assert_eq!(listed[0].address(), None);
    let written = written(&list).to_lowercase();
    for trace in ["joe", "example.org", &bounce().id().to_string()] {
        assert!(!written.contains(trace), "{trace} in {written}");
    }
    assert_eq!(list.remove(3), Applied::Done);
    assert_eq!(list.reason(), None);
}

#[test]
fn the_domain_of_hashes_can_be_asked_for() {
    let list = hashed();
    list.record(&bounce(), 0);
    let of = |domain: &str| SuppressionFilter::all().domain(domain.parse().unwrap());
    assert_eq!(list.all(&of("Example.ORG"), 9).len(), 1);
    assert_eq!(list.all(&of("example.com"), 9).len(), 0);
    let limit = 9.try_into().unwrap();
    let filter = of("example.org");
    let revoked = list
        .list
        .revoke(&list.tenant, &filter, None, limit, "mistake", day(1));
    assert_eq!(block_on_ready(revoked).unwrap().unwrap().lifted.len(), 1);
    assert_eq!(list.reason(), None);
}

#[test]
fn nothing_is_left_of_a_forgotten_address() {
    for list in [List::new(), hashed()] {
        assert_eq!(
            erase(&list, Erasure::Forgotten).unwrap(),
            Applied::Unchanged
        );
        list.record(&bounce(), 0);
        list.record(&event(SOFT, 2, 1), 1);
        list.record(&event(EventKind::Complained, 3, 1), 1);
        list.remove(2);
        list.record(&event(HARD, 4, 3), 3);
        list.add_manual("ann@example.org", 3);
        assert_eq!(erase(&list, Erasure::Forgotten).unwrap(), Applied::Done);
        assert_eq!(list.reason(), None);
        let joe = block_on_ready(list.list.get(&list.tenant, &address(JOE)));
        assert_eq!(joe.unwrap().unwrap(), None);
        let written = written(&list);
        assert!(!written.contains("joe"), "{written}");
        assert_eq!(list.all(&SuppressionFilter::all(), 9).len(), 1);
        // It is a stranger again.
        assert_eq!(
            list.record(&bounce(), 60),
            Decision::Suppressed(SuppressionReason::HardBounce)
        );
    }
}

#[test]
fn an_erased_address_can_stay_suppressed() {
    let list = with_erased_keys(Arc::new(InMemorySuppressionStore::new()));
    list.record(&bounce(), 0);
    let news = "news".parse().unwrap();
    list.record(&event(EventKind::Complained, 2, 1).with_stream(news), 1);
    assert_eq!(list.reason(), Some(SuppressionReason::Complaint));
    assert_eq!(
        erase(&list, Erasure::StaysSuppressed).unwrap(),
        Applied::Done
    );
    assert_eq!(list.reason(), Some(SuppressionReason::Complaint));
    let found = list.check(&list.scope().stream("other".parse().unwrap()), &[JOE], 60);
    assert_eq!(found.suppressed[0].reason(), SuppressionReason::HardBounce);
    let traces = |list: &List| {
        let written = written(list).to_lowercase();
        written.contains("joe") || written.contains(&bounce().id().to_string())
    };
    assert!(!traces(&list));
    // What comes late, by event or by import, does not bring it back.
    list.record(&event(HARD, 9, 61).with_diagnostic("no joe"), 61);
    let file = "joe@example.org,BOUNCE\nann@example.org,BOUNCE\n";
    let rows = ListFormat::Csv.read(file.as_bytes());
    let imported = block_on_ready(list.list.import(&list.tenant, rows, day(62)));
    assert_eq!(imported.unwrap().unwrap().added, 2);
    assert!(!traces(&list), "{}", written(&list));
    assert!(written(&list).contains("ann@example.org"));
    // It can be lifted, and erased for good.
    assert_eq!(list.remove(70), Applied::Done);
    assert_eq!(list.reason(), None);
    assert_eq!(erase(&list, Erasure::Forgotten).unwrap(), Applied::Done);
    assert_eq!(list.all(&SuppressionFilter::all(), 9).len(), 1);
}

#[test]
fn without_a_hasher_nothing_is_erased_by_half() {
    let list = List::new();
    list.record(&bounce(), 0);
    let refused = erase(&list, Erasure::StaysSuppressed);
    assert!(matches!(refused, Err(EraseError::NoHasher)));
    assert_eq!(list.reason(), Some(SuppressionReason::HardBounce));
}

#[test]
fn erasing_twice_keeps_the_suppression() {
    let list = hashed();
    list.record(&bounce(), 0);
    for _ in 0..2 {
        assert_eq!(
            erase(&list, Erasure::StaysSuppressed).unwrap(),
            Applied::Done
        );
        assert_eq!(list.reason(), Some(SuppressionReason::HardBounce));
    }
}
