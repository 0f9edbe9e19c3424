//! One term of a trace.

use crate::check::trace::{Lookup, Mismatch, Outcome, Trace};
use crate::text::Text;

/// One term evaluated.
#[derive(Debug, Clone)]
pub struct Step {
    term: u32,
    counts: Counts,
    brief: Brief,
    /// Apart, because most terms are networks and have nothing of it.
    pub(crate) inquiry: Option<Box<Inquiry>>,
}

/// How many terms had counted as lookups, and for how many a lookup had found nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    lookups: u32,
    void_lookups: u32,
}

impl Counts {
    pub(crate) fn new(lookups: usize, void_lookups: usize) -> Self {
        Self {
            lookups: short(lookups),
            void_lookups: short(void_lookups),
        }
    }
}

/// The outcomes that most steps have, so that a step is small.
#[derive(Debug, Clone, Copy)]
enum Brief {
    Matched,
    Family,
    Elsewhere,
    /// The inquiry has it.
    Other,
}

/// What a term asked for, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Inquiry {
    pub(crate) target: Option<Text>,
    /// How many questions it asked.
    pub(crate) asked: usize,
    /// The questions and answers, once the check has ended.
    pub(crate) lookups: Lookups,
    pub(crate) nested: Option<Trace>,
    pub(crate) found_nothing: bool,
    /// Whether it was already counted towards the void limit.
    pub(crate) counted_void: bool,
    outcome: Outcome,
}

/// Lookups in order. Most terms make one.
#[derive(Debug, Clone)]
pub(crate) enum Lookups {
    None,
    One(Lookup),
    Several(Vec<Lookup>),
}

impl Step {
    #[inline]
    pub(crate) fn new(term: usize) -> Self {
        Self {
            term: short(term),
            counts: Counts::default(),
            brief: Brief::Matched,
            inquiry: None,
        }
    }

    /// A network that does not hold the client. Most steps are of this kind.
    #[inline]
    pub(crate) fn elsewhere(term: usize, mismatch: Mismatch, counts: Counts) -> Self {
        Self {
            brief: match mismatch {
                Mismatch::Family => Brief::Family,
                _ => Brief::Elsewhere,
            },
            counts,
            ..Self::new(term)
        }
    }

    pub(crate) fn inquiry_mut(&mut self) -> &mut Inquiry {
        self.inquiry.get_or_insert_default()
    }

    pub(crate) fn set_outcome(&mut self, outcome: Outcome) {
        self.brief = match outcome {
            Outcome::Matched => Brief::Matched,
            Outcome::NotMatched(Mismatch::Family) => Brief::Family,
            Outcome::NotMatched(Mismatch::Elsewhere) => Brief::Elsewhere,
            other => {
                self.inquiry_mut().outcome = other;
                Brief::Other
            }
        };
    }

    pub(crate) fn set_counts(&mut self, counts: Counts) {
        self.counts = counts;
    }

    /// Which term of the record it is, counted from 0.
    #[must_use]
    pub fn term(&self) -> usize {
        self.term as usize
    }

    /// The domain the term names, macros expanded; `None` where it names none.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.inquiry.as_ref()?.target.as_deref()
    }

    /// The lookups made for it, except those of a record below.
    #[must_use]
    pub fn lookups(&self) -> &[Lookup] {
        match self.inquiry.as_ref().map(|inquiry| &inquiry.lookups) {
            None | Some(Lookups::None) => &[],
            Some(Lookups::One(lookup)) => std::slice::from_ref(lookup),
            Some(Lookups::Several(lookups)) => lookups,
        }
    }

    /// What came of it.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        match (self.brief, &self.inquiry) {
            (Brief::Other, Some(inquiry)) => &inquiry.outcome,
            (Brief::Matched | Brief::Other, _) => &Outcome::Matched,
            (Brief::Family, _) => &Outcome::NotMatched(Mismatch::Family),
            (Brief::Elsewhere, _) => &Outcome::NotMatched(Mismatch::Elsewhere),
        }
    }

    /// How many terms had counted as lookups after it, in the whole check.
    #[must_use]
    pub fn lookups_so_far(&self) -> usize {
        self.counts.lookups as usize
    }

    /// For how many terms a lookup had found nothing after it, in the whole check.
    #[must_use]
    pub fn void_lookups_so_far(&self) -> usize {
        self.counts.void_lookups as usize
    }

    /// The evaluation of the record that `include` or `redirect` led to.
    #[must_use]
    pub fn nested(&self) -> Option<&Trace> {
        self.inquiry.as_ref()?.nested.as_ref()
    }
}

impl Default for Inquiry {
    fn default() -> Self {
        Self {
            target: None,
            asked: 0,
            lookups: Lookups::None,
            nested: None,
            found_nothing: false,
            counted_void: false,
            outcome: Outcome::Matched,
        }
    }
}

/// Terms and lookups are counted in fewer than four thousand millions.
fn short(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
