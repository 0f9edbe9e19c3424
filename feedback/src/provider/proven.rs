//! What was read, once it is known who sent it.

use super::{Provider, ProviderReading, WebhookError, read_events};
use crate::event::Proof;

/// Reads a body that is known to be the provider's.
pub(crate) fn read(provider: Provider, body: &[u8]) -> Result<ProviderReading, WebhookError> {
    let mut reading = read_events(provider, body)
        .map_err(|source| WebhookError::Unreadable { provider, source })?;
    reading.events = reading
        .events
        .into_iter()
        .map(|event| event.with_proof(Proof::Provider))
        .collect();
    Ok(reading)
}
