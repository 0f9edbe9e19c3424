//! What a sender wants to be told of delivery ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).

use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::{EmailAddress, Envelope, Notify, Recipient};

use super::World;
use super::happening::{Happening, Outbound, schedule_report};
use crate::event::ReportKind;
use crate::reports::{DeliveryStatusNotification, Malformation, RecipientStatus};

/// One notification about those of the recipients whose sender wants to be told of such an event, after `delay`; without a
/// return path there is nobody to tell.
pub(crate) fn schedule_notification(
    world: &World,
    outbound: &Arc<Outbound>,
    event: Notify,
    statuses: Vec<RecipientStatus>,
    delay: Duration,
) {
    plan(world, outbound, event, statuses, None, delay);
}

/// A notification that one recipient failed, written with this fault, after `delay`.
pub(crate) fn schedule_malformed(
    world: &World,
    outbound: &Arc<Outbound>,
    malformation: Malformation,
    failed: RecipientStatus,
    delay: Duration,
) {
    let fault = Some(malformation);
    plan(world, outbound, Notify::FAILURE, vec![failed], fault, delay);
}

fn plan(
    world: &World,
    outbound: &Arc<Outbound>,
    event: Notify,
    statuses: Vec<RecipientStatus>,
    malformation: Option<Malformation>,
    delay: Duration,
) {
    let statuses: Vec<RecipientStatus> = statuses
        .into_iter()
        .filter(|status| is_wanted(&outbound.envelope, status.recipient(), event))
        .map(|status| named(&outbound.envelope, status))
        .collect();
    let recipients = statuses
        .iter()
        .map(|status| status.recipient().clone())
        .collect();
    let notification = Happening::Notification {
        outbound: Arc::clone(outbound),
        statuses,
        malformation,
    };
    let kind = ReportKind::DeliveryStatus;
    schedule_report(world, outbound, kind, recipients, notification, delay);
}

/// Who says nothing is told of failures only.
pub(crate) fn is_wanted(envelope: &Envelope, recipient: &EmailAddress, event: Notify) -> bool {
    let notify = asked(envelope, recipient).and_then(Recipient::notify);
    notify.unwrap_or(Notify::FAILURE).includes(event)
}

/// With what the envelope says of the sending as a whole.
pub(super) fn with_requests(
    notification: DeliveryStatusNotification,
    envelope: &Envelope,
) -> DeliveryStatusNotification {
    let notification = match envelope.id() {
        Some(id) => notification.with_envelope_id(id.clone()),
        None => notification,
    };
    match envelope.return_content() {
        Some(content) => notification.with_return_content(content),
        None => notification,
    }
}

/// With the recipient as the sender first named it.
fn named(envelope: &Envelope, status: RecipientStatus) -> RecipientStatus {
    match asked(envelope, status.recipient()).and_then(Recipient::original) {
        Some(original) => status.with_original_recipient(original.clone()),
        None => status,
    }
}

fn asked<'a>(envelope: &'a Envelope, recipient: &EmailAddress) -> Option<&'a Recipient> {
    let mut recipients = envelope.recipients().iter();
    recipients.find(|asked| asked.address() == recipient)
}
