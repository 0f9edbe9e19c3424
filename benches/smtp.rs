//! Mails a second over SMTP on loopback, beside a client of as few system calls as can be.
//!
//! After criterion's own lines a table gives what is asked and what was measured: each ratio within rounds of one run,
//! so that a busy machine spoils both alike. Client and sink are in this process, each on threads of its own, and no TLS
//! is between them. `bench-compare/` does the same with others.

#[expect(
    dead_code,
    reason = "shared with benches that measure in CPU time; here most of the time is waiting"
)]
#[path = "shared/turns.rs"]
mod turns;

#[path = "shared/smtp/mod.rs"]
mod smtp;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group};
use letterhead::mail::{
    EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission, Transport as _,
};
use letterhead::transport::{Endpoint, Security, SmtpTransport};
use rustix::time::ClockId;
use tokio::runtime::Runtime;

use self::smtp::{
    Away, By, DOTS, Lane, Load, MAILS, RECIPIENT, Raw, SENDER, Side, Sink, round_trips, runtime,
    sending,
};
use self::turns::{Rounds, Run, Spread, Turns};

fn main() {
    benches();
    let setting = Setting::start();
    if std::env::args().any(|argument| argument == "--bench") {
        println!("\n== ratios");
        println!(
            "{:48} {:>8}   {:26} beside it",
            "", "asked", "measured (from, to)"
        );
        setting.near();
        setting.away(Duration::from_millis(25), 5, Row::print);
    } else {
        // As a test each bench has run once; the long way is tried as well, and nothing can be said of it.
        setting.away(Duration::from_millis(1), 1, |_| {});
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
    setting.check();
    for (size, mail) in MAILS {
        let mut group = criterion.benchmark_group(format!("smtp {size}"));
        for (lanes, connections) in [(1, "1 connection"), (LANES, "8 connections")] {
            group.throughput(Throughput::Elements((lanes * MAILS_A_RUN) as u64));
            for by in [By::Data, By::Bdat] {
                let name = |who| format!("{who} {by:?}, {connections}");
                let raw = setting.raw(by, mail, lanes);
                group.bench_function(name("raw"), |bencher| bencher.iter(&raw));
                let ours = setting.ours(by, mail, lanes);
                group.bench_function(name("letterhead"), |bencher| bencher.iter(&ours));
            }
        }
        group.finish();
    }
}

/// A server for each way of sending, and the runtime of every client.
struct Setting {
    runtime: Runtime,
    data: Sink,
    bdat: Sink,
}

impl Setting {
    fn start() -> Self {
        Self {
            runtime: runtime(Side::Client),
            data: Sink::start(By::Data),
            bdat: Sink::start(By::Bdat),
        }
    }

    /// What is sent arrives, whoever sends it.
    fn check(&self) {
        for mail in MAILS.map(|(_, mail)| mail).into_iter().chain([DOTS]) {
            for by in [By::Data, By::Bdat] {
                for run in [self.raw(by, mail, 2), self.ours(by, mail, 2)] {
                    let kept = self.sink(by).kept(run);
                    assert_eq!(kept.len(), 2 * MAILS_A_RUN);
                    assert!(kept.iter().all(|content| content == mail), "{by:?}");
                }
            }
        }
    }

    /// Prints what is measured without a way between client and server.
    fn near(&self) {
        for by in [By::Data, By::Bdat] {
            for (size, mail) in MAILS {
                let connections = self.sink(by).connections();
                let cases = [
                    self.raw(by, mail, 1),
                    self.ours(by, mail, 1),
                    self.raw(by, mail, LANES),
                    self.ours(by, mail, LANES),
                ];
                let rounds = Rounds::measured(&cases, WALL_TIME);
                let rate = |case: usize| {
                    let lanes = if case < 2 { 1 } else { LANES };
                    let run = rounds.nanoseconds(case).median / 1e9;
                    format!("{:.0}/s", (lanes * MAILS_A_RUN) as f64 / run)
                };
                let load =
                    |case: usize| Load::of(&cases[case], self.sink(by), Duration::from_millis(200));
                let opened = self.sink(by).connections() - connections - LANES as u64 - 1;
                Row {
                    what: format!("{by:?}, {size}, 1 connection: share of raw's rate"),
                    asked: match by {
                        By::Data => ">= 0.85",
                        By::Bdat => ">= 0.8",
                    },
                    measured: spread(rounds.ratio(0, 1)),
                    beside: format!(
                        "{} of {}; {} (raw: {}); connections opened: {opened}{}",
                        rate(1),
                        rate(0),
                        load(1),
                        load(0),
                        self.otherwise(by)
                    ),
                }
                .print();
                let times = |one, many| {
                    let Spread {
                        median,
                        lowest,
                        highest,
                    } = rounds.ratio(one, many);
                    let lanes = LANES as f64;
                    Spread {
                        median: median * lanes,
                        lowest: lowest * lanes,
                        highest: highest * lanes,
                    }
                };
                Row {
                    what: format!("{by:?}, {size}, 8 connections: times one's rate"),
                    asked: ">= 5",
                    measured: spread(times(1, 3)),
                    beside: format!("{}; {}", rate(3), load(3)),
                }
                .print();
                Row {
                    what: "    raw".to_owned(),
                    asked: "",
                    measured: spread(times(0, 2)),
                    beside: format!("{}; {}", rate(2), load(2)),
                }
                .print();
            }
        }
    }

    /// Measures with a long way between client and server.
    fn away(&self, one_way: Duration, mails: u32, each: impl Fn(Row)) {
        for by in [By::Data, By::Bdat] {
            let away = Away::from(self.sink(by).address(), one_way, &self.runtime);
            for (size, mail) in MAILS {
                let raw = self.raw_lane(away.address(), by, mail);
                let raw = round_trips(&self.runtime, &away, raw, mails);
                let ours = Ours::lane(&Arc::new(transport(away.address())), mail);
                let ours = round_trips(&self.runtime, &away, ours, mails);
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
                        self.otherwise(by)
                    ),
                });
            }
        }
    }

    /// What is to be said where mails did not come as the sink offered.
    fn otherwise(&self, by: By) -> &'static str {
        let by_data = self.sink(by).messages_by(By::Data);
        match by {
            By::Bdat if by_data > 0 => "; SENT BY DATA",
            By::Bdat | By::Data => "",
        }
    }

    fn sink(&self, by: By) -> &Sink {
        match by {
            By::Data => &self.data,
            By::Bdat => &self.bdat,
        }
    }

    fn raw(&self, by: By, mail: &'static [u8], lanes: usize) -> Run<'_> {
        let sink = self.sink(by);
        let lanes = (0..lanes).map(|_| self.raw_lane(sink.address(), by, mail));
        sending(
            &self.runtime,
            sink,
            lanes.collect(),
            MAILS_A_RUN,
            mail.len(),
        )
    }

    fn raw_lane(&self, address: SocketAddr, by: By, mail: &[u8]) -> Raw {
        let connected = self.runtime.block_on(Raw::connect(address, by, mail));
        connected.expect("the sink answers")
    }

    fn ours(&self, by: By, mail: &'static [u8], lanes: usize) -> Run<'_> {
        let sink = self.sink(by);
        let transport = Arc::new(transport(sink.address()));
        let lanes = (0..lanes).map(|_| Ours::lane(&transport, mail));
        sending(
            &self.runtime,
            sink,
            lanes.collect(),
            MAILS_A_RUN,
            mail.len(),
        )
    }
}

/// A sender among those that share a transport.
struct Ours {
    transport: Arc<SmtpTransport>,
    submission: Submission,
}

impl Ours {
    fn lane(transport: &Arc<SmtpTransport>, mail: &[u8]) -> Self {
        let message = Message::from_bytes(mail, LineEndings::Strict).expect("canonical");
        let address = |text: &str| -> EmailAddress { text.parse().expect("an address") };
        let sender = ReversePath::from(address(SENDER));
        let envelope = Envelope::new(sender, [address(RECIPIENT)]).expect("an envelope");
        let (id, tenant) = ("1".parse(), "acme".parse());
        Self {
            transport: Arc::clone(transport),
            submission: Submission::new(
                id.expect("an id"),
                tenant.expect("a tenant"),
                message,
                envelope,
            ),
        }
    }
}

impl Lane for Ours {
    async fn send(&mut self) {
        let report = self.transport.send(&self.submission).await;
        assert!(report.all_accepted(), "{report}");
    }
}

/// The transport that is measured.
fn transport(server: SocketAddr) -> SmtpTransport {
    let endpoint = Endpoint::new("127.0.0.1", server.port(), Security::Plaintext);
    SmtpTransport::builder(endpoint.expect("an endpoint"))
        .max_connections(NonZeroU32::new(8).expect("not zero"))
        // One connection to the end, as the raw client has it.
        .max_messages_per_connection(NonZeroU32::MAX)
        .build()
        .expect("a transport")
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
        println!(
            "{:48} {:>8}   {:26} {}",
            self.what, self.asked, self.measured, self.beside
        );
    }
}

fn spread(ratio: Spread) -> String {
    format!(
        "{:.3} ({:.3}-{:.3})",
        ratio.median, ratio.lowest, ratio.highest
    )
}

/// Connections beside one another.
const LANES: usize = 8;
/// Mails that a lane sends in one run.
const MAILS_A_RUN: usize = 8;
const WALL_TIME: Turns = Turns {
    clock: ClockId::Monotonic,
    rounds: 31,
    turn: Duration::from_millis(20),
};
