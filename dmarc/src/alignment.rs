//! Whether an authenticated domain speaks for the author domain.

use std::fmt;

use letterhead_dns::{DomainName, LookupError};

use crate::alignment_mode::AlignmentMode;
use crate::discovery::walk::Walker;

/// How an authenticated domain stands to the author domain.
#[expect(
    clippy::exhaustive_enums,
    reason = "callers decide differently for each and must not miss one"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alignment {
    /// It speaks for the author domain.
    Aligned,
    /// It does not.
    NotAligned,
    /// It was not asked, because the verdict does not depend on it.
    NotEvaluated,
    /// A lookup that decides it failed.
    Unknown,
}

impl fmt::Display for Alignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aligned => "aligned",
            Self::NotAligned => "not aligned",
            Self::NotEvaluated => "alignment not evaluated",
            Self::Unknown => "alignment unknown",
        })
    }
}

/// Compares two domains, walking the tree only where names alone do not decide
/// ([RFC 9989 §4.10.2](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.2)). The answer is `Aligned` or `NotAligned`.
pub(crate) async fn align(
    author_domain: &DomainName,
    identifier: &DomainName,
    mode: AlignmentMode,
    walker: &mut Walker<'_>,
) -> Result<Alignment, LookupError> {
    let is_aligned = match mode {
        AlignmentMode::Strict => author_domain == identifier,
        AlignmentMode::Relaxed => walker.same_organization(author_domain, identifier).await?,
    };
    Ok(if is_aligned {
        Alignment::Aligned
    } else {
        Alignment::NotAligned
    })
}
