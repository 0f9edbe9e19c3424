//! Which transport a submission takes.

mod rule;
mod sender_check;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use letterhead_mail::{BoxFuture, EmailAddress, Report, Submission, Transport};

use self::rule::Facts;
pub use self::rule::RoutingRule;
pub use self::sender_check::{SenderCheck, SenderStatus};
use crate::merged_rows::{MergedRows, narrowed};

/// Picks a transport by rules that are tried in order; what no rule takes goes to a default.
///
/// A [rule](RoutingRule) about the submission takes all recipients that are left; one about a recipient's domain takes those
/// recipients. A submission that is divided that way is sent in its parts, one after another, and the rows are put
/// together; parts for the same transport are one.
///
/// Credentials for an address are one `SmtpTransport` for each and a rule [`FromAddress`](RoutingRule::FromAddress).
/// With a [`SenderCheck`] the transports of senders that are unverified or disabled are passed over: then no rule about
/// who sends holds, and what no other rule takes goes to the default.
///
/// ```
/// use std::sync::Arc;
/// use letterhead_dns::block_on_ready;
/// use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission, Transport};
/// use letterhead_transport::{Router, RoutingRule, Sink, Staging};
///
/// let news = Arc::new(Sink::new(["customer.example".parse()?]));
/// let router = Router::new(Arc::new(Staging::withhold_all()))
///     .rule(RoutingRule::FromAddress("news@shop.example".parse()?), news.clone());
///
/// let message = Message::from_bytes("From: news@shop.example\r\n\r\n", LineEndings::Strict)?;
/// let to: EmailAddress = "ada@customer.example".parse()?;
/// let envelope = Envelope::new("bounces@shop.example".parse::<EmailAddress>()?, [to])?;
/// let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
/// assert!(block_on_ready(router.send(&submission)).expect("nothing waits").all_accepted());
/// assert_eq!(news.messages(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Router {
    rules: Vec<(RoutingRule, Arc<dyn Transport>)>,
    default: Arc<dyn Transport>,
    check: Option<Arc<dyn SenderCheck>>,
}

impl Router {
    /// A router that so far sends everything by the default.
    #[must_use]
    pub fn new(default: Arc<dyn Transport>) -> Self {
        Self {
            rules: Vec::new(),
            default,
            check: None,
        }
    }

    /// A rule behind those there are, and the transport of what it takes.
    #[must_use]
    pub fn rule(mut self, rule: RoutingRule, transport: Arc<dyn Transport>) -> Self {
        self.rules.push((rule, transport));
        self
    }

    /// Who says whether a sender may use its own transport; without it each may.
    #[must_use]
    pub fn sender_check(mut self, check: impl SenderCheck + 'static) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    fn parts<'a>(&'a self, submission: &'a Submission) -> Vec<Part<'a>> {
        let status = match &self.check {
            Some(check) => check.status(submission),
            None => SenderStatus::Usable,
        };
        let facts = Facts::new(submission, status);
        let mut left: Vec<&EmailAddress> = submission.envelope.addresses().collect();
        let mut parts = Vec::new();
        for (rule, transport) in &self.rules {
            let taken = left.extract_if(.., |recipient| rule.takes(&facts, recipient));
            add(&mut parts, transport, taken);
        }
        add(&mut parts, &self.default, left.into_iter());
        parts
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        let parts = self.parts(submission);
        if let [whole] = parts.as_slice() {
            return whole.transport.send(submission).await;
        }
        let mut rows = MergedRows::new(&submission.envelope);
        for part in &parts {
            let recipients =
                rows.part(|recipient, _| part.recipients.contains(recipient.address()));
            if let Some(envelope) = recipients {
                let narrowed = narrowed(submission, envelope);
                rows.merge(&narrowed.envelope, part.transport.send(&narrowed).await);
            }
        }
        rows.into_report()
    }
}

impl Transport for Router {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

/// The recipients that one transport has, at least one.
struct Part<'a> {
    transport: &'a Arc<dyn Transport>,
    recipients: HashSet<&'a EmailAddress>,
}

/// Gives recipients to a transport, together with those it has.
fn add<'a>(
    parts: &mut Vec<Part<'a>>,
    transport: &'a Arc<dyn Transport>,
    recipients: impl Iterator<Item = &'a EmailAddress>,
) {
    let mut recipients = recipients.peekable();
    if recipients.peek().is_none() {
        return;
    }
    let same = parts
        .iter_mut()
        .find(|part| Arc::ptr_eq(part.transport, transport));
    match same {
        Some(part) => part.recipients.extend(recipients),
        None => parts.push(Part {
            transport,
            recipients: recipients.collect(),
        }),
    }
}
