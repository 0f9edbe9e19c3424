//! Postmark's webhooks ([its reference](https://postmarkapp.com/developer/webhooks/webhooks-overview)).

use letterhead_mail::EmailAddress;
use serde_json::{Value, json};

use super::Occurrence;
use super::document::set;
use super::form::{Post, Telling, USER_AGENT};
use super::occurrence::{Fate, FateKind};
use crate::reports::iso_8601;

/// One request for every recipient. That it took a message Postmark does not tell; that it waits for another attempt is a
/// `Transient` bounce.
pub(super) fn write(telling: &Telling<'_>, occurrence: &Occurrence) -> Vec<Post> {
    let fates = occurrence.fates(telling.submitted);
    let documents = fates.iter().filter_map(|fate| document(telling, fate));
    documents.map(|value| Post::json(&value)).collect()
}

fn document(telling: &Telling<'_>, fate: &Fate<'_>) -> Option<Value> {
    match fate.kind {
        FateKind::Delivered => Some(json!({
            "RecordType": "Delivery",
            "ServerID": 1,
            "MessageStream": "outbound",
            "MessageID": telling.submitted.id,
            "Recipient": fate.recipient.to_string(),
            "Tag": "",
            "DeliveredAt": iso_8601(telling.now),
            "Details": fate.reply().unwrap_or_default(),
            "Metadata": {},
        })),
        FateKind::Opened | FateKind::Clicked => Some(engagement(telling, fate)),
        FateKind::Accepted => None,
        _ => Some(bounce(telling, fate)),
    }
}

fn engagement(telling: &Telling<'_>, fate: &Fate<'_>) -> Value {
    let mut value = json!({
        "RecordType": match fate.kind {
            FateKind::Clicked => "Click",
            _ => "Open",
        },
        "MessageStream": "outbound",
        "MessageID": telling.submitted.id,
        "Recipient": fate.recipient.to_string(),
        "Tag": "",
        "ReceivedAt": iso_8601(telling.now),
        "UserAgent": USER_AGENT,
        "Platform": "Unknown",
        "Metadata": {},
    });
    set(&mut value, "ClickLocation", fate.link.map(|_| "HTML"));
    set(&mut value, "OriginalLink", fate.link);
    value
}

fn bounce(telling: &Telling<'_>, fate: &Fate<'_>) -> Value {
    let kind = bounce_type(fate);
    let submitted = telling.submitted;
    let is_final = kind.suppresses;
    let subject = submitted.message.header("Subject");
    json!({
        "RecordType": match fate.kind {
            FateKind::Complained => "SpamComplaint",
            _ => "Bounce",
        },
        // Two to the power of 53 is where some readers of JSON stop counting.
        "ID": telling.entropy.next() >> 12,
        "Type": kind.name,
        "TypeCode": kind.code,
        "Name": kind.title,
        "Tag": "",
        "MessageID": submitted.id,
        "ServerID": 1,
        "MessageStream": "outbound",
        "Description": kind.title,
        "Details": fate.reply().map_or_else(String::new, |reply| format!("smtp;{reply}")),
        "Email": fate.recipient.to_string(),
        "From": submitted.author.as_ref().map(ToString::to_string),
        "BouncedAt": iso_8601(telling.now),
        "DumpAvailable": false,
        "Inactive": is_final,
        "CanActivate": is_final && fate.kind != FateKind::Complained,
        "Subject": subject.map(|field| field.unfolded()),
        "Metadata": {},
    })
}

/// A row of Postmark's [bounce types](https://postmarkapp.com/developer/api/bounce-api#bounce-types).
#[derive(Debug)]
struct BounceType {
    name: &'static str,
    code: u32,
    title: &'static str,
    /// Postmark sends nothing to the address any more.
    suppresses: bool,
}

/// By what happened; the addresses at [`TESTS`] name theirs.
fn bounce_type(fate: &Fate<'_>) -> &'static BounceType {
    match fate.kind {
        FateKind::Complained => return &SPAM_COMPLAINT,
        FateKind::Delayed => return &TRANSIENT,
        FateKind::Suppressed => return &API_ERROR,
        FateKind::Rejected => return &VIRUS,
        _ => {}
    }
    if let Some(named) = named(fate.recipient) {
        return named;
    }
    if fate.kind == FateKind::AutoReplied {
        return &AUTO_RESPONDER;
    }
    match fate.digits() {
        Some((5, 7, 20..=27)) => &DMARC_POLICY,
        Some((5, 6 | 7, _)) => &BLOCKED,
        Some((5, 0 | 1, _)) | None => &HARD_BOUNCE,
        _ => &SOFT_BOUNCE,
    }
}

/// The type that an address at [`TESTS`] names, in any case, with `_` and `-` or without.
fn named(recipient: &EmailAddress) -> Option<&'static BounceType> {
    if recipient.domain_name()?.as_str() != TESTS {
        return None;
    }
    let plain = recipient.without_label();
    let letters: String = plain
        .local_part()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let all = [
        &HARD_BOUNCE,
        &SOFT_BOUNCE,
        &TRANSIENT,
        &AUTO_RESPONDER,
        &BLOCKED,
        &DMARC_POLICY,
        &API_ERROR,
    ];
    let found = all
        .into_iter()
        .find(|row| row.name.eq_ignore_ascii_case(&letters));
    Some(found.unwrap_or(&HARD_BOUNCE))
}

impl BounceType {
    const fn new(name: &'static str, code: u32, title: &'static str) -> Self {
        Self {
            name,
            code,
            title,
            suppresses: false,
        }
    }

    const fn suppressing(mut self) -> Self {
        self.suppresses = true;
        self
    }
}

/// Where Postmark's addresses for tests are.
const TESTS: &str = "bounce-testing.postmarkapp.com";

static HARD_BOUNCE: BounceType = BounceType::new("HardBounce", 1, "Hard bounce").suppressing();
static TRANSIENT: BounceType = BounceType::new("Transient", 2, "Message delayed");
static AUTO_RESPONDER: BounceType = BounceType::new("AutoResponder", 64, "Auto responder");
static SOFT_BOUNCE: BounceType = BounceType::new("SoftBounce", 4_096, "Soft bounce");
static SPAM_COMPLAINT: BounceType =
    BounceType::new("SpamComplaint", 100_001, "Spam complaint").suppressing();
static VIRUS: BounceType = BounceType::new("VirusNotification", 8_192, "Virus notification");
static BLOCKED: BounceType = BounceType::new("Blocked", 100_006, "ISP block");
static API_ERROR: BounceType = BounceType::new("SMTPApiError", 100_007, "SMTP API error");
static DMARC_POLICY: BounceType = BounceType::new("DMARCPolicy", 100_009, "DMARC policy");
