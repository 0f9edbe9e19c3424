//! Signatures a second, beside the raw key operation that nobody can go below.
//!
//! After criterion's own lines a table gives each case as a ratio: the time of the raw operation over the case's,
//! measured in turns within one run, so that a busy machine spoils both alike. `floor` is one SHA-256 of the body and
//! the key operation; `floor of verifying` is one SHA-256 each of the canonical header and body, and the key operation: no
//! verification can be faster, whatever it costs to get there.

#[path = "shared/covered.rs"]
mod covered;
#[expect(
    dead_code,
    reason = "shared with the benches beside others, which use all of it"
)]
#[path = "shared/turns.rs"]
mod turns;

use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use aws_lc_rs::digest::{Digest as RawDigest, SHA256, digest};
use aws_lc_rs::signature::{
    ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use letterhead::dkim::{
    self, Algorithm, BodyCanonicalization, Digest, KeySpec, PreparedBody, PrivateKey,
    PublicKeyRecord, Signature, Signer, SigningKey, VerifyLimits,
};
use letterhead::dns::{Zone, block_on_ready};

use self::covered::Covered;
use self::turns::{Rounds, Run};

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
    let mut raw = criterion.benchmark_group("raw key operation");
    for (name, key) in [("rsa-2048", &keys.rsa), ("ed25519", &keys.ed25519)] {
        raw.bench_function(name, |bencher| {
            bencher.iter(|| key.sign_digest(black_box(&HASH)));
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
    println!("\nratio to the raw key operation (median of the rounds, lowest and highest)");
    println!("{:34} {:>22} {:>22} {:>22}", "", "2 KB", "12 KB", "200 KB");
    let signers = [
        ("RSA-2048", &keys.rsa, keys.rsa_signer()),
        ("Ed25519", &keys.ed25519, keys.ed25519_signer()),
    ];
    for (name, key, signer) in &signers {
        row(&format!("{name}, floor"), |message| {
            [raw(key), hash_and_sign(body(message), vec![key])]
        });
        row(name, |message| [raw(key), sign(message, vec![signer])]);
        row(&format!("{name}, body prepared"), |message| {
            [raw(key), sign_header(message, signer)]
        });
    }
    println!("\nratio of one body hash and two key operations to both signatures in one pass");
    let [(_, rsa, rsa_signer), (_, ed25519, ed25519_signer)] = &signers;
    row("RSA-2048 and Ed25519", |message| {
        [
            hash_and_sign(body(message), vec![rsa, ed25519]),
            sign(message, vec![rsa_signer, ed25519_signer]),
        ]
    });
    println!("\nratio of the raw key operation to verification, the key parsed once");
    for (name, key, signer) in &signers {
        row(&format!("{name}, floor of verifying"), |message| {
            [verify_raw(key), hash_and_verify(message, signer, key)]
        });
        row(name, |message| {
            [verify_raw(key), verify(message, signer, key)]
        });
    }
    let mail = MAILS[1].1;
    println!(
        "\ntwo threads sign {:.2} times as many as one (RSA-2048, 12 KB); of the raw operation alone they do {:.2} times as many",
        two_threads(&|| {
            black_box(dkim::sign(mail, std::slice::from_ref(rsa_signer), now()))
                .expect("a signature");
        }),
        two_threads(&|| {
            black_box(rsa.sign_digest(&HASH)).expect("a signature");
        })
    );
}

/// One line: for each mail, the time of the first case over that of the second.
fn row<'a>(name: &str, cases: impl Fn(&'static [u8]) -> [Run<'a>; 2]) {
    print!("{name:34}");
    for (_, message) in MAILS {
        let ratio = Rounds::of(&cases(message)).ratio(0, 1);
        print!(
            " {:>8.3} ({:.3}-{:.3})",
            ratio.median, ratio.lowest, ratio.highest
        );
    }
    println!();
}

fn raw(key: &PrivateKey) -> Run<'_> {
    hash_and_sign(&[], vec![key])
}

/// One SHA-256, where there is anything to hash, and one operation of each key.
fn hash_and_sign<'a>(body: &'static [u8], keys: Vec<&'a PrivateKey>) -> Run<'a> {
    Box::new(move || {
        if !body.is_empty() {
            black_box(digest(&SHA256, body));
        }
        for key in &keys {
            black_box(key.sign_digest(&HASH)).expect("a signature");
        }
    })
}

fn sign<'a>(message: &'static [u8], signers: Vec<&Signer>) -> Run<'a> {
    let signers: Vec<Signer> = signers.into_iter().cloned().collect();
    Box::new(move || {
        black_box(dkim::sign(message, &signers, now())).expect("a signature");
    })
}

