//! What is left for the end of a check, when its trace is complete.

use std::vec;

use crate::check::step::Lookups;
use crate::check::trace::{Lookup, Outcome, Trace};
use crate::check::verdict::{DecidingTerm, Decision};
use crate::record::Record;
use crate::spf_result::SpfResult;

impl Trace {
    /// Takes what belongs to it from the replies and records, which stand in the order in which the steps asked.
    pub(crate) fn fill(
        &mut self,
        replies: &mut vec::IntoIter<Lookup>,
        records: &mut vec::IntoIter<Option<Record>>,
    ) {
        if self.asked {
            self.lookup = replies.next();
            self.record = records.next().flatten();
        }
        let inquiries = self
            .steps
            .iter_mut()
            .filter_map(|step| step.inquiry.as_mut());
        for inquiry in inquiries {
            match inquiry.asked {
                0 => {}
                1 => inquiry.lookups = replies.next().map_or(Lookups::None, Lookups::One),
                asked => {
                    let lookups = replies.by_ref().take(asked).collect();
                    inquiry.lookups = Lookups::Several(lookups);
                }
            }
            if let Some(nested) = &mut inquiry.nested {
                nested.fill(replies, records);
            }
        }
    }

    /// What decided: the last term, or what decided in the record that it names.
    pub(crate) fn decision(&self) -> Decision {
        let explains =
            |outcome: &Outcome| matches!(outcome, Outcome::Explained(_) | Outcome::Unexplained(_));
        let mut steps = self.steps().iter().rev();
        let last = steps.find(|step| !explains(step.outcome()));
        let below = last.and_then(|step| step.nested());
        let term = match last.map(|step| (step, step.outcome())) {
            Some((_, Outcome::Followed(_))) => {
                return below.map_or_else(|| self.here(None), Self::decision);
            }
            Some((step, Outcome::Stopped(_))) => match below {
                Some(below) if below.is_error() => return below.decision(),
                _ => Some(step.term()),
            },
            Some((step, Outcome::Matched)) => Some(step.term()),
            _ => None,
        };
        self.here(term)
    }

    /// The decision of this term, or of none.
    fn here(&self, term: Option<usize>) -> Decision {
        Decision {
            domain: self.domain().to_owned(),
            term: term.and_then(|index| {
                let record = self.record()?;
                let term = record.terms().get(index)?;
                Some(DecidingTerm {
                    text: record.text_of(term).to_owned(),
                    span: term.span(),
                })
            }),
            reason: self.reason().clone(),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self.result(), SpfResult::TempError | SpfResult::PermError)
    }
}
