//! The webhooks of SendGrid, Mailgun, Postmark, Mailjet and SparkPost: what is read from them, and whose they are.

mod authentication;
mod hostile;
mod mailgun;
mod mailjet;
mod postmark;
mod sendgrid;
mod sparkpost;

use std::time::{Duration, SystemTime};

use letterhead_feedback::{Event, Permanence, Provider, read_events};

/// What is read from one document.
fn events(provider: Provider, body: &str) -> Vec<Event> {
    let reading = read_events(provider, body.as_bytes()).unwrap_or_else(|error| {
        panic!("{body}: {error}");
    });
    assert_eq!(reading.omitted, 0, "{body}");
    for event in &reading.events {
        assert_eq!(event.provider(), Some(provider), "{body}");
        assert!(event.raw().is_some_and(|raw| !raw.is_empty()), "{body}");
    }
    reading.events
}

fn only_event(provider: Provider, body: &str) -> Event {
    let mut events = events(provider, body);
    assert_eq!(events.len(), 1, "{body}: {events:?}");
    events.remove(0)
}

/// Kind, reason and native kind in one line, for tables.
fn outline(event: &Event) -> String {
    let native_kind = event.native_kind().unwrap_or("-");
    format!("{} {} {native_kind}", event.kind(), event.reason())
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Documents, and the outline of the one event in each.
fn check(provider: Provider, rows: &[(&str, &str)]) {
    for (body, expected) in rows {
        let event = only_event(provider, body);
        assert_eq!(outline(&event), *expected, "{body}");
    }
}

const HARD: Permanence = Permanence::Hard;
