//! What came of an attempt: deliveries and delays.

use serde_json::json;

use super::{Details, address_of, recipient};
use crate::provider_events::document::set;
use crate::provider_events::form::Telling;
use crate::reports::{RecipientStatus, iso_8601};

/// Recipients whose server said the same when it took the message.
pub(super) fn delivery(telling: &Telling<'_>, group: &[&RecipientStatus]) -> Details {
    let first = group.first();
    let mut value = json!({
        "timestamp": iso_8601(telling.now),
        "processingTimeMillis": telling.age_in_millis(),
        "recipients": group.iter().map(|one| one.recipient().to_string()).collect::<Vec<_>>(),
        "reportingMTA": telling.host().as_str(),
    });
    let response = first.and_then(|one| one.diagnostic()).map(without_type);
    set(&mut value, "smtpResponse", response);
    let server = first.and_then(|one| one.remote_mta());
    set(
        &mut value,
        "remoteMtaIp",
        server.and_then(|server| address_of(telling, server)),
    );
    Details::new("Delivery", "delivery", value)
}

/// Recipients that will be tried again, delayed for the same reason.
pub(super) fn delay(telling: &Telling<'_>, kind: &str, group: &[&RecipientStatus]) -> Details {
    let value = json!({
        "timestamp": iso_8601(telling.now),
        "delayType": kind,
        "expirationTime": iso_8601(telling.outbound.tried_until()),
        "reportingMTA": telling.host().as_str(),
        "delayedRecipients": group.iter().map(|one| recipient(one, None)).collect::<Vec<_>>(),
    });
    Details::new("DeliveryDelay", "deliveryDelay", value)
}

/// What kind of delay the status is of.
pub(super) fn delay_type(status: &RecipientStatus) -> &'static str {
    let code = status.status();
    match (code.subject(), code.detail()) {
        (2, 2) => "MailboxFull",
        (3, _) => "RecipientServerError",
        (4, _) => "TransientCommunicationFailure",
        (7, 28) => "SpamDetected",
        _ => "General",
    }
}

/// A diagnostic without the type that it begins with: `smtp; 250 2.0.0 taken`.
fn without_type(diagnostic: &str) -> &str {
    diagnostic.strip_prefix("smtp; ").unwrap_or(diagnostic)
}
