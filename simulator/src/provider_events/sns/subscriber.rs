//! Whoever is subscribed to a topic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use letterhead_dkim::SigningKey;

use super::envelope::Envelope;
use super::{SnsCertificates, TopicArn};
use crate::entropy::SeededEntropy;
use crate::front::{TestKeyError, read_key};
use crate::provider_events::form::Post;
use crate::provider_events::uuid::{hexadecimal, uuid};
use crate::reports::iso_8601;

/// Whether a subscription has to be confirmed before anything is told. Either way the request for it is the first that is
/// sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SnsConfirmation {
    /// It counts as confirmed from the start.
    Assumed,
    /// Until it is [confirmed](crate::FrontHandle::confirm_subscription), nothing is told, and what happens until then never
    /// is: SNS keeps nothing for a subscription that is pending.
    Awaited,
}

/// No subscription has this URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no subscription of this front is confirmed at {url}; take the SubscribeURL of its SubscriptionConfirmation"
)]
#[non_exhaustive]
pub struct UnknownSubscription {
    /// The URL given.
    pub url: String,
}

/// A subscription of an HTTP endpoint to a topic.
#[derive(Debug)]
pub(in crate::provider_events) struct SnsSubscriber {
    topic: TopicArn,
    arn: String,
    token: String,
    key: Arc<dyn SigningKey>,
    is_confirmed: AtomicBool,
}

impl SnsSubscriber {
    /// A subscription that is not confirmed.
    ///
    /// # Errors
    ///
    /// When the built-in test key cannot be read.
    pub(in crate::provider_events) fn new(
        topic: TopicArn,
        entropy: &SeededEntropy,
    ) -> Result<Self, TestKeyError> {
        let arn = format!("{topic}:{}", uuid(entropy));
        Ok(Self {
            topic,
            arn,
            token: hexadecimal(entropy, TOKEN_DIGITS),
            key: read_key(KEY)?,
            is_confirmed: AtomicBool::new(false),
        })
    }

    /// Where it is confirmed.
    pub(in crate::provider_events) fn subscribe_url(&self) -> String {
        let (host, topic, token) = (self.topic.host(), &self.topic, &self.token);
        format!("https://{host}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}")
    }

    pub(in crate::provider_events) fn confirm(&self) {
        self.is_confirmed.store(true, Ordering::Relaxed);
    }

    pub(in crate::provider_events) fn is_confirmed(&self) -> bool {
        self.is_confirmed.load(Ordering::Relaxed)
    }

    /// The request to confirm it.
    pub(in crate::provider_events) fn request(
        &self,
        now: SystemTime,
        entropy: &SeededEntropy,
    ) -> Post {
        let message = format!(
            "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL \
             included in this message.",
            self.topic
        );
        let envelope = Envelope::new(CONFIRMATION)
            .with("Token", self.token.clone())
            .with("SubscribeURL", self.subscribe_url());
        self.seal(CONFIRMATION, envelope, message, now, entropy)
    }

    /// A notification with this message.
    pub(in crate::provider_events) fn notification(
        &self,
        subject: Option<&str>,
        message: String,
        now: SystemTime,
        entropy: &SeededEntropy,
    ) -> Post {
        let url = format!(
            "https://{}/?Action=Unsubscribe&SubscriptionArn={}",
            self.topic.host(),
            self.arn
        );
        let mut envelope = Envelope::new(NOTIFICATION).with("UnsubscribeURL", url);
        if let Some(subject) = subject {
            envelope = envelope.with("Subject", subject);
        }
        self.seal(NOTIFICATION, envelope, message, now, entropy)
    }

    /// The message alone, for a subscription with raw delivery.
    pub(in crate::provider_events) fn raw(&self, message: String, entropy: &SeededEntropy) -> Post {
        let mut headers = self.headers(NOTIFICATION, &uuid(entropy));
        headers.push(("x-amz-sns-rawdelivery".to_owned(), "true".to_owned()));
        Post {
            content_type: CONTENT_TYPE,
            headers,
            body: message.into_bytes(),
        }
    }

    fn seal(
        &self,
        kind: &str,
        envelope: Envelope,
        message: String,
        now: SystemTime,
        entropy: &SeededEntropy,
    ) -> Post {
        let id = uuid(entropy);
        let envelope = envelope
            .with("MessageId", id.clone())
            .with("TopicArn", self.topic.as_str())
            .with("Message", message)
            .with("Timestamp", iso_8601(now))
            .with("SigningCertURL", SnsCertificates::url(&self.topic.host()));
        Post {
            content_type: CONTENT_TYPE,
            headers: self.headers(kind, &id),
            body: envelope.seal(self.key.as_ref()),
        }
    }

    fn headers(&self, kind: &str, id: &str) -> Vec<(String, String)> {
        let mut fields = vec![
            ("x-amz-sns-message-type", kind),
            ("x-amz-sns-message-id", id),
            ("x-amz-sns-topic-arn", self.topic.as_str()),
        ];
        // A subscription has its name once it is confirmed.
        if kind == NOTIFICATION {
            fields.push(("x-amz-sns-subscription-arn", &self.arn));
        }
        fields.push(("User-Agent", "Amazon Simple Notification Service Agent"));
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

const KEY: &str = include_str!("../../../keys/sns.pem");

/// What SNS calls its JSON.
const CONTENT_TYPE: &str = "text/plain; charset=UTF-8";

const NOTIFICATION: &str = "Notification";

const CONFIRMATION: &str = "SubscriptionConfirmation";

/// About as long as those of SNS.
const TOKEN_DIGITS: usize = 224;
