//! Mailjet's event API ([its reference](https://dev.mailjet.com/email/guides/webhooks/)).

use serde_json::{Value, json};

use super::Occurrence;
use super::document::with_all;
use super::form::{Post, Telling, USER_AGENT, unix_seconds};
use super::occurrence::{Fate, FateKind};
use super::uuid::uuid;

/// One request with all of them, grouped. Mailjet tells neither that it took a message, nor delays and automatic answers.
pub(super) fn write(telling: &Telling<'_>, occurrence: &Occurrence) -> Option<Post> {
    let fates = occurrence.fates(telling.submitted);
    let events = fates.iter().filter_map(|fate| event(telling, fate));
    Post::json_of_all(events.collect())
}

fn event(telling: &Telling<'_>, fate: &Fate<'_>) -> Option<Value> {
    let (event, particulars) = match fate.kind {
        FateKind::Delivered => {
            let words = format!("sent ({})", fate.reply().unwrap_or_default());
            ("sent", json!({"smtp_reply": words}))
        }
        FateKind::Bounced => {
            let (related, error, is_hard) = error(fate);
            let particulars = json!({
                "blocked": is_hard,
                "hard_bounce": is_hard,
                "error_related_to": related,
                "error": error,
                "comment": fate.reply().unwrap_or_default(),
            });
            ("bounce", particulars)
        }
        FateKind::Suppressed => (
            "blocked",
            json!({"error_related_to": "recipient", "error": "preblocked"}),
        ),
        FateKind::Rejected => (
            "blocked",
            json!({"error_related_to": "content", "error": "content blocked"}),
        ),
        FateKind::Complained => ("spam", json!({"source": "JMRPP"})),
        FateKind::Opened => ("open", json!({"agent": USER_AGENT})),
        FateKind::Clicked => ("click", json!({"agent": USER_AGENT, "url": fate.link})),
        FateKind::Accepted | FateKind::Delayed | FateKind::AutoReplied => return None,
    };
    // The same for every event of the message.
    let of_message = telling.entropy.derive(&telling.submitted.id);
    let id = of_message.next() >> 12;
    let value = json!({
        "event": event,
        "time": unix_seconds(telling.now),
        "MessageID": id,
        "Message_GUID": uuid(&of_message),
        "email": fate.recipient.to_string(),
        "mj_campaign_id": 0,
        "mj_contact_id": 0,
        "mj_message_id": id.to_string(),
        "customcampaign": "",
        "CustomID": "",
        "Payload": "",
    });
    Some(with_all(value, particulars))
}

/// What the error is related to, its name, and whether it is for good.
fn error(fate: &Fate<'_>) -> (&'static str, &'static str, bool) {
    match fate.digits() {
        Some((_, 1, 2 | 10)) => ("domain", "invalid domain", true),
        Some((5, 0 | 1, _)) | None => ("recipient", "user unknown", true),
        Some((_, 2, 2)) => ("recipient", "quota exceeded", false),
        Some((_, 2, _)) => ("recipient", "mailbox inactive", false),
        Some((_, 4, _)) => ("system", "connection issue", false),
        Some((_, 5, _)) => ("system", "protocol issue", false),
        Some((_, 6, _)) => ("spam", "content blocked", false),
        Some((_, 7, _)) => ("spam", "policy issue", false),
        Some(_) => ("system", "system issue", false),
    }
}
