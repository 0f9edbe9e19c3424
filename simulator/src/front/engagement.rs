//! What recipients do with what they got.

use std::sync::{Arc, PoisonError};
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

/// Keeps a message for as long as recipients may do something with it, where that is told to anybody.
pub(super) fn remember(host: &FrontHost, outbound: &Arc<Outbound>) {
    if let Some(submitted) = &outbound.submitted {
        let mut sent = host.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.insert(submitted.id.clone(), Arc::clone(outbound));
    }
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
    let sent = host.sent.lock().unwrap_or_else(PoisonError::into_inner);
    let named = |outbound: &&Arc<Outbound>| {
        let found = outbound.message.message_id();
        found.is_some_and(|found| found == message_id)
    };
    let outbound = sent.get(message_id).or_else(|| sent.values().find(named))?;
    let submitted = outbound.submitted.as_ref()?;
    let is_to = submitted.destination.contains(recipient);
    is_to.then(|| Arc::clone(outbound))
}
