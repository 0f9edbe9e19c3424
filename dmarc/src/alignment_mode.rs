//! How close a match is asked for.

use std::fmt;

/// How closely an authenticated domain must match the author domain
/// ([RFC 9989 §4.4](https://www.rfc-editor.org/rfc/rfc9989#section-4.4)).
#[expect(
    clippy::exhaustive_enums,
    reason = "the two modes are fixed by the version of the record"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlignmentMode {
    /// Both have the same organizational domain (`r`, the default).
    Relaxed,
    /// Both are the same name (`s`).
    Strict,
}

impl AlignmentMode {
    pub(crate) const ALL: [Self; 2] = [Self::Relaxed, Self::Strict];

    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::Relaxed => "r",
            Self::Strict => "s",
        }
    }
}

impl fmt::Display for AlignmentMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Relaxed => "relaxed",
            Self::Strict => "strict",
        })
    }
}
