use std::fmt;

use crate::text;

/// A topic of Amazon SNS asks whether it may report here, or whether it should stop.
///
/// Nothing is answered or fetched. Whoever wants the reports fetches the [URL](Self::url), once the message that holds it
/// was [verified](crate::SnsVerifier::verify): an unverified one may lead anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct SubscriptionRequest {
    kind: SubscriptionRequestKind,
    topic: Option<String>,
    url: Option<String>,
    token: Option<String>,
}

impl SubscriptionRequest {
    pub(crate) fn new(kind: SubscriptionRequestKind) -> Self {
        Self {
            kind,
            topic: None,
            url: None,
            token: None,
        }
    }

    pub(crate) fn with_topic(mut self, topic: Option<&str>) -> Self {
        self.topic = topic.and_then(kept);
        self
    }

    pub(crate) fn with_url(mut self, url: Option<&str>) -> Self {
        self.url = url.and_then(kept);
        self
    }

    pub(crate) fn with_token(mut self, token: Option<&str>) -> Self {
        self.token = token.and_then(kept);
        self
    }

    /// Which of the two it is.
    #[must_use]
    pub fn kind(&self) -> SubscriptionRequestKind {
        self.kind
    }

    /// The topic's ARN.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    /// What to fetch to say yes: to subscribing, or after an end, to being subscribed again.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The same yes for the API's `ConfirmSubscription`.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

/// URL and token are as good as a signature under the subscription, so only whether they are there is shown.
impl fmt::Debug for SubscriptionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionRequest")
            .field("kind", &self.kind)
            .field("topic", &self.topic)
            .field("has_url", &self.url.is_some())
            .field("has_token", &self.token.is_some())
            .finish()
    }
}

/// What a topic asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubscriptionRequestKind {
    /// May it report here? Until someone says yes, nothing comes.
    Subscribe,
    /// Someone has ended the subscription; saying yes takes it up again.
    Unsubscribe,
}

/// The text if it is short and plain, as these all are; what is not, is none.
fn kept(value: &str) -> Option<String> {
    let shown = text::shown(value, MAX_LENGTH)?;
    (shown == value).then_some(shown)
}

/// More than the longest URL that is seen there, about 500.
const MAX_LENGTH: usize = 2_048;
