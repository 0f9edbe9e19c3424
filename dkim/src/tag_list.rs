//! Tag lists, the `name=value;` syntax of signatures and key records
//! ([RFC 6376 §3.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.2)).

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use crate::scan::{self, Control, Stop};

/// One `name=value` of a tag list.
#[derive(Debug, Clone)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a [u8],
    /// The value without white space around it.
    pub(crate) value: &'a [u8],
    /// Where the value with the white space around it lies in the list.
    pub(crate) span: Range<usize>,
}

/// Splits a tag list. Values may hold octets above 127, which internationalised mail uses
/// ([RFC 8616 §4](https://www.rfc-editor.org/rfc/rfc8616#section-4)).
pub(crate) fn parse(list: &[u8]) -> Result<Vec<Tag<'_>>, TagListError> {
    let mut tags = Vec::with_capacity(12);
    read(list, Octets::Any, |tag| {
        tags.push(tag.clone());
        None
    })?;
    Ok(tags)
}

/// Gives the tags of a list in order, up to the first fault. Whoever takes a tag and knows its name says whether it is there
/// for the first time; of the others that is found out here.
pub(crate) fn read<'a>(
    list: &'a [u8],
    mut octets: Octets,
    mut take: impl FnMut(&Tag<'a>) -> Option<bool>,
) -> Result<(), TagListError> {
    if octets == Octets::Any {
        if is_ordinary(list) {
            octets = Octets::Ordinary;
        } else if let Some(offset) = bare_line_end(list) {
            return Err(TagListError::new(offset, TagListErrorKind::LineEnd));
        }
    } else if octets == Octets::Folded && !scan::any::<Control>(list, 0) {
        octets = Octets::Ordinary;
    }
    let mut names = Names::default();
    let mut ends = memchr::memchr_iter(b';', list);
    let mut start = 0;
    loop {
        let end = ends.next();
        let part = list
            .get(start..end.unwrap_or(list.len()))
            .unwrap_or_default();
        if end.is_none() && start > 0 && trim(part).is_empty() {
            return Ok(());
        }
        let tag = parse_tag(part, start, octets)?;
        if !take(&tag).unwrap_or_else(|| names.insert(tag.name)) {
            return Err(TagListError::new(start, TagListErrorKind::Duplicate));
        }
        let Some(end) = end else {
            return Ok(());
        };
        start = end + 1;
    }
}

/// What is known of the octets of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Octets {
    /// No control characters but those of folding.
    Ordinary,
    /// No line ends but those of folding.
    Folded,
    /// Nothing.
    Any,
}

/// The names that have occurred.
#[derive(Default)]
struct Names<'a> {
    /// A bit for each letter that is a name.
    letters: u128,
    /// The first longer names.
    few: [&'a [u8]; FEW],
    /// The longer names after those: a key record of 64 KiB can hold ten thousand.
    long: BTreeSet<&'a [u8]>,
}

impl<'a> Names<'a> {
    /// Whether the name is new.
    fn insert(&mut self, name: &'a [u8]) -> bool {
        if let [letter] = name {
            let bit = 1 << (letter & 0x7f);
            let is_new = self.letters & bit == 0;
            self.letters |= bit;
            return is_new;
        }
        for place in &mut self.few {
            if place.is_empty() {
                *place = name;
                return true;
            }
            if *place == name {
                return false;
            }
        }
        self.long.insert(name)
    }
}

fn parse_tag(part: &[u8], start: usize, octets: Octets) -> Result<Tag<'_>, TagListError> {
    let error = |kind| TagListError::new(start, kind);
    // Names are short.
    let equals = part
        .iter()
        .position(|octet| *octet == b'=')
        .ok_or_else(|| error(TagListErrorKind::NoEquals))?;
    let (name, value) = part.split_at_checked(equals).unwrap_or((part, &[]));
    let value = value.get(1..).unwrap_or_default();
    let name = trim(name);
    if !is_tag_name(name) {
        return Err(error(TagListErrorKind::Name));
    }
    if octets != Octets::Ordinary
        && let Some(position) = scan::first::<Control>(value, 0)
    {
        return Err(TagListError::new(
            start + equals + 1 + position,
            TagListErrorKind::Value,
        ));
    }
    Ok(Tag {
        name,
        value: trim(value),
        span: start + equals + 1..start + part.len(),
    })
}

/// Without the white space around it, which is less than what ASCII calls so: no form feed.
fn trim(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = text {
        text = rest;
    }
    text
}

