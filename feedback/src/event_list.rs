//! The events read from one mail, or from one body of a provider.

use crate::event::Event;

/// Events, up to a limit.
#[derive(Debug)]
pub(crate) struct EventList {
    events: Vec<Event>,
    omitted: usize,
    limit: usize,
}

impl EventList {
    /// An empty list that keeps this many.
    pub(crate) fn up_to(limit: usize) -> Self {
        Self {
            events: Vec::new(),
            omitted: 0,
            limit,
        }
    }

    /// Adds the event, or counts it where the list is full.
    pub(crate) fn push_with(&mut self, event: impl FnOnce() -> Event) {
        if self.is_full() {
            self.omit(1);
        } else {
            self.events.push(event());
        }
    }

    /// Counts events that are not kept.
    pub(crate) fn omit(&mut self, number: usize) {
        self.omitted += number;
    }

    /// Whether nothing more is kept.
    pub(crate) fn is_full(&self) -> bool {
        self.events.len() >= self.limit
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events kept, and how many were not.
    pub(crate) fn into_parts(self) -> (Vec<Event>, usize) {
        (self.events, self.omitted)
    }
}
