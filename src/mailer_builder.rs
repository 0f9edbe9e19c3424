//! What a mailer is made of, and how it is put together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use letterhead_feedback::{
    ComplaintTokens, FeedbackLoops, InMemorySentLog, Reputation, ReturnPath, SentLog,
    SuppressionList, Unsubscribe,
};
use letterhead_identity::{InMemoryQuotaStore, QuotaStore, Registry};
use letterhead_mail::{Clock, Entropy, IdempotencyStore, InMemoryIdempotencyStore, StreamId};

use crate::channels::Channels;
use crate::mailer::Mailer;
use crate::route::Route;
use crate::route_error::RouteError;
use crate::signatures::PreparedBodies;
use crate::traces::Traces;

/// Puts a mailer together.
#[derive(Debug)]
#[must_use]
pub struct MailerBuilder {
    parts: Parts,
}

/// What a mailer is made of.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) registry: Registry,
    pub(crate) routes: BTreeMap<String, Route>,
    pub(crate) suppression: SuppressionList,
    pub(crate) sent: Arc<dyn SentLog>,
    pub(crate) quota: Arc<dyn QuotaStore>,
    pub(crate) traces: Traces,
    pub(crate) reputation: Option<Arc<Mutex<Reputation>>>,
    pub(crate) channels: Channels,
    pub(crate) idempotency: Arc<dyn IdempotencyStore>,
    pub(crate) bodies: Arc<PreparedBodies>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl MailerBuilder {
    pub(crate) fn new(
        registry: Registry,
        suppression: SuppressionList,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self::of(Parts {
            registry,
            routes: BTreeMap::new(),
            suppression,
            sent: Arc::new(InMemorySentLog::new(SENT_LOG_CAPACITY)),
            quota: Arc::new(InMemoryQuotaStore::new()),
            traces: Traces::default(),
            reputation: None,
            channels: Channels::new(),
            idempotency: Arc::new(InMemoryIdempotencyStore::new(KEYS_LAST)),
            bodies: Arc::default(),
            clock,
            entropy,
        })
    }

    pub(crate) fn of(parts: Parts) -> Self {
        Self { parts }
    }

    /// With a way for mail to leave. A later route of the same name takes the earlier one's place.
    pub fn route(mut self, route: Route) -> Self {
        self.parts.routes.insert(route.name.clone(), route);
        self
    }

    /// With a log of sent messages that outlives the process. Default: the newest 100,000 in memory; reports about
    /// older ones are unproven. Mailers that take in each other's reports share one log.
    pub fn sent_log(mut self, sent: Arc<dyn SentLog>) -> Self {
        self.parts.sent = sent;
        self
    }

    /// With a store that keeps count of what is sent, so that the profiles' limits over time hold. Default: in memory, which
    /// knows only what this mailer and its clones send. Everything that sends from the same account shares one store.
    pub fn quota_store(mut self, store: Arc<dyn QuotaStore>) -> Self {
        self.parts.quota = store;
        self
    }

    /// With a return path for every recipient, so that a bounce proves whom it is about: a message to one recipient whose
    /// return path is the [base](ReturnPath::base) of these leaves with one below it. Default: none; a bounce has to quote the
    /// Message-ID then, and half of them do not.
    ///
    /// Choose the [opaque form](letterhead_feedback::ReturnPathForm::Opaque) where reports are to be believed that quote
    /// nothing: the stateless one does not say whose mail it was.
    pub fn return_path(mut self, return_path: ReturnPath) -> Self {
        self.parts.traces.return_path = Some(return_path);
        self
    }

    /// With a token in every message to one recipient, so that a complaint whose author is blotted out still says who it
    /// is. Default: none.
    pub fn complaint_tokens(mut self, tokens: ComplaintTokens) -> Self {
        self.parts.traces.complaints = Some(tokens);
        self
    }

    /// With the feedback loops whose signed complaints are believed as theirs. Default: none.
    pub fn feedback_loops(mut self, loops: FeedbackLoops) -> Self {
        self.parts.traces.loops = loops;
        self
    }

    /// With one-click unsubscription ([RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)): mail of these streams to one
    /// recipient leaves with the two header fields, under the signature, unless it has List-Unsubscribe already. What is
    /// posted to the link goes to [`Unsubscribe::post`], and the event to
    /// [`Mailer::ingest_events`]. Default: none.
    pub fn unsubscribe(
        mut self,
        unsubscribe: Unsubscribe,
        streams: impl IntoIterator<Item = StreamId>,
    ) -> Self {
        self.parts.traces.unsubscribe = Some((unsubscribe, streams.into_iter().collect()));
        self
    }

    /// With a count of what bounces and is complained about, which refuses to send as an identity that is paused. It is filled
    /// by what this mailer sends and takes in, and stays the application's to look at. Default: none, and nothing is refused
    /// for it.
    pub fn reputation(mut self, reputation: Arc<Mutex<Reputation>>) -> Self {
        self.parts.reputation = Some(reputation);
        self
    }

    /// With the channels by which messages leave that name no route. Default: none, and every message names one.
    pub fn channels(mut self, channels: Channels) -> Self {
        self.parts.channels = channels;
        self
    }

    /// With a store of idempotency keys that outlives the process. Default: in memory, for a day. Everything that may send the
    /// same message shares one store.
    pub fn idempotency_store(mut self, store: Arc<dyn IdempotencyStore>) -> Self {
        self.parts.idempotency = store;
        self
    }

    /// The mailer.
    ///
    /// # Errors
    ///
    /// A route whose profile the registry does not have, is for other features or has no such tier, or whose signers
    /// cannot sign as they are set.
    pub fn build(self) -> Result<Mailer, RouteError> {
        for route in self.parts.routes.values() {
            let Some(profile) = self.parts.registry.profile(&route.profile) else {
                return Err(RouteError::NoProfile {
                    route: route.name.clone(),
                    profile: route.profile.clone(),
                });
            };
            route.check(profile)?;
        }
        Ok(Mailer::of(self.parts))
    }
}

/// How long a key is remembered unless the mailer is given a store of its own.
const KEYS_LAST: Duration = Duration::from_hours(24);

/// How many of the newest messages a mailer remembers unless it is given a log of its own.
const SENT_LOG_CAPACITY: usize = 100_000;
