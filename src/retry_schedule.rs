//! When a queue tries again.

use std::time::{Duration, SystemTime};

/// When a queue tries a message again that was put off, and when it gives up.
///
/// By default after 5, 15 and 30 minutes, after 1 and 2 hours and then every 4, until 4 days have passed since the first try:
/// greylisting yields to the first of these, and [RFC 5321 §4.5.4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.1)
/// has the rest. For waits that a caller sits out in memory there is [`Retry`](letterhead_transport::Retry).
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead::RetrySchedule;
///
/// let (schedule, first) = (RetrySchedule::default(), SystemTime::UNIX_EPOCH);
/// let minutes = |minutes| first + Duration::from_mins(minutes);
/// assert_eq!(schedule.next(first, 1, None, first), Some(minutes(5)));
/// // A server asked for half an hour: `SendError::retry_after`, or that of a row.
/// let asked = Some(Duration::from_mins(30));
/// assert_eq!(schedule.next(first, 2, asked, minutes(5)), Some(minutes(35)));
/// // Nobody took it in four days.
/// let day = Duration::from_hours(24);
/// assert_eq!(schedule.next(first, 29, None, first + 4 * day), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule {
    waits: Vec<Duration>,
    give_up_after: Duration,
}

impl RetrySchedule {
    /// The wait before each further try, the last of them before all others; and how long after the first try no other
    /// begins. Without waits there is no further try.
    #[must_use]
    pub fn new(waits: impl IntoIterator<Item = Duration>, give_up_after: Duration) -> Self {
        Self {
            waits: waits.into_iter().collect(),
            give_up_after,
        }
    }

    /// When to try again a message that was first tried at `first`, has been tried so many times and was put off just now;
    /// not before `retry_after` is over, where that is known. `None` to give up.
    #[must_use]
    pub fn next(
        &self,
        first: SystemTime,
        tries: u32,
        retry_after: Option<Duration>,
        now: SystemTime,
    ) -> Option<SystemTime> {
        let place = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
        let wait = *self.waits.get(place).or_else(|| self.waits.last())?;
        let due = now.checked_add(wait.max(retry_after.unwrap_or_default()))?;
        // A clock that was set back gives it more time, and loses nothing.
        let age = due.duration_since(first).unwrap_or_default();
        (age <= self.give_up_after).then_some(due)
    }
}

impl Default for RetrySchedule {
    fn default() -> Self {
        let minutes = [5, 15, 30, 60, 120, 240];
        Self::new(minutes.map(Duration::from_mins), Duration::from_hours(96))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::RetrySchedule;

    const FIRST: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn the_last_wait_is_repeated_until_it_is_time_to_give_up() {
        let schedule = RetrySchedule::default();
        let (mut now, mut tries) = (FIRST, 1);
        while let Some(next) = schedule.next(FIRST, tries, None, now) {
            assert!(next > now);
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(tries, 29);
        let age = now.duration_since(FIRST).unwrap();
        assert!(age > Duration::from_hours(92) && age <= Duration::from_hours(96));
    }

    #[test]
    fn odd_times_neither_panic_nor_try_for_ever() {
        let schedule = RetrySchedule::default();
        let day = Duration::from_hours(24);
        assert_eq!(schedule.next(FIRST, 1, Some(Duration::MAX), FIRST), None);
        assert_eq!(schedule.next(FIRST, u32::MAX, None, FIRST + 5 * day), None);
        assert!(
            schedule.next(FIRST + day, 0, None, FIRST).is_some(),
            "set back"
        );
        let never = RetrySchedule::new([], day);
        assert_eq!(never.next(FIRST, 1, None, FIRST), None);
    }
}