/// Where the first CR or LF is that folds nothing
/// ([RFC 6376 §2.8](https://www.rfc-editor.org/rfc/rfc6376#section-2.8)).
fn bare_line_end(list: &[u8]) -> Option<usize> {
    let mut position = 0;
    loop {
        let rest = list.get(position..)?;
        let found = memchr::memchr2(b'\r', b'\n', rest)?;
        if !matches!(
            rest.get(found..found + 3),
            Some([b'\r', b'\n', b' ' | b'\t'])
        ) {
            return Some(position + found);
        }
        position += found + 3;
    }
}

/// Whether every CR and LF folds, and there are no other control characters: one look for all of it.
fn is_ordinary(list: &[u8]) -> bool {
    list.first() != Some(&b'\n') && !scan::any::<Unusual>(list, 0)
}

fn is_tag_name(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name
            .iter()
            .all(|octet| octet.is_ascii_alphanumeric() || *octet == b'_')
}

/// A control character, and a CR or LF that folds nothing or stands before one that does not; never a list's first LF.
struct Unusual;

impl Stop for Unusual {
    #[inline]
    fn at(octet: u8, next: u8) -> bool {
        let line_feed = octet == b'\n';
        let no_pair = (octet == b'\r') != (next == b'\n');
        let no_fold = line_feed & (next != b' ') & (next != b'\t');
        Control::at(octet, next) | no_pair | no_fold
    }

    #[inline]
    fn among(word: u64, next: u64) -> u64 {
        let line_feed = scan::equal(word, b'\n');
        let no_pair = scan::equal(word, b'\r') ^ scan::equal(next, b'\n');
        let no_fold = line_feed & !scan::equal(next, b' ') & !scan::equal(next, b'\t');
        Control::among(word, next) | no_pair | no_fold
    }
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
    /// A CR or LF that is not part of folding white space.
    LineEnd,
    /// A tag occurs twice, which makes the whole list invalid.
    Duplicate,
}

impl fmt::Display for TagListErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEquals => "a tag without '='",
            Self::Name => "a tag name that is not letters, digits and underscores",
            Self::Value => "a control character in a tag value",
            Self::LineEnd => "a line end that folds nothing",
            Self::Duplicate => "a tag that has occurred before",
        })
    }
}

/// Up to how many longer names are simply gone through.
const FEW: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_outer_white_space_and_keep_their_place() {
        let list = b" a = 1 ;\r\n b=\r\n\t2 3;";
        let tags = parse(list).unwrap();
        assert_eq!(tags.len(), 2);
        assert_eq!((tags[0].name, tags[0].value), (&b"a"[..], &b"1"[..]));
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
            (b"a=\x0c1", 2, TagListErrorKind::Value),
            (b"\x0ca=1", 0, TagListErrorKind::Name),
            (b"a=1\n;b=2", 3, TagListErrorKind::LineEnd),
            (b"a=1\r\n;b=2", 3, TagListErrorKind::LineEnd),
            (b"a=1;\r\n b=\r2", 9, TagListErrorKind::LineEnd),
            (b"a=1;a=1", 4, TagListErrorKind::Duplicate),
        ] {
            assert_eq!(parse(list).unwrap_err(), TagListError { offset, kind });
        }
    }

    #[test]
    fn a_name_that_was_there_is_found_among_many() {
        for count in [2, FEW, FEW + 1, 40] {
            let list: String = (0..count).map(|number| format!("n{number}=;")).collect();
            assert_eq!(parse(list.as_bytes()).unwrap().len(), count);
            for again in [0, count / 2, count - 1] {
                let error = parse(format!("{list}n{again}=").as_bytes()).unwrap_err();
                assert_eq!(
                    error,
                    TagListError::new(list.len(), TagListErrorKind::Duplicate)
                );
            }
        }
    }

    #[test]
    fn the_look_at_the_whole_finds_what_the_parts_would() {
        let long = "x".repeat(80);
        for text in [
            "\r",
            "\n",
            "\x00",
            "\x7f",
            "\x0c",
            "\r\n",
            "\r\r\n ",
            "\r\n\r\n ",
            "\n ",
            "\r \n",
        ] {
            for (before, after) in [
                ("", ""),
                ("a=", ""),
                ("a=", "b"),
                (&long, &long),
                ("a=", &long),
            ] {
                let list = format!("{before}{text}{after}");
                assert!(!is_ordinary(list.as_bytes()), "{list:?}");
            }
        }
        for text in ["\r\n ", "\r\n\t", " \t", "\r\n \r\n\t", "\u{e4}"] {
            for (before, after) in [("", ""), ("a=", "b"), (&long, &long)] {
                let list = format!("{before}{text}{after}");
                assert!(is_ordinary(list.as_bytes()), "{list:?}");
            }
        }
    }

    #[test]
    fn tag_names_are_case_sensitive() {
        assert_eq!(parse(b"a=1;A=2").unwrap().len(), 2);
    }
}
