//! What was evaluated, step by step.

use std::fmt;
use std::sync::Arc;

use letterhead_dns::{Answer, LookupError, LookupErrorKind, Name, RecordData, RecordType};

use crate::check::bad_target::BadTarget;
use crate::check::log::is_void;
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

/// What came of a term.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Outcome {
    /// It matched.
    Matched,
    /// It did not match.
    NotMatched(Mismatch),
    /// `redirect` was followed: the result is that of the record there.
    Followed(SpfResult),
    /// The evaluation ended there, in error.
    Stopped(Reason),
    /// `exp` gave this explanation.
    Explained(String),
    /// `exp` was ignored, as an erroneous one must be.
    Unexplained(ExplanationProblem),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matched => f.write_str("matched"),
            Self::NotMatched(mismatch) => write!(f, "not matched, {mismatch}"),
            Self::Followed(result) => write!(f, "followed, {result}"),
            Self::Stopped(reason) => write!(f, "stopped, {reason}"),
            Self::Explained(text) => write!(f, "explained as {text:?}"),
            Self::Unexplained(problem) => write!(f, "ignored, {problem}"),
        }
    }
}

/// Why a mechanism did not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// The network is IPv4 and the client IPv6, or the other way round.
    #[error("the client's address is of the other family")]
    Family,
    /// The client is not in the network, or at none of the addresses found.
    #[error("the client is not there")]
    Elsewhere,
    /// The DNS has no such record.
    #[error("nothing found")]
    NothingFound,
    /// The client has no validated name at or below the domain.
    #[error("no validated name of the client is at or below the domain")]
    NoValidatedName,
    /// The names of the client could not be looked up, which for `ptr` is no error.
    #[error("the client's names cannot be looked up: {0}")]
    NamesUnavailable(LookupErrorKind),
    /// The included record does not pass the client.
    #[error("the included record says {0}")]
    Included(SpfResult),
    /// The domain is none to ask for.
    #[error("{0}")]
    BadTarget(BadTarget),
}

/// Why there is no explanation although the record has `exp`
/// ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExplanationProblem {
    /// The domain is none to ask for.
    #[error("{0}")]
    BadTarget(BadTarget),
    /// The lookup failed.
    #[error("the lookup failed: {0}")]
    Lookup(LookupErrorKind),
    /// There is not exactly one TXT record.
    #[error("there are {0} TXT records, and there must be one")]
    Records(usize),
    /// The text is not printable ASCII with well-formed macros.
    #[error("the text is not valid")]
    Syntax,
    /// The text uses `%{t}` and the query has no time.
    #[error("the text needs the time of the check")]
    NoTime,
    /// Expanded, the text holds something other than printable ASCII.
    #[error("the expanded text is not printable ASCII")]
    NotAscii,
    /// Expanded, the text is longer than an explanation can sensibly be.
    #[error("the expanded text is too long")]
    TooLong,
}

/// A question to the DNS, and what came back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lookup {
    /// The name asked for.
    pub name: Name,
    /// The type asked for.
    pub record_type: RecordType,
    /// The answer.
    pub answer: Result<Answer, LookupError>,
}

impl Lookup {
    /// What it found; nothing where it failed.
    #[must_use]
    pub fn records(&self) -> &[RecordData] {
        self.answer.as_ref().map_or(&[], Answer::records)
    }

    /// Whether it found nothing: no such name, or no such record there
    /// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    #[must_use]
    pub fn is_void(&self) -> bool {
        is_void(&self.answer)
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        write!(f, "{:indent$}{} {}:", "", self.name, self.record_type)?;
        match &self.answer {
            Ok(answer) if answer.is_empty() => writeln!(f, " no such record"),
            Ok(answer) => {
                for (index, record) in answer.records().iter().enumerate() {
                    write!(f, "{} {record}", if index == 0 { "" } else { "," })?;
                }
                writeln!(f)
            }
            Err(error) => writeln!(f, " {}", error.kind()),
        }
    }
}
