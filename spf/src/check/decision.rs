//! What decided a check.

use std::fmt;
use std::ops::Range;

use crate::check::outcome::Outcome;
use crate::check::reason::Reason;
use crate::check::trace::{Shown, Trace};
use crate::spf_result::SpfResult;

/// Which term of which record decided, or why none did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decision {
    /// The domain whose record was evaluated at that point.
    pub domain: String,
    /// The term, where one is the reason.
    pub term: Option<DecidingTerm>,
    /// The reason.
    pub reason: Reason,
}

/// A term of a record, by its text and place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecidingTerm {
    /// The term as published.
    pub text: String,
    /// Its octets in the record.
    pub span: Range<usize>,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = Shown(&self.domain);
        match &self.term {
            Some(term) => write!(f, "`{}` of {domain}: {}", term.text, self.reason),
            None => write!(f, "{domain}: {}", self.reason),
        }
    }
}

impl Trace {
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
