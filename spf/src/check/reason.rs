//! Why the result is what it is.

use std::error::Error;
use std::fmt;

use letterhead_dns::LookupError;

use crate::check::bad_target::BadTarget;
use crate::check::deadline::DeadlinePassed;
use crate::check::query::DomainProblem;
use crate::record::parse_error::ParseError;

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
    /// The deadline of the check passed before it was decided: temperror.
    DeadlinePassed,
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
    /// The domain of a term cannot be asked for: of `redirect` and `include` a permerror, of others no match.
    BadTarget(BadTarget),
    /// The record leads back to itself, which ends as a permerror for too many lookups. Only an audit says so.
    Loop,
    /// An audit had followed this many records, or made this many lookups, and went no further.
    NotFollowed {
        /// The limit.
        limit: usize,
    },
}

impl Reason {
    pub(crate) fn of_lookup(error: LookupError) -> Self {
        match error.source() {
            Some(source) if source.is::<DeadlinePassed>() => Self::DeadlinePassed,
            _ => Self::Lookup(error),
        }
    }
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
            Self::DeadlinePassed => {
                f.write_str("no decision before the deadline of the check; try again later")
            }
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
            Self::Loop => f.write_str("the record leads back to itself; remove the term that does"),
            Self::NotFollowed { limit } => {
                write!(f, "not looked at, {limit} were before it")
            }
        }
    }
}
