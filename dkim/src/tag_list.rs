//! Tag lists, the `name=value;` syntax of signatures and key records
//! ([RFC 6376 §3.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.2)).

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// One `name=value` of a tag list.
#[derive(Debug, Clone)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    /// The value without white space around it.
    pub(crate) value: &'a [u8],
    /// Where the value with the white space around it lies in the list.
    pub(crate) span: Range<usize>,
}

/// Splits a tag list. Values may hold octets above 127, which internationalised mail uses
/// ([RFC 8616 §4](https://www.rfc-editor.org/rfc/rfc8616#section-4)).
pub(crate) fn parse(list: &[u8]) -> Result<Vec<Tag<'_>>, TagListError> {
    let mut tags: Vec<Tag<'_>> = Vec::with_capacity(12);
    // A set, because a key record of 64 KiB can hold ten thousand names.
    let mut names = BTreeSet::new();
    let mut start = 0;
    for part in list.split(|octet| *octet == b';') {
        let end = start + part.len();
        if part.trim_ascii().is_empty() && end == list.len() && !tags.is_empty() {
            break;
        }
        let tag = parse_tag(part, start)?;
        if !names.insert(tag.name) {
            return Err(TagListError::new(start, TagListErrorKind::Duplicate));
        }
        tags.push(tag);
        start = end + 1;
    }
    Ok(tags)
}

fn parse_tag(part: &[u8], start: usize) -> Result<Tag<'_>, TagListError> {
    let error = |kind| TagListError::new(start, kind);
    let equals = memchr::memchr(b'=', part).ok_or_else(|| error(TagListErrorKind::NoEquals))?;
    let (name, value) = part.split_at_checked(equals).unwrap_or((part, &[]));
    let value = value.get(1..).unwrap_or_default();
    let name = str::from_utf8(name.trim_ascii())
        .ok()
        .filter(|name| is_tag_name(name))
        .ok_or_else(|| error(TagListErrorKind::Name))?;
    if let Some(position) = value.iter().position(|octet| !is_value_octet(*octet)) {
        return Err(TagListError::new(
            start + equals + 1 + position,
            TagListErrorKind::Value,
        ));
    }
    Ok(Tag {
        name,
        value: value.trim_ascii(),
        span: start + equals + 1..start + part.len(),
    })
}

fn is_tag_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'_')
}

fn is_value_octet(octet: u8) -> bool {
    matches!(octet, b'\t' | b'\r' | b'\n' | 0x20..=0x7e | 0x80..)
}

/// Why octets are not a tag list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at octet {offset}")]
pub struct TagListError {
    offset: usize,
    kind: TagListErrorKind,
}

impl TagListError {
    fn new(offset: usize, kind: TagListErrorKind) -> Self {
        Self { offset, kind }
    }

    /// Where, in octets from the start of the list.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> TagListErrorKind {
        self.kind
    }
}

/// What is wrong with a tag list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TagListErrorKind {
    /// A part between semicolons has no `=`.
    NoEquals,
    /// A tag name is not a letter followed by letters, digits and underscores.
    Name,
    /// A value holds a control character.
    Value,
    /// A tag occurs twice, which makes the whole list invalid.
    Duplicate,
}

impl fmt::Display for TagListErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEquals => "a tag without '='",
            Self::Name => "a tag name that is not letters, digits and underscores",
            Self::Value => "a control character in a tag value",
            Self::Duplicate => "a tag that has occurred before",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_outer_white_space_and_keep_their_place() {
        let list = b" a = 1 ;\r\n b=\r\n\t2 3;";
        let tags = parse(list).unwrap();
        assert_eq!(tags.len(), 2);
        assert_eq!((tags[0].name, tags[0].value), ("a", &b"1"[..]));
        assert_eq!(tags[1].value, b"2 3");
        assert_eq!(&list[tags[1].span.clone()], b"\r\n\t2 3");
    }

    #[test]
    fn faults_are_named_with_their_place() {
        for (list, offset, kind) in [
            (&b""[..], 0, TagListErrorKind::NoEquals),
            (b";", 0, TagListErrorKind::NoEquals),
            (b"a=1;;", 4, TagListErrorKind::NoEquals),
            (b"a=1; 2=3", 4, TagListErrorKind::Name),
            (b"a=\x01", 2, TagListErrorKind::Value),
            (b"a=1;a=1", 4, TagListErrorKind::Duplicate),
        ] {
            assert_eq!(parse(list).unwrap_err(), TagListError { offset, kind });
        }
    }

    #[test]
    fn tag_names_are_case_sensitive() {
        assert_eq!(parse(b"a=1;A=2").unwrap().len(), 2);
    }
}
