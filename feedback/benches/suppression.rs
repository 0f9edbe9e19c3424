//! A million suppressions in memory: how much room they take, and how long it takes to look one up.
//!
//! `cargo bench -p letterhead-feedback --bench suppression` prints the memory first: what the process has in use more than
//! before, as the system counts it, so that what the allocator wastes is in it. With the words that bounces share, with words
//! that quote the address, and with words of their own each. Then come the times, beside those of a plain hash map of the same addresses. `cargo test` runs
//! all of it once with fewer.

use std::collections::HashMap;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use criterion::{Criterion, criterion_group, criterion_main};
use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Change, ChangeAction, Coverage, EventId, InMemorySuppressionStore, SuppressionFilter,
    SuppressionKey, SuppressionList, SuppressionPolicy, SuppressionReason, SuppressionScope,
    SuppressionStore,
};
use letterhead_mail::{EmailAddress, TenantId};

/// A million in a benchmark, a few in a test.
fn entries() -> usize {
    if std::env::args().any(|argument| argument == "--bench") {
        1_000_000
    } else {
        10_000
    }
}

/// The address of this number, some 24 characters long, of one of 10,000 domains; neighbours have nothing in common.
fn address(number: usize) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    format!(
        "u{:09x}@mail{}.example",
        mixed & 0xf_ffff_ffff,
        mixed % 10_000
    )
}

fn tenant() -> TenantId {
    "acme".parse().expect("a tenant")
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn bounce(number: usize, note: &str) -> Change {
    let event: EventId = format!("{:032x}", number * 7_919).parse().expect("an id");
    let action = ChangeAction::Suppress {
        reason: SuppressionReason::HardBounce,
        coverage: Coverage::default(),
        until: None,
        note: Some(note.to_owned()),
    };
    let key: SuppressionKey = address(number).parse().expect("an address");
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + number as u64);
    Change::new(tenant(), key, event, at, action)
}

fn filled(note: impl Fn(usize) -> String) -> InMemorySuppressionStore {
    let store = InMemorySuppressionStore::new();
    for number in 0..entries() {
        let applied = store.apply(vec![bounce(number, &note(number))]);
        block_on_ready(applied).expect("ready").expect("applied");
    }
    store
}

/// One of fifty texts.
fn shared(number: usize) -> String {
    format!("smtp; 550 5.1.1 no such user here ({})", number % 50)
}

/// With the address in it.
fn quoting(number: usize) -> String {
    format!("smtp; 550 5.1.1 <{}> no such user here", address(number))
}

/// With a number in it that no other text has, as some hosts name a session.
fn own(number: usize) -> String {
    format!("smtp; 550 5.1.1 no such user here [{number:012x}.mx4]")
}

/// What the process has in memory, in octets; nothing where the system does not say.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

fn memory(name: &str, note: impl Fn(usize) -> String) -> InMemorySuppressionStore {
    let before = resident();
    let store = filled(note);
    match before.zip(resident()) {
        Some((before, after)) => println!(
            "memory: {} suppressions, {name}: {:.1} MB",
            entries(),
            after.saturating_sub(before) as f64 / 1e6
        ),
        None => println!("memory: this system does not say"),
    }
    store
}

/// So many numbers below the limit, in no order.
fn sample(limit: usize) -> Vec<usize> {
    (0..100_000.min(limit))
        .map(|number| number.wrapping_mul(7_919_113) % limit)
        .collect()
}

fn lookup(criterion: &mut Criterion) {
    let store = Arc::new(memory("words shared", shared));
    // Before anything large is given back: what the process keeps of that would be taken again and not be counted.
    drop((
        memory("words that quote the address", quoting),
        memory("words of their own", own),
    ));
    let present = sample(entries());
    let absent: Vec<usize> = present.iter().map(|number| number + entries()).collect();
    let texts =
        |numbers: &[usize]| -> Vec<String> { numbers.iter().map(|n| address(*n)).collect() };

    let map: HashMap<String, ()> = (0..entries()).map(|number| (address(number), ())).collect();
    let mut group = criterion.benchmark_group("suppression");
    for (name, numbers) in [("present", &present), ("absent", &absent)] {
        let texts = texts(numbers);
        let found = name == "present";
        let mut next = texts.iter().cycle();
        group.bench_function(format!("plain hash map, {name}"), |bencher| {
            bencher.iter(|| {
                assert_eq!(
                    map.contains_key(black_box(next.next().expect("one"))),
                    found
                )
            });
        });
    }
    drop(map);
    let tenant = tenant();
    for (name, numbers) in [("present", &present), ("absent", &absent)] {
        let keys: Vec<[SuppressionKey; 1]> = texts(numbers)
            .iter()
            .map(|text| [text.parse().expect("an address")])
            .collect();
        let found = usize::from(name == "present");
        let mut next = keys.iter().cycle();
        group.bench_function(format!("store, {name}"), |bencher| {
            bencher.iter(|| {
                let checked = store.check(&tenant, black_box(next.next().expect("one")));
                let records = block_on_ready(checked).expect("ready").expect("checked");
                assert_eq!(records.len(), found);
            });
        });
    }
    let list = SuppressionList::new(store.clone(), SuppressionPolicy::default());
    let mail = SuppressionScope::new(tenant.clone()).stream("news".parse().expect("a stream"));
    for (name, numbers) in [("present", &present), ("absent", &absent)] {
        let addresses: Vec<[EmailAddress; 1]> = texts(numbers)
            .iter()
            .map(|text| [text.parse().expect("an address")])
            .collect();
        let found = usize::from(name == "present");
        let mut next = addresses.iter().cycle();
        group.bench_function(format!("list, {name}"), |bencher| {
            bencher.iter(|| {
                let checked = list.check(&mail, black_box(next.next().expect("one")), now());
                let screening = block_on_ready(checked).expect("ready").expect("checked");
                assert_eq!(screening.suppressed.len(), found);
            });
        });
    }
    let all = SuppressionFilter::all();
    let limit = NonZeroUsize::new(1_000).expect("not zero");
    group.bench_function("a page of 1,000", |bencher| {
        bencher.iter(|| {
            let page = store.page(&tenant, &all, None, limit);
            let page = block_on_ready(page).expect("ready").expect("a page");
            assert_eq!(page.records.len(), limit.get());
        });
    });
    let mut number = entries();
    group.bench_function("one more", |bencher| {
        bencher.iter(|| {
            number += 1;
            let applied = store.apply(vec![bounce(number, "gone")]);
            block_on_ready(applied).expect("ready").expect("applied")
        });
    });
    group.finish();
}

criterion_group!(benches, lookup);
criterion_main!(benches);
