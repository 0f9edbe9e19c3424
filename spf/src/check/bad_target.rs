//! Domains that macros expand to and that cannot be asked for.

use crate::check::query::DomainProblem;

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
