//! Postmark's events ([webhooks](https://postmarkapp.com/developer/webhooks/webhooks-overview)).

use serde_json::Value;

use crate::event::{EventKind, Permanence, Reason};
use crate::provider::category::{Address, Category, judge, kind_named};
use crate::provider::details::{Details, first_text, native_kind, number, reason_of, scalar};
use crate::provider::reading::Mismatch;
use crate::provider::reported::Reported;
use crate::provider::{field, timestamp};

pub(crate) fn read(value: &Value, reported: &mut Reported) -> Result<(), Mismatch> {
    let text = |name: &str| field::text(value, &[name]);
    let record = text("RecordType");
    // The oldest bounce webhooks have no RecordType.
    let bounce_type = BounceType::of(value);
    if record.is_none() && bounce_type.is_none() {
        return Err(Mismatch::new("an object with `RecordType`"));
    }
    let record = record.unwrap_or("Bounce");
    let has_type = matches!(record, "Bounce" | "SpamComplaint");
    let is_change = record == "SubscriptionChange";
    let (change, origin) = match is_change {
        true => (
            Some(text("SuppressionReason").unwrap_or("reactivated")),
            text("Origin"),
        ),
        false => (None, None),
    };
    let names = ["BouncedAt", "DeliveredAt", "ReceivedAt", "ChangedAt"];
    let details = Details {
        native_kind: native_kind(&[
            Some(record),
            text("Type").filter(|_| has_type),
            change,
            origin,
        ]),
        event_id: scalar(value, &["ID"]).filter(|id| id != "0"),
        provider_message_id: scalar(value, &["MessageID"]),
        message_id: None,
        recipient: first_text(value, &["Email", "Recipient"]),
        time: names
            .iter()
            .find_map(|name| value.get(*name))
            .and_then(timestamp::time),
        status: None,
        code: None,
        words: first_text(value, &["Details", "Description"]),
        remote_mta: None,
    };
    let diagnosis = details.diagnose();
    let (kind, reason) = match kind_named(RECORDS, record) {
        EventKind::Bounced(_) => {
            let category = bounce_type.map(|row| &row.category);
            let (permanence, reason) = judge(category, &diagnosis);
            match bounce_type.map(|row| row.kind) {
                Some(EventKind::Bounced(_)) => (EventKind::Bounced(permanence), reason),
                Some(kind @ (EventKind::Deferred | EventKind::Rejected)) => (kind, reason),
                Some(EventKind::Unknown) | None => match diagnosis.class() {
                    Some(4) => (EventKind::Deferred, reason),
                    Some(5) => (EventKind::Bounced(permanence), reason),
                    _ => (EventKind::Unknown, reason),
                },
                Some(kind) => (
                    kind,
                    category.map_or_else(|| reason_of(kind), |row| row.reason.clone()),
                ),
            }
        }
        EventKind::Suppressed => {
            let kind = changed(value);
            (kind, reason_of(kind))
        }
        kind => (kind, reason_of(kind)),
    };
    reported.push_with(|| details.event(kind, reason, &diagnosis));
    Ok(())
}

/// What a change of Postmark's suppression list says. Only the recipient wants or unwants: what the sender or Postmark
/// took off the list is wanted by nobody for that.
fn changed(value: &Value) -> EventKind {
    let is_on = value.get("SuppressSending").and_then(Value::as_bool);
    let origin = field::text(value, &["Origin"]);
    let is_by_recipient = origin == Some("Recipient");
    let is_by_hand = field::text(value, &["SuppressionReason"]) == Some("ManualSuppression");
    match is_on {
        Some(true) if is_by_recipient && is_by_hand => EventKind::Unsubscribed,
        Some(true) => EventKind::Suppressed,
        Some(false) if is_by_recipient || origin.is_none() => EventKind::Subscribed,
        Some(false) | None => EventKind::Unknown,
    }
}

