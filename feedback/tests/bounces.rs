//! Bounces of many mail systems, written for this test: each is recognised, and its recipients are found.
//!
//! In the files under `mails/bounces` each mail stands behind lines with what is expected of it, one for every event:
//! `%%% kind recipient code status message-id [original recipient]`, with `-` where nothing is expected to be checked.

use letterhead_feedback::{Event, EventKind, Reading, ReportKind, read_report};

const FILES: [(&str, &str); 8] = [
    ("unix", include_str!("mails/bounces/unix.txt")),
    ("providers", include_str!("mails/bounces/providers.txt")),
    ("offices", include_str!("mails/bounces/offices.txt")),
    ("gateways", include_str!("mails/bounces/gateways.txt")),
    ("languages", include_str!("mails/bounces/languages.txt")),
    ("older", include_str!("mails/bounces/older.txt")),
    ("current", include_str!("mails/bounces/current.txt")),
    ("status", include_str!("mails/bounces/status.txt")),
];

/// A mail, and the lines that say what is expected of it.
struct Sample {
    expected: Vec<Vec<&'static str>>,
    mail: &'static str,
}

fn samples(text: &'static str) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut expected = Vec::new();
        while let Some(line) = rest.strip_prefix("%%% ") {
            let (line, after) = line.split_once('\n').unwrap_or((line, ""));
            expected.push(line.split(' ').collect());
            rest = after;
        }
        let end = rest.find("\n%%% ").map_or(rest.len(), |end| end + 1);
        let (mail, after) = rest.split_at(end);
        assert!(!expected.is_empty() && !mail.is_empty(), "{rest}");
        samples.push(Sample { expected, mail });
        rest = after;
    }
    samples
}

fn word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Bounced(_) => "bounced",
        other => other.as_str(),
    }
}

fn check(event: &Event, expected: &[&str], place: &str) {
    let same = |name: &str, index: usize, found: Option<String>| {
        let expected = expected.get(index).copied().unwrap_or("-");
        let found = found.unwrap_or_default();
        assert!(
            expected == "-" || expected == found,
            "{place}: {name} is {found}, not {expected}"
        );
    };
    same("kind", 0, Some(word(event.kind()).to_owned()));
    let recipient = event.recipient().or_else(|| event.original_recipient());
    same("recipient", 1, recipient.map(ToString::to_string));
    same(
        "code",
        2,
        event.reply().map(|reply| reply.code().to_string()),
    );
    same("status", 3, event.status().map(|status| status.to_string()));
    same("message id", 4, event.message_id().map(str::to_owned));
    same(
        "original",
        5,
        event.original_recipient().map(ToString::to_string),
    );
}

fn without_raw(reading: Reading) -> (ReportKind, Vec<Event>) {
    let events = reading.events.into_iter().map(Event::without_raw).collect();
    (reading.kind, events)
}

#[test]
fn bounces_of_many_systems_are_read() {
    for (file, text) in FILES {
        for Sample { expected, mail } in samples(text) {
            let reading = read_report(mail.as_bytes());
            let place = format!("{file}: {mail}\n{:#?}\n", reading.events);
            let kinds = [
                ReportKind::TextBounce,
                ReportKind::DeliveryStatus,
                ReportKind::ProviderNotification,
            ];
            assert!(kinds.contains(&reading.kind), "{place} {:?}", reading.kind);
            assert_eq!(reading.events.len(), expected.len(), "{place}");
            for (event, expected) in reading.events.iter().zip(&expected) {
                check(event, expected, &place);
            }
        }
    }
}

#[test]
fn line_ends_make_no_difference() {
    for (_, text) in FILES {
        for Sample { mail, .. } in samples(text) {
            let expected = without_raw(read_report(mail.as_bytes()));
            for end in ["\r\n", "\r"] {
                let other = mail.replace('\n', end);
                assert_eq!(
                    without_raw(read_report(other.as_bytes())),
                    expected,
                    "{mail}"
                );
            }
        }
    }
}

#[test]
fn every_event_keeps_the_mail_it_was_read_from() {
    for (_, text) in FILES {
        for Sample { mail, .. } in samples(text) {
            let reading = read_report(mail.as_bytes());
            for event in &reading.events {
                assert_eq!(event.raw(), Some(mail.as_bytes()));
            }
        }
    }
}
