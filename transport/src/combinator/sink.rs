use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use letterhead_mail::{
    BoxFuture, DomainName, EmailAddress, NotAttemptedReason, Outcome, Phase, RecipientReport,
    Report, Submission, Transport,
};

use crate::merged_rows::{MergedRows, narrowed};

/// The end of a load test: takes what is for black-hole domains, counts it and throws it away.
///
/// Addresses at any other domain are [`Withheld`](NotAttemptedReason::Withheld), so that a load test cannot reach
/// anybody; a domain is that domain alone and none below it.
///
/// ```
/// use letterhead_dns::block_on_ready;
/// use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission, Transport};
/// use letterhead_transport::Sink;
///
/// let sink = Sink::new(["load.example".parse()?]);
/// let message = Message::from_bytes("Subject: hello\r\n\r\n", LineEndings::Strict)?;
/// let to: [EmailAddress; 2] = ["a@load.example".parse()?, "b@customer.example".parse()?];
/// let envelope = Envelope::new(ReversePath::Null, to)?;
/// let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
/// let report = block_on_ready(sink.send(&submission)).expect("nothing waits");
/// assert!(!report.all_accepted());
/// assert_eq!((sink.messages(), sink.recipients(), sink.octets()), (1, 1, 18));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sink {
    domains: HashSet<DomainName>,
    inner: Option<Arc<dyn Transport>>,
    messages: AtomicU64,
    recipients: AtomicU64,
    octets: AtomicU64,
}

impl Sink {
    /// A sink for these domains.
    pub fn new(domains: impl IntoIterator<Item = DomainName>) -> Self {
        Self {
            domains: domains.into_iter().collect(),
            inner: None,
            messages: AtomicU64::new(0),
            recipients: AtomicU64::new(0),
            octets: AtomicU64::new(0),
        }
    }

    /// Hands on what it takes, as to a server that itself throws it away, and answers what that says; by default it
    /// accepts it.
    #[must_use]
    pub fn passing_to(mut self, inner: Arc<dyn Transport>) -> Self {
        self.inner = Some(inner);
        self
    }

    /// How many messages it took so far; one with several recipients counts once for each sending.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    /// For how many recipients, each sending counted.
    #[must_use]
    pub fn recipients(&self) -> u64 {
        self.recipients.load(Ordering::Relaxed)
    }

    /// How many octets the messages had together, whatever the number of their recipients.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.octets.load(Ordering::Relaxed)
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        let is_ours = |address: &EmailAddress| {
            let domain = address.domain_name();
            domain.is_some_and(|domain| self.domains.contains(domain))
        };
        let mut rows = MergedRows::new(&submission.envelope);
        if let Some(others) = rows.part(|recipient, _| !is_ours(recipient.address())) {
            let withheld = Report::uniform(&others, |recipient| {
                let withheld = Outcome::NotAttempted(NotAttemptedReason::Withheld);
                RecipientReport::new(recipient, withheld, Phase::Local)
                    .with_detail("sink: the address is not at a black-hole domain")
            });
            rows.merge(&others, withheld);
        }
        let Some(ours) = rows.part(|_, row| row.is_none()) else {
            return rows.into_report();
        };
        self.count(submission, ours.recipients().len());
        match &self.inner {
            Some(inner) => {
                let part = narrowed(submission, ours);
                rows.merge(&part.envelope, inner.send(&part).await);
            }
            None => {
                let taken = Report::uniform(&ours, |recipient| {
                    RecipientReport::new(recipient, Outcome::Accepted, Phase::Local)
                        .with_detail("sink: thrown away")
                });
                rows.merge(&ours, taken);
            }
        }
        rows.into_report()
    }

    fn count(&self, submission: &Submission, recipients: usize) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.recipients.fetch_add(
            u64::try_from(recipients).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
        self.octets.fetch_add(
            u64::try_from(submission.message.len()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }
}

impl Transport for Sink {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Sink;
    use crate::combinator::testing::{
        Run, Say, Scripted, Slow, StepClock, outcomes, seconds, send_now, submission,
    };

    fn sink() -> Sink {
        Sink::new(["load.example".parse().unwrap()])
    }

    #[test]
    fn only_exactly_its_domains_are_taken_and_counted() {
        let sink = sink();
        let submission = submission(&[
            "a@load.example",
            "b@sub.load.example",
            "c@LOAD.example",
            "d@[192.0.2.1]",
        ]);
        for _ in 0..2 {
            assert_eq!(
                outcomes(&send_now(&sink, &submission)),
                [
                    "a accepted",
                    "b not attempted (withheld) at local",
                    "c accepted",
                    "d not attempted (withheld) at local"
                ]
            );
        }
        let octets = 2 * u64::try_from(submission.message.len()).unwrap();
        assert_eq!(
            (sink.messages(), sink.recipients(), sink.octets()),
            (2, 4, octets)
        );
    }

    #[test]
    fn what_is_withheld_is_not_counted() {
        let sink = sink();
        assert!(!send_now(&sink, &submission(&["a@x.example"])).all_accepted());
        assert_eq!(
            (sink.messages(), sink.recipients(), sink.octets()),
            (0, 0, 0)
        );
    }

    #[test]
    fn another_transport_may_answer_for_what_is_taken() {
        let inner = Scripted::new(&[&[Say::Busy, Say::Lost]]);
        let sink = sink().passing_to(inner.clone());
        let report = send_now(
            &sink,
            &submission(&["a@load.example", "b@x.example", "c@load.example"]),
        );
        assert_eq!(
            outcomes(&report),
            [
                "a deferred at rcpt",
                "b not attempted (withheld) at local",
                "c in doubt"
            ]
        );
        assert_eq!(inner.sent_to(), ["a c"]);
    }

    #[test]
    fn what_was_handed_on_is_counted_though_nobody_waits_for_the_answer() {
        let clock = StepClock::new();
        let slow = Slow {
            takes: seconds(1),
            clock,
            inner: Scripted::accepting(),
        };
        let sink = sink().passing_to(Arc::new(slow));
        drop(Run::start(&sink, &submission(&["a@load.example"])));
        assert_eq!((sink.messages(), sink.recipients()), (1, 1));
    }
}
