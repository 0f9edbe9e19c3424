//! Traces and counts of what is sent.

mod abandoned;
#[cfg(feature = "metrics")]
mod measures;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use letterhead_mail::{
    BoxFuture, Clock, Outcome, RecipientReport, ReplyCode, Report, Submission, Transport,
};
use tracing::Instrument as _;
use tracing::field::{Empty, display};

use self::abandoned::Attempt;

/// Traces each attempt, and counts it with the feature `metrics`.
///
/// An attempt is a span `send` with the fields `transport` (the name given here), `submission` (its id), `recipients`,
/// `octets` and, at the end, `elapsed_ms`. In it is one event for each recipient, at the level WARN where it is in doubt
/// and INFO otherwise: `place` (in the envelope, from 0), `outcome`, `phase`, `code`, `enhanced` and `server`. An attempt
/// that is dropped before its end is an event at WARN. Never traced are the message, what a server said (it may quote an
/// address), and secrets, which no row holds; addresses only [when asked](Self::with_addresses).
///
/// The feature `metrics` counts by the facade of that name, each with the label `transport`:
///
/// | name | kind | further labels |
/// |---|---|---|
/// | `letterhead_transport_attempts_total` | counter | |
/// | `letterhead_transport_abandoned_total` | counter | |
/// | `letterhead_transport_octets_total` | counter: the octets of the message, once an attempt | |
/// | `letterhead_transport_recipients_total` | counter | `outcome`, `phase` |
/// | `letterhead_transport_attempt_seconds` | histogram | |
///
/// An abandoned attempt is one of the attempts and in no other count.
///
/// ```
/// use std::sync::Arc;
/// use letterhead_transport::{Observe, Staging, SystemClock};
///
/// let relay = Arc::new(Staging::withhold_all());
/// let observed = Observe::new("relay", relay, Arc::new(SystemClock::new()));
/// # drop(observed);
/// ```
#[derive(Debug, Clone)]
pub struct Observe {
    name: Arc<str>,
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    addresses: Addresses,
}

#[derive(Debug, Clone, Copy)]
enum Addresses {
    LeftOut,
    Traced,
}

impl Observe {
    /// Observes this transport under a name, which is to be one of few: it is a label of what is counted.
    #[must_use]
    pub fn new(
        name: impl Into<Arc<str>>,
        inner: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            name: name.into(),
            inner,
            clock,
            addresses: Addresses::LeftOut,
        }
    }

    /// Traces the address of each recipient as `recipient`. Addresses are personal data, and logs are copied to many
    /// places.
    #[must_use]
    pub fn with_addresses(mut self) -> Self {
        self.addresses = Addresses::Traced;
        self
    }

    /// Tells the metrics recorder what is counted and in which units. Call it once, after the recorder is installed.
    #[cfg(feature = "metrics")]
    pub fn describe_metrics() {
        measures::describe();
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        let span = tracing::info_span!(
            "send",
            transport = &*self.name,
            submission = %submission.id,
            recipients = submission.envelope.recipients().len(),
            octets = submission.message.len(),
            elapsed_ms = Empty,
        );
        let attempt = Attempt::begin(&self.name, &*self.clock, &span);
        let report = self.inner.send(submission).instrument(span.clone()).await;
        let elapsed = attempt.end();
        span.record(
            "elapsed_ms",
            u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        );
        span.in_scope(|| {
            for (place, row) in report.rows().iter().enumerate() {
                self.trace(place, row);
            }
        });
        #[cfg(feature = "metrics")]
        measures::ended(&self.name, submission, &report, elapsed);
        report
    }

    fn trace(&self, place: usize, row: &RecipientReport) {
        let recipient = match self.addresses {
            Addresses::LeftOut => None,
            Addresses::Traced => Some(display(row.recipient())),
        };
        let outcome = row.outcome();
        let phase = row.phase();
        let code = row.code().map(ReplyCode::get);
        let enhanced = row.enhanced().map(display);
        let server = row.server();
        macro_rules! trace_at {
            ($level:ident) => {
                tracing::$level!(
                    place,
                    recipient,
                    %outcome,
                    %phase,
                    code,
                    enhanced,
                    server,
                    "recipient"
                )
            };
        }
        match outcome {
            Outcome::InDoubt => trace_at!(warn),
            Outcome::Accepted
            | Outcome::Deferred
            | Outcome::Rejected
            | Outcome::NotAttempted(_) => trace_at!(info),
        }
    }
}

impl Transport for Observe {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}
