//! What the signature is over.

use super::envelope::Envelope;
use super::error::{SnsError, SnsErrorKind};
use super::message::SnsMessageKind;

/// The names and values that are signed, each in a line of its own, in the order of their names.
pub(super) fn string_to_sign(
    envelope: &Envelope,
    kind: SnsMessageKind,
) -> Result<String, SnsError> {
    let required = |name: &'static str, value: &Option<String>| match value {
        Some(value) => Ok((name, value.clone())),
        None => Err(SnsError::new(SnsErrorKind::Field { name })),
    };
    let mut fields = vec![
        ("Message", envelope.message.clone()),
        ("MessageId", envelope.message_id.clone()),
    ];
    if kind == SnsMessageKind::Notification {
        fields.extend(envelope.subject.clone().map(|subject| ("Subject", subject)));
    } else {
        fields.push(required("SubscribeURL", &envelope.subscribe_url)?);
    }
    fields.push(("Timestamp", envelope.timestamp.clone()));
    if kind != SnsMessageKind::Notification {
        fields.push(required("Token", &envelope.token)?);
    }
    fields.push(("TopicArn", envelope.topic_arn.clone()));
    fields.push(("Type", envelope.r#type.clone()));
    Ok(fields
        .iter()
        .map(|(name, value)| format!("{name}\n{value}\n"))
        .collect())
}
