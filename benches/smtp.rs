//! Mails a second over SMTP on loopback, beside a client of as few system calls as can be.
//!
//! After criterion's own lines a table gives what is asked and what was measured: each ratio within rounds of one run,
//! so that a busy machine spoils both alike. Client and sink are threads of this process, each on a core of its own where
//! there are two, and no TLS is between them. `bench-compare/` does the same with others.

#[expect(
    dead_code,
    reason = "shared with benches that measure in CPU time; here most of the time is waiting"
)]
#[path = "shared/turns.rs"]
mod turns;

#[path = "shared/smtp/mod.rs"]
mod smtp;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group};
use letterhead::{mail, transport};

use self::smtp::{
    Away, By, DOTS, LANES, MAILS, MAILS_A_RUN, Ours, Setting, round_trips, wall_time,
};
use self::turns::{Rounds, Spread};

fn main() {
    benches();
    let setting = Setting::start();
    if std::env::args().any(|argument| argument == "--bench") {
        println!("\n== ratios");
        print("", "asked", "measured (from-to)", "beside it");
        near(&setting);
        far(&setting, Duration::from_millis(25), 5, Row::print);
    } else {
        // As a test each bench has run once; the long way is gone once too, and nothing can be said of it.
        far(&setting, Duration::from_millis(1), 1, |_| {});
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = mails
}

fn mails(criterion: &mut Criterion) {
    let setting = Setting::start();
    check(&setting);
    for (size, mail) in MAILS {
        let mut group = criterion.benchmark_group(format!("smtp {size}"));
        for (lanes, connections) in [(1, "1 connection"), (LANES, "8 connections")] {
            group.throughput(Throughput::Elements((lanes * MAILS_A_RUN) as u64));
            for by in [By::Data, By::Bdat] {
                let raw = setting.raw_run(by, mail, lanes);
                group.bench_function(format!("raw {by:?}, {connections}"), |bencher| {
                    bencher.iter(&raw);
                });
                let ours = setting.our_run(by, mail, lanes);
                group.bench_function(format!("letterhead {by:?}, {connections}"), |bencher| {
                    bencher.iter(&ours);
                });
            }
        }
        group.finish();
    }
}

/// What is sent arrives, whoever sends it.
fn check(setting: &Setting) {
    for mail in MAILS.map(|(_, mail)| mail).into_iter().chain([DOTS]) {
        for by in [By::Data, By::Bdat] {
            for run in [setting.raw_run(by, mail, 2), setting.our_run(by, mail, 2)] {
                let kept = setting.sink(by).kept(run);
                assert_eq!(kept.len(), 2 * MAILS_A_RUN);
                assert!(kept.iter().all(|content| content == mail), "{by:?}");
            }
        }
    }
}

/// Prints what is measured with no way between client and sink.
fn near(setting: &Setting) {
    for by in [By::Data, By::Bdat] {
        for (size, mail) in MAILS {
            for row in rows(setting, by, size, mail) {
                row.print();
            }
        }
    }
}

/// Our one connection beside the raw one, our eight beside it, and the raw ones for what can be had.
fn rows(setting: &Setting, by: By, size: &str, mail: &[u8]) -> [Row; 3] {
    let cases = [
        setting.raw_run(by, mail, 1),
        setting.our_run(by, mail, 1),
        setting.raw_run(by, mail, LANES),
        setting.our_run(by, mail, LANES),
    ];
    let lanes = [1, 1, LANES, LANES];
    let rounds = Rounds::measured(&cases, wall_time(31));
    let rate = |case: usize| {
        let run = rounds.nanoseconds(case).median / 1e9;
        format!("{:.0}/s", (lanes[case] * MAILS_A_RUN) as f64 / run)
    };
    let load = |case: usize| setting.load(by, &cases[case]);
    let opened = setting.sink(by).connections();
    let ours = load(1);
    let opened = setting.sink(by).connections() - opened;
    [
        Row {
            what: format!("{by:?}, {size}, 1 connection: share of raw's rate"),
            asked: match by {
                By::Data => ">= 0.85",
                By::Bdat => ">= 0.8",
            },
            measured: spread(rounds.ratio(0, 1), 1),
            beside: format!(
                "{} of {}; {ours}; raw: {}; {:.2} connections a mail{}",
                rate(1),
                rate(0),
                load(0),
                opened as f64 / ours.mails() as f64,
                otherwise(setting, by)
            ),
        },
        Row {
            what: format!("{by:?}, {size}, 8 connections: times one's rate"),
            asked: ">= 5",
            measured: spread(rounds.ratio(1, 3), LANES),
            beside: format!(
                "{}, {:.3} of raw's; {}",
                rate(3),
                rounds.ratio(2, 3).median,
                load(3)
            ),
        },
        Row {
            what: "  raw".to_owned(),
            asked: "",
            measured: spread(rounds.ratio(0, 2), LANES),
            beside: format!("{}; {}", rate(2), load(2)),
        },
    ]
}

/// Measures with a long way between client and sink.
fn far(setting: &Setting, one_way: Duration, mails: u32, each: impl Fn(Row)) {
    let runtime = setting.runtime();
    for by in [By::Data, By::Bdat] {
        let away = Away::from(setting.sink(by).address(), one_way, runtime);
        for (size, mail) in MAILS {
            let raw = setting.raw(away.address(), by, mail, 1).remove(0);
            let raw = round_trips(runtime, &away, raw, mails);
            let ours = Ours::lanes(away.address(), mail, 1).remove(0);
            let ours = round_trips(runtime, &away, ours, mails);
            each(Row {
                what: format!("{by:?}, {size}, far away: round trips a mail"),
                asked: match by {
                    By::Data => "<= 2",
                    By::Bdat => "<= 1",
                },
                measured: format!("{ours:.2}"),
                beside: format!(
                    "raw {raw:.2}; a round trip: {:.1} ms{}",
                    away.round_trip().as_secs_f64() * 1e3,
                    otherwise(setting, by)
                ),
            });
        }
    }
}

/// What is to be said where mails do not come as the sink offers.
fn otherwise(setting: &Setting, by: By) -> &'static str {
    let by_data = setting.sink(by).messages_by(By::Data);
    match by {
        By::Bdat if by_data > 0 => "; SENT BY DATA",
        By::Bdat | By::Data => "",
    }
}

/// A line of the table.
struct Row {
    what: String,
    asked: &'static str,
    measured: String,
    beside: String,
}

impl Row {
    fn print(self) {
        print(&self.what, self.asked, &self.measured, &self.beside);
    }
}

fn print(what: &str, asked: &str, measured: &str, beside: &str) {
    println!("{what:48} {asked:>8}   {measured:24} {beside}");
}

/// A ratio of two runs' times, the second of which sends this many times the mails of the first.
fn spread(ratio: Spread, mails: usize) -> String {
    let [median, lowest, highest] =
        [ratio.median, ratio.lowest, ratio.highest].map(|run| run * mails as f64);
    format!("{median:.3} ({lowest:.3}-{highest:.3})")
}
