//! Query methods, `q=`.

use crate::public_key_record::items;
use crate::quoted_printable;

/// How the key can be looked up, as `q=` says
/// ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueryMethods {
    /// `dns/txt` is among them, the only one defined.
    WithDnsTxt,
    /// It is not.
    Others,
}

impl QueryMethods {
    /// Reads the value of the tag; `None` where it is no list of methods.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let mut found = Self::Others;
        for method in items(value) {
            let mut parts = method.splitn(2, |octet| *octet == b'/');
            let kind = parts.next().unwrap_or_default();
            let argument = parts.next().unwrap_or_default();
            if !is_hyphenated_word(kind) || quoted_printable::decode(argument).is_none() {
                return None;
            }
            if method.eq_ignore_ascii_case(b"dns/txt") {
                found = Self::WithDnsTxt;
            }
        }
        Some(found)
    }
}

/// Letters, digits and hyphens between a letter and a letter or digit
/// ([RFC 6376 §2.11](https://www.rfc-editor.org/rfc/rfc6376#section-2.11)).
fn is_hyphenated_word(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text.last().is_some_and(u8::is_ascii_alphanumeric)
        && text
            .iter()
            .all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
}
