use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_mail::{BoxFuture, Clock, Entropy, RecipientReport, Report, Submission, Transport};

use crate::merged_rows::{MergedRows, narrowed};

/// Tries again, in memory, to those recipients where that can neither duplicate the message nor repeat a refusal
/// ([`is_safe_to_retry`](RecipientReport::is_safe_to_retry)).
///
/// Not durable: what waits is lost with the process, and with the future when it is dropped. It is for the short
/// disturbances that a caller can wait for; hours of greylisting are for a queue that outlives the process.
///
/// The message stays as it is, Message-ID and Date included. Before each further try there is a wait of random length, up
/// to a bound that doubles from try to try, so that those who failed together do not come back together; a time to wait
/// that a row names ([`retry_after`](RecipientReport::retry_after)) is waited at least. A recipient whose time would come
/// too late keeps the row it has and holds nobody back.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::sync::Arc;
/// use std::time::Duration;
/// use letterhead_transport::{Retry, Staging, SystemClock, SystemEntropy};
///
/// let inner = Arc::new(Staging::withhold_all());
/// let retry = Retry::new(inner, Arc::new(SystemClock::new()), Arc::new(SystemEntropy::new()))
///     .max_attempts(NonZeroU32::new(5).expect("not zero"))
///     .max_total(Duration::from_secs(120));
/// # drop(retry);
/// ```
#[derive(Debug, Clone)]
pub struct Retry {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    max_attempts: NonZeroU32,
    max_total: Duration,
    first_wait: Duration,
    max_wait: Duration,
}

impl Retry {
    /// Up to three attempts within a minute, the waits between them up to 1 and 2 seconds long.
    #[must_use]
    pub fn new(
        inner: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            inner,
            clock,
            entropy,
            max_attempts: const { NonZeroU32::new(3).unwrap() },
            max_total: Duration::from_secs(60),
            first_wait: Duration::from_secs(1),
            max_wait: Duration::from_secs(30),
        }
    }

    /// How many times it is tried at most, the first one counted; 3 by default, and 1 is no further try at all.
    #[must_use]
    pub fn max_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// How long after its beginning a further attempt may begin; a minute by default. An attempt that has begun is not
    /// cut short.
    #[must_use]
    pub fn max_total(mut self, total: Duration) -> Self {
        self.max_total = total;
        self
    }

    /// The bound of the wait before the second attempt; 1 second by default.
    #[must_use]
    pub fn first_wait(mut self, bound: Duration) -> Self {
        self.first_wait = bound;
        self
    }

    /// What no bound exceeds, however many attempts there were; 30 seconds by default. A time that a row names may.
    #[must_use]
    pub fn max_wait(mut self, bound: Duration) -> Self {
        self.max_wait = bound;
        self
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        // Beyond what a clock can show there is no end.
        let end = self.clock.now().checked_add(self.max_total);
        let mut rows = MergedRows::new(&submission.envelope);
        rows.merge(&submission.envelope, self.inner.send(submission).await);
        for attempts in 1..self.max_attempts.get() {
            let jitter = self.jitter(attempts);
            let now = self.clock.now();
            let wait = |row: &RecipientReport| jitter.max(row.retry_after().unwrap_or_default());
            let mut longest = Duration::ZERO;
            let part = rows.part(|_, row| {
                let Some(row) = row.filter(|row| row.is_safe_to_retry()) else {
                    return false;
                };
                let comes = comes_by(now, wait(row), end);
                if comes {
                    longest = longest.max(wait(row));
                }
                comes
            });
            let (Some(part), Some(due)) = (part, now.checked_add(longest)) else {
                break;
            };
            self.clock.sleep_until(due).await;
            let part = narrowed(submission, part);
            rows.merge(&part.envelope, self.inner.send(&part).await);
        }
        rows.into_report()
    }

    /// A random wait behind so many attempts.
    fn jitter(&self, attempts: u32) -> Duration {
        let doubled = 1_u32.checked_shl(attempts.saturating_sub(1));
        let bound = doubled
            .and_then(|factor| self.first_wait.checked_mul(factor))
            .unwrap_or(Duration::MAX)
            .min(self.max_wait);
        let mut octets = [0; 4];
        self.entropy.fill(&mut octets);
        // A whole part of 2^32 parts; the quotient is less than the bound.
        let share = bound
            .as_nanos()
            .saturating_mul(u32::from_le_bytes(octets).into())
            >> 32_u32;
        Duration::from_nanos_u128(share)
    }
}

impl Transport for Retry {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

fn comes_by(now: SystemTime, wait: Duration, end: Option<SystemTime>) -> bool {
    match (now.checked_add(wait), end) {
        (Some(due), Some(end)) => due <= end,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests;
