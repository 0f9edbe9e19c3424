//! The envelope that SNS puts around every message.

use serde_json::Value;

use crate::provider::field;
use crate::provider::subscription::{SubscriptionRequest, SubscriptionRequestKind};

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
