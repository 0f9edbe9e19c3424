//! What Amazon SES reports, type by type.

mod bounces;
mod complaints;
mod envelopes;
mod others;

use letterhead_feedback::{Event, EventKind, Permanence, Provider, ProviderReading, read_events};
use serde_json::{Value, json};

const HARD: EventKind = EventKind::Bounced(Permanence::Hard);
const SOFT: EventKind = EventKind::Bounced(Permanence::Soft);

/// A notification about a message to these.
fn about(to: &[&str], kind: &str, name: &str, detail: &Value) -> Value {
    json!({
        "eventType": kind,
        "mail": {
            "timestamp": "2026-11-20T08:00:00.000Z",
            "messageId": "0100-abc-000000",
            "source": "news@example.com",
            "destination": to,
            "headersTruncated": false,
            "headers": [{"name": "message-id", "value": "<7@mail.example.com>"}],
            "tags": {"ses:configuration-set": ["news"]},
        },
        name: detail,
    })
}

fn bounce(kind: &str, subtype: &str, recipients: &Value) -> Value {
    let detail = json!({
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": recipients,
        "timestamp": "2026-11-20T08:00:05.250Z",
        "feedbackId": "f-1",
        "reportingMTA": "dsn; a4-8.smtp-out.example.net",
        "remoteMtaIp": "192.0.2.7",
    });
    about(&["joe@example.org"], "Bounce", "bounce", &detail)
}

fn read(value: &Value) -> ProviderReading {
    read_events(Provider::Ses, value.to_string().as_bytes()).unwrap()
}

fn only(value: &Value) -> Event {
    let mut events = read(value).events;
    assert_eq!(events.len(), 1, "{value}");
    events.remove(0)
}

fn recipients(events: &[Event]) -> Vec<Option<String>> {
    let of = |event: &Event| event.recipient().map(ToString::to_string);
    events.iter().map(of).collect()
}
