//! The header fields that an event repeats.

use letterhead_mail::{Message, ReversePath, parse_mailbox_list};
use serde_json::{Value, json};

use crate::provider_events::document::set;
use crate::provider_events::form::Telling;

/// Adds `headers`, `headersTruncated` and `commonHeaders` to `mail`. They are the customer's, from before SES overwrote any.
pub(super) fn add(mail: &mut Value, telling: &Telling<'_>) {
    let message = &telling.submitted.message;
    let (mut fields, mut octets, mut is_truncated) = (Vec::new(), 0, false);
    for field in message.header_fields() {
        let value = field.unfolded();
        octets += field.name().len() + value.len();
        if octets > MAX_OCTETS {
            is_truncated = true;
            break;
        }
        fields.push(json!({"name": field.name(), "value": value}));
    }
    set(mail, "headersTruncated", Some(is_truncated));
    set(mail, "headers", Some(fields));
    let mut common = json!({});
    for (name, field) in [
        ("from", "From"),
        ("to", "To"),
        ("cc", "Cc"),
        ("replyTo", "Reply-To"),
    ] {
        set(&mut common, name, people(message, field));
    }
    for (name, field) in [
        ("date", "Date"),
        ("messageId", "Message-ID"),
        ("subject", "Subject"),
    ] {
        let value = message.header(field).map(|field| field.unfolded());
        set(&mut common, name, value);
    }
    if let ReversePath::Address(sender) = &telling.outbound.return_path {
        set(&mut common, "returnPath", Some(sender.to_string()));
    }
    set(mail, "commonHeaders", Some(common));
}

/// Those in a field, each a text of its own; the whole field where it cannot be read.
fn people(message: &Message, field: &str) -> Option<Value> {
    let field = message.header(field)?;
    let list = match parse_mailbox_list(field.value()) {
        Ok(list) => list.iter().map(ToString::to_string).collect(),
        Err(_) => vec![field.unfolded()],
    };
    Some(list.into())
}

/// Octets of names and values that SES repeats.
const MAX_OCTETS: usize = 10 * 1024;
