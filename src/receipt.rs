//! What became of what was sent.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use letterhead_feedback::{Passage, StoreError, Suppression};
use letterhead_identity::Substitution;
use letterhead_mail::{
    EmailAddress, Envelope, IdentityName, NotAttemptedReason, Outcome, Phase, RecipientReport,
    Report, Submission, SubmissionId,
};

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
}

impl Receipt {
    /// The submission it is for.
    #[must_use]
    pub fn submission(&self) -> &SubmissionId {
        &self.submission
    }

    /// The route that was taken.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
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
    /// refusal; `None` where there is none. For another [`attempt`](crate::Mailer::attempt), later.
    ///
    /// `submission` is the one that this receipt is for.
    #[must_use]
    pub fn remaining(&self, submission: &Submission) -> Option<Submission> {
        let open = self
            .rows()
            .iter()
            .filter(|row| row.is_safe_to_retry())
            .map(|row| row.recipient().clone());
        let envelope = Envelope::new(submission.envelope.sender().clone(), open).ok()?;
        let mut remaining = submission.clone();
        remaining.envelope = envelope;
        Some(remaining)
    }

    /// Why what was sent could not be written down afterwards. The outcomes stand all the same; but a report about this
    /// message may later be unproven, an address that was refused as dead may be written to again, or the message may stop
    /// counting against its provider's limits too early.
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
        let row = |outcome, phase| RecipientReport::new(address.clone(), outcome, phase);
        match suppression {
            Some(suppression) => row(
                Outcome::NotAttempted(NotAttemptedReason::Suppressed),
                Phase::Local,
            )
            .with_detail(format!("suppressed: {}", suppression.reason())),
            None => row(Outcome::InDoubt, Phase::Final)
                .with_detail("the transport did not say what became of it"),
        }
    };
    Report::new(envelope.addresses().map(row).collect())
}

/// One line a recipient.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}

/// A receipt on which some recipient was not accepted.
#[derive(Debug, thiserror::Error)]
#[error("not every recipient was accepted: {0}")]
#[non_exhaustive]
pub struct NotAllAccepted(
    /// The receipt.
    pub Box<Receipt>,
);
