//! The result of a check.

use std::fmt;

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
