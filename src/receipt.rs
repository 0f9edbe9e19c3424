//! What became of what was sent.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use letterhead_feedback::{Passage, StoreError, StoreErrorKind, Suppression};
use letterhead_identity::Substitution;
use letterhead_mail::idempotency::SentBefore;
use letterhead_mail::{
    Concern, EmailAddress, Envelope, IdempotencyStoreError, IdentityName, NotAttemptedReason,
    Outcome, Phase, RecipientReport, Report, Submission, SubmissionId,
};

use crate::send_error::RouteRefusal;

/// A row for every recipient of the submission, suppressed and refused ones included.
#[derive(Debug, Clone)]
#[must_use = "some recipients may not have been accepted"]
pub struct Receipt {
    pub(crate) submission: SubmissionId,
    pub(crate) route: String,
    pub(crate) identity: IdentityName,
    pub(crate) substitution: Option<Substitution>,
    pub(crate) passed: Vec<Passage>,
    pub(crate) report: Report,
    pub(crate) unrecorded: Option<Arc<StoreError>>,
    pub(crate) earlier: Vec<Self>,
    pub(crate) passed_over: Arc<[RouteRefusal]>,
    pub(crate) from_before: FromBefore,
}

/// Whether a receipt was written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FromBefore {
    No,
    Yes,
}

impl Receipt {
    /// The submission it is for.
    #[must_use]
    pub fn submission(&self) -> &SubmissionId {
        &self.submission
    }

    /// The route that was taken, the last of several.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// What came of it on the routes before, where they did not take it for everybody; the rows here are the last of each
    /// recipient.
    pub fn earlier(&self) -> &[Self] {
        &self.earlier
    }

    /// The routes that would not have it, and why.
    #[must_use]
    pub fn passed_over(&self) -> &[RouteRefusal] {
        &self.passed_over
    }

    /// Whether nothing was sent now, because the same had been sent before under its
    /// [key](crate::Outgoing::idempotency_key): then this is what came of it then.
    #[must_use]
    pub fn is_from_before(&self) -> bool {
        self.from_before == FromBefore::Yes
    }

    pub(crate) fn passing_over(mut self, refusals: Vec<RouteRefusal>) -> Self {
        self.passed_over = refusals.into();
        self
    }

    pub(crate) fn of_before(sent: SentBefore) -> Self {
        Self {
            submission: sent.submission,
            route: sent.route,
            identity: sent.identity,
            substitution: None,
            passed: Vec::new(),
            report: sent.report,
            unrecorded: None,
            earlier: Vec::new(),
            passed_over: Arc::default(),
            from_before: FromBefore::Yes,
        }
    }

    /// Its key could not be held.
    pub(crate) fn not_settled(mut self, error: IdempotencyStoreError) -> Self {
        let error = StoreError::new(StoreErrorKind::Unavailable, error);
        self.unrecorded.get_or_insert_with(|| Arc::new(error));
        self
    }

    /// The identity that authorised the From address.
    #[must_use]
    pub fn identity(&self) -> &IdentityName {
        &self.identity
    }

    /// The author's address, and why it may not be used, where the message left from the default sender in its place.
    #[must_use]
    pub fn substitution(&self) -> Option<&Substitution> {
        self.substitution.as_ref()
    }

    /// The suppressed recipients that it was sent to all the same, because the policy calls its stream transactional, each
    /// with the note that says who decided so. Keep them.
    #[must_use]
    pub fn passed(&self) -> &[Passage] {
        &self.passed
    }

    /// The rows, in the envelope's order.
    #[must_use]
    pub fn rows(&self) -> &[RecipientReport] {
        self.report.rows()
    }

    /// The row of one recipient.
    #[must_use]
    pub fn row(&self, recipient: &EmailAddress) -> Option<&RecipientReport> {
        self.report.row(recipient)
    }

    /// The submission again, to those recipients only to whom another try can neither duplicate the message nor repeat a
    /// refusal, by this route or one before it; `None` where there is none. For another [`attempt`](crate::Mailer::attempt), later.
    ///
    /// `submission` is the one that this receipt is for.
    #[must_use]
    pub fn remaining(&self, submission: &Submission) -> Option<Submission> {
        let recipients = submission.envelope.recipients().iter();
        let open = recipients.filter(|recipient| {
            let row = self.row(recipient.address());
            row.is_some_and(|row| self.put_off(row).is_some())
        });
        let envelope = submission.envelope.to_others(open.cloned()).ok()?;
        let mut remaining = submission.clone();
        remaining.envelope = envelope;
        Some(remaining)
    }

