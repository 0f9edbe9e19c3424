use std::sync::Arc;

use letterhead_mail::{BoxFuture, RecipientReport, Report, Submission, Transport};

use crate::merged_rows::{MergedRows, narrowed};

/// The servers of one route, in order: who was not taken by one is tried with the next.
///
/// A recipient goes on when it [may](RecipientReport::may_go_elsewhere): it was deferred, postponed or not reached, or the
/// server refused the connection or the log-in or lacks an extension, which another server may not.
/// A 5xx to the recipient or to the message is the answer, whichever server gives it. What was accepted or is in doubt
/// goes to no other server. A later row replaces an earlier one.
///
/// Only for servers of one route, such as the hosts of one provider. Another provider means another profile and other
/// signatures; going over to it is for what signs.
///
/// ```
/// use std::sync::Arc;
/// use letterhead_dns::block_on_ready;
/// use letterhead_mail::{Envelope, LineEndings, Message, Submission, Transport};
/// use letterhead_transport::{Failover, Sink};
///
/// let main = Sink::new(["one.example".parse()?]);
/// let spare = Sink::new(["two.example".parse()?]);
/// let servers = Failover::new(Arc::new(main)).then(Arc::new(spare));
/// # let message = Message::from_bytes("Subject: hello\r\n\r\n", LineEndings::Strict)?;
/// # let to: letterhead_mail::EmailAddress = "a@one.example".parse()?;
/// # let envelope = Envelope::new(letterhead_mail::ReversePath::Null, [to])?;
/// # let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
/// let report = block_on_ready(servers.send(&submission)).expect("nothing waits");
/// assert!(report.all_accepted());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Failover {
    servers: Vec<Arc<dyn Transport>>,
}

impl Failover {
    /// This server, so far alone.
    #[must_use]
    pub fn new(first: Arc<dyn Transport>) -> Self {
        Self {
            servers: vec![first],
        }
    }

    /// And then this one.
    #[must_use]
    pub fn then(mut self, next: Arc<dyn Transport>) -> Self {
        self.servers.push(next);
        self
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        let mut rows = MergedRows::new(&submission.envelope);
        for (place, server) in self.servers.iter().enumerate() {
            if place == 0 {
                rows.merge(&submission.envelope, server.send(submission).await);
                continue;
            }
            let Some(part) = rows.part(|_, row| row.is_none_or(RecipientReport::may_go_elsewhere))
            else {
                break;
            };
            let part = narrowed(submission, part);
            rows.merge(&part.envelope, server.send(&part).await);
        }
        rows.into_report()
    }
}

impl Transport for Failover {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use letterhead_mail::{Envelope, Recipient, envelope::Notify};

    use super::Failover;
    use crate::combinator::testing::{
        Run, Say, Scripted, Slow, StepClock, address, outcomes, seconds, send_now, submission,
    };

    #[test]
    fn only_who_is_proven_not_taken_and_not_finally_refused_goes_on() {
        let goes_on = |say| {
            let first = Scripted::new(&[&[say]]);
            let next = Scripted::accepting();
            let servers = Failover::new(first).then(next.clone());
            let report = send_now(&servers, &submission(&["a@x.example"]));
            assert_eq!(report.rows().len(), 1);
            let went_on = !next.sent_to().is_empty();
            assert_eq!(report.all_accepted(), went_on || say == Say::Accepted);
            went_on
        };
        for say in Say::ALL {
            let expected = match say {
                Say::Busy
                | Say::BusyFor(_)
                | Say::Unreachable
                | Say::LoginRefused
                | Say::Cancelled
                | Say::Postponed => true,
                Say::Accepted | Say::NoSuchUser | Say::Spam | Say::Lost | Say::Withheld => false,
            };
            assert_eq!(goes_on(say), expected, "{say:?}");
        }
    }

    #[test]
    fn rows_are_merged_in_order_and_later_ones_count() {
        let first = Scripted::new(&[&[
            Say::Busy,
            Say::Accepted,
            Say::NoSuchUser,
            Say::Busy,
            Say::Lost,
        ]]);
        let second = Scripted::new(&[&[Say::NoSuchUser, Say::Unreachable]]);
        let third = Scripted::accepting();
        let servers = Failover::new(first)
            .then(second.clone())
            .then(third.clone());
        let submission = submission(&[
            "a@x.example",
            "b@x.example",
            "c@x.example",
            "d@x.example",
            "e@x.example",
        ]);
        let report = send_now(&servers, &submission);
        assert_eq!(
            outcomes(&report),
            [
                "a rejected at rcpt",
                "b accepted",
                "c rejected at rcpt",
                "d accepted",
                "e in doubt"
            ]
        );
        assert_eq!(second.sent_to(), ["a d"]);
        assert_eq!(third.sent_to(), ["d"]);
    }

    #[test]
    fn recipients_keep_what_was_asked_for_them_and_the_message_is_the_same() {
        let mut submission = submission(&["a@x.example"]);
        let asked = Recipient::from(address("b@x.example"))
            .with_notify(Notify::NEVER)
            .with_original(address("team@x.example"));
        submission.envelope = Envelope::new(
            submission.envelope.sender().clone(),
            [address("a@x.example").into(), asked.clone()],
        )
        .unwrap()
        .with_id("batch".parse().unwrap());
        let next = Scripted::accepting();
        let servers =
            Failover::new(Scripted::new(&[&[Say::Accepted, Say::Busy]])).then(next.clone());
        assert!(send_now(&servers, &submission).all_accepted());
        let attempts = next.attempts();
        assert_eq!(attempts[0].envelope.recipients(), [asked]);
        assert_eq!(attempts[0].envelope.id(), submission.envelope.id());
        assert_eq!(attempts[0].id, submission.id);
        assert_eq!(attempts[0].message, submission.message);
    }

    #[test]
    fn the_last_server_answers_where_none_takes_it() {
        let servers = Failover::new(Scripted::new(&[&[Say::Busy]]))
            .then(Scripted::new(&[&[Say::Unreachable]]));
        let report = send_now(&servers, &submission(&["a@x.example"]));
        assert_eq!(outcomes(&report), ["a deferred at connect"]);
    }

    #[test]
    fn a_dropped_attempt_goes_to_no_other_server() {
        let clock = StepClock::new();
        let slow = Slow {
            takes: seconds(5),
            clock: clock.clone(),
            inner: Scripted::new(&[&[Say::Busy]]),
        };
        let next = Scripted::accepting();
        let servers = Failover::new(Arc::new(slow)).then(next.clone());
        let submission = submission(&["a@x.example"]);
        let (run, report) = Run::start(&servers, &submission);
        assert!(report.is_none());
        drop(run);
        clock.advance(seconds(9));
        assert!(next.sent_to().is_empty());
        let (mut run, _) = Run::start(&servers, &submission);
        clock.advance(seconds(5));
        assert!(run.step().unwrap().all_accepted());
    }
}
