//! How long a record takes to read and a check to decide, over a zone in memory.
//!
//! `bench-compare/` asks mail-auth the same.

#[path = "fixtures/spf.rs"]
mod fixture;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use letterhead::dns::{Zone, block_on_ready};
use letterhead::spf::{Limits, Query, Record, SpfResult, check_host};

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spf/parse");
    group.bench_function("10 terms", |bencher| {
        bencher.iter(|| Record::try_from(black_box(fixture::TEN_TERMS.as_bytes())));
    });
    group.finish();
}

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("spf/check_host");
    for (name, zone, client, result) in [
        (
            "4 levels, 9 lookups",
            fixture::TREE.to_owned(),
            fixture::TREE_CLIENT,
            SpfResult::Pass,
        ),
        (
            "100 networks, then -all",
            fixture::hundred_networks(),
            fixture::STRANGER,
            SpfResult::Fail,
        ),
    ] {
        let zone: Zone = zone.parse().expect("a zone");
        let client = client.parse().expect("an address");
        let limits = Limits::default();
        let run = || {
            let query = Query::mail_from(black_box(client), fixture::SENDER, fixture::HELO);
            block_on_ready(check_host(&query, &zone, &limits)).expect("a zone never waits")
        };
        assert_eq!(run().result, result, "{name}");
        group.bench_function(name, |bencher| bencher.iter(run));
    }
    group.finish();
}

criterion_group!(benches, parse, check);
criterion_main!(benches);
