use std::collections::BTreeSet;
use std::ops::Range;

use super::{Note, NoteKind, PublicSuffix, Published, Record, TestMode, UnknownTag};
use crate::alignment_mode::AlignmentMode;
use crate::policy::Policy;
use crate::report_uri::{ReportUri, split_size_limit};

/// Why bytes are not a DMARC record; such bytes are ignored as if they were not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The version does not come first.
    #[error("not a DMARC record: it does not begin with v=DMARC1")]
    NoVersion,
    /// The version is not exactly `DMARC1`.
    #[error(
        "not a DMARC record: the version is {found:?}, not exactly \"DMARC1\" followed by a semicolon"
    )]
    WrongVersion {
        /// What was there; octets that cannot be printed are shown as `?`.
        found: Box<str>,
    },
}

/// A piece between semicolons.
struct Tag<'a> {
    offset: usize,
    name: &'a str,
    value: &'a [u8],
    value_offset: usize,
}

/// Where a tag is in the text of a record.
pub(crate) struct TagPlace {
    /// The name in lower case.
    pub(crate) name: String,
    /// From the name to the end of the value.
    pub(crate) span: Range<usize>,
}

/// The tags of a record, the version included, in order.
pub(crate) fn places(text: &[u8]) -> Vec<TagPlace> {
    let pieces = Pieces {
        rest: Some(text),
        offset: 0,
    };
    pieces
        .filter_map(|(offset, piece)| split_tag(offset, piece))
        .map(|tag| TagPlace {
            name: tag.name.to_ascii_lowercase(),
            span: tag.offset..tag.value_offset + tag.value.len(),
        })
        .collect()
}

pub(super) fn parse(text: &[u8]) -> Result<Record, RecordError> {
    let mut pieces = Pieces {
        rest: Some(text),
        offset: 0,
    };
    check_version(pieces.next().map_or(&[][..], |(_, piece)| piece))?;

    // A record without `p` has the same tags as one with it, apart from that.
    let mut record = Record::builder(Policy::None).build();
    record.policy = Published::Absent;
    // A set, because a record of 64 KiB can hold ten thousand names.
    let mut seen = BTreeSet::from([String::from("v")]);
    for (offset, piece) in pieces {
        if piece.iter().all(|octet| is_space(*octet)) {
            continue;
        }
        let Some(tag) = split_tag(offset, piece) else {
            let start = offset + leading_spaces(piece);
            record.notes.push(Note::new(start, NoteKind::NotATag));
            continue;
        };
        let name = tag.name.to_ascii_lowercase();
        if seen.contains(&name) {
            record.notes.push(Note::new(
                tag.offset,
                NoteKind::RepeatedTag {
                    name: tag.name.into(),
                },
            ));
            continue;
        }
        read_tag(&mut record, &name, &tag);
        seen.insert(name);
    }
    Ok(record)
}

fn check_version(piece: &[u8]) -> Result<(), RecordError> {
    let Some(equals) = piece.iter().position(|octet| *octet == b'=') else {
        return Err(RecordError::NoVersion);
    };
    let (name, value) = piece.split_at(equals);
    if !trim_end(name).eq_ignore_ascii_case(b"v") {
        return Err(RecordError::NoVersion);
    }
    let value = trim(value.get(1..).unwrap_or_default());
    if value == b"DMARC1" {
        Ok(())
    } else {
        Err(RecordError::WrongVersion {
            found: printable(value),
        })
    }
}

fn read_tag(record: &mut Record, name: &str, tag: &Tag<'_>) {
    // Every value that has a meaning is printable ASCII; anything else is an invalid value.
    let text = str::from_utf8(tag.value)
        .ok()
        .filter(|text| text.bytes().all(|octet| (0x20..=0x7e).contains(&octet)));
    match name {
        "p" => record.policy = read_policy(record, "p", text, tag),
        "sp" => record.subdomain_policy = read_policy(record, "sp", text, tag),
        "np" => record.nonexistent_subdomain_policy = read_policy(record, "np", text, tag),
        "psd" => {
            record.public_suffix = read_value(record, "psd", tag, || {
                find_letter(PublicSuffix::ALL, PublicSuffix::letter, text)
            });
        }
        "t" => {
            record.test_mode = read_value(record, "t", tag, || {
                find_letter(TestMode::ALL, TestMode::letter, text)
            });
        }
        "adkim" => {
            record.dkim_alignment = read_value(record, "adkim", tag, || {
                find_letter(AlignmentMode::ALL, AlignmentMode::letter, text)
            });
        }
        "aspf" => {
            record.spf_alignment = read_value(record, "aspf", tag, || {
                find_letter(AlignmentMode::ALL, AlignmentMode::letter, text)
            });
        }
        "fo" => {
            record.failure_options = read_value(record, "fo", tag, || text?.parse().ok());
        }
        "rua" => record.aggregate_reports = read_uris(record, tag),
        "ruf" => record.failure_reports = read_uris(record, tag),
        "pct" => note_obsolete(record, "pct", tag),
        "rf" => note_obsolete(record, "rf", tag),
        "ri" => note_obsolete(record, "ri", tag),
        _ => match text {
            Some(value) if !value.is_empty() => record.unknown_tags.push(UnknownTag {
                name: tag.name.into(),
                value: value.into(),
            }),
            _ => record.notes.push(Note::new(tag.offset, NoteKind::NotATag)),
        },
    }
}

