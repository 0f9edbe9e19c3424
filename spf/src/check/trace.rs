//! What was evaluated, step by step.

use std::fmt;
use std::sync::Arc;

pub use crate::check::lookup::Lookup;
pub use crate::check::outcome::{ExplanationProblem, Mismatch, Outcome};
use crate::check::policy::Published;
use crate::check::reason::Reason;
pub use crate::check::step::Step;
use crate::record::Record;
use crate::spf_result::SpfResult;

/// The evaluation of one domain's record; those of included and redirected domains hang below their terms.
///
/// `Display` draws the tree, two spaces a level, one line for each term and one for each lookup.
#[derive(Debug, Clone)]
pub struct Trace {
    pub(crate) domain: String,
    pub(crate) lookup: Option<Lookup>,
    pub(crate) published: Option<Arc<Published>>,
    pub(crate) steps: Vec<Step>,
    pub(crate) result: SpfResult,
    pub(crate) reason: Reason,
}

impl Trace {
    /// That of a domain of which nothing is known yet.
    pub(crate) fn empty(domain: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            lookup: None,
            published: None,
            steps: Vec::new(),
            result: SpfResult::None,
            reason: Reason::NoMatch,
        }
    }

    /// The domain whose record it is.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The lookup of the record; `None` when the domain was none to look up.
    #[must_use]
    pub fn lookup(&self) -> Option<&Lookup> {
        self.lookup.as_ref()
    }

    /// The record, where there was exactly one and it is valid.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.published.as_ref()?.record().ok()
    }

    /// The terms evaluated, in the order of evaluation.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The result of this evaluation.
    #[must_use]
    pub fn result(&self) -> SpfResult {
        self.result
    }

    /// Why that is the result.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The text of a step's term, as published.
    #[must_use]
    pub fn text_of(&self, step: &Step) -> &str {
        self.record()
            .and_then(|record| Some(record.text_of(record.terms().get(step.term())?)))
            .unwrap_or_default()
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = depth * 2;
        writeln!(
            f,
            "{:indent$}{}: {}, {}",
            "",
            Shown(&self.domain),
            self.result,
            self.reason
        )?;
        let indent = indent + 2;
        if let Some(record) = self.record() {
            writeln!(f, "{:indent$}record \"{record}\"", "")?;
        } else if let Some(lookup) = &self.lookup {
            lookup.draw(f, indent)?;
        }
        for step in &self.steps {
            write!(f, "{:indent$}{}", "", self.text_of(step))?;
            if let Some(target) = step.target() {
                write!(f, " ({})", target.escape_debug())?;
            }
            write!(f, ": {}", step.outcome())?;
            let counts = (step.lookups_so_far(), step.void_lookups_so_far());
            writeln!(f, " [{} lookups, {} void so far]", counts.0, counts.1)?;
            for lookup in step.lookups() {
                lookup.draw(f, indent + 2)?;
            }
            if let Some(nested) = step.nested() {
                nested.draw(f, depth + 2)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draw(f, 0)
    }
}

/// A domain in text for people, whatever it holds.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => f.write_str("(no domain)"),
            domain => write!(f, "{}", domain.escape_debug()),
        }
    }
}
