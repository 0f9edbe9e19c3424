//! The recipients of one domain that no host has taken or refused yet.

use std::collections::HashMap;

use letterhead_mail::{
    EmailAddress, NotAttemptedReason, Outcome, OutcomeClass, Phase, Recipient, RecipientReport,
    Submission,
};

use crate::merged_rows::narrowed;

/// The recipients of one domain that no host has taken or refused yet, and what was said to the others.
#[derive(Debug)]
pub(super) struct Undelivered {
    submission: Submission,
    open: Vec<Recipient>,
    /// The best reason so far why a recipient is still open.
    reasons: HashMap<EmailAddress, RecipientReport>,
    decided: Vec<RecipientReport>,
}

impl Undelivered {
    pub(super) fn new(submission: Submission) -> Self {
        Self {
            open: submission.envelope.recipients().to_vec(),
            submission,
            reasons: HashMap::new(),
            decided: Vec::new(),
        }
    }

    /// The submission to those that are open; `None` when nobody is.
    pub(super) fn submission(&self) -> Option<Submission> {
        let envelope = self
            .submission
            .envelope
            .to_others(self.open.iter().cloned());
        Some(narrowed(&self.submission, envelope.ok()?))
    }

    /// Takes what a host said, a row for each that is open, in order: what it decided stays, and who could not be brought to
    /// it stays open.
    pub(super) fn take(&mut self, rows: Vec<RecipientReport>) {
        for (recipient, row) in std::mem::take(&mut self.open).into_iter().zip(rows) {
            if may_go_elsewhere(&row) {
                self.note(row);
                self.open.push(recipient);
            } else {
                self.decided.push(row);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// All rows; for recipients that are open without a reason, `rest` makes one.
    pub(super) fn finish(
        mut self,
        mut rest: impl FnMut(EmailAddress) -> RecipientReport,
    ) -> Vec<RecipientReport> {
        for recipient in self.open {
            let address = recipient.address();
            let reason = self.reasons.remove(address);
            self.decided
                .push(reason.unwrap_or_else(|| rest(address.clone())));
        }
        self.decided
    }

    fn note(&mut self, row: RecipientReport) {
        match self.reasons.get(row.recipient()) {
            Some(known) if worth(known) >= worth(&row) => {}
            _ => {
                self.reasons.insert(row.recipient().clone(), row);
            }
        }
    }
}

/// Whether another host may still take the recipient: this one was not reached, did not want to talk, or lacks what the
/// message needs. What it said about sender, recipient or message it said for the domain.
fn may_go_elsewhere(row: &RecipientReport) -> bool {
    match row.outcome() {
        Outcome::Deferred | Outcome::Rejected => matches!(
            row.phase(),
            Phase::Connect | Phase::Greeting | Phase::Ehlo | Phase::Tls
        ),
        Outcome::NotAttempted(reason) => reason == NotAttemptedReason::Unsupported,
        Outcome::Accepted | Outcome::InDoubt => false,
    }
}

/// Of several reasons one that leaves hope says more about the domain, then one from further on.
fn worth(row: &RecipientReport) -> (bool, Phase) {
    (row.class() == OutcomeClass::NotYet, row.phase())
}

#[cfg(test)]
mod tests;
