//! The trace while it is written.

use letterhead_dns::{Answer, LookupError, Name, RecordType};

use crate::check::lookup::Lookup;
use crate::check::outcome::{Mismatch, Outcome};
use crate::check::policy::Published;
use crate::check::reason::Reason;
use crate::check::step::{Counts, Inquiry, Step};
use crate::check::trace::Trace;
use crate::spf_result::SpfResult;

/// Writes down what an evaluation does, record by record and term by term.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// The records that are evaluated, each below a term of the one before, and what the term of each asked so far.
    open: Vec<(Trace, Step)>,
    /// The last that ended.
    finished: Trace,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self {
            open: Vec::new(),
            finished: Trace::empty(""),
        }
    }

    /// The evaluation of the first record, which has ended.
    pub(crate) fn finish(self) -> Trace {
        self.finished
    }

    /// The evaluation of a domain's record begins.
    pub(crate) fn enter(&mut self, domain: &str) {
        self.open.push((Trace::empty(domain), blank(0)));
    }

    /// The record was looked up.
    pub(crate) fn fetched(&mut self, name: &Name, reply: &Result<Answer, LookupError>) {
        if let Some((trace, _)) = self.open.last_mut() {
            trace.lookup = Some(lookup(name, RecordType::TXT, reply));
            trace.published = reply.as_ref().ok().map(Published::of);
            let terms = trace.record().map_or(0, |record| record.terms().len());
            trace.steps.reserve(terms);
        }
    }

    /// A network does not hold the client.
    pub(crate) fn elsewhere(&mut self, term: usize, mismatch: Mismatch, counts: Counts) {
        if let Some((trace, _)) = self.open.last_mut() {
            trace.steps.push(Step {
                term,
                counts,
                outcome: Outcome::NotMatched(mismatch),
                inquiry: None,
            });
        }
    }

    /// The evaluation of a term begins.
    pub(crate) fn begin(&mut self, term: usize) {
        if let Some((_, step)) = self.open.last_mut() {
            *step = blank(term);
        }
    }

    /// The domain of the term was expanded.
    pub(crate) fn target(&mut self, target: &str) {
        if let Some(inquiry) = self.inquiry_mut() {
            inquiry.target = Some(target.to_owned());
        }
    }

    /// The term asked, and this came back.
    pub(crate) fn asked(
        &mut self,
        name: &Name,
        record_type: RecordType,
        reply: &Result<Answer, LookupError>,
    ) {
        if let Some(inquiry) = self.inquiry_mut() {
            inquiry.lookups.push(lookup(name, record_type, reply));
        }
    }

    /// The evaluation of the term ended.
    pub(crate) fn end(&mut self, outcome: Outcome, counts: Counts) {
        if let Some((trace, step)) = self.open.last_mut() {
            let step = std::mem::replace(step, blank(0));
            trace.steps.push(Step {
                outcome,
                counts,
                ..step
            });
        }
    }

    /// The evaluation of the record ended.
    pub(crate) fn leave(&mut self, result: SpfResult, reason: Reason) {
        let Some((mut trace, _)) = self.open.pop() else {
            return;
        };
        trace.result = result;
        trace.reason = reason;
        match self.inquiry_mut() {
            Some(inquiry) => inquiry.nested = Some(trace),
            None => self.finished = trace,
        }
    }

    fn inquiry_mut(&mut self) -> Option<&mut Inquiry> {
        let (_, step) = self.open.last_mut()?;
        Some(step.inquiry.get_or_insert_default())
    }
}

fn blank(term: usize) -> Step {
    Step {
        term,
        counts: Counts::default(),
        outcome: Outcome::Matched,
        inquiry: None,
    }
}

fn lookup(name: &Name, record_type: RecordType, reply: &Result<Answer, LookupError>) -> Lookup {
    Lookup {
        name: name.clone(),
        record_type,
        answer: reply.clone(),
    }
}
