//! One outcome for all recipients.

use letterhead_mail::{EmailAddress, Outcome, Phase, RecipientReport, Reply};

/// What an answer of a lettre transport says: the same about every recipient, because lettre gives one answer for all.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SharedOutcome {
    outcome: Outcome,
    phase: Phase,
    reply: Option<Reply>,
    detail: Option<String>,
}

impl SharedOutcome {
    /// An outcome, and how far the dialogue had come. Where nobody knows how far, say [`Phase::Final`]; never
    /// [`Phase::Rcpt`], which would blame every recipient for what one of them may have caused.
    pub fn new(outcome: Outcome, phase: Phase) -> Self {
        Self {
            outcome,
            phase,
            reply: None,
            detail: None,
        }
    }

    /// With the server's reply.
    pub fn with_reply(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// With a sentence for people.
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The row of one recipient of this many.
    pub(super) fn row(&self, recipient: EmailAddress, recipients: usize) -> RecipientReport {
        let row = RecipientReport::new(recipient, self.outcome, self.phase);
        let row = match &self.reply {
            Some(reply) => row.with_reply(reply.clone()),
            None => row,
        };
        let shared = (recipients > 1)
            .then(|| format!("lettre's one answer for all {recipients} recipients"));
        match (shared, &self.detail) {
            (None, None) => row,
            (None, Some(detail)) => row.with_detail(detail.clone()),
            (Some(shared), None) => row.with_detail(shared),
            (Some(shared), Some(detail)) => row.with_detail(format!("{shared}: {detail}")),
        }
    }
}
