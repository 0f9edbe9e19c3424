//! Rows about parts of an envelope, put together in the envelope's order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use letterhead_mail::{
    EmailAddress, Envelope, NotAttemptedReason, Outcome, Phase, Recipient, RecipientReport, Report,
    Submission,
};

/// The rows of an envelope while parts of it are tried.
///
/// A later row replaces an earlier one, unless the earlier one says that the message was accepted or may have been.
#[derive(Debug)]
pub(crate) struct MergedRows<'a> {
    envelope: &'a Envelope,
    rows: Vec<Option<RecipientReport>>,
}

impl<'a> MergedRows<'a> {
    /// No rows yet.
    pub(crate) fn new(envelope: &'a Envelope) -> Self {
        Self {
            envelope,
            rows: vec![None; envelope.recipients().len()],
        }
    }

    /// The recipients that are wanted, judged by the row they have so far, in an envelope like the whole; `None` when
    /// there are none of them.
    pub(crate) fn part(
        &self,
        mut wanted: impl FnMut(&Recipient, Option<&RecipientReport>) -> bool,
    ) -> Option<Envelope> {
        let recipients = self.envelope.recipients().iter().zip(&self.rows);
        let part = recipients.filter(|(recipient, row)| wanted(recipient, row.as_ref()));
        let part = part.map(|(recipient, _)| recipient.clone());
        self.envelope.to_others(part).ok()
    }

    /// Takes in the report about a part that [`part`](Self::part) gave, or about the whole.
    pub(crate) fn merge(&mut self, part: &Envelope, report: Report) {
        let mut rows = one_row_each(part, report).into_iter().peekable();
        // A part keeps the envelope's order.
        for (address, place) in self.envelope.addresses().zip(&mut self.rows) {
            let Some(row) = rows.next_if(|row| row.recipient() == address) else {
                continue;
            };
            match place {
                Some(earlier) if !earlier.outcome().is_proven_not_accepted() => {}
                Some(_) | None => *place = Some(row),
            }
        }
    }

    /// The report: one row for each recipient. Whoever was in no part was not attempted.
    pub(crate) fn into_report(self) -> Report {
        let rows = self.envelope.addresses().zip(self.rows);
        Report::new(
            rows.map(|(address, row)| {
                row.unwrap_or_else(|| {
                    let cancelled = Outcome::NotAttempted(NotAttemptedReason::Cancelled);
                    RecipientReport::new(address.clone(), cancelled, Phase::Local)
                })
            })
            .collect(),
        )
    }
}

/// The rows of a report as they were promised: one for each recipient, in the envelope's order.
///
/// Transports are written by many. Of two rows the later counts, unless the earlier says that the message was accepted or
/// may have been. A recipient without a row may have been sent to, so it is in doubt.
pub(crate) fn one_row_each(envelope: &Envelope, report: Report) -> Vec<RecipientReport> {
    let rows = report.into_rows();
    if rows
        .iter()
        .map(RecipientReport::recipient)
        .eq(envelope.addresses())
    {
        return rows;
    }
    let mut by_recipient: HashMap<EmailAddress, RecipientReport> =
        HashMap::with_capacity(rows.len());
    for row in rows {
        match by_recipient.entry(row.recipient().clone()) {
            Entry::Occupied(mut earlier) => {
                if earlier.get().outcome().is_proven_not_accepted() {
                    earlier.insert(row);
                }
            }
            Entry::Vacant(place) => {
                place.insert(row);
            }
        }
    }
    envelope
        .addresses()
        .map(|address| {
            by_recipient.remove(address).unwrap_or_else(|| {
                RecipientReport::new(address.clone(), Outcome::InDoubt, Phase::Final)
                    .with_detail("the transport did not say what became of this recipient")
            })
        })
        .collect()
}

/// The same submission to fewer recipients: id, message and all else as they are.
pub(crate) fn narrowed(submission: &Submission, part: Envelope) -> Submission {
    let mut narrowed = submission.clone();
    narrowed.envelope = part;
    narrowed
}

