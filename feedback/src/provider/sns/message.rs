use std::time::SystemTime;

use crate::event::Proof;
use crate::provider::reading::ProviderReading;
use crate::provider::reported::Reported;
use crate::provider::subscription::SubscriptionRequest;
use crate::provider::{Provider, ses};

/// A message of SNS whose signature was [verified](crate::SnsVerifier::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnsMessage {
    pub(super) kind: SnsMessageKind,
    pub(super) id: String,
    pub(super) topic: String,
    pub(super) subject: Option<String>,
    pub(super) message: String,
    pub(super) time: SystemTime,
    pub(super) subscription: Option<SubscriptionRequest>,
}

impl SnsMessage {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> SnsMessageKind {
        self.kind
    }

    /// The id of the message, the same whenever it is delivered again.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The ARN of its topic, one of those accepted.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The subject, if it was published with one.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// What was published.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// When it was published.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.time
    }

    /// The request to confirm a subscription, where it is one. Fetch its URL to say yes.
    #[must_use]
    pub fn subscription(&self) -> Option<&SubscriptionRequest> {
        self.subscription.as_ref()
    }

    /// What Amazon SES reports in it, [proven](Proof::Provider). What is not understood is an event of the kind
    /// [`Unknown`](crate::EventKind::Unknown). An event to which SES gives no id has that of the message.
    #[must_use]
    pub fn reading(&self) -> ProviderReading {
        let mut reported = Reported::by(Provider::Ses);
        match &self.subscription {
            Some(request) => reported.subscription(|| request.clone()),
            None => ses::read_message(&self.message, &mut reported),
        }
        let mut reading = reported.into_reading();
        reading.events = reading
            .events
            .into_iter()
            .map(|event| match event.provider_event_id() {
                Some(_) => event,
                None => event.with_provider_event_id(&self.id),
            })
            .map(|event| event.with_proof(Proof::Provider))
            .collect();
        reading
    }
}

/// What a message of SNS is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SnsMessageKind {
    /// Something that was published.
    Notification,
    /// The question whether the topic may report here.
    SubscriptionConfirmation,
    /// The notice that the topic has been unsubscribed from, with a way back.
    UnsubscribeConfirmation,
}
