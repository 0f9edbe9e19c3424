use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

/// How many messages came from a sender within a day.
#[derive(Debug, Clone, Default)]
pub(crate) struct Volume {
    times: VecDeque<SystemTime>,
    highest: u64,
}

impl Volume {
    pub(crate) fn count(&mut self, now: SystemTime) {
        while let Some(first) = self.times.front()
            && now.duration_since(*first).unwrap_or_default() >= DAY
        {
            self.times.pop_front();
        }
        self.times.push_back(now);
        self.highest = self.highest.max(self.of_a_day());
    }

    /// In the day before the last message, that included.
    pub(crate) fn of_a_day(&self) -> u64 {
        u64::try_from(self.times.len()).unwrap_or(u64::MAX)
    }

    /// In any day so far.
    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }
}

const DAY: Duration = Duration::from_hours(24);
