//! No more mail than agreed, by token buckets.

mod bucket;
mod key;
mod limiter;
mod queue;
mod rate;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_mail::{
    BoxFuture, Clock, Envelope, NotAttemptedReason, Outcome, Phase, RecipientReport, Report,
    Submission, Transport,
};

use self::bucket::Cost;
pub use self::key::RateKey;
use self::key::{KeyFunction, divide};
use self::limiter::Limiter;
pub use self::rate::{Rate, RatePeriod};
use crate::merged_rows::{MergedRows, narrowed};

/// Keeps to rates, for everything together or for each key by itself.
///
/// A [`Rate`] is a bucket of tokens that fills at a constant pace; a submission takes one for the message, or one for
/// each recipient. All rates have to allow it. Whoever has to wait does so on the clock and in the order of arrival, up to
/// [`max_wait`](Self::max_wait); where that is known not to be enough, or turns out not to be, every recipient is
/// [`Postponed`](NotAttemptedReason::Postponed) with the time to wait, and nothing is taken. A future that is dropped
/// while it waits takes nothing either, and those behind it move up. What was handed to the transport inside is used,
/// whatever becomes of it.
///
/// A submission with more recipients than a bucket holds waits until the bucket is full and leaves it in debt, so that the
/// pace is kept in the long run.
///
/// This is about pace. A quota that must never be exceeded within a day, by any process, is for a store that counts.
/// Keys whose buckets are full again are forgotten.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::sync::Arc;
/// use std::time::Duration;
/// use letterhead_transport::{Rate, RateKey, RateLimit, RatePeriod, Staging, SystemClock};
///
/// let number = |number| NonZeroU32::new(number).expect("not zero");
/// let inner = Arc::new(Staging::withhold_all());
/// let limited = RateLimit::new(
///     Rate::recipients(number(14), RatePeriod::Second),
///     inner,
///     Arc::new(SystemClock::new()),
/// )
/// .and(Rate::recipients(number(50_000), RatePeriod::Day).with_burst(number(5_000)))
/// .key(RateKey::Tenant)
/// .max_wait(Duration::from_secs(10));
/// # drop(limited);
/// ```
#[derive(Debug)]
pub struct RateLimit {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    key: KeyFunction,
    limiter: Limiter,
    max_wait: Duration,
}

impl RateLimit {
    /// One rate for everything together; up to 30 seconds are waited.
    #[must_use]
    pub fn new(rate: Rate, inner: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            clock,
            key: KeyFunction::Of(RateKey::Everything),
            limiter: Limiter::new(rate),
            max_wait: Duration::from_secs(30),
        }
    }

    /// This rate has to be kept as well.
    #[must_use]
    pub fn and(mut self, rate: Rate) -> Self {
        self.limiter.add(rate);
        self
    }

    /// What has buckets of its own; [`RateKey::Everything`] by default.
    #[must_use]
    pub fn key(mut self, key: RateKey) -> Self {
        self.key = KeyFunction::Of(key);
        self
    }

    /// What has buckets of its own: submissions for which this function gives the same text. It must not wait.
    #[must_use]
    pub fn key_by(mut self, key: impl Fn(&Submission) -> String + Send + Sync + 'static) -> Self {
        self.key = KeyFunction::By(Arc::new(key));
        self
    }

    /// How long a submission waits at most; 30 seconds by default. With zero nothing waits; with hours, whoever calls
    /// has to hold what waits.
    #[must_use]
    pub fn max_wait(mut self, longest: Duration) -> Self {
        self.max_wait = longest;
        self
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        let now = self.clock.now();
        let give_up = now.checked_add(self.max_wait);
        match &self.key {
            KeyFunction::Of(RateKey::RecipientDomain) => {
                self.attempt_by_domain(submission, give_up).await
            }
            KeyFunction::Of(key) => {
                self.attempt_whole(submission, key.of(submission), give_up)
                    .await
            }
            KeyFunction::By(key) => {
                self.attempt_whole(submission, key(submission), give_up)
                    .await
            }
        }
    }

    async fn attempt_whole(
        &self,
        submission: &Submission,
        key: String,
        give_up: Option<SystemTime>,
    ) -> Report {
        let cost = cost(&submission.envelope);
        let admitted = self.limiter.admit(key, cost, give_up, &*self.clock).await;
        match admitted {
            Ok(()) => self.inner.send(submission).await,
            Err(wait) => postpone(&submission.envelope, wait),
        }
    }

    /// Each domain by itself: those that need not wait first, then the others in the order of the envelope.
    async fn attempt_by_domain(
        &self,
        submission: &Submission,
        give_up: Option<SystemTime>,
    ) -> Report {
        let mut rows = MergedRows::new(&submission.envelope);
        let mut waiting = Vec::new();
        for (domain, part) in divide(&submission.envelope) {
            let now = self.clock.now();
            match self.limiter.admit_now(&domain, cost(&part), now) {
                Ok(()) => self.send_part(submission, part, &mut rows).await,
                Err(_) => waiting.push((domain, part)),
            }
        }
        for (domain, part) in waiting {
            let cost = cost(&part);
            let admitted = self
                .limiter
                .admit(domain, cost, give_up, &*self.clock)
                .await;
            match admitted {
                Ok(()) => self.send_part(submission, part, &mut rows).await,
                Err(wait) => rows.merge(&part, postpone(&part, wait)),
            }
        }
        rows.into_report()
    }

    async fn send_part(&self, submission: &Submission, part: Envelope, rows: &mut MergedRows<'_>) {
        let part = narrowed(submission, part);
        rows.merge(&part.envelope, self.inner.send(&part).await);
    }
}

impl Transport for RateLimit {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

impl fmt::Debug for KeyFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(key) => key.fmt(f),
            Self::By(_) => f.write_str("By(..)"),
        }
    }
}

fn cost(envelope: &Envelope) -> Cost {
    Cost::of_recipients(envelope.recipients().len())
}

fn postpone(envelope: &Envelope, wait: Duration) -> Report {
    Report::uniform(envelope, |recipient| {
        let postponed = Outcome::NotAttempted(NotAttemptedReason::Postponed);
        RecipientReport::new(recipient, postponed, Phase::Local)
            .with_detail("a rate limit would have to be waited for longer than is allowed")
            .with_retry_after(wait)
    })
}
