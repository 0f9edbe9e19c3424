//! Signatures a second, beside the raw key operation that nobody can go below.
//!
//! After criterion's own lines a table gives each case as a ratio: the time of the raw operation over the case's, measured in
//! turns within one run, so that a busy machine spoils both alike. `floor` is one SHA-256 of the body and the key operation.

use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use letterhead::dkim::{
    self, BodyCanonicalization, Digest, KeySpec, PreparedBody, PrivateKey, Signer, SigningKey,
};

/// Mails with fourteen header fields: plain text, indented HTML beside text, an attachment.
const MAILS: [(&str, &[u8]); 3] = [
    ("2 KB", include_bytes!("mails/text-2k.eml")),
    ("12 KB", include_bytes!("mails/html-12k.eml")),
    ("200 KB", include_bytes!("mails/attachment-200k.eml")),
];

fn main() {
    benches();
    // As a test each bench runs once, and there is nothing to compare.
    if std::env::args().any(|argument| argument == "--bench") {
        table();
    }
}

criterion_group!(benches, signing);

fn signing(criterion: &mut Criterion) {
    let keys = Keys::generate();
    let digest = Digest::from_bytes([7; 32]);
    let mut raw = criterion.benchmark_group("raw key operation");
    for (name, key) in [("rsa-2048", &keys.rsa), ("ed25519", &keys.ed25519)] {
        raw.bench_function(name, |bencher| {
            bencher.iter(|| key.sign_digest(black_box(&digest)));
        });
    }
    raw.finish();
    let sets = [
        ("rsa-2048", vec![keys.rsa_signer()]),
        ("ed25519", vec![keys.ed25519_signer()]),
        (
            "rsa-2048 and ed25519, one pass",
            vec![keys.rsa_signer(), keys.ed25519_signer()],
        ),
    ];
    for (size, message) in MAILS {
        let mut group = criterion.benchmark_group(format!("sign {size}"));
        group.throughput(Throughput::Bytes(message.len() as u64));
        for (name, signers) in &sets {
            group.bench_with_input(
                BenchmarkId::from_parameter(name),
                message,
                |bencher, mail| {
                    bencher
                        .iter(|| dkim::sign(black_box(mail), signers, now()).expect("a signature"));
                },
            );
        }
        group.finish();
    }
}

/// Prints the ratios.
fn table() {
    let keys = Keys::generate();
    println!("\nratio to the raw key operation (median of {ROUNDS} rounds, lowest and highest)");
    println!("{:34} {:>22} {:>22} {:>22}", "", "2 KB", "12 KB", "200 KB");
    for (name, key, signer) in [
        ("RSA-2048", &keys.rsa, keys.rsa_signer()),
        ("Ed25519", &keys.ed25519, keys.ed25519_signer()),
    ] {
        row(&format!("{name}, floor"), |message| {
            (
                raw(key),
                Box::new({
                    let (key, body) = (Arc::clone(key), body(message));
                    move || {
                        black_box(digest(&SHA256, body));
                        black_box(key.sign_digest(&Digest::from_bytes([7; 32]))).ok();
                    }
                }),
            )
        });
        row(name, |message| {
            let signer = [signer.clone()];
            (raw(key), sign(message, signer))
        });
        row(&format!("{name}, body prepared"), |message| {
            let signer = [signer.clone()];
            let relaxed = [BodyCanonicalization::Relaxed];
            let prepared = PreparedBody::new(body(message), &relaxed).expect("canonical");
            let header = header(message);
            let run = move || {
                let fields = dkim::sign_with_body(header, &prepared, &signer, now());
                black_box(fields).expect("a signature");
            };
            (raw(key), Box::new(run))
        });
    }
    println!("\nratio of one body hash and two key operations to both signatures in one pass");
    row("RSA-2048 and Ed25519", |message| {
        let (rsa, ed25519) = (Arc::clone(&keys.rsa), Arc::clone(&keys.ed25519));
        let hashed = body(message);
        let floor: Run = Box::new(move || {
            black_box(digest(&SHA256, hashed));
            let digest = Digest::from_bytes([7; 32]);
            black_box(rsa.sign_digest(&digest)).ok();
            black_box(ed25519.sign_digest(&digest)).ok();
        });
        let signers = [keys.rsa_signer(), keys.ed25519_signer()];
        (floor, sign(message, signers))
    });
    println!(
        "\ntwo threads sign {:.2} times as many as one (RSA-2048, 12 KB)",
        two_threads(&keys)
    );
}

