//! The header that a provider makes of a customer's.

use std::sync::Arc;
use std::time::SystemTime;

use letterhead_dkim::Signer;
use letterhead_mail::message::MessageError;
use letterhead_mail::{EmailAddress, Message};

use super::{FrontHost, identities, issued};
use crate::dns::SimulatedDns;
use crate::reports::date_time;

/// Replaces the header fields that the profile says are overwritten. `id` is the one that the reply to the customer
/// names.
pub(super) fn overwrite(
    host: &FrontHost,
    message: &Message,
    id: &str,
    now: SystemTime,
) -> Result<Message, MessageError> {
    let Some(headers) = host.front.profile.headers() else {
        return Ok(message.clone());
    };
    let mut message = message.clone();
    for name in &headers.overwritten {
        let field = match name.as_str() {
            name if name.eq_ignore_ascii_case("Message-ID") => headers
                .message_ids_from_reply(id, None)
                .first()
                .map(|message_id| format!("Message-ID: {message_id}\r\n")),
            name if name.eq_ignore_ascii_case("Date") => {
                Some(format!("Date: {}\r\n", date_time(now)))
            }
            _ => None,
        };
        if let Some(field) = field {
            message = message
                .without_fields(name.as_str())
                .with_field_prepended(field.as_bytes())?;
        }
    }
    Ok(message)
}

/// Puts the provider's signatures on top: by the customer's domain where its records are published, and by its own.
pub(super) fn sign(
    host: &FrontHost,
    dns: &SimulatedDns,
    message: &Message,
    authors: &[EmailAddress],
    now: SystemTime,
) -> Result<Message, SigningError> {
    let mut signers: Vec<Signer> = Vec::new();
    signers.extend(
        authors
            .first()
            .and_then(|from| for_customer(host, dns, from)),
    );
    signers.extend(host.keys.own.iter().cloned());
    if signers.is_empty() {
        return Ok(message.clone());
    }
    let signatures = letterhead_dkim::sign(message.as_bytes(), &signers, now)?;
    let fields: String = signatures.iter().map(ToString::to_string).collect();
    Ok(message.with_field_prepended(fields.as_bytes())?)
}

fn for_customer(host: &FrontHost, dns: &SimulatedDns, from: &EmailAddress) -> Option<Signer> {
    identities::covering_domains(host, from).find_map(|domain| {
        let selector = issued::published(host, dns, &domain)?;
        let key = Arc::clone(host.keys.customer(0)?);
        Some(Signer::new(domain, selector.parse().ok()?, key))
    })
}

/// Why a message could not be signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SigningError {
    #[error("the message cannot be signed")]
    Sign(#[from] letterhead_dkim::SignError),
    #[error("the message cannot take a signature")]
    Message(#[from] MessageError),
}
