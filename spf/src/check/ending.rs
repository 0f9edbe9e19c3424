//! How the evaluation of a record ends.

use crate::check::reason::Reason;
use crate::check::trace::Trace;
use crate::check::verdict::{DecidingTerm, Decision};
use crate::spf_result::SpfResult;

/// A record evaluated.
pub(crate) struct Evaluated {
    /// Boxed: it is handed through several futures, each of which would have room for it and copy it.
    pub(crate) trace: Box<Trace>,
    /// The term of the trace's record that ended the evaluation.
    pub(crate) term: Option<usize>,
    /// What decided, when that is in another record.
    pub(crate) origin: Option<Box<Decision>>,
    pub(crate) explanation: Option<String>,
}

impl Evaluated {
    /// What decided. Few evaluations are asked: an included record decides only when it is in error.
    pub(crate) fn take_decision(&mut self) -> Decision {
        if let Some(origin) = self.origin.take() {
            return *origin;
        }
        Decision {
            domain: self.trace.domain().to_owned(),
            term: self.term.and_then(|index| {
                let record = self.trace.record()?;
                let term = record.terms().get(index)?;
                Some(DecidingTerm {
                    text: record.text_of(term).to_owned(),
                    span: term.span(),
                })
            }),
            reason: self.trace.reason.clone(),
        }
    }
}

/// How an evaluation ended, before it is written into its trace.
pub(crate) struct Ending {
    pub(crate) result: SpfResult,
    pub(crate) reason: Reason,
    pub(crate) term: Option<usize>,
    pub(crate) origin: Option<Box<Decision>>,
    pub(crate) explanation: Option<String>,
}

impl Ending {
    pub(crate) fn new(result: SpfResult, reason: Reason) -> Self {
        Self {
            result,
            reason,
            term: None,
            origin: None,
            explanation: None,
        }
    }

    pub(crate) fn at(mut self, term: usize) -> Self {
        self.term = Some(term);
        self
    }

    pub(crate) fn conclude(self, mut trace: Box<Trace>) -> Evaluated {
        trace.result = self.result;
        trace.reason = self.reason;
        Evaluated {
            trace,
            term: self.term,
            origin: self.origin,
            explanation: self.explanation,
        }
    }
}
