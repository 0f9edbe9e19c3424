//! Header fields as they stand in a message.

use std::borrow::Cow;

use memchr::memchr;

use crate::header_text::is_field_name;

/// One field of a header, borrowed from its message ([RFC 5322 §2.2](https://www.rfc-editor.org/rfc/rfc5322#section-2.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderField<'a> {
    octets: &'a [u8],
    name: &'a str,
    value: &'a [u8],
}

impl<'a> HeaderField<'a> {
    /// The field that `octets` are (a line and its continuation lines), unless they have no name and colon.
    fn read(octets: &'a [u8]) -> Option<Self> {
        let (name, rest) = octets.split_at_checked(memchr(b':', octets)?)?;
        let name = str::from_utf8(name).ok()?;
        // White space before the colon is obsolete, and read by most.
        let name = name.trim_end_matches([' ', '\t']);
        if name.is_empty() || !name.chars().all(is_field_name) {
            return None;
        }
        let value = rest.get(1..)?;
        Some(Self {
            octets,
            name,
            value: value.strip_suffix(b"\r\n").unwrap_or(value),
        })
    }

    /// The name as it was written, without the colon.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Everything between the colon and the final CRLF, as it was written: leading space and folds included.
    #[must_use]
    pub fn value(&self) -> &'a [u8] {
        self.value
    }

    /// The value without folds and without white space at either end; octets that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn unfolded(&self) -> String {
        let value = String::from_utf8_lossy(self.value).replace("\r\n", "");
        value.trim_matches([' ', '\t']).to_owned()
    }

    /// The whole field, with its final CRLF.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.octets
    }

    /// Whether the field has this name, in any case.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether white space stands between the name and the colon.
    pub(crate) fn has_space_before_colon(&self) -> bool {
        self.octets
            .get(self.name.len())
            .is_some_and(|&octet| octet != b':')
    }
}

/// A line of a header with its continuation lines, whether it is a field or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment<'a> {
    /// Octets from the start of the header.
    pub(crate) offset: usize,
    pub(crate) octets: &'a [u8],
}

impl<'a> Segment<'a> {
    pub(crate) fn field(self) -> Option<HeaderField<'a>> {
        HeaderField::read(self.octets)
    }
}

/// The segments of a header without its empty line.
pub(crate) fn segments(header: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = header.get(offset..).filter(|rest| !rest.is_empty())?;
        let (octets, _) = rest.split_at_checked(segment_length(rest))?;
        let segment = Segment { offset, octets };
        offset += octets.len();
        Some(segment)
    })
}

fn segment_length(header: &[u8]) -> usize {
    let mut end = 0;
    loop {
        let line = header.get(end..).unwrap_or_default();
        match memchr(b'\n', line) {
            None => return header.len(),
            Some(feed) => end += feed + 1,
        }
        if !matches!(header.get(end), Some(b' ' | b'\t')) {
            return end;
        }
    }
}

/// Unfolds: drops each CRLF that white space follows, and the final one.
pub(crate) fn unfold(text: &str) -> Cow<'_, str> {
    let text = text.strip_suffix("\r\n").unwrap_or(text);
    if text.contains("\r\n ") || text.contains("\r\n\t") {
        Cow::Owned(text.replace("\r\n ", " ").replace("\r\n\t", "\t"))
    } else {
        Cow::Borrowed(text)
    }
}
