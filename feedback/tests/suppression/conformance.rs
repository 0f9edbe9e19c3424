//! What every store has to do, asked of both; and both asked the same at random.

use std::sync::Arc;
use std::time::Duration;

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Applied, Change, ChangeAction, Coverage, Cursor, EventId, InMemorySuppressionStore, Provider,
    SuppressionFilter, SuppressionKey, SuppressionReason, SuppressionRecord, SuppressionStore,
};
use letterhead_mail::TenantId;
use proptest::prelude::{Just, Strategy, proptest};
use proptest::{collection, option, prop_assert_eq, prop_oneof, sample};

use crate::setting::{day, three};
use crate::sorted_store::SortedStore;

fn stores() -> [Arc<dyn SuppressionStore>; 2] {
    [
        Arc::new(InMemorySuppressionStore::new()),
        Arc::new(SortedStore::default()),
    ]
}

fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

fn key(text: &str) -> SuppressionKey {
    text.parse().unwrap()
}

fn id(number: u128) -> EventId {
    format!("{number:032x}").parse().unwrap()
}

fn suppress(reason: SuppressionReason, coverage: Coverage) -> ChangeAction {
    ChangeAction::Suppress {
        reason,
        coverage,
        until: None,
        note: Some("550 no such user".to_owned()),
    }
}

fn manual(who: &str, number: u128) -> Change {
    let action = suppress(SuppressionReason::Manual, Coverage::default());
    Change::new(tenant("acme"), key(who), id(number), day(1), action)
}

fn erase(who: &str, number: u128) -> Change {
    let action = ChangeAction::Erase;
    Change::new(tenant("acme"), key(who), id(number), day(1), action)
}

fn apply(store: &dyn SuppressionStore, changes: Vec<Change>) -> Vec<Applied> {
    block_on_ready(store.apply(changes)).unwrap().unwrap()
}

fn check(store: &dyn SuppressionStore, who: &str, keys: &[&str]) -> Vec<SuppressionRecord> {
    let keys: Vec<SuppressionKey> = keys.iter().map(|text| key(text)).collect();
    let tenant = tenant(who);
    let mut found = block_on_ready(store.check(&tenant, &keys))
        .unwrap()
        .unwrap();
    found.sort_by(|one, other| one.key().cmp(other.key()));
    found
}

/// The keys of all pages.
fn pages(store: &dyn SuppressionStore, filter: &SuppressionFilter, limit: usize) -> Vec<String> {
    let tenant = tenant("acme");
    let mut keys = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = store.page(&tenant, filter, after, limit.try_into().unwrap());
        let page = block_on_ready(page).unwrap().unwrap();
        assert!(page.records.len() <= limit);
        keys.extend(page.records.iter().map(|record| record.key().to_string()));
        after = page.next;
        if after.is_none() {
            return keys;
        }
    }
}

#[test]
fn a_store_finds_each_record_once() {
    for store in stores() {
        let changes = vec![manual("b@x.example", 1), manual("a@x.example", 2)];
        assert_eq!(apply(&store, changes), [Applied::Done, Applied::Done]);
        let found = check(
            &store,
            "acme",
            &["a@x.example", "c@x.example", "a@x.example"],
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key(), &key("a@x.example"));
        assert_eq!(found[0].suppressions(&tenant("acme")).count(), 1);
        assert!(check(&store, "other", &["a@x.example"]).is_empty());
        assert!(check(&store, "acme", &[]).is_empty());
        assert!(apply(&store, Vec::new()).is_empty());
    }
}

#[test]
fn a_store_keeps_words_as_they_were_whoever_they_quote() {
    for store in stores() {
        let words = [
            ("a@x.example", 1, "550 <a@x.example>: no a@x.example here"),
            ("b@x.example", 2, "550 <a@x.example>: no a@x.example here"),
            ("c@x.example", 3, "550 <c@x.example>: no c@x.example here"),
            ("d@x.example", 4, "550 <D@x.example>"),
            ("e@x.example", 5, "e@x.example"),
            ("f@x.example", 7, "550 <f@x.example>\0 no"),
        ];
        for (who, number, note) in words {
            let action = ChangeAction::Suppress {
                reason: SuppressionReason::HardBounce,
                coverage: Coverage::default(),
                until: None,
                note: Some(note.to_owned()),
            };
            let change = Change::new(tenant("acme"), key(who), id(number), day(1), action);
            assert_eq!(apply(&store, vec![change]), [Applied::Done]);
        }
        apply(&store, vec![erase("a@x.example", 6)]);
        for (who, _, note) in &words[1..] {
            let found = check(&store, "acme", &[who]);
            let kept: Vec<_> = found[0].suppressions(&tenant("acme")).collect();
            let shown = note.replace('\0', "");
            assert_eq!(kept[0].evidence().diagnostic(), Some(shown.as_str()));
        }
    }
}

#[test]
fn a_store_begins_records_only_where_there_is_something_to_keep() {
    for store in stores() {
        for action in [ChangeAction::ResetSoftBounces, ChangeAction::Erase] {
            let change = Change::new(tenant("acme"), key("a@x.example"), id(1), day(1), action);
            assert_eq!(apply(&store, vec![change]), [Applied::Unchanged]);
        }
        assert!(check(&store, "acme", &["a@x.example"]).is_empty());
        apply(&store, vec![manual("a@x.example", 1)]);
        let erase = |number| {
            let action = ChangeAction::Erase;
            Change::new(
                tenant("acme"),
                key("a@x.example"),
                id(number),
                day(1),
                action,
            )
        };
        let applied = apply(&store, vec![erase(2), erase(3), manual("a@x.example", 1)]);
        assert_eq!(applied, [Applied::Done, Applied::Unchanged, Applied::Done]);
    }
}