    /// The row by which its recipient was put off: this one, or, where it only says that a server was not to be spoken to, that
    /// of a route before. `None` where another try would end in the same refusal.
    pub(crate) fn put_off<'r>(&'r self, row: &'r RecipientReport) -> Option<&'r RecipientReport> {
        if row.is_safe_to_retry() {
            return Some(row);
        }
        if row.concerns() != Concern::Connection || !row.outcome().is_proven_not_accepted() {
            return None;
        }
        let before = self.earlier.iter().rev();
        let mut before = before.filter_map(|earlier| earlier.row(row.recipient()));
        before.find(|earlier| earlier.is_safe_to_retry())
    }

    /// Why what was sent could not be written down afterwards. The outcomes stand all the same; but a report about this
    /// message may later be unproven, an address that was refused as dead may be written to again, the message may stop
    /// counting against its provider's limits too early, or its idempotency key may stay claimed.
    #[must_use]
    pub fn unrecorded(&self) -> Option<&StoreError> {
        self.unrecorded.as_deref()
    }

    /// Whether a server took every recipient, as a result: `receipt.all_accepted()?` where that is what you need.
    ///
    /// # Errors
    ///
    /// A copy of the receipt, if even one recipient was suppressed, refused, deferred or is in doubt.
    pub fn all_accepted(&self) -> Result<(), NotAllAccepted> {
        if self.report.all_accepted() {
            Ok(())
        } else {
            Err(NotAllAccepted(Box::new(self.clone())))
        }
    }
}

/// The transport's rows and those of the suppressed recipients, in the order of the whole envelope. Where a transport
/// gave no row, nobody knows what it did.
pub(crate) fn complete(envelope: &Envelope, report: Report, suppressed: &[Suppression]) -> Report {
    let mut attempted: HashMap<EmailAddress, RecipientReport> = HashMap::new();
    for row in report.into_rows() {
        attempted.entry(row.recipient().clone()).or_insert(row);
    }
    let row = |address: &EmailAddress| {
        if let Some(row) = attempted.remove(address) {
            return row;
        }
        let suppression = suppressed
            .iter()
            .find(|suppression| suppression.address() == Some(address));
        suppression.and_then(suppressed_row).unwrap_or_else(|| {
            RecipientReport::new(address.clone(), Outcome::InDoubt, Phase::Final)
                .with_detail("the transport did not say what became of it")
        })
    };
    Report::new(envelope.addresses().map(row).collect())
}

/// The row of somebody who is suppressed; `None` where it is no address that is.
pub(crate) fn suppressed_row(suppression: &Suppression) -> Option<RecipientReport> {
    let outcome = Outcome::NotAttempted(NotAttemptedReason::Suppressed);
    let row = RecipientReport::new(suppression.address()?.clone(), outcome, Phase::Local);
    Some(row.with_detail(format!("suppressed: {}", suppression.reason())))
}

impl Receipt {
    /// A line for every recipient, with the server that decided, and below one for each attempt on an earlier route.
    pub(crate) fn lines(&self) -> Vec<String> {
        let decided = |row: &RecipientReport| match row.server() {
            Some(server) => format!("{row} ({server})"),
            None => row.to_string(),
        };
        let earlier = self.earlier.iter().flat_map(|earlier| {
            let rows = earlier.rows().iter();
            // Whoever was not asked again has one row.
            let rows = rows.filter(|row| self.row(row.recipient()) != Some(*row));
            rows.map(|row| format!("before, by the route {}: {}", earlier.route, decided(row)))
        });
        self.rows().iter().map(decided).chain(earlier).collect()
    }
}

/// A line for every recipient, with the server that decided; and, where routes before did not take it, below one for each
/// recipient there.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines()
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A receipt on which some recipient was not accepted.
#[derive(Debug, thiserror::Error)]
#[error("not every recipient was accepted: {}", .0.lines().join("; "))]
#[non_exhaustive]
pub struct NotAllAccepted(
    /// The receipt.
    pub Box<Receipt>,
);
