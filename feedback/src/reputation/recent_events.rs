//! Which events were counted lately.

use std::collections::{HashSet, VecDeque};

use crate::event::EventId;

/// The newest events by their ids, up to a number.
#[derive(Debug, Clone)]
pub(super) struct RecentEvents {
    capacity: usize,
    known: HashSet<EventId>,
    in_order: VecDeque<EventId>,
}

impl RecentEvents {
    pub(super) fn up_to(capacity: usize) -> Self {
        Self {
            capacity,
            known: HashSet::new(),
            in_order: VecDeque::new(),
        }
    }

    pub(super) fn contains(&self, id: EventId) -> bool {
        self.known.contains(&id)
    }

    pub(super) fn insert(&mut self, id: EventId) {
        if !self.known.insert(id) {
            return;
        }
        self.in_order.push_back(id);
        if self.in_order.len() > self.capacity
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RecentEvents;
    use crate::event::EventId;

    #[test]
    fn the_oldest_is_forgotten() {
        let id = |text: &str| EventId::of(&[Some(text)]);
        let mut recent = RecentEvents::up_to(2);
        for text in ["a", "b", "a", "c"] {
            recent.insert(id(text));
        }
        let known = ["a", "b", "c"].map(|text| recent.contains(id(text)));
        assert_eq!(known, [false, true, true]);
    }
}
