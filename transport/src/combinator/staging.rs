//! No mail to real customers from where no mail to real customers should come.

mod allowed;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use letterhead_mail::{
    BoxFuture, Concern, EmailAddress, Envelope, NotAttemptedReason, Outcome, OutcomeClass, Phase,
    RecipientReport, Report, Submission, Transport,
};

pub use self::allowed::{AllowedRecipient, AllowedRecipientError};
use crate::merged_rows::{MergedRows, narrowed, one_row_each};

/// Lets mail out to nobody but those named, whatever the application does.
///
/// Put it around everything else: what it does not let out is
/// [`Withheld`](NotAttemptedReason::Withheld), and no transport inside sees the address.
///
/// ```
/// use std::sync::Arc;
/// use letterhead_dns::block_on_ready;
/// use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission, Transport};
/// use letterhead_transport::{AllowedRecipient, Sink, Staging};
///
/// let inner = Arc::new(Sink::new(["qa.example".parse()?]));
/// let allowed: [AllowedRecipient; 2] = ["qa.example".parse()?, "boss@shop.example".parse()?];
/// let staging = Staging::allow(allowed, inner);
///
/// let message = Message::from_bytes("From: news@shop.example\r\n\r\n", LineEndings::Strict)?;
/// let to: [EmailAddress; 2] = ["ada@qa.example".parse()?, "ada@customer.example".parse()?];
/// let envelope = Envelope::new("bounces@shop.example".parse::<EmailAddress>()?, to)?;
/// let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
/// let report = block_on_ready(staging.send(&submission)).expect("nothing waits");
/// assert_eq!(report.rows()[0].outcome().to_string(), "accepted");
/// assert_eq!(report.rows()[1].outcome().to_string(), "not attempted (withheld)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Staging {
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Allow {
        allowed: HashSet<AllowedRecipient>,
        inner: Arc<dyn Transport>,
    },
    Redirect {
        address: EmailAddress,
        inner: Arc<dyn Transport>,
    },
    WithholdAll,
}

impl Staging {
    /// Lets out what is for these addresses and domains. A domain is that domain alone;
    /// [`AllowedRecipient::domain_and_below`] takes in those below it.
    #[must_use]
    pub fn allow<A: Into<AllowedRecipient>>(
        allowed: impl IntoIterator<Item = A>,
        inner: Arc<dyn Transport>,
    ) -> Self {
        Self {
            way: Way::Allow {
                allowed: allowed.into_iter().map(Into::into).collect(),
                inner,
            },
        }
    }

    /// Sends one copy of everything to this address instead, whoever it was for.
    ///
    /// The rows name the recipients that were meant, have the outcome of the copy, and say in the
    /// [detail](RecipientReport::detail) where it went. A refusal of the address itself says nothing about theirs, so it
    /// is a row that was withheld or postponed.
    #[must_use]
    pub fn redirect_to(address: EmailAddress, inner: Arc<dyn Transport>) -> Self {
        Self {
            way: Way::Redirect { address, inner },
        }
    }

    /// Lets nothing out.
    #[must_use]
    pub fn withhold_all() -> Self {
        Self {
            way: Way::WithholdAll,
        }
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        match &self.way {
            Way::Allow { allowed, inner } => send_allowed(allowed, inner, submission).await,
            Way::Redirect { address, inner } => redirect(address, inner, submission).await,
            Way::WithholdAll => withhold(&submission.envelope, "staging: nothing is let out"),
        }
    }
}

impl Transport for Staging {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

async fn send_allowed(
    allowed: &HashSet<AllowedRecipient>,
    inner: &Arc<dyn Transport>,
    submission: &Submission,
) -> Report {
    let is_allowed = |address: &EmailAddress| allowed.iter().any(|entry| entry.allows(address));
    let mut rows = MergedRows::new(&submission.envelope);
    let kept = rows.part(|recipient, _| !is_allowed(recipient.address()));
    let Some(kept) = kept else {
        return inner.send(submission).await;
    };
    rows.merge(
        &kept,
        withhold(
            &kept,
            "staging: the address is not among those that mail is let out to",
        ),
    );
    if let Some(part) = rows.part(|_, row| row.is_none()) {
        let part = narrowed(submission, part);
        rows.merge(&part.envelope, inner.send(&part).await);
    }
    rows.into_report()
}

async fn redirect(
    address: &EmailAddress,
    inner: &Arc<dyn Transport>,
    submission: &Submission,
) -> Report {
    let Ok(envelope) = submission.envelope.to_others([address.clone()]) else {
        return withhold(&submission.envelope, "staging: there is nobody to send to");
    };
    let copy = narrowed(submission, envelope);
    let rows = one_row_each(&copy.envelope, inner.send(&copy).await);
    let Some(row) = rows.first() else {
        return withhold(&submission.envelope, "staging: there is nobody to send to");
    };
    Report::uniform(&submission.envelope, |meant| of_the_copy(row, meant))
}

/// What became of the copy, as a row of a recipient that it was meant for.
fn of_the_copy(copy: &RecipientReport, meant: EmailAddress) -> RecipientReport {
    let about_the_address = copy.concerns() == Concern::Recipient;
    let (outcome, phase) = match copy.class() {
        OutcomeClass::Refused if about_the_address => (
            Outcome::NotAttempted(NotAttemptedReason::Withheld),
            Phase::Local,
        ),
        OutcomeClass::NotYet if about_the_address => (
            Outcome::NotAttempted(NotAttemptedReason::Postponed),
            Phase::Local,
        ),
        OutcomeClass::Done
        | OutcomeClass::NotYet
        | OutcomeClass::Refused
        | OutcomeClass::Unknown => (copy.outcome(), copy.phase()),
    };
    let mut row = RecipientReport::new(meant, outcome, phase);
    let redirected = format!("staging: sent to {} instead", copy.recipient());
    if about_the_address {
        row = row.with_detail(format!("{redirected}, which did not take it: {copy}"));
    } else {
        row = row.with_detail(match copy.detail() {
            Some(detail) => format!("{redirected}: {detail}"),
            None => redirected,
        });
        if let Some(reply) = copy.reply() {
            row = row.with_reply(reply.clone());
        }
        if let Some(enhanced) = copy.enhanced() {
            row = row.with_enhanced(enhanced);
        }
    }
    if let Some(server) = copy.server() {
        row = row.with_server(server);
    }
    if let Some(tls) = copy.tls() {
        row = row.with_tls(tls.clone());
    }
    if let Some(failure) = copy.tls_failure() {
        row = row.with_tls_failure(failure);
    }
    if let Some(wait) = copy.retry_after() {
        row = row.with_retry_after(wait);
    }
    row
}

fn withhold(envelope: &Envelope, detail: &str) -> Report {
    Report::uniform(envelope, |recipient| {
        RecipientReport::new(
            recipient,
            Outcome::NotAttempted(NotAttemptedReason::Withheld),
            Phase::Local,
        )
        .with_detail(detail)
    })
}