type Run = Box<dyn Fn()>;

/// One line: for each mail, what the case is held against, and the case.
fn row(name: &str, cases: impl Fn(&'static [u8]) -> (Run, Run)) {
    print!("{name:34}");
    for (_, message) in MAILS {
        let (against, case) = cases(message);
        let ratios = ratios(&against, &case);
        print!(
            " {:>8.3} ({:.3}-{:.3})",
            ratios[ROUNDS / 2],
            ratios[0],
            ratios[ROUNDS - 1]
        );
    }
    println!();
}

/// The time of one over the time of the other, in rounds that change the order, sorted.
fn ratios(against: &Run, case: &Run) -> Vec<f64> {
    let (first, second) = (runs_for_a_turn(against), runs_for_a_turn(case));
    let mut ratios: Vec<f64> = (0..ROUNDS)
        .map(|round| {
            let one = || time_of(against, first).as_secs_f64() / f64::from(first);
            let other = || time_of(case, second).as_secs_f64() / f64::from(second);
            if round % 2 == 0 {
                let one = one();
                one / other()
            } else {
                let other = other();
                one() / other
            }
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios
}

fn runs_for_a_turn(run: &Run) -> u32 {
    let mut runs = 1;
    while time_of(run, runs) < TURN {
        runs *= 2;
    }
    runs
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn time_of(run: &Run, runs: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..runs {
        run();
    }
    start.elapsed()
}

fn raw(key: &Arc<PrivateKey>) -> Run {
    let key = Arc::clone(key);
    Box::new(move || {
        black_box(key.sign_digest(&Digest::from_bytes([7; 32]))).ok();
    })
}

fn sign<const COUNT: usize>(message: &'static [u8], signers: [Signer; COUNT]) -> Run {
    Box::new(move || {
        black_box(dkim::sign(message, &signers, now())).expect("a signature");
    })
}

/// How many times as many signatures two threads make as one does.
fn two_threads(keys: &Keys) -> f64 {
    let signers = [keys.rsa_signer()];
    let message = MAILS[1].1;
    let many = || {
        for _ in 0..1_000 {
            black_box(dkim::sign(message, &signers, now())).expect("a signature");
        }
    };
    let one: Run = Box::new({
        let signers = signers.clone();
        move || {
            for _ in 0..1_000 {
                black_box(dkim::sign(message, &signers, now())).expect("a signature");
            }
        }
    });
    #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
    let both = || {
        let start = Instant::now();
        thread::scope(|scope| {
            scope.spawn(many);
            scope.spawn(many);
        });
        start.elapsed()
    };
    let mut ratios: Vec<f64> = (0..5)
        .map(|_| 2.0 * time_of(&one, 1).as_secs_f64() / both().as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[2]
}

struct Keys {
    rsa: Arc<PrivateKey>,
    ed25519: Arc<PrivateKey>,
}

impl Keys {
    fn generate() -> Self {
        let key = |spec| Arc::new(PrivateKey::generate(spec).expect("a key"));
        Self {
            rsa: key(KeySpec::Rsa2048),
            ed25519: key(KeySpec::Ed25519),
        }
    }

    fn rsa_signer(&self) -> Signer {
        signer("rsa", Arc::clone(&self.rsa))
    }

    fn ed25519_signer(&self) -> Signer {
        signer("ed", Arc::clone(&self.ed25519)).ed25519_alone()
    }
}

fn signer(selector: &str, key: Arc<PrivateKey>) -> Signer {
    let domain = "yourcompany.example".parse().expect("a domain");
    Signer::new(domain, selector.parse().expect("a selector"), key)
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000)
}

fn header_length(message: &[u8]) -> usize {
    let end = message.windows(4).position(|window| window == b"\r\n\r\n");
    end.expect("an empty line") + 4
}

fn header(message: &'static [u8]) -> &'static [u8] {
    &message[..header_length(message)]
}

fn body(message: &'static [u8]) -> &'static [u8] {
    &message[header_length(message)..]
}

const ROUNDS: usize = 31;
const TURN: Duration = Duration::from_millis(10);
