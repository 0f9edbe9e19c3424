//! The envelope that SNS puts around every message.

use serde::Deserialize;
use serde_json::Value;

use super::error::{SnsError, SnsErrorKind};
use super::message::SnsMessageKind;
use crate::provider::field;
use crate::provider::subscription::{SubscriptionRequest, SubscriptionRequestKind};

/// The envelope as it comes. A name that comes twice is refused, for two readers could read it differently.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Envelope {
    pub(super) r#type: String,
    pub(super) message_id: String,
    pub(super) topic_arn: String,
    #[serde(default)]
    pub(super) subject: Option<String>,
    pub(super) message: String,
    pub(super) timestamp: String,
    pub(super) signature_version: String,
    pub(super) signature: String,
    #[serde(rename = "SigningCertURL")]
    pub(super) signing_cert_url: String,
    #[serde(default, rename = "SubscribeURL")]
    pub(super) subscribe_url: Option<String>,
    #[serde(default)]
    pub(super) token: Option<String>,
}

impl Envelope {
    /// Reads it.
    ///
    /// All but the message are of one line: the signature is over names and values in lines, and a value that held lines
    /// could pass for several.
    pub(super) fn read(body: &[u8]) -> Result<Self, SnsError> {
        if body.len() > MAX_BODY {
            return Err(SnsError::new(SnsErrorKind::TooBig { octets: body.len() }));
        }
        let envelope: Self = serde_json::from_slice(body)
            .map_err(|error| SnsError::new(SnsErrorKind::NotAnEnvelope).with_source(error))?;
        let of_one_line = [
            ("Type", Some(&envelope.r#type)),
            ("MessageId", Some(&envelope.message_id)),
            ("TopicArn", Some(&envelope.topic_arn)),
            ("Subject", envelope.subject.as_ref()),
            ("Timestamp", Some(&envelope.timestamp)),
            ("SubscribeURL", envelope.subscribe_url.as_ref()),
            ("Token", envelope.token.as_ref()),
        ];
        for (name, value) in of_one_line {
            if value.is_some_and(|value| value.contains(char::is_control)) {
                return Err(SnsError::new(SnsErrorKind::Field { name }));
            }
        }
        Ok(envelope)
    }

    /// Which of the three it is.
    pub(super) fn kind(&self) -> Result<SnsMessageKind, SnsError> {
        match self.r#type.as_str() {
            "Notification" => Ok(SnsMessageKind::Notification),
            "SubscriptionConfirmation" => Ok(SnsMessageKind::SubscriptionConfirmation),
            "UnsubscribeConfirmation" => Ok(SnsMessageKind::UnsubscribeConfirmation),
            _ => Err(SnsError::new(SnsErrorKind::Field { name: "Type" })),
        }
    }
}

/// The request in an envelope that carries one instead of a message.
pub(crate) fn subscription_request(value: &Value) -> Option<SubscriptionRequest> {
    let kind = match field::text(value, &["Type"])? {
        "SubscriptionConfirmation" => SubscriptionRequestKind::Subscribe,
        "UnsubscribeConfirmation" => SubscriptionRequestKind::Unsubscribe,
        _ => return None,
    };
    Some(
        SubscriptionRequest::new(kind)
            .with_topic(field::text(value, &["TopicArn"]))
            .with_url(field::text(value, &["SubscribeURL"]))
            .with_token(field::text(value, &["Token"])),
    )
}

/// SNS takes messages of 256 KiB, in which every octet may be escaped with six.
const MAX_BODY: usize = 2 * 1024 * 1024;
