//! SparkPost's events ([webhooks API](https://developers.sparkpost.com/api/webhooks/)), each wrapped in its class.

use serde_json::Value;

use crate::event::{EventKind, Permanence, Reason};
use crate::provider::category::{Address, Category, judge, kind_named};
use crate::provider::details::{Details, first_text, native_kind, number, reason_of, scalar};
use crate::provider::reading::Mismatch;
use crate::provider::reported::Reported;
use crate::provider::{field, timestamp};

/// A test of the address holds no event, and none comes of it.
pub(crate) fn read(value: &Value, reported: &mut Reported) -> Result<(), Mismatch> {
    let Some(classes) = value.get("msys").and_then(Value::as_object) else {
        return Err(Mismatch::new("an object with an object `msys`"));
    };
    for (class, event) in classes {
        read_event(class, event, reported);
    }
    Ok(())
}

fn read_event(class: &str, event: &Value, reported: &mut Reported) {
    let text = |name: &str| field::text(event, &[name]);
    let kind_name = text("type");
    let bounce_class = scalar(event, &["bounce_class"]);
    let feedback = text("fbtype");
    let is_message = class.eq_ignore_ascii_case("message_event");
    let details = Details {
        native_kind: native_kind(&[Some(class), kind_name, bounce_class.as_deref(), feedback]),
        event_id: scalar(event, &["event_id"]),
        provider_message_id: scalar(event, &["message_id"])
            .or_else(|| scalar(event, &["transmission_id"])),
        message_id: None,
        recipient: first_text(event, &["raw_rcpt_to", "rcpt_to"]),
        time: event.get("timestamp").and_then(timestamp::time),
        status: None,
        code: number(event, &["error_code"]),
        words: first_text(event, &["raw_reason", "reason"]),
        // Elsewhere it is the reader's own address.
        remote_mta: text("ip_address").filter(|_| is_message),
    };
    let diagnosis = details.diagnose();
    let category = bounce_class
        .as_deref()
        .and_then(|name| Category::named(BOUNCE_CLASSES, name));
    let (permanence, reason) = judge(category, &diagnosis);
    let kind = kind_named(EVENTS, kind_name.unwrap_or_default());
    let (kind, reason) = match kind {
        EventKind::Bounced(_) => {
            let class = bounce_class.as_deref().unwrap_or_default();
            match kind_named(OTHER_KINDS, class) {
                EventKind::Unknown => (EventKind::Bounced(permanence), reason),
                EventKind::Rejected => (EventKind::Rejected, reason),
                other => (
                    other,
                    category.map_or_else(|| reason_of(other), |row| row.reason.clone()),
                ),
            }
        }
        EventKind::Rejected if is_suppressed(details.words) => {
            (EventKind::Suppressed, Reason::SUPPRESSED)
        }
        EventKind::Rejected | EventKind::Deferred => (kind, reason),
        EventKind::Complained => {
            let kind = feedback.map_or(kind, |name| match kind_named(FEEDBACK, name) {
                EventKind::Unknown => kind,
                other => other,
            });
            (kind, reason_of(kind))
        }
        _ => (kind, reason_of(kind)),
    };
    reported.push_with(|| details.event(kind, reason, &diagnosis));
}

/// Whether it was refused because of SparkPost's own suppression list, which only the words say.
fn is_suppressed(words: Option<&str>) -> bool {
    words.is_some_and(|words| words.to_ascii_lowercase().contains("address suppressed"))
}

/// What SparkPost took in, relayed or tested is about no message of ours, and unknown here.
const EVENTS: &[(&str, EventKind)] = &[
    ("injection", EventKind::Sent),
    ("delivery", EventKind::Delivered),
    ("delay", EventKind::Deferred),
    ("bounce", EventKind::Bounced(Permanence::Soft)),
    ("out_of_band", EventKind::Bounced(Permanence::Soft)),
    ("policy_rejection", EventKind::Rejected),
    ("generation_failure", EventKind::Rejected),
    ("generation_rejection", EventKind::Rejected),
    ("spam_complaint", EventKind::Complained),
    ("list_unsubscribe", EventKind::Unsubscribed),
    ("link_unsubscribe", EventKind::Unsubscribed),
    ("open", EventKind::Opened),
    ("initial_open", EventKind::Opened),
    ("amp_open", EventKind::Opened),
    ("amp_initial_open", EventKind::Opened),
    ("click", EventKind::Clicked),
    ("amp_click", EventKind::Clicked),
];

/// Classes of what came back as a bounce and is none.
const OTHER_KINDS: &[(&str, EventKind)] = &[
    ("25", EventKind::Rejected),
    ("26", EventKind::Suppressed),
    ("60", EventKind::AutoReplied),
    ("80", EventKind::Subscribed),
    ("90", EventKind::Unsubscribed),
    ("100", EventKind::AutoReplied),
];

/// Types of feedback that are no complaint ([RFC 5965 §7.3](https://www.rfc-editor.org/rfc/rfc5965#section-7.3)).
const FEEDBACK: &[(&str, EventKind)] = &[
    ("not-spam", EventKind::NotSpam),
    ("auth-failure", EventKind::AuthFailure),
    ("opt-out", EventKind::Unsubscribed),
    ("opt-out-list", EventKind::Unsubscribed),
];

/// [Bounce classification codes](https://support.sparkpost.com/docs/deliverability/bounce-classification-codes).
/// SparkPost calls 30 hard, too, though it says that no recipient could be made out.
const BOUNCE_CLASSES: &[Category] = &[
    Category::new("1", Address::Unsaid, Reason::UNSPECIFIED),
    Category::new("10", Address::Dead, Reason::USER_UNKNOWN),
    Category::new("20", Address::NotToBlame, Reason::UNSPECIFIED),
    Category::new("21", Address::NotToBlame, Reason::NETWORK),
    Category::new("22", Address::NotToBlame, Reason::MAILBOX_FULL),
    Category::new("23", Address::NotToBlame, Reason::MESSAGE_TOO_BIG),
    Category::new("24", Address::NotToBlame, Reason::EXPIRED),
    Category::new("25", Address::NotToBlame, Reason::POLICY),
    Category::new("26", Address::NotToBlame, Reason::SUPPRESSED),
    Category::new("30", Address::Unsaid, Reason::UNSPECIFIED),
    Category::new("40", Address::Unsaid, Reason::UNSPECIFIED),
    Category::new("50", Address::NotToBlame, Reason::BLOCKED),
    Category::new("51", Address::NotToBlame, Reason::BAD_REPUTATION),
    Category::new("52", Address::NotToBlame, Reason::SPAM),
    Category::new("53", Address::NotToBlame, Reason::CONTENT_REJECTED),
    Category::new("54", Address::NotToBlame, Reason::RELAYING_DENIED),
    Category::new("60", Address::NotToBlame, Reason::VACATION),
    Category::new("70", Address::NotToBlame, Reason::ON_HOLD),
    Category::new("80", Address::NotToBlame, Reason::UNSPECIFIED),
    Category::new("90", Address::NotToBlame, Reason::OPT_OUT),
    Category::new("100", Address::NotToBlame, Reason::FILTERED),
];
