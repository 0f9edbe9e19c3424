//! What has been seen before, for a while.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};

/// Remembers the ids of what came in, so that the same thing coming again is known for what it is.
///
/// A provider sends again what was not answered, so a repetition is ordinary: what came is the same, its events have the
/// same [ids](crate::Event::id), and it is answered like the first. A repetition of the id over *other* content is somebody
/// who has got hold of a signature that does not cover the content.
///
/// Enter only what has been verified; whoever can enter ids at will can push out the others. Where handling fails after
/// the id was entered, [`forget`](Self::forget) it, so that the next try counts as the first.
///
/// An id is kept as 128 bits of its SHA-256, however long it is: at most 300 octets of memory for each of `capacity` ids,
/// which [`memory_bound`](Self::memory_bound) adds up. When it is full, the oldest go before their time. It holds what
/// this process has seen; several processes behind one address each see their share.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead_feedback::{ReplayGuard, Seen};
///
/// let guard = ReplayGuard::new(Duration::from_secs(3_600), 100_000);
/// let now = SystemTime::UNIX_EPOCH;
/// assert_eq!(guard.first_seen("22b80b92-fdea-4c2c", now), Seen::First);
/// assert_eq!(guard.first_seen("22b80b92-fdea-4c2c", now), Seen::Repeated);
/// assert_eq!(guard.first_seen("22b80b92-fdea-4c2c", now + Duration::from_secs(3_600)), Seen::First);
/// ```
#[derive(Debug)]
pub struct ReplayGuard {
    window: Duration,
    capacity: usize,
    state: Mutex<State>,
}

/// Whether an id has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Seen {
    /// Not within the window, or not among the newest.
    First,
    /// Before, over the same content.
    Repeated,
    /// Before, over other content.
    Altered,
}

/// 128 bits of a SHA-256.
type Mark = [u8; 16];

#[derive(Debug, Default)]
struct State {
    content: HashMap<Mark, Mark>,
    /// Oldest first.
    order: VecDeque<(SystemTime, Mark)>,
}

impl ReplayGuard {
    /// Remembers the newest `capacity` ids for `window` each. The window must be as long as what carries the ids is
    /// accepted: as long as the provider tries again, and the allowance for clocks. A capacity of zero remembers nothing,
    /// and lets every repetition through.
    #[must_use]
    pub fn new(window: Duration, capacity: usize) -> Self {
        Self {
            window,
            capacity,
            state: Mutex::default(),
        }
    }

    /// Enters an id, and says whether it was there.
    pub fn first_seen(&self, id: &str, now: SystemTime) -> Seen {
        self.first_seen_with(id, b"", now)
    }

    /// Enters an id with the content that came under it, and says whether it was there, and over the same content.
    /// What was entered first stays.
    pub fn first_seen_with(&self, id: &str, content: &[u8], now: SystemTime) -> Seen {
        let mut state = self.state();
        state.expire(now, self.window);
        let (id, content) = (mark(id.as_bytes()), mark(content));
        match state.content.entry(id) {
            Entry::Occupied(known) if *known.get() == content => return Seen::Repeated,
            Entry::Occupied(_) => return Seen::Altered,
            Entry::Vacant(free) => free.insert(content),
        };
        state.order.push_back((now, id));
        while state.order.len() > self.capacity {
            state.forget_oldest();
        }
        Seen::First
    }

    /// Forgets an id: what came under it was not handled after all. Takes time in proportion to what was entered since.
    pub fn forget(&self, id: &str) {
        let mut state = self.state();
        let id = mark(id.as_bytes());
        if state.content.remove(&id).is_some() {
            let place = state.order.iter().rposition(|(_, other)| *other == id);
            place.and_then(|place| state.order.remove(place));
        }
    }

