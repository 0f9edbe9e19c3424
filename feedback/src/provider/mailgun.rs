//! Mailgun's events, as webhooks wrap them and as the events API lists them
//! ([event structure](https://documentation.mailgun.com/docs/mailgun/user-manual/events/events)).

use serde_json::Value;

use crate::event::{EventKind, Permanence, Reason};
use crate::provider::category::{Address, Category, judge, kind_named};
use crate::provider::details::{Details, native_kind, number, reason_of, scalar};
use crate::provider::reading::Mismatch;
use crate::provider::reported::Reported;
use crate::provider::{field, timestamp};
use crate::report::typed_value;

pub(crate) fn read(value: &Value, reported: &mut Reported) -> Result<(), Mismatch> {
    let data = value.get("event-data").unwrap_or(value);
    let text = |path: &[&str]| field::text(data, path);
    let event = text(&["event"]);
    if event.is_none() && value.get("event-data").is_none() {
        return Err(Mismatch::new(
            "an object with `event-data`, or with `event`",
        ));
    }
    let event = event.unwrap_or_default();
    let severity = text(&["severity"]);
    let cause = text(&["reason"]).or_else(|| text(&["reject", "reason"]));
    let status = |name: &str| text(&["delivery-status", name]);
    let words = status("message")
        .or_else(|| status("description"))
        .or_else(|| text(&["reject", "description"]))
        .or_else(|| text(&["reject", "reason"]));
    let to = text(&["message", "headers", "to"]).filter(|to| !to.contains(','));
    let details = Details {
        native_kind: native_kind(&[Some(event), severity, cause]),
        event_id: scalar(data, &["id"]),
        provider_message_id: None,
        message_id: text(&["message", "headers", "message-id"]),
        recipient: text(&["recipient"]).or(to),
        time: data.get("timestamp").and_then(timestamp::time),
        status: status("enhanced-code")
            .or_else(|| status("bounce-code"))
            .and_then(typed_value::status),
        code: number(data, &["delivery-status", "code"]),
        words,
        remote_mta: status("mx-host"),
    };
    let diagnosis = details.diagnose();
    let category = details
        .code
        .and_then(|code| Category::named(CODES, &code.to_string()))
        .or_else(|| cause.and_then(|cause| Category::named(CAUSES, cause)))
        .or_else(|| {
            let kind = status("bounce-type")?;
            Category::named(BOUNCE_TYPES, kind)
        });
    let (permanence, reason) = judge(category, &diagnosis);
    let kind = kind_named(EVENTS, event);
    let is_suppressed = category.is_some_and(|row| row.reason == Reason::SUPPRESSED);
    let (kind, reason) = match kind {
        EventKind::Bounced(_) if is_suppressed => (EventKind::Suppressed, Reason::SUPPRESSED),
        EventKind::Bounced(_) => {
            let kind = match (severity, diagnosis.class()) {
                (Some("temporary"), _) => EventKind::Deferred,
                (Some("permanent"), _) | (_, Some(5)) => EventKind::Bounced(permanence),
                (_, Some(4)) => EventKind::Deferred,
                _ => EventKind::Unknown,
            };
            (kind, reason)
        }
        EventKind::Rejected => (kind, reason),
        _ => (kind, reason_of(kind)),
    };
    reported.push_with(|| details.event(kind, reason, &diagnosis));
    Ok(())
}

/// What Mailgun stored, received or did with a mailing list is about no message of ours, and unknown here.
const EVENTS: &[(&str, EventKind)] = &[
    ("accepted", EventKind::Sent),
    ("delivered", EventKind::Delivered),
    ("failed", EventKind::Bounced(Permanence::Soft)),
    ("complained", EventKind::Complained),
    ("unsubscribed", EventKind::Unsubscribed),
    ("rejected", EventKind::Rejected),
    ("opened", EventKind::Opened),
    ("clicked", EventKind::Clicked),
];

/// `reason` of a failure.
const CAUSES: &[Category] = &[
    Category::new("suppress-bounce", Address::NotToBlame, Reason::SUPPRESSED),
    Category::new(
        "suppress-complaint",
        Address::NotToBlame,
        Reason::SUPPRESSED,
    ),
    Category::new(
        "suppress-unsubscribe",
        Address::NotToBlame,
        Reason::SUPPRESSED,
    ),
    Category::new("espblock", Address::NotToBlame, Reason::BLOCKED),
    Category::new("greylisted", Address::NotToBlame, Reason::ON_HOLD),
    Category::new("old", Address::NotToBlame, Reason::EXPIRED),
];

/// `delivery-status.code` where it is no SMTP reply: the domain has no mail server, none could be reached, and the three
/// suppression lists.
const CODES: &[Category] = &[
    Category::new("498", Address::NotToBlame, Reason::HOST_UNKNOWN),
    Category::new("499", Address::NotToBlame, Reason::NETWORK),
    Category::new("605", Address::NotToBlame, Reason::SUPPRESSED),
    Category::new("606", Address::NotToBlame, Reason::SUPPRESSED),
    Category::new("607", Address::NotToBlame, Reason::SUPPRESSED),
];

/// `delivery-status.bounce-type`. A hard one says that it was final, not that the address is dead.
const BOUNCE_TYPES: &[Category] = &[
    Category::new("soft", Address::NotToBlame, Reason::UNSPECIFIED),
    Category::new("hard", Address::Unsaid, Reason::UNSPECIFIED),
];
