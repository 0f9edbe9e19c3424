//! What came of the terms.

use std::fmt;

use letterhead_dns::LookupErrorKind;

use crate::check::bad_target::BadTarget;
use crate::check::reason::Reason;
use crate::spf_result::SpfResult;

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