#[test]
fn a_store_pages_in_the_order_of_keys() {
    for store in stores() {
        let names: Vec<String> = (0..300)
            .map(|n| format!("{}@x.example", n * 7 % 300))
            .collect();
        for (number, name) in (1..).zip(&names) {
            apply(&store, vec![manual(name, number)]);
            if number == 100 {
                // Some are put into order before others come.
                assert_eq!(pages(&store, &SuppressionFilter::all(), 7).len(), 100);
            }
        }
        let mut sorted = names;
        sorted.sort_unstable();
        for limit in [1, 7, 299, 300, 1_000] {
            assert_eq!(pages(&store, &SuppressionFilter::all(), limit), sorted);
        }
        let of_y = SuppressionFilter::all().domain("y.example".parse().unwrap());
        assert!(pages(&store, &of_y, 7).is_empty());
        let from_gone = Cursor::after(key("5@w.example"));
        let (acme, all) = (tenant("acme"), SuppressionFilter::all());
        let page = store.page(&acme, &all, Some(from_gone), 1.try_into().unwrap());
        let page = block_on_ready(page).unwrap().unwrap();
        assert_eq!(page.records[0].key(), &key("5@x.example"));
    }
}

#[test]
fn many_records_come_and_go() {
    let store = InMemorySuppressionStore::new();
    let name = |number: u32| format!("user-{number}@d{}.example", number % 90);
    let changes = |range: std::ops::Range<u32>| -> Vec<Change> {
        range
            .map(|number| manual(&name(number), number.into()))
            .collect()
    };
    assert!(
        apply(&store, changes(0..20_000))
            .iter()
            .all(|one| *one == Applied::Done)
    );
    let erase = |number: u32| {
        let action = ChangeAction::Erase;
        Change::new(
            tenant("acme"),
            key(&name(number)),
            id(number.into()),
            day(2),
            action,
        )
    };
    let erased: Vec<Change> = (0..20_000).step_by(3).map(erase).collect();
    assert!(
        apply(&store, erased)
            .iter()
            .all(|one| *one == Applied::Done)
    );
    apply(&store, changes(20_000..21_000));
    let mut expected: Vec<String> = (0..21_000)
        .filter(|number| *number >= 20_000 || number % 3 != 0)
        .map(name)
        .collect();
    expected.sort_unstable();
    assert_eq!(pages(&store, &SuppressionFilter::all(), 4_999), expected);
    for number in 0..21_000 {
        let found = check(&store, "acme", &[&name(number)]);
        let kept = number >= 20_000 || number % 3 != 0;
        assert_eq!(found.len(), usize::from(kept), "{number}");
    }
}

fn action() -> impl Strategy<Value = ChangeAction> {
    let coverage = || {
        let stream = option::of(sample::select(vec!["news", "offers"]));
        let provider = option::weighted(0.2, Just(Provider::Ses));
        (stream, provider).prop_map(|(stream, provider)| {
            Coverage::new(stream.map(|name| name.parse().unwrap()), provider)
        })
    };
    let reason = || sample::select(SuppressionReason::ALL.to_vec());
    let note = || {
        option::of(sample::select(vec![
            "550 gone".to_owned(),
            "asked".to_owned(),
        ]))
    };
    let until = option::of((0_u32..20).prop_map(day));
    let suppress = (reason(), coverage(), until, note());
    let lift = (option::of(reason()), option::of(coverage()), note());
    let lasts = option::of(Just(Duration::from_secs(3_600)));
    prop_oneof![
        4 => suppress.prop_map(|(reason, coverage, until, note)| ChangeAction::Suppress {
            reason, coverage, until, note
        }),
        4 => (lasts, note()).prop_map(|(lasts, note)| ChangeAction::CountSoftBounce {
            rule: three(), lasts, note
        }),
        2 => Just(ChangeAction::ResetSoftBounces),
        2 => lift.prop_map(|(reason, coverage, note)| ChangeAction::Lift { reason, coverage, note }),
        1 => Just(ChangeAction::Erase),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let who = sample::select(vec![
        "a@x.example",
        "b@x.example",
        "c@y.example",
        "\u{fc}@z.example",
    ]);
    let whose = sample::select(vec!["acme", "other"]);
    (whose, who, 0_u128..60, 0_u32..20, action()).prop_map(|(whose, who, number, on, action)| {
        Change::new(tenant(whose), key(who), id(number), day(on), action)
    })
}

proptest! {
    #[test]
    fn both_stores_do_the_same(batches in collection::vec(collection::vec(change(), 0..6), 0..20)) {
        let [memory, sorted] = stores();
        let names = ["a@x.example", "b@x.example", "c@y.example", "\u{fc}@z.example"];
        for batch in batches {
            prop_assert_eq!(apply(&memory, batch.clone()), apply(&sorted, batch));
            for whose in ["acme", "other"] {
                prop_assert_eq!(check(&memory, whose, &names), check(&sorted, whose, &names));
            }
        }
        for filter in [
            SuppressionFilter::all(),
            SuppressionFilter::all().domain("x.example".parse().unwrap()),
            SuppressionFilter::all().reason(SuppressionReason::Complaint).from(day(5)),
        ] {
            prop_assert_eq!(pages(&memory, &filter, 2), pages(&sorted, &filter, 2));
        }
    }
}
