//! Bounces, and what SES takes for one.

use letterhead_mail::EmailAddress;
use serde_json::{Value, json};

use super::{Details, address_of, feedback_id, recipient};
use crate::provider_events::document::set;
use crate::provider_events::form::Telling;
use crate::reports::{RecipientStatus, iso_8601};

/// The type and the subtype of a bounce with this status. A message that expired on the way, a full mailbox and what is said
/// of the message rather than of the recipient are transient; every other refusal is permanent.
pub(super) fn types(status: &RecipientStatus) -> (&'static str, &'static str) {
    let code = status.status();
    match (code.class(), code.subject(), code.detail()) {
        (_, 2, 2) => ("Transient", "MailboxFull"),
        (_, 2, 3) | (_, 3, 4) => ("Transient", "MessageTooLarge"),
        (_, 6, _) => ("Transient", "ContentRejected"),
        (5, ..) => ("Permanent", "General"),
        _ => ("Transient", "General"),
    }
}

/// One bounce of all these recipients.
pub(super) fn write(
    telling: &Telling<'_>,
    (kind, subtype): (&'static str, &'static str),
    group: &[&RecipientStatus],
) -> Details {
    let recipients: Vec<Value> = group
        .iter()
        .map(|status| recipient(status, Some("failed")))
        .collect();
    let mut value = bounce(telling, (kind, subtype), &recipients);
    let reporter = format!("dsn; {}", telling.host());
    set(&mut value, "reportingMTA", Some(reporter));
    // One address for all of them: there is none where they were refused by several servers.
    let mut servers: Vec<Option<&str>> = group.iter().map(|status| status.remote_mta()).collect();
    servers.dedup();
    if let [Some(server)] = *servers.as_slice() {
        set(&mut value, "remoteMtaIp", address_of(telling, server));
    }
    Details::new("Bounce", "bounce", value)
}

/// An automatic answer, which SES takes for a bounce that says nothing.
pub(super) fn automatic_answer(telling: &Telling<'_>, from: &EmailAddress) -> Details {
    let recipients = [json!({"emailAddress": from.to_string()})];
    let value = bounce(telling, ("Transient", "General"), &recipients);
    Details::new("Bounce", "bounce", value)
}

fn bounce(telling: &Telling<'_>, (kind, subtype): (&str, &str), recipients: &[Value]) -> Value {
    json!({
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": recipients,
        "timestamp": iso_8601(telling.now),
        "feedbackId": feedback_id(telling),
    })
}
