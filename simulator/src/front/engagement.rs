//! What recipients do with what they got.

use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::EmailAddress;

use super::FrontHost;
use crate::provider_events::{Engagement, Occurrence, tell};
use crate::world::{Outbound, World};

/// The front has not sent such a message to this recipient, or nobody is told what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no webhook of this front was told of a message {message_id} to {recipient}; take the last word of the reply to the \
     message, or the Message-ID that arrived"
)]
#[non_exhaustive]
pub struct UnknownMail {
    /// The id given.
    pub message_id: String,
    /// The recipient given.
    pub recipient: EmailAddress,
}

/// Has webhooks told what a recipient did with a message, now.
pub(super) fn record(
    world: &World,
    host: &FrontHost,
    message_id: &str,
    recipient: &EmailAddress,
    engagement: Engagement,
) -> Result<(), UnknownMail> {
    let outbound = find(host, message_id, recipient).ok_or_else(|| UnknownMail {
        message_id: message_id.to_owned(),
        recipient: recipient.clone(),
    })?;
    let occurrence = Occurrence::Engaged(recipient.clone(), engagement);
    tell(world, &outbound, occurrence, Duration::ZERO);
    world.carry_out_due();
    Ok(())
}

/// The message with this id, the provider's or the one that arrived.
fn find(host: &FrontHost, message_id: &str, recipient: &EmailAddress) -> Option<Arc<Outbound>> {
    if host.subscribers().is_empty() {
        return None;
    }
    let is_named = |outbound: &Outbound| {
        let found = outbound.message.message_id();
        found.is_some_and(|found| found == message_id)
    };
    let sent = host.sent(message_id);
    let outbound = sent.or_else(|| host.sent_that(is_named))?;
    let submitted = outbound.submitted.as_ref()?;
    let is_to = submitted.destination.contains(recipient);
    is_to.then_some(outbound)
}