/// What a transport that was closed says.
pub(crate) fn closed(submission: &Submission) -> Report {
    Report::uniform(&submission.envelope, |recipient| {
        let postponed = Outcome::NotAttempted(NotAttemptedReason::Postponed);
        RecipientReport::new(recipient, postponed, Phase::Local)
            .with_detail("the transport was closed")
    })
}

#[cfg(test)]
mod tests {
    use letterhead_mail::envelope::Notify;
    use letterhead_mail::{Envelope, Outcome, Recipient, RecipientReport, Report, ReversePath};

    use super::{MergedRows, one_row_each};
    use crate::combinator::testing::{Say, address, outcomes};

    fn envelope(recipients: &[&str]) -> Envelope {
        let recipients = recipients.iter().map(|text| address(text));
        Envelope::new(ReversePath::Null, recipients).unwrap()
    }

    fn report(rows: &[(&str, Say)]) -> Report {
        Report::new(
            rows.iter()
                .map(|(recipient, say)| say.row(&address(recipient)))
                .collect(),
        )
    }

    #[test]
    fn later_rows_replace_earlier_ones_but_for_what_may_have_been_accepted() {
        let envelope = envelope(&["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
        let mut merged = MergedRows::new(&envelope);
        merged.merge(
            &envelope,
            report(&[
                ("a@x.example", Say::Busy),
                ("b@x.example", Say::Lost),
                ("c@x.example", Say::Accepted),
                ("d@x.example", Say::Busy),
            ]),
        );
        merged.merge(
            &envelope,
            report(&[
                ("a@x.example", Say::Accepted),
                ("b@x.example", Say::Accepted),
                ("c@x.example", Say::NoSuchUser),
                ("d@x.example", Say::NoSuchUser),
            ]),
        );
        assert_eq!(
            outcomes(&merged.into_report()),
            [
                "a accepted",
                "b in doubt",
                "c accepted",
                "d rejected at rcpt"
            ]
        );
    }

    #[test]
    fn parts_keep_the_order_and_what_was_asked_of_servers() {
        let recipients = ["a@x.example", "b@y.example", "c@x.example"];
        let asked = Recipient::from(address("b@y.example")).with_notify(Notify::NEVER);
        let whole = Envelope::new(
            ReversePath::Null,
            [
                address("a@x.example").into(),
                asked.clone(),
                address("c@x.example").into(),
            ],
        )
        .unwrap();
        let mut merged = MergedRows::new(&whole);
        let part = merged.part(|recipient, _| *recipient == asked).unwrap();
        assert_eq!(part.recipients(), [asked]);
        merged.merge(&part, report(&[("b@y.example", Say::Accepted)]));
        let others = merged.part(|_, row| row.is_none()).unwrap();
        merged.merge(
            &others,
            report(&[("c@x.example", Say::Busy), ("a@x.example", Say::Accepted)]),
        );
        assert!(merged.part(|_, row| row.is_none()).is_none());
        let report = merged.into_report();
        let order: Vec<String> = report
            .rows()
            .iter()
            .map(|row| row.recipient().to_string())
            .collect();
        assert_eq!(order, recipients);
    }

    #[test]
    fn a_recipient_without_a_row_is_in_doubt_and_a_stranger_is_left_out() {
        let envelope = envelope(&["a@x.example", "b@x.example"]);
        let rows = one_row_each(
            &envelope,
            report(&[
                ("stranger@x.example", Say::Accepted),
                ("b@x.example", Say::Busy),
                ("b@x.example", Say::Accepted),
                ("b@x.example", Say::Busy),
            ]),
        );
        let outcomes: Vec<Outcome> = rows.iter().map(RecipientReport::outcome).collect();
        assert_eq!(outcomes, [Outcome::InDoubt, Outcome::Accepted]);
    }

    #[test]
    fn whoever_was_in_no_part_was_not_attempted() {
        let envelope = envelope(&["a@x.example"]);
        let report = MergedRows::new(&envelope).into_report();
        assert_eq!(outcomes(&report), ["a not attempted (cancelled) at local"]);
    }
}
