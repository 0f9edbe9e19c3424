//! Rows of a report that come in parts.

use std::collections::HashMap;

use letterhead_mail::{
    EmailAddress, Envelope, NotAttemptedReason, Outcome, Phase, RecipientReport, Report, Submission,
};

/// One row for every recipient of an envelope, filled as parts of the submission come to their end.
#[derive(Debug)]
pub(crate) struct Rows {
    places: HashMap<EmailAddress, usize>,
    rows: Vec<RecipientReport>,
}

impl Rows {
    /// Nothing is known yet.
    pub(crate) fn new(envelope: &Envelope) -> Self {
        let rows: Vec<RecipientReport> = envelope
            .addresses()
            .map(|address| {
                let cancelled = Outcome::NotAttempted(NotAttemptedReason::Cancelled);
                RecipientReport::new(address.clone(), cancelled, Phase::Local)
            })
            .collect();
        Self {
            places: HashMap::new(),
            rows,
        }
    }

    /// Takes the rows of a part; a later row of a recipient replaces an earlier one. Rows of others are passed over.
    pub(crate) fn put(&mut self, report: Report) {
        let part = report.into_rows();
        let whole = part.len() == self.rows.len()
            && part
                .iter()
                .zip(&self.rows)
                .all(|(one, other)| one.recipient() == other.recipient());
        if whole {
            self.rows = part;
            return;
        }
        if self.places.is_empty() {
            let rows = self.rows.iter().enumerate();
            self.places = rows
                .map(|(place, row)| (row.recipient().clone(), place))
                .collect();
        }
        for row in part {
            let place = self.places.get(row.recipient());
            if let Some(slot) = place.and_then(|&place| self.rows.get_mut(place)) {
                *slot = row;
            }
        }
    }

    /// The submission to those whose rows are so, with all that was asked for each; `None` when there is nobody.
    pub(crate) fn narrow(
        &self,
        submission: &Submission,
        wanted: impl Fn(&RecipientReport) -> bool,
    ) -> Option<Submission> {
        if !self.rows.iter().any(&wanted) {
            return None;
        }
        let wanted: Vec<&EmailAddress> = self
            .rows
            .iter()
            .filter(|row| wanted(row))
            .map(RecipientReport::recipient)
            .collect();
        let wanted: std::collections::HashSet<&EmailAddress> = wanted.into_iter().collect();
        let recipients = submission.envelope.recipients().iter();
        let envelope = submission
            .envelope
            .to_others(
                recipients
                    .filter(|recipient| wanted.contains(recipient.address()))
                    .cloned(),
            )
            .ok()?;
        let mut narrowed = submission.clone();
        narrowed.envelope = envelope;
        Some(narrowed)
    }

    pub(crate) fn into_report(self) -> Report {
        Report::new(self.rows)
    }
}
