use std::time::{Duration, SystemTime};

use super::rate::{Rate, RateUnit};

/// What a submission takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    messages: u64,
    recipients: u64,
}

impl Cost {
    pub(super) fn of_recipients(recipients: usize) -> Self {
        Self {
            messages: 1,
            recipients: u64::try_from(recipients).unwrap_or(u64::MAX),
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            messages: self.messages.saturating_add(other.messages),
            recipients: self.recipients.saturating_add(other.recipients),
        }
    }

    fn tokens(self, rate: &Rate) -> i128 {
        i128::from(match rate.unit {
            RateUnit::Messages => self.messages,
            RateUnit::Recipients => self.recipients,
        })
    }
}

/// The tokens of one rate, counted in parts: a token is as many as the period has nanoseconds, so a nanosecond brings as
/// many as the rate's amount, and nothing is rounded.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    parts: i128,
    since: SystemTime,
}

impl Bucket {
    pub(super) fn full(rate: &Rate, now: SystemTime) -> Self {
        Self {
            parts: capacity(rate),
            since: now,
        }
    }

    /// Puts in what has come since the last time. A clock that was set back brings nothing and costs nothing.
    pub(super) fn refill(&mut self, rate: &Rate, now: SystemTime) {
        let elapsed = now.duration_since(self.since).unwrap_or_default();
        self.since = now;
        let elapsed = i128::try_from(elapsed.as_nanos()).unwrap_or(i128::MAX);
        let came = elapsed.saturating_mul(rate.amount.get().into());
        self.parts = self.parts.saturating_add(came).min(capacity(rate));
    }

    /// How long it is until this can be taken, once what is ahead has been.
    pub(super) fn wait(&self, rate: &Rate, ahead: Cost, cost: Cost) -> Duration {
        let ahead = ahead.tokens(rate).saturating_mul(token(rate));
        let needed = cost.tokens(rate).saturating_mul(token(rate));
        let missing = needed.min(capacity(rate)) + ahead - self.parts;
        if missing <= 0 {
            return Duration::ZERO;
        }
        let amount = u128::from(rate.amount.get());
        let nanoseconds = missing.unsigned_abs().div_ceil(amount);
        Duration::from_nanos_u128(nanoseconds.min(LONGEST_NANOSECONDS))
    }

    /// Takes it, into debt where the bucket does not hold that much.
    pub(super) fn take(&mut self, rate: &Rate, cost: Cost) {
        let parts = cost.tokens(rate).saturating_mul(token(rate));
        self.parts = self.parts.saturating_sub(parts);
    }

    pub(super) fn is_full(&self, rate: &Rate) -> bool {
        self.parts >= capacity(rate)
    }
}

/// A wait beyond this, some 580 years, is as good as this.
const LONGEST_NANOSECONDS: u128 = u64::MAX as u128;

fn token(rate: &Rate) -> i128 {
    i128::try_from(rate.period.length().as_nanos()).unwrap_or(i128::MAX)
}

fn capacity(rate: &Rate) -> i128 {
    token(rate).saturating_mul(rate.burst.get().into())
}