fn sign_header<'a>(message: &'static [u8], signer: &Signer) -> Run<'a> {
    let signer = [signer.clone()];
    let relaxed = [BodyCanonicalization::Relaxed];
    let prepared = PreparedBody::new(body(message), &relaxed).expect("canonical");
    let header = header(message);
    Box::new(move || {
        let fields = dkim::sign_with_body(header, &prepared, &signer, now());
        black_box(fields).expect("a signature");
    })
}

/// The raw verification of a digest's signature.
fn verify_raw<'a>(key: &PrivateKey) -> Run<'a> {
    let check = check_of(key, &key.sign_digest(&HASH).expect("a signature"));
    let digest = RawDigest::import_less_safe(HASH.as_bytes(), &SHA256).expect("a digest");
    Box::new(move || check(&digest))
}

/// One SHA-256 each of the canonical header and body of a signed message, and the raw verification.
fn hash_and_verify<'a>(message: &[u8], signer: &Signer, key: &PrivateKey) -> Run<'a> {
    let fields = dkim::sign(message, std::slice::from_ref(signer), now()).expect("a signature");
    let field = fields[0].as_str();
    let (_, value) = field.split_once(':').expect("a field");
    let signature = Signature::parse(value.as_bytes()).expect("a signature");
    let Covered { header, body } = Covered::by(field, message);
    let check = check_of(key, signature.signature());
    Box::new(move || {
        let body = digest(&SHA256, black_box(body.as_bytes()));
        assert_eq!(body.as_ref(), signature.body_hash());
        check(&digest(&SHA256, black_box(header.as_bytes())));
    })
}

/// The verification of a signature with a key that is parsed.
fn check_of(key: &PrivateKey, signature: &[u8]) -> impl Fn(&RawDigest) + use<> {
    let public = key.public_key();
    let signature = signature.to_vec();
    let is_rsa = public.algorithm() == Algorithm::RsaSha256;
    let parsed: ParsedPublicKey = if is_rsa {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_bytes()).parse()
    } else {
        UnparsedPublicKey::new(&ED25519, public.as_bytes()).parse()
    }
    .expect("a key");
    move |digest| {
        let valid = if is_rsa {
            parsed.verify_digest_sig(digest, &signature)
        } else {
            parsed.verify_sig(digest.as_ref(), &signature)
        };
        black_box(valid).expect("valid");
    }
}

/// The whole verification of a message with one signature; the key's record is asked of a zone in memory.
fn verify<'a>(message: &'static [u8], signer: &Signer, key: &PrivateKey) -> Run<'a> {
    let fields = dkim::sign(message, std::slice::from_ref(signer), now()).expect("a signature");
    let signed = [fields[0].as_str().as_bytes(), message].concat();
    let template = signer.template();
    let name = template
        .selector()
        .record_name(template.domain())
        .expect("a name");
    let zone = format!("{name} 300 TXT {}", PublicKeyRecord::for_key(key).to_txt());
    let zone: Zone = zone.parse().expect("a zone");
    let limits = VerifyLimits::default();
    Box::new(move || {
        let verdicts = block_on_ready(dkim::verify(&signed, &zone, now(), &limits));
        assert!(verdicts.expect("at once")[0].is_pass());
    })
}

/// How many times as many runs two threads make as one does.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn two_threads(run: &(dyn Fn() + Sync)) -> f64 {
    let many = || (0..500).for_each(|_| run());
    let one = || {
        let start = Instant::now();
        many();
        start.elapsed()
    };
    let both = || {
        let start = Instant::now();
        thread::scope(|scope| {
            scope.spawn(many);
            scope.spawn(many);
        });
        start.elapsed()
    };
    let mut ratios: Vec<f64> = (0..9)
        .map(|_| 2.0 * one().as_secs_f64() / both().as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[4]
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

const HASH: Digest = Digest::from_bytes([7; 32]);
