//! How long reading a report takes: bounces in a format and in words, complaints, ordinary mail, and a provider's events. Beside
//! it, how long mail-parser takes to find only the MIME structure of the same mails.
//!
//! Each group gives elements a second, and an element is a mail or an event: `cargo bench -p letterhead-feedback --bench reading`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use letterhead_feedback::{Provider, Reason, read_events, read_report};
use mail_parser::MessageParser;

const BOUNCES: &str = concat!(
    include_str!("../tests/mails/bounces/unix.txt"),
    include_str!("../tests/mails/bounces/providers.txt"),
    include_str!("../tests/mails/bounces/offices.txt"),
    include_str!("../tests/mails/bounces/gateways.txt"),
    include_str!("../tests/mails/bounces/languages.txt"),
    include_str!("../tests/mails/bounces/status.txt"),
);
const ORDINARY: &str = concat!(
    include_str!("../tests/mails/ordinary/machines.txt"),
    include_str!("../tests/mails/ordinary/people.txt"),
);

/// The mails of a file of samples, without the lines that say what is expected of each.
fn mails(text: &str) -> Vec<Vec<u8>> {
    let mut mails = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.starts_with("%%%") {
            mails.push(String::new());
        } else if let Some(mail) = mails.last_mut() {
            mail.push_str(line);
        }
    }
    mails
        .into_iter()
        .filter(|mail| !mail.trim().is_empty())
        .map(|mail| mail.replace('\n', "\r\n").into_bytes())
        .collect()
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read_report");
    let complaint = include_str!("../tests/mails/complaint.eml");
    for (name, mails) in [
        ("bounces", mails(BOUNCES)),
        ("complaint", mails(complaint)),
        ("ordinary mail", mails(ORDINARY)),
        ("bounces that return 100 kB", with_long_messages()),
        ("256 kB of numbers without a space", vec![of_numbers()]),
    ] {
        assert!(!mails.is_empty());
        group.throughput(Throughput::Elements(mails.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let events = |mail: &Vec<u8>| read_report(black_box(mail)).events.len();
                mails.iter().map(events).sum::<usize>()
            });
        });
        group.bench_function(
            format!("{name}: mail-parser, MIME structure only"),
            |bencher| {
                let parser = MessageParser::new();
                bencher.iter(|| {
                    let parts = |mail: &Vec<u8>| {
                        parser
                            .parse(black_box(mail))
                            .map_or(0, |mail| mail.parts.len())
                    };
                    mails.iter().map(parts).sum::<usize>()
                });
            },
        );
    }
    group.finish();
}

/// What could be reply codes, one behind the other: the slowest octets there are to read.
fn of_numbers() -> Vec<u8> {
    let numbers = ",550x".repeat(256 * 1_024 / 5);
    format!("From: MAILER-DAEMON@mx.example.org\r\nSubject: Undelivered Mail Returned to Sender\r\n\r\n{numbers}\r\n")
        .into_bytes()
}

fn with_long_messages() -> Vec<Vec<u8>> {
    let line = format!("{}\r\n", "x".repeat(76));
    let mut mail = mails(BOUNCES)
        .into_iter()
        .find(|mail| read_report(mail).events.len() == 1)
        .expect("a bounce of one recipient");
    mail.extend(line.repeat(100_000 / line.len()).into_bytes());
    vec![mail]
}

fn events(criterion: &mut Criterion) {
    let event = r#"{"eventType":"Bounce","mail":{"messageId":"0100","destination":["joe@example.org"]},"bounce":{"bounceType":"Permanent","bounceSubType":"General","feedbackId":"f1","timestamp":"2026-11-22T10:00:00.000Z","bouncedRecipients":[{"emailAddress":"joe@example.org","status":"5.1.1","action":"failed","diagnosticCode":"smtp; 550 5.1.1 no such user"}]}}"#;
    let lines = format!("{event}\n").repeat(1_000);
    let mut group = criterion.benchmark_group("read_events");
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("1,000 bounces of SES", |bencher| {
        bencher.iter(|| read_events(Provider::Ses, black_box(lines.as_bytes())));
    });
    group.finish();
}

fn classify(criterion: &mut Criterion) {
    let reply = letterhead_mail::Reply::new(
        letterhead_mail::ReplyCode::new(550).expect("a code"),
        None,
        "host mx.example.org said: the account you wrote to has not been used for so long that it takes no mail any more; \
         please remove it from your list, or reach its owner in some other way, and do not try again before you have",
    );
    criterion.bench_function("Reason::of_reply", |bencher| {
        bencher.iter(|| Reason::of_reply(black_box(&reply)));
    });
}

criterion_group!(benches, read, events, classify);
criterion_main!(benches);
