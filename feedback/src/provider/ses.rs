//! Amazon SES: notifications of an identity, and event publishing; as SNS wraps them, and raw.

mod bounce;
mod complaint;
mod engagement;
mod mail;
mod notification;

use serde_json::Value;

use crate::provider::field;
use crate::provider::reading::{Mismatch, parse};
use crate::provider::reported::Reported;
use crate::provider::several::Several;
use crate::provider::sns::envelope;

/// Reads one document: a notification, or whatever it came in. SNS puts it into an envelope as text, SQS and Lambda put
/// such envelopes into `Records`, and Amazon's event bus puts it into `detail`.
pub(crate) fn read(value: &Value, reported: &mut Reported) -> Result<(), Mismatch> {
    unwrap(value, reported, MAX_WRAPPINGS)
}

/// Reads the message of an envelope.
pub(crate) fn read_message(text: &str, reported: &mut Reported) {
    reported.begin(text.as_bytes());
    if unwrap_text(text, Carrier::Sns, reported, MAX_WRAPPINGS).is_err() {
        reported.begin(text.as_bytes());
        reported.push_unknown();
    }
}

fn unwrap(value: &Value, reported: &mut Reported, wrappings: usize) -> Result<(), Mismatch> {
    if notification::kind(value).is_some() {
        notification::read(value, reported);
        return Ok(());
    }
    let Some(wrappings) = wrappings.checked_sub(1) else {
        return Err(Mismatch::new(EXPECTED));
    };
    if let Some(request) = envelope::subscription_request(value) {
        reported.subscription(|| request);
        return Ok(());
    }
    if let Some(detail) = value.get("detail").filter(|detail| detail.is_object()) {
        return unwrap(detail, reported, wrappings);
    }
    let carrier = match field::text(value, &["Type"]) {
        Some("Notification") => Carrier::Sns,
        _ => Carrier::Other,
    };
    for name in ["Message", "body", "Body"] {
        if let Some(text) = field::text(value, &[name]) {
            return unwrap_text(text, carrier, reported, wrappings);
        }
    }
    if let Some(sns) = value.get("Sns").filter(|sns| sns.is_object()) {
        return unwrap(sns, reported, wrappings);
    }
    let mut several = Several::default();
    for record in field::list(value, &["Records"]) {
        several.read_value(record, reported, |value, reported| {
            unwrap(value, reported, wrappings)
        });
    }
    several.finish(reported, EXPECTED)
}

/// What carries a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    Sns,
    Other,
}

/// What SNS and SQS carry as text. The first message of SES in an envelope says in plain words that the topic works; that is
/// no event to act on, but is kept.
fn unwrap_text(
    text: &str,
    carrier: Carrier,
    reported: &mut Reported,
    wrappings: usize,
) -> Result<(), Mismatch> {
    match parse(text.as_bytes()).filter(Value::is_object) {
        Some(value) => {
            reported.begin(text.as_bytes());
            unwrap(&value, reported, wrappings)
        }
        None if carrier == Carrier::Sns => {
            reported.push_unknown_saying(text);
            Ok(())
        }
        None => Err(Mismatch::new(EXPECTED)),
    }
}

/// `Records`, the record, what SQS holds, and the envelope of SNS; with one to spare.
const MAX_WRAPPINGS: usize = 5;

const EXPECTED: &str = "an object with `eventType` or `notificationType`, or such a one in an envelope of SNS (`Message`)";
