//! When keys change.

use std::time::Duration;

/// How long each stage in the life of a key takes. All times are counted by the clock that the caller passes in.
///
/// ```
/// use std::time::Duration;
/// use letterhead_dkim::RotationSchedule;
///
/// let quarterly = RotationSchedule::default().signs_for(Duration::from_secs(90 * 24 * 60 * 60));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RotationSchedule {
    pub(crate) signs_for: Duration,
    pub(crate) introduce_ahead: Duration,
    pub(crate) published_for: Duration,
    pub(crate) check_holds: Duration,
    pub(crate) stays_for: Duration,
    pub(crate) after_use: AfterUse,
    pub(crate) ttl: u32,
}

/// What becomes of the record of a key whose last signature has lived its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterUse {
    /// It is removed.
    Remove,
    /// It says for this long that the key is withdrawn, with an empty `p=`
    /// ([RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1)), and is removed then.
    Revoke(Duration),
}

impl RotationSchedule {
    /// The shortest time of [`stays_for`](Self::stays_for): seven days. Mail servers try for up to four or five days
    /// ([RFC 5321 §4.5.4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.1)), and forwarders queue after them.
    pub const SHORTEST_STAY: Duration = Duration::from_secs(7 * DAY);

    /// Sets how long a key signs before its successor is due. Default: 180 days. Nothing stops a key that has no
    /// successor.
    pub fn signs_for(mut self, duration: Duration) -> Self {
        self.signs_for = duration;
        self
    }

    /// Sets how long before its turn the successor is to be introduced. Default: 14 days. It must leave time to publish
    /// the record, and for [`published_for`](Self::published_for).
    pub fn introduce_ahead(mut self, duration: Duration) -> Self {
        self.introduce_ahead = duration;
        self
    }

    /// Sets how long a record must have been seen published before its key may sign. Default: 1 day, which outlasts
    /// slow secondary servers and negative answers in caches
    /// ([RFC 2308 §5](https://www.rfc-editor.org/rfc/rfc2308#section-5)). With zero, one check is enough.
    pub fn published_for(mut self, duration: Duration) -> Self {
        self.published_for = duration;
        self
    }

    /// Sets how long the result of a check holds: a key may sign first only if the last check is no older, and every
    /// published key is due for a check as often. Default: 1 day.
    pub fn check_holds(mut self, duration: Duration) -> Self {
        self.check_holds = duration;
        self
    }

    /// Sets how long a record stays after the last signature of its key. Default: 14 days.
    ///
    /// # Errors
    ///
    /// Less than [`SHORTEST_STAY`](Self::SHORTEST_STAY): mail that waited in a queue would fail.
    pub fn stays_for(self, duration: Duration) -> Result<Self, StayTooShort> {
        if duration < Self::SHORTEST_STAY {
            return Err(StayTooShort { given: duration });
        }
        Ok(self.dangerous_stays_for(duration))
    }

    /// Sets how long a record stays after the last signature of its key, however short. Mail that waits in a queue for
    /// longer fails at its receiver.
    pub fn dangerous_stays_for(mut self, duration: Duration) -> Self {
        self.stays_for = duration;
        self
    }

    /// Sets what becomes of the record after that. Default: revoked for 30 days, then removed.
    pub fn after_use(mut self, after_use: AfterUse) -> Self {
        self.after_use = after_use;
        self
    }

    /// Sets the time to live of the records in seconds. Default: 3600.
    pub fn ttl(mut self, seconds: u32) -> Self {
        self.ttl = seconds;
        self
    }
}

impl Default for RotationSchedule {
    fn default() -> Self {
        let days = |count: u64| Duration::from_secs(count * DAY);
        Self {
            signs_for: days(180),
            introduce_ahead: days(14),
            published_for: days(1),
            check_holds: days(1),
            stays_for: days(14),
            after_use: AfterUse::Revoke(days(30)),
            ttl: 3600,
        }
    }
}

/// A record would go while mail signed with its key may still wait in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a record that stays for {} seconds goes before mail in queues arrives; let it stay for at least {}",
    .given.as_secs(), RotationSchedule::SHORTEST_STAY.as_secs()
)]
pub struct StayTooShort {
    given: Duration,
}

/// In seconds.
const DAY: u64 = 24 * 60 * 60;