    /// How many ids it holds at the moment.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().order.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most octets of memory that it will take.
    #[must_use]
    pub fn memory_bound(&self) -> usize {
        self.capacity.saturating_mul(MAX_OCTETS_AN_ID)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn expire(&mut self, now: SystemTime, window: Duration) {
        let is_over = |seen: &SystemTime| now.duration_since(*seen).is_ok_and(|age| age >= window);
        while self.order.front().is_some_and(|(seen, _)| is_over(seen)) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, id)) = self.order.pop_front() {
            self.content.remove(&id);
        }
    }
}

fn mark(octets: &[u8]) -> Mark {
    let whole = digest(&SHA256, octets);
    whole.as_ref().first_chunk().copied().unwrap_or_default()
}

/// 33 octets in a table that is at least 7/16 full after it has grown, 32 in a queue that is at least half full, makes
/// 140, and half as much again while either grows; the rest is for the smallest tables, which have room for four.
const MAX_OCTETS_AN_ID: usize = 300;

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{ReplayGuard, Seen};

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn an_id_is_first_once_within_the_window() {
        let guard = ReplayGuard::new(HOUR, 10);
        let start = SystemTime::UNIX_EPOCH + HOUR;
        let almost = start + HOUR - Duration::from_nanos(1);
        for (id, now, expected) in [
            ("a", start, Seen::First),
            ("a", start, Seen::Repeated),
            ("b", start, Seen::First),
            ("a", almost, Seen::Repeated),
            ("a", start + HOUR, Seen::First),
            // A clock that was set back forgets nothing.
            ("a", start - HOUR, Seen::Repeated),
        ] {
            assert_eq!(guard.first_seen(id, now), expected, "{id} {now:?}");
        }
    }

    #[test]
    fn the_same_id_over_other_content_is_neither_first_nor_a_repetition() {
        let guard = ReplayGuard::new(HOUR, 10);
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(guard.first_seen_with("a", b"one", now), Seen::First);
        assert_eq!(guard.first_seen_with("a", b"two", now), Seen::Altered);
        assert_eq!(guard.first_seen_with("a", b"two", now), Seen::Altered);
        assert_eq!(guard.first_seen_with("a", b"one", now), Seen::Repeated);
    }

    #[test]
    fn when_it_is_full_the_oldest_go() {
        let guard = ReplayGuard::new(HOUR, 2);
        let now = SystemTime::UNIX_EPOCH;
        for id in ["a", "b", "c"] {
            assert_eq!(guard.first_seen(id, now), Seen::First);
        }
        assert_eq!(guard.len(), 2);
        assert_eq!(guard.first_seen("c", now), Seen::Repeated);
        assert_eq!(guard.first_seen("b", now), Seen::Repeated);
        assert_eq!(guard.first_seen("a", now), Seen::First);
        let none = ReplayGuard::new(HOUR, 0);
        assert_eq!(none.first_seen("a", now), Seen::First);
        assert!(none.is_empty());
    }

    #[test]
    fn what_is_forgotten_is_first_again() {
        let guard = ReplayGuard::new(HOUR, 3);
        let now = SystemTime::UNIX_EPOCH;
        for id in ["a", "b", "c"] {
            assert_eq!(guard.first_seen(id, now), Seen::First);
        }
        guard.forget("b");
        guard.forget("never seen");
        assert_eq!(guard.len(), 2);
        assert_eq!(guard.first_seen("b", now), Seen::First);
        assert_eq!(guard.first_seen("a", now), Seen::Repeated);
    }

    #[test]
    fn its_memory_is_bounded_whatever_the_ids() {
        let guard = ReplayGuard::new(HOUR, 1_000);
        let long = "x".repeat(10_000);
        for count in 0..5_000 {
            let id = format!("{long}{count}");
            assert_eq!(guard.first_seen(&id, SystemTime::UNIX_EPOCH), Seen::First);
        }
        let state = guard.state();
        let table = state.content.capacity() * 16 / 7 * 33;
        let queue = state.order.capacity() * 32;
        assert!(
            table + queue <= guard.memory_bound(),
            "{table} + {queue} octets"
        );
    }
}