fn read_policy(
    record: &mut Record,
    name: &'static str,
    text: Option<&str>,
    tag: &Tag<'_>,
) -> Published<Policy> {
    match read_value(record, name, tag, || text?.parse().ok()) {
        Some(policy) => Published::Valid(policy),
        None => Published::Invalid(printable(tag.value)),
    }
}

fn read_value<T>(
    record: &mut Record,
    name: &'static str,
    tag: &Tag<'_>,
    read: impl FnOnce() -> Option<T>,
) -> Option<T> {
    let value = read();
    if value.is_none() {
        let value = printable(tag.value);
        record.notes.push(Note::new(
            tag.value_offset,
            NoteKind::InvalidValue { name, value },
        ));
    }
    value
}

fn find_letter<T: Copy, const N: usize>(
    all: [T; N],
    letter: fn(T) -> &'static str,
    text: Option<&str>,
) -> Option<T> {
    let text = text?;
    all.into_iter()
        .find(|value| text.eq_ignore_ascii_case(letter(*value)))
}

fn read_uris(record: &mut Record, tag: &Tag<'_>) -> Vec<ReportUri> {
    let mut uris = Vec::new();
    let mut offset = tag.value_offset;
    for piece in tag.value.split(|octet| *octet == b',') {
        let start = offset + leading_spaces(piece);
        let text = printable(trim(piece));
        let (uri, limit) = split_size_limit(&text);
        if let Some(limit) = limit {
            let limit = limit.into();
            record
                .notes
                .push(Note::new(start, NoteKind::ObsoleteSizeLimit { limit }));
        }
        // `?` stands for what cannot be printed, and is itself allowed in a URI: look at the octets first.
        let is_printable = trim(piece).iter().all(u8::is_ascii_graphic);
        match uri.parse() {
            Ok(uri) if is_printable => uris.push(uri),
            Ok(_) => note_uri(record, start, &text, unprintable(piece)),
            Err(error) => note_uri(record, start, &text, error),
        }
        offset += piece.len() + 1;
    }
    uris
}

fn unprintable(piece: &[u8]) -> crate::ReportUriError {
    let offset = trim(piece)
        .iter()
        .position(|octet| !octet.is_ascii_graphic())
        .unwrap_or_default();
    crate::ReportUriError::Character { offset }
}

fn note_uri(record: &mut Record, offset: usize, text: &str, error: crate::ReportUriError) {
    let uri = text.into();
    record
        .notes
        .push(Note::new(offset, NoteKind::InvalidReportUri { uri, error }));
}

fn note_obsolete(record: &mut Record, name: &'static str, tag: &Tag<'_>) {
    let value = printable(tag.value);
    record
        .notes
        .push(Note::new(tag.offset, NoteKind::ObsoleteTag { name, value }));
}

/// The pieces between semicolons, each with its offset.
struct Pieces<'a> {
    rest: Option<&'a [u8]>,
    offset: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let rest = self.rest?;
        let offset = self.offset;
        let end = rest.iter().position(|octet| *octet == b';');
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = end.and_then(|_| after.get(1..));
        self.offset = offset + piece.len() + 1;
        Some((offset, piece))
    }
}

fn split_tag(offset: usize, piece: &[u8]) -> Option<Tag<'_>> {
    let equals = piece.iter().position(|octet| *octet == b'=')?;
    let (left, right) = piece.split_at(equals);
    let right = right.get(1..)?;
    let name = str::from_utf8(trim(left)).ok()?;
    let value = trim(right);
    if name.is_empty() || !name.bytes().all(|octet| octet.is_ascii_alphabetic()) {
        return None;
    }
    Some(Tag {
        offset: offset + leading_spaces(left),
        name,
        value,
        value_offset: offset + equals + 1 + leading_spaces(right),
    })
}

fn leading_spaces(text: &[u8]) -> usize {
    text.iter().take_while(|octet| is_space(**octet)).count()
}

fn trim(text: &[u8]) -> &[u8] {
    trim_end(text.get(leading_spaces(text)..).unwrap_or_default())
}

fn trim_end(mut text: &[u8]) -> &[u8] {
    while let Some((last, front)) = text.split_last()
        && is_space(*last)
    {
        text = front;
    }
    text
}

fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

fn printable(text: &[u8]) -> Box<str> {
    text.iter()
        .map(|octet| match octet {
            0x20..=0x7e => char::from(*octet),
            _ => '?',
        })
        .collect::<String>()
        .into_boxed_str()
}
