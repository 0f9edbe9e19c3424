//! The name by which HTML refers to an inline part.

use std::fmt;
use std::str::FromStr;

use crate::address::is_atom_character;

/// The content id of an inline part, without `cid:` and without angle brackets, such as `logo` or `logo@example.org`
/// ([RFC 2392 §2](https://www.rfc-editor.org/rfc/rfc2392#section-2)).
///
/// ASCII letters, digits, dots and the special characters of an atom, with at most one `@`; at most 200 octets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentId(Box<str>);

impl ContentId {
    /// The longest content id in octets.
    pub const MAX_LENGTH: usize = 200;

    /// The content id without angle brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContentId {
    type Err = ContentIdError;

    fn from_str(text: &str) -> Result<Self, ContentIdError> {
        let is_valid = text.len() <= Self::MAX_LENGTH
            && text.split('@').count() <= 2
            && text.split('@').all(|side| !side.is_empty())
            && text
                .chars()
                .all(|c| c.is_ascii() && (matches!(c, '@' | '.') || is_atom_character(c)));
        if is_valid {
            Ok(Self(text.into()))
        } else {
            Err(ContentIdError)
        }
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Text that is not a content id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a content id is 1 to 200 ASCII letters, digits, dots, hyphens and the like, with at most one @, without <>"
)]
#[non_exhaustive]
pub struct ContentIdError;
