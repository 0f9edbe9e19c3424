//! Each implementation under criterion, one after another: absolute times.

mod subjects;

use criterion::{Criterion, criterion_group, criterion_main};

fn compare(criterion: &mut Criterion) {
    for case in subjects::cases() {
        let mut group = criterion.benchmark_group(case.name);
        for subject in case.subjects {
            group.bench_function(subject.name, |bencher| bencher.iter(&subject.run));
        }
        group.finish();
    }
}

criterion_group!(benches, compare);
criterion_main!(benches);
