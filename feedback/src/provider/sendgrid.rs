//! SendGrid's events ([event webhook reference](https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event)).

use serde_json::Value;

use crate::event::{EventKind, Permanence, Reason};
use crate::provider::category::{Address, Category, judge, kind_named};
use crate::provider::details::{Details, first_text, native_kind, reason_of};
use crate::provider::reading::Mismatch;
use crate::provider::reported::Reported;
use crate::provider::{field, timestamp};
use crate::report::typed_value;

pub(crate) fn read(value: &Value, reported: &mut Reported) -> Result<(), Mismatch> {
    let text = |name: &str| field::text(value, &[name]);
    let event = text("event");
    if event.or_else(|| text("sg_event_id")).is_none() {
        return Err(Mismatch::new("an object with `event`"));
    }
    let event = event.unwrap_or_default();
    let (kind_of_bounce, classification) = (text("type"), text("bounce_classification"));
    let dropped = text("reason").or(kind_of_bounce);
    let particulars = match event {
        "dropped" => [dropped, None],
        "bounce" => [kind_of_bounce, classification],
        "deferred" => [classification, None],
        _ => [None, None],
    };
    let [first, second] = particulars;
    let details = Details {
        native_kind: native_kind(&[Some(event), first, second]),
        event_id: text("sg_event_id").map(str::to_owned),
        provider_message_id: text("sg_message_id").map(str::to_owned),
        message_id: text("smtp-id"),
        recipient: text("email"),
        time: value.get("timestamp").and_then(timestamp::time),
        status: text("status").and_then(typed_value::status),
        code: None,
        words: first_text(value, &["reason", "response"]),
        remote_mta: None,
    };
    let diagnosis = details.diagnose();
    let kind = kind_named(EVENTS, event);
    // Refused for what it is or whence it comes: the address lives, whatever the words are.
    let is_blocked = kind_of_bounce.is_some_and(|kind| kind.eq_ignore_ascii_case("blocked"));
    let category = classification
        .and_then(|name| Category::named(CLASSIFICATIONS, name))
        .or_else(|| is_blocked.then_some(BLOCKED));
    let (permanence, reason) = judge(category, &diagnosis);
    let (kind, reason) = match kind {
        EventKind::Bounced(_) if is_blocked => (EventKind::Bounced(Permanence::Soft), reason),
        EventKind::Bounced(_) => (EventKind::Bounced(permanence), reason),
        EventKind::Rejected => drop_reason(dropped.unwrap_or_default()),
        EventKind::Deferred => (kind, reason),
        _ => (kind, reason_of(kind)),
    };
    reported.push_with(|| details.event(kind, reason, &diagnosis));
    Ok(())
}

/// Why SendGrid did not try: what the text begins with decides. What is not known speaks of the message, not of the
/// address, so that nobody is suppressed for it.
fn drop_reason(text: &str) -> (EventKind, Reason) {
    let begins = |start: &str| {
        text.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    let row = DROPS.iter().find(|(start, ..)| begins(start));
    row.map_or(
        (EventKind::Rejected, Reason::UNSPECIFIED),
        |(_, kind, reason)| (*kind, reason.clone()),
    )
}

const EVENTS: &[(&str, EventKind)] = &[
    ("processed", EventKind::Sent),
    ("dropped", EventKind::Rejected),
    ("delivered", EventKind::Delivered),
    ("deferred", EventKind::Deferred),
    ("bounce", EventKind::Bounced(Permanence::Soft)),
    ("open", EventKind::Opened),
    ("click", EventKind::Clicked),
    ("spamreport", EventKind::Complained),
    ("unsubscribe", EventKind::Unsubscribed),
    ("group_unsubscribe", EventKind::Unsubscribed),
    ("group_resubscribe", EventKind::Subscribed),
];

/// The longer of two with the same beginning comes first.
const DROPS: &[(&str, EventKind, Reason)] = &[
    ("Bounced Address", EventKind::Suppressed, Reason::SUPPRESSED),
    (
        "Unsubscribed Address",
        EventKind::Suppressed,
        Reason::SUPPRESSED,
    ),
    (
        "Spam Reporting Address",
        EventKind::Suppressed,
        Reason::SUPPRESSED,
    ),
    (
        "Invalid SMTPAPI header",
        EventKind::Rejected,
        Reason::NOT_COMPLIANT,
    ),
    ("Invalid", EventKind::Suppressed, Reason::SUPPRESSED),
    ("Spam Content", EventKind::Rejected, Reason::SPAM),
    (
        "Recipient List over Package Quota",
        EventKind::Rejected,
        Reason::RATE_LIMITED,
    ),
];

/// `type` of a bounce, where no classification says more.
const BLOCKED: &Category = &Category::new("blocked", Address::NotToBlame, Reason::BLOCKED);

/// [Bounce and block classifications](https://www.twilio.com/docs/sendgrid/ui/analytics-and-reporting/bounce-and-block-classifications).
const CLASSIFICATIONS: &[Category] = &[
    Category::new("Invalid Address", Address::Dead, Reason::USER_UNKNOWN),
    Category::new("Technical", Address::NotToBlame, Reason::SYSTEM),
    Category::new("Technical Failure", Address::NotToBlame, Reason::SYSTEM),
    Category::new("Content", Address::NotToBlame, Reason::CONTENT_REJECTED),
    Category::new("Reputation", Address::NotToBlame, Reason::BAD_REPUTATION),
    Category::new(
        "Frequency/Volume",
        Address::NotToBlame,
        Reason::RATE_LIMITED,
    ),
    Category::new(
        "Frequency or Volume Too High",
        Address::NotToBlame,
        Reason::RATE_LIMITED,
    ),
    Category::new("Mailbox Unavailable", Address::Unsaid, Reason::MAILBOX),
    Category::new("Unclassified", Address::Unsaid, Reason::UNSPECIFIED),
];
