//! Signatures a second, beside the raw key operation that nobody can go below.
//!
//! Read the ratios within one run; absolute figures are the machine's.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use letterhead::dkim::{self, Digest, KeySpec, PrivateKey, Signer, SigningKey};

fn signing(criterion: &mut Criterion) {
    let rsa = key(KeySpec::Rsa2048);
    let ed25519 = key(KeySpec::Ed25519);
    let digest = Digest::from_bytes([7; 32]);

    let mut raw = criterion.benchmark_group("raw key operation");
    raw.bench_function("rsa-2048", |bencher| {
        bencher.iter(|| rsa.sign_digest(black_box(&digest)));
    });
    raw.bench_function("ed25519", |bencher| {
        bencher.iter(|| ed25519.sign_digest(black_box(&digest)));
    });
    raw.finish();

    let signer = |selector: &str, key: &Arc<PrivateKey>| {
        let domain = "yourcompany.example".parse().expect("a domain");
        Signer::new(
            domain,
            selector.parse().expect("a selector"),
            Arc::clone(key) as Arc<dyn SigningKey>,
        )
    };
    let sets = [
        ("rsa-2048", vec![signer("rsa", &rsa)]),
        ("ed25519", vec![signer("ed", &ed25519)]),
        (
            "rsa-2048 and ed25519, one pass",
            vec![signer("rsa", &rsa), signer("ed", &ed25519)],
        ),
    ];
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    for (size, message) in [
        ("2 KB", text(2_000)),
        ("12 KB", text(12_000)),
        ("200 KB", attachment(200_000)),
    ] {
        let mut group = criterion.benchmark_group(format!("sign {size}"));
        group.throughput(Throughput::Bytes(message.len() as u64));
        for (name, signers) in &sets {
            group.bench_with_input(
                BenchmarkId::from_parameter(name),
                &message,
                |bencher, message| {
                    bencher.iter(|| {
                        dkim::sign(black_box(message), signers, now).expect("a signature")
                    });
                },
            );
        }
        group.finish();
    }
}

fn key(spec: KeySpec) -> Arc<PrivateKey> {
    Arc::new(PrivateKey::generate(spec).expect("a key"))
}

/// A message of about `size` octets, of lines as people write them.
fn text(size: usize) -> Vec<u8> {
    let mut message = header("text/plain; charset=utf-8", "quoted-printable");
    for line in 0.. {
        if message.len() >= size {
            break;
        }
        let _ = write!(
            message,
            "Line {line}  of an invoice,   with runs of blanks as tables have them.\r\n"
        );
    }
    message.into_bytes()
}

/// A message of about `size` octets of base64.
fn attachment(size: usize) -> Vec<u8> {
    let mut message = header("application/pdf", "base64");
    while message.len() < size {
        message.push_str(&"QmFzZTY0IGlzIGRlbnNl".repeat(4)[..76]);
        message.push_str("\r\n");
    }
    message.into_bytes()
}

fn header(content_type: &str, encoding: &str) -> String {
    format!(
        "From: Billing <billing@yourcompany.example>\r\nTo: Ada <ada@receiver.example>\r\n\
         Cc: archive@yourcompany.example\r\nReply-To: support@yourcompany.example\r\n\
         Subject: Invoice 2026-11 for your subscription\r\nDate: Sun, 22 Nov 2026 09:00:00 +0000\r\n\
         Message-ID: <0123456789abcdef@yourcompany.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\
         List-Unsubscribe: <https://yourcompany.example/u/0123456789>\r\n\
         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nAuto-Submitted: auto-generated\r\n\
         X-Entity-Ref-ID: 0123456789\r\n\r\n"
    )
}

criterion_group!(benches, signing);
criterion_main!(benches);
