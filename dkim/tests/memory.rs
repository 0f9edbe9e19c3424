//! A body costs no memory of its own, however long it is. Each piece of work is done in a process of its own, which says how
//! much memory it had at most; where the system does not tell, the comparisons say that they are skipped.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{
    BodyCanonicalization, BodyHasher, BodyPreparer, Canonicalization, PrivateKey, Signer,
    VerifyLimits, sign, sign_with_body, verify,
};
use letterhead_dns::{Zone, block_on_ready};

const LONG: usize = 50_000_000;
const SHORT: usize = 50_000;

/// In octets. The system counts pages, and by the hundred; what matters is that it is nothing to 50 MB.
const ALLOWED: usize = 1_000_000;

const HEADER: &[u8] = b"From: a@example.org\r\nSubject: Hello\r\n\r\n";

/// Lines of all sorts: white space to be collapsed, empty lines, lines of white space.
const LINES: &[u8] =
    b"word  word\tword, a longer line of text as people write it in letters\r\n\r\n \t\r\nx \r\n";

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000)
}

/// Pieces of a few KiB, cut within lines and between CR and LF.
#[test]
fn streamed() {
    let octets = octets();
    let piece = LINES.repeat(50);
    let kinds = [BodyCanonicalization::Simple, BodyCanonicalization::Relaxed];
    let mut body = BodyPreparer::new(&kinds);
    let mut left = octets;
    let mut cut = 1;
    while left > 0 {
        let (front, back) = piece.split_at(cut);
        body.update(front).unwrap();
        body.update(back).unwrap();
        left = left.saturating_sub(piece.len());
        cut = cut % (piece.len() - 1) + 1;
    }
    let body = body.finish().unwrap();
    let fields = sign_with_body(HEADER, &body, &signers(), now()).unwrap();
    assert_eq!(fields.len(), 4);
    report();
}

/// One run of white space, of empty lines, or of lines of white space: nothing of it may be kept.
#[test]
fn held_back() {
    let octets = octets();
    for (line, tail) in [
        (&b" \t"[..], &b"x\r\n"[..]),
        (b"\r\n", b""),
        (b" \r\n", b"x"),
        (b"\r", b"\n"),
    ] {
        let piece = line.repeat(4096 / line.len());
        for kind in [BodyCanonicalization::Simple, BodyCanonicalization::Relaxed] {
            let mut hasher = BodyHasher::new(kind);
            hasher.update(b"start");
            for _ in 0..octets / piece.len() / 4 {
                hasher.update(&piece);
            }
            hasher.update(tail);
            assert!(hasher.finish().length() > 0);
        }
    }
    report();
}

fn message(octets: usize) -> Vec<u8> {
    let mut message = Vec::with_capacity(octets + 10_000);
    message.extend_from_slice(HEADER);
    while message.len() < octets {
        message.extend_from_slice(LINES);
    }
    message
}

fn signers() -> Vec<Signer> {
    let keys = [
        include_str!("keys/rsa2048.pem"),
        include_str!("keys/ed25519.pem"),
    ];
    [Canonicalization::SIMPLE, Canonicalization::RELAXED]
        .iter()
        .flat_map(|canonicalization| {
            keys.map(|pem| {
                let key = Arc::new(PrivateKey::from_pem(pem).unwrap());
                Signer::new("example.org".parse().unwrap(), "s".parse().unwrap(), key)
                    .canonicalization(*canonicalization)
            })
        })
        .collect()
}

/// Signs a message that lies in memory, which the measure leaves out.
#[test]
fn signed() {
    let octets = octets();
    let message = message(octets);
    // The code and the tables of the keys are there in the short run as well.
    let fields = sign(&message, &signers(), now()).unwrap();
    assert_eq!(fields.len(), 4);
    report_without(message.capacity());
}

/// Verifies four signatures of such a message as far as the body goes; the key record is not published for the first.
#[test]
fn verified() {
    let octets = octets();
    let mut message = message(octets);
    let fields = sign(&message, &signers(), now()).unwrap();
    let header: String = fields.iter().map(|field| field.as_str()).collect();
    message.splice(0..0, header.bytes());
    let key = PrivateKey::from_pem(include_str!("keys/rsa2048.pem")).unwrap();
    let record = letterhead_dkim::PublicKeyRecord::for_key(&key).to_txt();
    let zone: Zone = format!("s._domainkey.example.org. IN TXT {record}")
        .parse()
        .unwrap();
    let verdicts =
        block_on_ready(verify(&message, &zone, now(), &VerifyLimits::default())).unwrap();
    let passes = verdicts.iter().filter(|verdict| verdict.is_pass()).count();
    assert_eq!((verdicts.len(), passes), (4, 2));
    report_without(message.capacity());
}

#[test]
fn copied() {
    let message = message(octets());
    let copy = message.clone();
    assert_eq!(copy, message);
    report_without(message.capacity());
}

fn report() {
    report_without(0);
}

/// Prints the most memory that this process has had.
fn report_without(own: usize) {
    if let Some(most) = most_memory() {
        println!("{MARK}{}", most.saturating_sub(own));
    }
}

const MARK: &str = "most memory: ";

fn most_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// How much this process is to work on: the number among its arguments, where it is one that [`measure`] started.
fn octets() -> usize {
    std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(SHORT)
}

/// What a test of this file, run alone on so many octets, had at most.
fn measure(test: &str, octets: usize) -> usize {
    // No test has a number for its name, so that it chooses none.
    let octets = octets.to_string();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, &octets, "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{test}: {text}");
    let (_, rest) = text
        .split_once(MARK)
        .unwrap_or_else(|| panic!("{test}: {text}"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

fn compare(name: &str, test: &str) {
    if most_memory().is_none() {
        println!("{name}: skipped, the system does not tell how much memory a process has had");
        return;
    }
    let (short, long) = (measure(test, SHORT), measure(test, LONG));
    println!("{name}: {short} octets for 50 KB, {long} for 50 MB");
    assert!(
        long < short + ALLOWED,
        "{name}: {short} octets grew to {long}"
    );
}

#[test]
fn signing_a_stream_takes_no_memory_by_length() {
    compare("signing_a_stream_takes_no_memory_by_length", "streamed");
}

#[test]
fn white_space_that_is_held_back_takes_no_memory() {
    compare("white_space_that_is_held_back_takes_no_memory", "held_back");
}

#[test]
fn signing_a_slice_takes_no_memory_by_length() {
    compare("signing_a_slice_takes_no_memory_by_length", "signed");
}

#[test]
fn verifying_a_slice_takes_no_memory_by_length() {
    compare("verifying_a_slice_takes_no_memory_by_length", "verified");
}

/// The measure must be able to see a copy of the message.
#[test]
fn a_copy_would_be_seen() {
    if most_memory().is_some() {
        assert!(measure("copied", LONG) > measure("copied", SHORT) + LONG - ALLOWED);
    }
}
