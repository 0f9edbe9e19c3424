//! The events read from one mail.

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
        if self.events.len() < self.limit {
            self.events.push(event());
        } else {
            self.omit_one();
        }
    }

    /// Counts an event that is not kept.
    pub(crate) fn omit_one(&mut self) {
        self.omitted += 1;
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
