//! One term of a trace.

use crate::check::lookup::Lookup;
use crate::check::outcome::Outcome;
use crate::check::trace::Trace;

/// One term evaluated.
#[derive(Debug, Clone)]
pub struct Step {
    pub(crate) term: usize,
    pub(crate) counts: Counts,
    pub(crate) outcome: Outcome,
    /// Apart, because most terms are networks and have nothing of it.
    pub(crate) inquiry: Option<Box<Inquiry>>,
}

/// How many terms had counted as lookups, and for how many a lookup had found nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) lookups: usize,
    pub(crate) void_lookups: usize,
}

/// What a term asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inquiry {
    pub(crate) target: Option<String>,
    pub(crate) lookups: Vec<Lookup>,
    pub(crate) nested: Option<Trace>,
}

impl Step {
    /// Which term of the record it is, counted from 0.
    #[must_use]
    pub fn term(&self) -> usize {
        self.term
    }

    /// The domain the term names, macros expanded; `None` where it names none.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.inquiry.as_ref()?.target.as_deref()
    }

    /// The lookups made for it, except those of a record below.
    #[must_use]
    pub fn lookups(&self) -> &[Lookup] {
        let inquiry = self.inquiry.as_ref();
        inquiry.map_or(&[], |inquiry| &inquiry.lookups)
    }

    /// What came of it.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// How many terms had counted as lookups after it, in the whole check.
    #[must_use]
    pub fn lookups_so_far(&self) -> usize {
        self.counts.lookups
    }

    /// For how many terms a lookup had found nothing after it, in the whole check.
    #[must_use]
    pub fn void_lookups_so_far(&self) -> usize {
        self.counts.void_lookups
    }

    /// The evaluation of the record that `include` or `redirect` led to.
    #[must_use]
    pub fn nested(&self) -> Option<&Trace> {
        self.inquiry.as_ref()?.nested.as_ref()
    }
}
