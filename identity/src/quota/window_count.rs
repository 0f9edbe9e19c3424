//! What counts against one limit now.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Usage;

/// Into how many slots a window is divided. What was used is added up by slots, each counting until a whole window after
/// its end: so at most 257 numbers are kept a key, and room comes back up to a 256th of the window late, never early.
const SLOTS: u128 = 256;

/// What was used within the window, and what is set aside.
#[derive(Debug, Default)]
pub(super) struct WindowCount {
    /// `None`: for ever.
    window: Option<Duration>,
    /// How much was used, by the slot in which it was settled, or set aside and never settled.
    used: BTreeMap<u128, u64>,
    /// The sum of that.
    used_in_all: u64,
    /// What is set aside, by the reservation's number.
    held: HashMap<u64, Held>,
    /// When each of these expires.
    expiries: BTreeSet<(SystemTime, u64)>,
    /// The sum of what is set aside.
    held_in_all: u64,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    count: u64,
    /// When it was set aside.
    since: SystemTime,
    lasts: Duration,
}

impl Held {
    /// No later than when it would count no longer if it had been used at once.
    fn expires(&self, window: Option<Duration>) -> SystemTime {
        let expires = self.since.checked_add(self.lasts).unwrap_or(self.since);
        let end = end_of(slot_of(self.since, window), window);
        end.map_or(expires, |end| end.min(expires))
    }
}

impl WindowCount {
    pub(super) fn new(window: Option<Duration>) -> Self {
        Self {
            window,
            ..Self::default()
        }
    }

    pub(super) fn usage(&self) -> Usage {
        Usage::new(self.used_in_all, self.held_in_all)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used.is_empty() && self.held.is_empty()
    }

    /// Counts what has expired as used when it was set aside, and forgets what counts no longer.
    pub(super) fn forget(&mut self, now: SystemTime) {
        while let Some((expires, id)) = self.expiries.first().copied()
            && expires <= now
        {
            self.expiries.pop_first();
            if let Some(held) = self.release(id) {
                self.add(held.count, held.since);
            }
        }
        while let Some(first) = self.used.first_entry()
            && end_of(*first.key(), self.window).is_some_and(|end| end <= now)
        {
            self.used_in_all = self.used_in_all.saturating_sub(first.remove());
        }
    }

    pub(super) fn hold(&mut self, id: u64, count: u64, since: SystemTime, lasts: Duration) {
        let held = Held {
            count,
            since,
            lasts,
        };
        self.expiries.insert((held.expires(self.window), id));
        self.held.insert(id, held);
        self.held_in_all = self.held_in_all.saturating_add(count);
    }

    pub(super) fn settle(&mut self, id: u64, used: u64, now: SystemTime) {
        self.forget(now);
        self.release(id);
        self.add(used, now);
    }

    /// When there may be room for `count`, if what is set aside was used when it was; `None` for never.
    pub(super) fn room_at(&self, count: u64, maximum: u64, now: SystemTime) -> Option<SystemTime> {
        let room = maximum.checked_sub(count)?;
        let used = self.used.iter();
        let used = used.filter_map(|(slot, count)| Some((end_of(*slot, self.window)?, *count)));
        let held = self.held.values().filter_map(|held| {
            let end = match self.window {
                Some(_) => end_of(slot_of(held.since, self.window), self.window)?,
                // By then it is known whether it counts for ever.
                None => held.expires(None),
            };
            Some((end, held.count))
        });
        let mut ends: Vec<(SystemTime, u64)> = used.chain(held).collect();
        ends.sort_unstable();
        let mut taken = self.usage().taken();
        if taken <= room {
            return Some(now);
        }
        for (end, count) in ends {
            taken = taken.saturating_sub(count);
            if taken <= room {
                return Some(end);
            }
        }
        None
    }

    /// The clock was set back to `now`. What seems to lie ahead has happened before this moment, so it counts as of now.
    pub(super) fn set_back(&mut self, now: SystemTime) {
        let slot = slot_of(now, self.window);
        let mut ahead = self.used.split_off(&(slot + 1)).into_values();
        if let Some(first) = ahead.next() {
            let sum = ahead.fold(first, u64::saturating_add);
            let slot = self.used.entry(slot).or_default();
            *slot = slot.saturating_add(sum);
        }
        for held in self.held.values_mut() {
            held.since = held.since.min(now);
        }
        let held = self.held.iter();
        self.expiries = held
            .map(|(id, held)| (held.expires(self.window), *id))
            .collect();
    }

    fn release(&mut self, id: u64) -> Option<Held> {
        let held = self.held.remove(&id)?;
        self.expiries.remove(&(held.expires(self.window), id));
        self.held_in_all = self.held_in_all.saturating_sub(held.count);
        Some(held)
    }

    fn add(&mut self, used: u64, at: SystemTime) {
        if used > 0 {
            let slot = self.used.entry(slot_of(at, self.window)).or_default();
            *slot = slot.saturating_add(used);
            self.used_in_all = self.used_in_all.saturating_add(used);
        }
    }
}

fn slot_length(window: Duration) -> u128 {
    (window.as_nanos() / SLOTS).max(1)
}

/// Times before 1970 are in the first slot.
fn slot_of(time: SystemTime, window: Option<Duration>) -> u128 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    window.map_or(0, |window| since.as_nanos() / slot_length(window))
}

/// When what was used in a slot counts no longer; `None` for never.
fn end_of(slot: u128, window: Option<Duration>) -> Option<SystemTime> {
    let window = window?;
    let nanos = (slot + 1).checked_mul(slot_length(window))?;
    let seconds = u64::try_from(nanos / 1_000_000_000).ok()?;
    let rest = u32::try_from(nanos % 1_000_000_000).ok()?;
    UNIX_EPOCH
        .checked_add(Duration::new(seconds, rest))?
        .checked_add(window)
}
