//! The outcome of a check.

use std::fmt;
use std::ops::Range;

use letterhead_dns::DomainName;

use crate::check::query::Identity;
use crate::check::reason::Reason;
use crate::check::trace::{Shown, Trace};
use crate::spf_result::SpfResult;

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
            Shown(&self.domain),
            self.decided_by,
            self.lookups,
            self.void_lookups
        )
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
        let domain = Shown(&self.domain);
        match &self.term {
            Some(term) => write!(f, "`{}` of {domain}: {}", term.text, self.reason),
            None => write!(f, "{domain}: {}", self.reason),
        }
    }
}