const RECORDS: &[(&str, EventKind)] = &[
    ("Bounce", EventKind::Bounced(Permanence::Soft)),
    ("SpamComplaint", EventKind::Complained),
    ("Delivery", EventKind::Delivered),
    ("Open", EventKind::Opened),
    ("Click", EventKind::Clicked),
    ("SubscriptionChange", EventKind::Suppressed),
];

/// A row of Postmark's [bounce types](https://postmarkapp.com/developer/api/bounce-api#bounce-types).
struct BounceType {
    code: u64,
    kind: EventKind,
    category: Category,
}

impl BounceType {
    const fn new(
        name: &'static str,
        code: u64,
        kind: EventKind,
        address: Address,
        reason: Reason,
    ) -> Self {
        Self {
            code,
            kind,
            category: Category::new(name, address, reason),
        }
    }

    /// By its name, or else by its code.
    fn of(value: &Value) -> Option<&'static Self> {
        let named = |name: &str| {
            let is_it = |row: &&Self| row.category.name.eq_ignore_ascii_case(name);
            BOUNCE_TYPES.iter().find(is_it)
        };
        let coded = |code| BOUNCE_TYPES.iter().find(|row| row.code == code);
        let by_name = field::text(value, &["Type"]).and_then(named);
        by_name.or_else(|| number(value, &["TypeCode"]).and_then(coded))
    }
}

const BOUNCED: EventKind = EventKind::Bounced(Permanence::Soft);
const FINE: Address = Address::NotToBlame;

#[rustfmt::skip]
const BOUNCE_TYPES: &[BounceType] = &[
    BounceType::new("HardBounce", 1, BOUNCED, Address::Dead, Reason::USER_UNKNOWN),
    BounceType::new("Transient", 2, EventKind::Deferred, FINE, Reason::ON_HOLD),
    BounceType::new("Unsubscribe", 16, EventKind::Unsubscribed, FINE, Reason::OPT_OUT),
    BounceType::new("Subscribe", 32, EventKind::Subscribed, FINE, Reason::UNSPECIFIED),
    BounceType::new("AutoResponder", 64, EventKind::AutoReplied, FINE, Reason::VACATION),
    BounceType::new("AddressChange", 128, EventKind::AutoReplied, FINE, Reason::MOVED),
    BounceType::new("DnsError", 256, EventKind::Deferred, FINE, Reason::NETWORK),
    BounceType::new("SpamNotification", 512, BOUNCED, FINE, Reason::SPAM),
    BounceType::new("OpenRelayTest", 1_024, EventKind::Unknown, FINE, Reason::UNSPECIFIED),
    BounceType::new("Unknown", 2_048, EventKind::Unknown, Address::Unsaid, Reason::UNSPECIFIED),
    BounceType::new("SoftBounce", 4_096, BOUNCED, FINE, Reason::MAILBOX),
    BounceType::new("VirusNotification", 8_192, BOUNCED, FINE, Reason::VIRUS),
    BounceType::new("ChallengeVerification", 16_384, EventKind::AutoReplied, FINE, Reason::FILTERED),
    BounceType::new("BadEmailAddress", 100_000, BOUNCED, Address::Dead, Reason::BAD_ADDRESS),
    BounceType::new("SpamComplaint", 100_001, EventKind::Complained, FINE, Reason::FEEDBACK),
    BounceType::new("ManuallyDeactivated", 100_002, EventKind::Suppressed, FINE, Reason::SUPPRESSED),
    BounceType::new("Unconfirmed", 100_003, EventKind::Suppressed, FINE, Reason::SUPPRESSED),
    BounceType::new("Blocked", 100_006, BOUNCED, FINE, Reason::BLOCKED),
    BounceType::new("SMTPApiError", 100_007, EventKind::Rejected, FINE, Reason::NOT_COMPLIANT),
    BounceType::new("InboundError", 100_008, EventKind::Unknown, FINE, Reason::UNSPECIFIED),
    BounceType::new("DMARCPolicy", 100_009, BOUNCED, FINE, Reason::AUTHENTICATION_FAILURE),
    BounceType::new("TemplateRenderingFailed", 100_010, EventKind::Rejected, FINE, Reason::CONTENT_REJECTED),
];
