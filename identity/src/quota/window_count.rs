//! What counts against one limit now.

use std::collections::BTreeMap;
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
    /// How much was used, by the slot in which it was settled.
    used: BTreeMap<u128, u64>,
    /// The sum of that.
    used_in_all: u64,
    /// What is set aside, by when it expires and the reservation's number.
    held: BTreeMap<(SystemTime, u64), Held>,
    /// The sum of that.
    held_in_all: u64,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    count: u64,
    lasts: Duration,
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

    /// Forgets what counts no longer.
    pub(super) fn forget(&mut self, now: SystemTime) {
        while let Some(first) = self.used.first_entry()
            && end_of(*first.key(), self.window).is_some_and(|end| end <= now)
        {
            self.used_in_all = self.used_in_all.saturating_sub(first.remove());
        }
        while let Some(first) = self.held.first_entry()
            && first.key().0 <= now
        {
            self.held_in_all = self.held_in_all.saturating_sub(first.remove().count);
        }
    }

    pub(super) fn hold(&mut self, id: u64, count: u64, expires: SystemTime, lasts: Duration) {
        let held = Held { count, lasts };
        if self.held.insert((expires, id), held).is_none() {
            self.held_in_all = self.held_in_all.saturating_add(count);
        }
    }

    pub(super) fn settle(&mut self, id: u64, expires: SystemTime, used: u64, now: SystemTime) {
        let held = self.held.remove(&(expires, id)).or_else(|| {
            // The clock was set back since, and the reservation with it.
            let moved = self.held.keys().find(|(_, other)| *other == id).copied()?;
            self.held.remove(&moved)
        });
        if let Some(held) = held {
            self.held_in_all = self.held_in_all.saturating_sub(held.count);
        }
        if used > 0 {
            let slot = self.used.entry(slot_of(now, self.window)).or_default();
            *slot = slot.saturating_add(used);
            self.used_in_all = self.used_in_all.saturating_add(used);
        }
    }

    /// When there may be room for `count`, if what is set aside now is settled at once; `None` for never.
    pub(super) fn room_at(&self, count: u64, maximum: u64, now: SystemTime) -> Option<SystemTime> {
        let room = maximum.checked_sub(count)?;
        let used = self.used.iter();
        let used = used.filter_map(|(slot, count)| Some((end_of(*slot, self.window)?, *count)));
        let held = self.held.iter().map(|((expires, _), held)| {
            let settled = self.window.and_then(|window| now.checked_add(window));
            (
                settled.map_or(*expires, |end| end.min(*expires)),
                held.count,
            )
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
        let held = std::mem::take(&mut self.held).into_iter();
        self.held = held
            .map(|((expires, id), held)| {
                let again = now.checked_add(held.lasts).unwrap_or(expires);
                ((expires.min(again), id), held)
            })
            .collect();
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
