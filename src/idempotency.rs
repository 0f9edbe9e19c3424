//! What is meant once is sent once.

use std::time::SystemTime;

use letterhead_dkim::Digest;
use letterhead_mail::idempotency::{SentBefore, Settlement};
use letterhead_mail::{IdempotencyClaim, IdempotencyKey, IntentDigest, Message, TenantId};

use crate::mailer_builder::Parts;
use crate::outgoing::Outgoing;
use crate::receipt::Receipt;
use crate::send_error::SendError;

/// What a mailer may do about an outgoing message.
pub(crate) enum Turn {
    /// Send it.
    Send,
    /// Nothing: this is what came of it before.
    Sent(Box<Receipt>),
}

/// Asks for the message's key, where it has one.
///
/// # Errors
///
/// A key that stands for another message, or whose claim nobody has settled; or a store that cannot be asked.
pub(crate) async fn claim(
    parts: &Parts,
    outgoing: &Outgoing,
    now: SystemTime,
) -> Result<Turn, SendError> {
    let Some(key) = &outgoing.idempotency_key else {
        return Ok(Turn::Send);
    };
    let store = &parts.idempotency;
    let claimed = store
        .claim(&outgoing.tenant, key, digest(outgoing), now)
        .await;
    let unsettled = |since| SendError::Unsettled {
        key: key.clone(),
        since,
    };
    Ok(match claimed.map_err(SendError::Idempotency)? {
        IdempotencyClaim::Granted => Turn::Send,
        IdempotencyClaim::Sent(sent) => Turn::Sent(Box::new(Receipt::of_before(*sent))),
        IdempotencyClaim::OtherMessage => {
            return Err(SendError::KeyOfOtherMessage { key: key.clone() });
        }
        IdempotencyClaim::Unsettled { since } => return Err(unsettled(since)),
        // Whatever a store says beyond that is no leave to send.
        _ => return Err(unsettled(now)),
    })
}

/// Says what came of it: the key is held where somebody has accepted the message, or may have, and free again otherwise.
/// What could not be written down is in the receipt.
pub(crate) async fn settle(
    parts: &Parts,
    key: Option<&IdempotencyKey>,
    tenant: &TenantId,
    sent: Result<Receipt, SendError>,
    now: SystemTime,
) -> Result<Receipt, SendError> {
    let Some(key) = key else {
        return sent;
    };
    let settlement = match &sent {
        Ok(receipt) => Settlement::Hold(Box::new(SentBefore::new(
            receipt.submission.clone(),
            receipt.route.clone(),
            receipt.identity.clone(),
            receipt.report.clone(),
        ))),
        Err(_) => Settlement::Release,
    };
    let settled = parts.idempotency.settle(tenant, key, settlement, now).await;
    match (sent, settled) {
        (Ok(receipt), Err(error)) => Ok(receipt.not_settled(error)),
        (sent, _) => sent,
    }
}

/// What tells one intent from another: who sends, to whom, and what the message says. The fields Date and Message-ID and
/// the boundaries between parts are new in each message that is built, so they do not count.
pub(crate) fn digest(outgoing: &Outgoing) -> IntentDigest {
    let mut text = outgoing.envelope.sender().to_string().into_bytes();
    let mut recipients: Vec<String> = outgoing
        .envelope
        .addresses()
        .map(ToString::to_string)
        .collect();
    recipients.sort();
    for recipient in recipients {
        text.push(b'\n');
        text.extend_from_slice(recipient.as_bytes());
    }
    text.extend_from_slice(b"\n\n");
    text.extend_from_slice(&meant(&outgoing.message));
    IntentDigest::new(*Digest::of(&text).as_bytes())
}

/// The message without what is new each time.
fn meant(message: &Message) -> Vec<u8> {
    let message = message.without_fields("Date").without_fields("Message-ID");
    let mut rest = message.as_bytes();
    let boundaries = boundaries(rest);
    let mut meant = Vec::with_capacity(rest.len());
    while let Some((first, after)) = rest.split_first() {
        let boundary = boundaries
            .iter()
            .find(|boundary| rest.starts_with(boundary));
        match boundary {
            Some(boundary) => rest = rest.get(boundary.len()..).unwrap_or_default(),
            None => {
                meant.push(*first);
                rest = after;
            }
        }
    }
    meant
}

/// Every boundary that is named, the longest first: one may begin with another.
fn boundaries(message: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut rest = message;
    while let Some(place) = position(rest, b"boundary=") {
        rest = rest.get(place + b"boundary=".len()..).unwrap_or_default();
        let value = rest.strip_prefix(b"\"").unwrap_or(rest);
        let end = value
            .iter()
            .position(|octet| matches!(octet, b'"' | b';' | b' ' | b'\t' | b'\r' | b'\n'));
        let value = value.get(..end.unwrap_or(value.len())).unwrap_or_default();
        if value.len() >= SHORTEST {
            found.push(value.to_vec());
        }
    }
    found.sort_by_key(|boundary| std::cmp::Reverse(boundary.len()));
    found.dedup();
    found
}

fn position(octets: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut windows = octets.windows(wanted.len());
    windows.position(|window| window.eq_ignore_ascii_case(wanted))
}

/// A boundary that was made by chance is longer; one that somebody wrote stays the same.
const SHORTEST: usize = 12;
