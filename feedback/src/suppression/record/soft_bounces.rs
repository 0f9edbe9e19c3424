use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::event::EventId;
use crate::suppression::SuppressionRecord;
use crate::suppression::moment::Moment;

/// How many soft bounces in how much time suppress an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftBounceRule {
    threshold: NonZeroU32,
    window: Duration,
    period: Option<Duration>,
}

impl SoftBounceRule {
    /// This many within this time, from the first of them to the last. More than
    /// [`SuppressionRecord::MAX_SOFT_BOUNCES`] counts as that many.
    ///
    /// One loses every mailbox that is full for a day; a very large number writes to abandoned ones for ever. A window
    /// shorter than the pause between two messages never counts two together.
    #[must_use]
    pub const fn new(threshold: NonZeroU32, window: Duration) -> Self {
        Self {
            threshold,
            window,
            period: None,
        }
    }

    /// Soft bounces in the same period, counted from 1970 on in UTC, count as one: with a day, a burst to a full mailbox
    /// does. Nothing where the period is zero.
    #[must_use]
    pub const fn one_in(mut self, period: Duration) -> Self {
        self.period = Some(period);
        self
    }

    fn threshold(&self) -> usize {
        let threshold = usize::try_from(self.threshold.get()).unwrap_or(usize::MAX);
        threshold.min(SuppressionRecord::MAX_SOFT_BOUNCES)
    }

    /// Whether two bounces at these times count as one.
    fn are_one(&self, one: Moment, other: Moment) -> bool {
        let number = |at: Moment| {
            let period = self.period?.as_millis();
            u128::from(at.millis()).checked_div(period)
        };
        number(one).is_some_and(|period| number(other) == Some(period))
    }
}

/// One soft bounce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SoftBounce {
    pub(super) at: Moment,
    pub(super) event: EventId,
    pub(super) note: Option<Arc<str>>,
}

impl SoftBounce {
    pub(super) fn new(at: Moment, event: EventId, note: Option<Arc<str>>) -> Self {
        Self { at, event, note }
    }

    fn age(&self) -> (Moment, EventId) {
        (self.at, self.event)
    }
}

/// The soft bounces of an address since the last delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SoftBounces {
    /// Oldest first.
    bounces: Vec<SoftBounce>,
    /// The latest delivery that is known.
    reset: Option<Moment>,
    /// The first of the last so many that were enough.
    streak: Option<Moment>,
}

impl SoftBounces {
    pub(super) fn of(
        bounces: Vec<SoftBounce>,
        reset: Option<Moment>,
        streak: Option<Moment>,
    ) -> Self {
        let mut own = Self {
            bounces,
            reset,
            streak,
        };
        own.bounces.sort_by_key(SoftBounce::age);
        own.bounces.dedup_by_key(|bounce| bounce.event);
        let surplus = own
            .bounces
            .len()
            .saturating_sub(SuppressionRecord::MAX_SOFT_BOUNCES);
        own.bounces.drain(..surplus);
        own
    }

    pub(super) fn bounces(&self) -> &[SoftBounce] {
        &self.bounces
    }

    pub(super) fn reset_at(&self) -> Option<Moment> {
        self.reset
    }

    pub(super) fn streak(&self) -> Option<Moment> {
        self.streak
    }

    pub(super) fn is_streak(&self) -> bool {
        self.streak.is_some()
    }

    pub(super) fn times(&self) -> impl Iterator<Item = Moment> {
        self.bounces.iter().map(|bounce| bounce.at)
    }

    pub(super) fn knows(&self, event: EventId) -> bool {
        self.bounces.iter().any(|bounce| bounce.event == event)
    }

    /// Adds one, and says which one is not kept for it. Of those that count as one the newest is.
    pub(super) fn add(&mut self, bounce: SoftBounce, rule: &SoftBounceRule) -> Option<EventId> {
        let same = self
            .bounces
            .iter_mut()
            .find(|known| rule.are_one(known.at, bounce.at));
        if let Some(known) = same {
            if known.age() > bounce.age() {
                return Some(bounce.event);
            }
            return Some(std::mem::replace(known, bounce).event);
        }
        let age = bounce.age();
        let place = self.bounces.partition_point(|known| known.age() < age);
        self.bounces.insert(place, bounce);
        let full = self.bounces.len() > SuppressionRecord::MAX_SOFT_BOUNCES;
        full.then(|| self.bounces.remove(0).event)
    }

    /// The last of those that are enough, where there are so many; which are the first and the last is remembered.
    pub(super) fn judge(&mut self, rule: &SoftBounceRule) -> Option<&SoftBounce> {
        let groups = self.bounces.windows(rule.threshold().max(1)).rev();
        let mut ends = groups.filter_map(|group| group.first().zip(group.last()));
        let (first, last) = ends.find(|(first, last)| last.at.since(first.at) <= rule.window)?;
        self.streak = Some(first.at);
        Some(last)
    }

    /// How many count together with the newest.
    pub(super) fn recent(&self, rule: &SoftBounceRule) -> u32 {
        let newest = self.bounces.last().map(|bounce| bounce.at);
        let close = |at: &Moment| newest.is_some_and(|newest| newest.since(*at) <= rule.window);
        u32::try_from(self.times().filter(close).count()).unwrap_or(u32::MAX)
    }

    pub(super) fn reset(&mut self, at: Moment) {
        self.reset = self.reset.max(Some(at));
    }

    /// Forgets those up to this time, and a streak that began by then.
    pub(super) fn forget(&mut self, at: Moment) -> Vec<EventId> {
        if self.streak.is_some_and(|first| first <= at) {
            self.streak = None;
        }
        let later = self.bounces.partition_point(|bounce| bounce.at <= at);
        self.bounces
            .drain(..later)
            .map(|bounce| bounce.event)
            .collect()
    }
}
