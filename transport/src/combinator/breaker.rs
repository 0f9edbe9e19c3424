//! A server that has been failing is left alone for a while.

mod state;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use letterhead_mail::{
    BoxFuture, Clock, Concern, NotAttemptedReason, Outcome, Phase, RecipientReport, Report,
    Submission, Transport,
};

pub use self::state::BreakerState;
use self::state::{Entry, Settings, State, Ticket, Word};

/// Puts off what is for a server that cannot be reached, so that a failing server is not hammered and nobody waits for
/// its timeouts.
///
/// It opens after so many attempts in a row that failed. An attempt fails when each of its rows says either that the
/// connection could not be made or kept for now, or that the message is in doubt: a server that takes messages and dies
/// over them is as sick as one that does not answer, and each further attempt would leave more in doubt. The rows
/// themselves stay as they are. An attempt in which the server decided on anything, were it a refusal, is a success; one
/// that was not made, such as what a limit further in put off, says nothing and does not count.
///
/// While it is open every recipient is [`Postponed`](NotAttemptedReason::Postponed) with the time to wait. After that
/// one attempt at a time is let through: a success closes the breaker, a failure opens it for twice as long, up to a
/// longest time. An attempt that was under way when the breaker opened or closed no longer counts.
///
/// It holds one judgement, so put one around each server.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::sync::Arc;
/// use std::time::Duration;
/// use letterhead_transport::{Breaker, BreakerState, Staging, SystemClock};
///
/// let server = Arc::new(Staging::withhold_all());
/// let breaker = Breaker::new(server, Arc::new(SystemClock::new()))
///     .threshold(NonZeroU32::new(3).expect("not zero"))
///     .cool_off(Duration::from_secs(10));
/// assert_eq!(breaker.state(), BreakerState::Closed);
/// ```
#[derive(Debug)]
pub struct Breaker {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    state: Mutex<State>,
}

impl Breaker {
    /// Opens after 5 failures in a row, for 30 seconds at first and 10 minutes at most.
    #[must_use]
    pub fn new(inner: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            clock,
            settings: Settings::default(),
            state: Mutex::default(),
        }
    }

    /// How many attempts in a row have to fail; 5 by default. At 1 every lost connection stops the mail for a while.
    #[must_use]
    pub fn threshold(mut self, failures: NonZeroU32) -> Self {
        self.settings.threshold = failures;
        self
    }

    /// How long it is open at first; 30 seconds by default. Zero lets the next attempt through at once, though only one
    /// at a time.
    #[must_use]
    pub fn cool_off(mut self, first: Duration) -> Self {
        self.settings.cool_off = first;
        self
    }

    /// How long it is open at most; 10 minutes by default. The first time is not shortened by it.
    #[must_use]
    pub fn max_cool_off(mut self, longest: Duration) -> Self {
        self.settings.max_cool_off = longest;
        self
    }

    /// What it does with the next submission.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.lock().shown(self.clock.now())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        let entry = self.lock().enter(self.clock.now(), &self.settings);
        let ticket = match entry {
            Entry::Granted(ticket) => ticket,
            Entry::Refused(wait) => return postpone(submission, wait),
        };
        let mut attempt = Attempt {
            breaker: self,
            ticket,
            word: Word::Nothing,
        };
        let report = self.inner.send(submission).await;
        attempt.word = word(&report);
        report
    }
}

impl Transport for Breaker {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

/// An attempt under way. One that is dropped says nothing, and lets the next one in.
struct Attempt<'a> {
    breaker: &'a Breaker,
    ticket: Ticket,
    word: Word,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let now = self.breaker.clock.now();
        let settings = &self.breaker.settings;
        self.breaker
            .lock()
            .leave(self.ticket, self.word, now, settings);
    }
}

/// What a report says about the server.
fn word(report: &Report) -> Word {
    let mut word = Word::Nothing;
    for row in report.rows() {
        match (row.outcome(), row.concerns()) {
            (Outcome::NotAttempted(_), _) => {}
            (Outcome::InDoubt, _) | (Outcome::Deferred, Concern::Connection) => {
                word = Word::Failure;
            }
            (Outcome::Accepted | Outcome::Rejected | Outcome::Deferred, _) => {
                return Word::Success;
            }
        }
    }
    word
}

fn postpone(submission: &Submission, wait: Duration) -> Report {
    Report::uniform(&submission.envelope, |recipient| {
        let postponed = Outcome::NotAttempted(NotAttemptedReason::Postponed);
        RecipientReport::new(recipient, postponed, Phase::Local)
            .with_detail("the server has been failing and is left alone for a while")
            .with_retry_after(wait)
    })
}
