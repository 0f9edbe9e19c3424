//! The events of one body, as a provider's module gathers them.

use std::sync::Arc;

use crate::event::{Event, EventKind};
use crate::event_list::EventList;
use crate::provider::Provider;
use crate::provider::reading::ProviderReading;
use crate::provider::subscription::SubscriptionRequest;

/// Events that all come from one provider, each with the text of the document that is being read.
#[derive(Debug)]
pub(crate) struct Reported {
    provider: Provider,
    events: EventList,
    subscription: Option<SubscriptionRequest>,
    raw: Arc<[u8]>,
}

impl Reported {
    /// Nothing yet.
    pub(crate) fn by(provider: Provider) -> Self {
        Self {
            provider,
            events: EventList::up_to(ProviderReading::MAX_EVENTS),
            subscription: None,
            raw: Arc::from([]),
        }
    }

    /// From here on, events are read from this text.
    pub(crate) fn begin(&mut self, text: &[u8]) {
        if !self.events.is_full() {
            self.raw = Arc::from(text);
        }
    }

    /// Adds the event, with the provider and the text it is read from, or counts it where there are enough.
    pub(crate) fn push_with(&mut self, event: impl FnOnce() -> Event) {
        let (provider, raw) = (self.provider, &self.raw);
        self.events
            .push_with(|| event().with_provider(provider).with_raw(Arc::clone(raw)));
    }

    /// Adds something that is not understood.
    pub(crate) fn push_unknown(&mut self) {
        self.push_with(|| Event::new(EventKind::Unknown));
    }

    /// Counts so many things that are not understood and not kept.
    pub(crate) fn omit(&mut self, number: usize) {
        self.events.omit(number);
    }

    /// Adds something in plain words.
    pub(crate) fn push_unknown_saying(&mut self, words: &str) {
        self.push_with(|| Event::new(EventKind::Unknown).with_diagnostic(words));
    }

    /// Keeps the first request to subscribe.
    pub(crate) fn subscription(&mut self, request: impl FnOnce() -> SubscriptionRequest) {
        self.subscription.get_or_insert_with(request);
    }

    /// What has been gathered.
    pub(crate) fn into_reading(self) -> ProviderReading {
        let (events, omitted) = self.events.into_parts();
        ProviderReading {
            events,
            omitted,
            subscription: self.subscription,
        }
    }
}
