//! Mailjet's events ([event API](https://dev.mailjet.com/email/guides/webhooks/)), one alone or grouped in an array.

use serde_json::Value;

use crate::event::{EventKind, Permanence, Reason};
use crate::provider::category::{Address, Category, judge, kind_named};
use crate::provider::details::{Details, first_text, native_kind, reason_of, scalar};
use crate::provider::reading::Mismatch;
use crate::provider::reported::Reported;
use crate::provider::{field, timestamp};

pub(crate) fn read(value: &Value, reported: &mut Reported) -> Result<(), Mismatch> {
    let text = |name: &str| field::text(value, &[name]);
    let Some(event) = text("event") else {
        return Err(Mismatch::new("an object with `event`"));
    };
    let (related, error) = (text("error_related_to"), text("error"));
    let details = Details {
        native_kind: native_kind(&[Some(event), related, error, text("source")]),
        // Mailjet names messages, not events.
        event_id: None,
        provider_message_id: scalar(value, &["MessageID"])
            .filter(|id| id != "0")
            .or_else(|| scalar(value, &["mj_message_id"]))
            .or_else(|| scalar(value, &["Message_GUID"])),
        message_id: None,
        recipient: text("email"),
        time: value.get("time").and_then(timestamp::time),
        status: None,
        code: None,
        words: first_text(value, &["smtp_reply", "comment"]).map(reply_within),
        remote_mta: None,
    };
    let diagnosis = details.diagnose();
    let category = error.and_then(|error| Category::named(ERRORS, error));
    let (permanence, reason) = judge(category, &diagnosis);
    let is_final = value.get("hard_bounce").and_then(Value::as_bool);
    let is_suppressed = category.is_some_and(|row| row.reason == Reason::SUPPRESSED)
        || related.is_some_and(|related| related.eq_ignore_ascii_case("recipient"));
    let kind = kind_named(EVENTS, event);
    let (kind, reason) = match kind {
        EventKind::Bounced(_) if reason == Reason::ON_HOLD && is_final != Some(true) => {
            (EventKind::Deferred, reason)
        }
        EventKind::Bounced(_) if is_final == Some(false) => {
            (EventKind::Bounced(Permanence::Soft), reason)
        }
        EventKind::Bounced(_) => (EventKind::Bounced(permanence), reason),
        EventKind::Rejected if is_suppressed => (EventKind::Suppressed, Reason::SUPPRESSED),
        EventKind::Rejected => (kind, reason),
        _ => (kind, reason_of(kind)),
    };
    reported.push_with(|| details.event(kind, reason, &diagnosis));
    Ok(())
}

/// The reply in `sent (250 2.0.0 OK)`.
fn reply_within(words: &str) -> &str {
    let inside = words
        .strip_prefix("sent (")
        .and_then(|rest| rest.strip_suffix(')'));
    inside.unwrap_or(words)
}

/// `sent` says that the recipient's server took it; `blocked`, that Mailjet did not try.
const EVENTS: &[(&str, EventKind)] = &[
    ("sent", EventKind::Delivered),
    ("open", EventKind::Opened),
    ("click", EventKind::Clicked),
    ("bounce", EventKind::Bounced(Permanence::Soft)),
    ("blocked", EventKind::Rejected),
    ("spam", EventKind::Complained),
    ("unsub", EventKind::Unsubscribed),
];

/// `error`, in the order of `error_related_to`: recipient, domain, content and spam, system, mailjet.
const ERRORS: &[Category] = &[
    Category::new("user unknown", Address::Dead, Reason::USER_UNKNOWN),
    Category::new(
        "mailbox inactive",
        Address::NotToBlame,
        Reason::MAILBOX_DISABLED,
    ),
    Category::new("quota exceeded", Address::NotToBlame, Reason::MAILBOX_FULL),
    Category::new("blacklisted", Address::NotToBlame, Reason::SUPPRESSED),
    Category::new("spam reporter", Address::NotToBlame, Reason::SUPPRESSED),
    Category::new("invalid domain", Address::Dead, Reason::HOST_UNKNOWN),
    Category::new("no mail host", Address::NotToBlame, Reason::HOST_UNKNOWN),
    Category::new(
        "relay/access denied",
        Address::NotToBlame,
        Reason::RELAYING_DENIED,
    ),
    Category::new("greylisted", Address::NotToBlame, Reason::ON_HOLD),
    Category::new("typofix", Address::NotToBlame, Reason::BAD_ADDRESS),
    Category::new(
        "bad or empty template",
        Address::NotToBlame,
        Reason::CONTENT_REJECTED,
    ),
    Category::new(
        "error in template language",
        Address::NotToBlame,
        Reason::CONTENT_REJECTED,
    ),
    Category::new(
        "sender blocked",
        Address::NotToBlame,
        Reason::SENDER_REJECTED,
    ),
    Category::new(
        "content blocked",
        Address::NotToBlame,
        Reason::CONTENT_REJECTED,
    ),
    Category::new("policy issue", Address::NotToBlame, Reason::POLICY),
    Category::new("system issue", Address::NotToBlame, Reason::SYSTEM),
    Category::new("protocol issue", Address::NotToBlame, Reason::PROTOCOL),
    Category::new("connection issue", Address::NotToBlame, Reason::NETWORK),
    Category::new("preblocked", Address::NotToBlame, Reason::SUPPRESSED),
    Category::new(
        "duplicate in campaign",
        Address::NotToBlame,
        Reason::UNSPECIFIED,
    ),
];
