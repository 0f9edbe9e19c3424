//! The recipients of one domain that no host has taken or refused yet.

use std::collections::HashMap;

use letterhead_mail::{
    EmailAddress, Outcome, OutcomeClass, Phase, Recipient, RecipientReport, Report, Submission,
};

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
        let mut submission = self.submission.clone();
        submission.envelope = envelope.ok()?;
        Some(submission)
    }

    /// Takes what a host said: what it decided stays, and who could not be brought to it stays open.
    pub(super) fn take(&mut self, report: Report) {
        let rows = report.into_rows().into_iter();
        let mut rows: HashMap<EmailAddress, RecipientReport> =
            rows.map(|row| (row.recipient().clone(), row)).collect();
        for recipient in std::mem::take(&mut self.open) {
            // Whom the report does not name is not tried again.
            let Some(row) = rows.remove(recipient.address()) else {
                continue;
            };
            if may_go_elsewhere(&row) {
                self.note(row);
                self.open.push(recipient);
            } else {
                self.decided.push(row);
            }
        }
    }

    /// Notes for all that are open why there was no try at all.
    pub(super) fn note_all(&mut self, mut row: impl FnMut(EmailAddress) -> RecipientReport) {
        let rows: Vec<RecipientReport> = self
            .open
            .iter()
            .map(|recipient| row(recipient.address().clone()))
            .collect();
        for row in rows {
            self.note(row);
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

/// Whether another host may still take the recipient: this one was not reached, or did not want to talk. What it said about
/// sender, recipient or message it said for the domain.
fn may_go_elsewhere(row: &RecipientReport) -> bool {
    let was_not_reached = matches!(
        row.phase(),
        Phase::Connect | Phase::Greeting | Phase::Ehlo | Phase::Tls
    );
    let is_refusal = matches!(row.outcome(), Outcome::Deferred | Outcome::Rejected);
    was_not_reached && is_refusal
}

/// Of several reasons one that leaves hope says more about the domain, then one from further on.
fn worth(row: &RecipientReport) -> (bool, Phase) {
    (row.class() == OutcomeClass::NotYet, row.phase())
}

#[cfg(test)]
mod tests;
