//! Text and names that are safe to write into a header.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub(crate) mod encoded_word;

/// Text for a header: any Unicode, but no control character, so no line break and nothing that starts a new header.
///
/// Refused are the characters of Unicode's category Cc: U+0000 to U+001F (tab included), U+007F, U+0080 to U+009F.
/// What is not ASCII is written as encoded words
/// ([RFC 2047](https://www.rfc-editor.org/rfc/rfc2047#section-2)) where the text is used.
///
/// ```
/// use letterhead_mail::HeaderText;
///
/// let subject: HeaderText = "Rechnung für März".parse()?;
/// assert!("Invoice\r\nBcc: victim@example.org".parse::<HeaderText>().is_err());
/// # Ok::<(), letterhead_mail::header_text::HeaderTextError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HeaderText(Box<str>);

impl HeaderText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HeaderText {
    type Error = HeaderTextError;

    fn try_from(text: String) -> Result<Self, HeaderTextError> {
        match text.char_indices().find(|(_, c)| c.is_control()) {
            Some((offset, character)) => Err(HeaderTextError { offset, character }),
            None => Ok(Self(text.into_boxed_str())),
        }
    }
}

impl TryFrom<&str> for HeaderText {
    type Error = HeaderTextError;

    fn try_from(text: &str) -> Result<Self, HeaderTextError> {
        text.to_owned().try_into()
    }
}

impl FromStr for HeaderText {
    type Err = HeaderTextError;

    fn from_str(text: &str) -> Result<Self, HeaderTextError> {
        text.try_into()
    }
}

impl From<HeaderText> for String {
    fn from(text: HeaderText) -> Self {
        text.0.into()
    }
}

impl AsRef<str> for HeaderText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeaderText({:?})", &self.0)
    }
}

/// Text that holds a control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("header text holds the control character {character:?} at octet {offset}; remove it")]
#[non_exhaustive]
pub struct HeaderTextError {
    offset: usize,
    character: char,
}

impl HeaderTextError {
    /// Where the control character is, in octets from the start.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The control character.
    #[must_use]
    pub fn character(&self) -> char {
        self.character
    }
}

/// The name of a header field: printable ASCII without colon and space
/// ([RFC 5322 §2.2](https://www.rfc-editor.org/rfc/rfc5322#section-2.2)), at most 76 octets.
///
/// Names that differ only in case are equal.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HeaderName(Box<str>);

impl HeaderName {
    /// The longest name in octets; with it the value still begins on the first line.
    pub const MAX_LENGTH: usize = 76;

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HeaderName {
    type Error = HeaderNameError;

    fn try_from(name: String) -> Result<Self, HeaderNameError> {
        if name.is_empty() {
            return Err(HeaderNameError::Empty);
        }
        if let Some((offset, _)) = name.char_indices().find(|&(_, c)| !is_field_name(c)) {
            return Err(HeaderNameError::Character { offset });
        }
        if name.len() > Self::MAX_LENGTH {
            return Err(HeaderNameError::TooLong);
        }
        Ok(Self(name.into_boxed_str()))
    }
}

impl TryFrom<&str> for HeaderName {
    type Error = HeaderNameError;

    fn try_from(name: &str) -> Result<Self, HeaderNameError> {
        name.to_owned().try_into()
    }
}

impl FromStr for HeaderName {
    type Err = HeaderNameError;

    fn from_str(name: &str) -> Result<Self, HeaderNameError> {
        name.try_into()
    }
}

impl From<HeaderName> for String {
    fn from(name: HeaderName) -> Self {
        name.0.into()
    }
}

impl AsRef<str> for HeaderName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for HeaderName {}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeaderName({})", self.0)
    }
}

/// Why text is not the name of a header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderNameError {
    /// There was nothing to read.
    #[error("the header name is empty")]
    Empty,
    /// Something else than printable ASCII, or a colon or space.
    #[error(
        "the header name holds a character at octet {offset} that is not allowed; use letters, digits and hyphens"
    )]
    Character {
        /// Octets from the start of the name.
        offset: usize,
    },
    /// More than [`HeaderName::MAX_LENGTH`] octets.
    #[error("the header name is longer than {} octets", HeaderName::MAX_LENGTH)]
    TooLong,
}

/// `ftext` of RFC 5322 §3.6.8.
pub(crate) fn is_field_name(c: char) -> bool {
    c.is_ascii_graphic() && c != ':'
}

#[cfg(test)]
mod tests {
    use super::{HeaderName, HeaderNameError, HeaderText};

    #[test]
    fn text_with_a_control_character_is_refused_with_its_place() {
        for (text, offset) in [
            ("\r", 0),
            ("a\nb", 1),
            ("ä\0", 2),
            ("\t", 0),
            ("a\u{7f}", 1),
            ("a\u{85}", 1),
        ] {
            let error = text.parse::<HeaderText>().unwrap_err();
            assert_eq!(error.offset(), offset, "{text:?}");
        }
    }

    #[test]
    fn any_other_text_is_kept_as_it_is() {
        for text in ["", " ", "Grüße 👋", "=?utf-8?Q?x?=", "a: b"] {
            assert_eq!(text.parse::<HeaderText>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn names_are_printable_ascii_without_colon() {
        for name in ["", "a b", "a:", "ä", "a\r\n", &"x".repeat(77)] {
            assert!(name.parse::<HeaderName>().is_err(), "{name:?}");
        }
        assert_eq!(
            "Xé".parse::<HeaderName>(),
            Err(HeaderNameError::Character { offset: 1 })
        );
        assert_eq!(
            "List-ID".parse::<HeaderName>(),
            "list-id".parse::<HeaderName>()
        );
    }

    #[test]
    fn stored_text_is_checked_when_it_is_read_back() {
        let text: HeaderText = "ok".parse().unwrap();
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"ok\"");
        assert!(serde_json::from_str::<HeaderText>("\"a\\r\\nb\"").is_err());
        assert!(serde_json::from_str::<HeaderName>("\"a:\"").is_err());
    }
}
