//! A provider's notification that came by mail instead of by webhook: Amazon SNS sends to addresses, too.

use serde::de::IgnoredAny;

use crate::event::Event;
use crate::provider::{Provider, read_events};
use crate::report::field_group::FieldGroup;
use crate::report::part::Part;

/// The events of the JSON in the mail, if it is one of Amazon SNS that carries what SES reports. Behind the JSON comes a
/// footer on how to end the subscription.
pub(crate) fn read(header: FieldGroup<'_>, leaves: &[Part<'_>]) -> Option<Vec<Event>> {
    header.value("x-amz-sns-message-id")?;
    let text = leaves.first()?.decoded();
    let text = text.trim_ascii_start();
    let whole;
    let json = match first_value(text) {
        Some(json) => json,
        None => {
            whole = unfolded(text);
            first_value(&whole)?
        }
    };
    let reading = read_events(Provider::Ses, json).ok()?;
    (!reading.events.is_empty()).then_some(reading.events)
}

/// The JSON value at the beginning.
fn first_value(text: &[u8]) -> Option<&[u8]> {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    text.get(..values.byte_offset())
}

/// The text as it was before a server broke its long lines, as Sendmail does: with or without an exclamation mark, and with
/// a space in front of the rest.
fn unfolded(text: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let rest = line
            .strip_prefix(b" ")
            .filter(|_| whole.last() == Some(&b'\n'));
        if rest.is_some() {
            for end in [b'\n', b'\r', b'!'] {
                if whole.last() == Some(&end) {
                    whole.pop();
                }
            }
        }
        whole.extend_from_slice(rest.unwrap_or(line));
    }
    whole
}
