//! The outcome of a check.

use std::fmt;
use std::ops::Range;

use letterhead_dns::{DomainName, LookupError};

use crate::parse_error::ParseError;
use crate::query::{DomainProblem, Identity};
use crate::trace::Trace;

/// What the domain's policy says of the client, and why.
///
/// `Display` is one sentence; [`trace`](Self::trace) prints the whole evaluation.
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct Verdict {
    /// The result.
    pub result: SpfResult,
    /// Which identity was checked.
    pub identity: Identity,
    /// The domain checked, in A-labels; as it was given where it is malformed.
    pub domain: String,
    /// What decided.
    pub decided_by: Decision,
    /// The domain's explanation of a fail, expanded: printable ASCII, written by a stranger
    /// ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).
    pub explanation: Option<String>,
    /// How many terms were evaluated that count as lookups.
    pub lookups: usize,
    /// For how many terms a lookup found nothing.
    pub void_lookups: usize,
    /// Everything that was evaluated.
    pub trace: Trace,
}

impl Verdict {
    /// The domain checked, where it has the form of a mail domain.
    #[must_use]
    pub fn domain_name(&self) -> Option<DomainName> {
        self.domain.parse().ok()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} for {} {}: {} ({} lookups, {} void)",
            self.result,
            self.identity,
            self.domain.escape_debug(),
            self.decided_by,
            self.lookups,
            self.void_lookups
        )
    }
}

/// The results of [RFC 7208 §2.6](https://www.rfc-editor.org/rfc/rfc7208#section-2.6); `Display` writes them in lower case.
#[expect(clippy::exhaustive_enums, reason = "RFC 7208 §2.6 closes the set")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpfResult {
    /// No domain to check, or no record.
    None,
    /// The domain says nothing about the client.
    Neutral,
    /// The client may send for the domain.
    Pass,
    /// The client may not send for the domain.
    Fail,
    /// The client probably may not send for the domain.
    SoftFail,
    /// A failure that may pass; ask again later.
    TempError,
    /// The domain's records are in error; someone must correct them.
    PermError,
}

impl SpfResult {
    /// The lower-case word that headers and logs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

impl fmt::Display for SpfResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

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
        let domain = self.domain.escape_debug();
        match &self.term {
            Some(term) => write!(f, "`{}` of {domain}: {}", term.text, self.reason),
            None => write!(f, "{domain}: {}", self.reason),
        }
    }
}

/// Why an evaluation ended as it did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reason {
    /// The term matched; its qualifier is the result.
    Matched,
    /// No term matched and there is no `redirect`: neutral
    /// ([RFC 7208 §4.7](https://www.rfc-editor.org/rfc/rfc7208#section-4.7)).
    NoMatch,
    /// The domain is none that could have a record: none.
    BadDomain(DomainProblem),
    /// The domain has no SPF record: none.
    NoRecord,
    /// The domain has this many SPF records: permerror.
    SeveralRecords(usize),
    /// The record has a syntax error: permerror.
    Syntax(ParseError),
    /// A lookup failed: temperror, since every failure but "no such name" is one
    /// ([RFC 7208 §4.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.4),
    /// [§5](https://www.rfc-editor.org/rfc/rfc7208#section-5)); a malformed answer is no exception.
    Lookup(LookupError),
    /// More terms cause lookups than the limit allows: permerror.
    TooManyLookups {
        /// The limit.
        limit: usize,
    },
    /// For more terms than the limit allows a lookup found nothing: permerror.
    TooManyVoidLookups {
        /// The limit.
        limit: usize,
    },
    /// An `mx` found more exchangers than the limit allows: permerror.
    TooManyExchangers {
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// Includes and redirects nest deeper than the evaluator follows: permerror.
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// `include` or `redirect` names a domain without a record: permerror.
    NoRecordAtTarget {
        /// The domain named, expanded.
        target: String,
    },
    /// `redirect` cannot be expanded to a domain: permerror.
    BadTarget(BadTarget),
}

/// Why a term's domain, macros expanded, is no name to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadTarget {
    /// It has an empty label or one that is too long.
    #[error("the domain after expansion is malformed: {0}")]
    Malformed(DomainProblem),
    /// It wants the local part, which is not ASCII
    /// ([RFC 8616 §4](https://www.rfc-editor.org/rfc/rfc8616#section-4)).
    #[error("the local part, which the domain uses, is not ASCII")]
    LocalPartNotAscii,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matched => f.write_str("matched"),
            Self::NoMatch => f.write_str("no term matched"),
            Self::BadDomain(problem) => write!(f, "not a domain to check, {problem}"),
            Self::NoRecord => f.write_str("no SPF record"),
            Self::SeveralRecords(count) => {
                write!(f, "{count} SPF records; publish one")
            }
            Self::Syntax(error) => write!(f, "syntax error at {error}"),
            Self::Lookup(error) => write!(f, "lookup failed, {error}"),
            Self::TooManyLookups { limit } => write!(
                f,
                "more than {limit} terms cause DNS lookups; remove or replace some"
            ),
            Self::TooManyVoidLookups { limit } => write!(
                f,
                "lookups of more than {limit} terms find nothing; remove terms for names that are gone"
            ),
            Self::TooManyExchangers { found, limit } => {
                write!(f, "{found} mail exchangers, {limit} are allowed")
            }
            Self::TooDeep { limit } => {
                write!(f, "records are nested more than {limit} deep")
            }
            Self::NoRecordAtTarget { target } => write!(
                f,
                "{} has no SPF record; remove the term or publish one there",
                target.escape_debug()
            ),
            Self::BadTarget(problem) => write!(f, "{problem}"),
        }
    }
}
