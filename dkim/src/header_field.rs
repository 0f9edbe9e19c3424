//! A raw message cut into header fields and body.

use crate::scan::{self, Stop};

/// A message as octets: header fields in order, and the body.
#[derive(Debug)]
pub(crate) struct RawMessage<'a> {
    fields: Vec<HeaderField<'a>>,
    /// How many fields were not kept.
    omitted: usize,
    /// Whether there is a LF without CR in the header.
    bare_line_feed: bool,
    /// Of the header.
    line_feeds: usize,
    message: &'a [u8],
    header: &'a [u8],
    body: &'a [u8],
}

/// One header field, folding and final CRLF included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderField<'a> {
    /// The message from where the field starts.
    tail: &'a [u8],
    length: usize,
    /// Without white space before the colon; zero where the field has no name, and cannot be signed.
    name_length: usize,
    /// Where the value starts in the field.
    value_start: usize,
}

impl<'a> RawMessage<'a> {
    /// Cuts at the first empty line. Lines end in CRLF; a message without an empty line is all header.
    pub(crate) fn split(message: &'a [u8]) -> Self {
        Self::split_within(message, usize::MAX, "")
    }

    /// [`split`](Self::split), keeping at most so many fields: of those that follow only as many again of this name.
    pub(crate) fn split_within(message: &'a [u8], most: usize, name: &str) -> Self {
        // More memory than for so many does not come from where small pieces are kept at hand.
        let mut fields: Vec<HeaderField<'a>> = Vec::with_capacity(24);
        let mut omitted = 0;
        let mut start = 0;
        let mut position = 0;
        let mut found = memchr::memchr_iter(b'\n', message);
        let mut line_feeds = 0;
        let mut bare_line_feed = false;
        // What has no line end, and an empty line that ends the last field.
        let mut ends = [message.len(); 2].into_iter();
        loop {
            let end = match found.next() {
                Some(line_feed) => {
                    line_feeds += 1;
                    let before = line_feed
                        .checked_sub(1)
                        .and_then(|before| message.get(before));
                    if before != Some(&b'\r') {
                        bare_line_feed = true;
                        continue;
                    }
                    line_feed + 1
                }
                None => match ends.next() {
                    Some(end) => end,
                    None => break,
                },
            };
            let line = message.get(position..end).unwrap_or_default();
            let continues = matches!(line.first(), Some(b' ' | b'\t')) && position != start;
            if !continues && position != start {
                let field = HeaderField::new(message, start, position);
                let kept = fields.len();
                if kept < most || (kept - most < most && field.is_named(name)) {
                    fields.push(field);
                } else {
                    omitted += 1;
                }
                start = position;
            }
            position = end;
            if line.is_empty() || line == b"\r\n" {
                break;
            }
        }
        let (header, body) = message.split_at_checked(position).unwrap_or((message, &[]));
        Self {
            fields,
            omitted,
            bare_line_feed,
            line_feeds,
            message,
            header,
            body,
        }
    }

    /// Whether there are more than so many fields.
    pub(crate) fn has_more_fields_than(&self, count: usize) -> bool {
        self.fields.len() > count || self.omitted > 0
    }

    /// Whether a CR or LF in the header is not part of a CRLF.
    pub(crate) fn has_bare_line_end(&self) -> bool {
        self.bare_line_feed || memchr::memchr_iter(b'\r', self.header).count() != self.line_feeds
    }

    pub(crate) fn fields(&self) -> &[HeaderField<'a>] {
        &self.fields
    }

    pub(crate) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Where a field of this message starts.
    pub(crate) fn offset_of(&self, field: &HeaderField<'_>) -> usize {
        self.message.len() - field.tail.len()
    }
}

impl<'a> HeaderField<'a> {
    fn new(message: &'a [u8], start: usize, end: usize) -> Self {
        let tail = message.get(start..).unwrap_or_default();
        let length = end - start;
        let raw = tail.get(..length).unwrap_or_default();
        let (name_length, value_start) = scan::first::<NameEnd>(raw, 0)
            .and_then(|end| named(raw, end))
            .unwrap_or((0, length));
        Self {
            tail,
            length,
            name_length,
            value_start,
        }
    }

    /// Every octet of the field.
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.tail.get(..self.length).unwrap_or_default()
    }

    /// The message from where the field starts: what [`raw`](Self::raw) begins, and its name.
    pub(crate) fn tail(&self) -> &'a [u8] {
        self.tail
    }

    /// Whether both are the same field of one message.
    pub(crate) fn is_same(&self, other: &HeaderField<'_>) -> bool {
        self.tail.len() == other.tail.len()
    }

    pub(crate) fn has_name(&self) -> bool {
        self.name_length > 0
    }

    /// The name without white space before the colon; empty where the field has none.
    pub(crate) fn name(&self) -> &'a [u8] {
        self.tail.get(..self.name_length).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn is_named(&self, name: impl AsRef<[u8]>) -> bool {
        let (own, name) = (self.name(), name.as_ref());
        // Most fields are written as everyone writes them.
        own.len() == name.len()
            && !own.is_empty()
            && own.first().map(u8::to_ascii_lowercase) == name.first().map(u8::to_ascii_lowercase)
            && (own == name || own.eq_ignore_ascii_case(name))
    }

    /// Where the value starts in the field.
    pub(crate) fn value_start(&self) -> usize {
        self.value_start
    }

    /// What follows the colon, without the final CRLF.
    pub(crate) fn value(&self) -> &'a [u8] {
        let value = self.raw().get(self.value_start..).unwrap_or_default();
        value.strip_suffix(b"\r\n").unwrap_or(value)
    }
}

/// The length of a name that ends there, and where its value starts; there may be white space before the colon.
fn named(raw: &[u8], end: usize) -> Option<(usize, usize)> {
    let rest = raw.get(end..)?.trim_ascii_start();
    (rest.first() == Some(&b':') && end > 0).then(|| (end, raw.len() - rest.len() + 1))
}

/// Where the first CR or LF is that is not part of a CRLF.
pub(crate) fn first_bare_line_end(message: &[u8]) -> Option<usize> {
    if message.first() == Some(&b'\n') {
        return Some(0);
    }
    if !scan::any::<BareLineEnd>(message, 0) {
        return None;
    }
    let found = scan::first::<BareLineEnd>(message, 0)?;
    let is_carriage_return = message.get(found) == Some(&b'\r');
    Some(if is_carriage_return { found } else { found + 1 })
}

/// An octet that is in no name of a field.
struct NameEnd;

impl Stop for NameEnd {
    #[inline]
    fn at(octet: u8, _: u8) -> bool {
        (octet <= b' ') | (octet == b':') | (octet >= 0x7f)
    }

    #[inline]
    fn among(word: u64, _: u64) -> u64 {
        scan::not_graphic(word) | scan::equal(word, b':')
    }
}

/// A CR that no LF follows, or an octet other than CR that a LF follows.
struct BareLineEnd;

impl Stop for BareLineEnd {
    #[inline]
    fn at(octet: u8, next: u8) -> bool {
        (octet == b'\r') != (next == b'\n')
    }

    #[inline]
    fn among(word: u64, next: u64) -> u64 {
        scan::equal(word, b'\r') ^ scan::equal(next, b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_and_nameless_fields_are_kept_whole() {
        let message = b" lost\r\nA: 1\r\n\t2\r\nno colon\r\nB:\r\n \r\n\r\nbody\r\n";
        let split = RawMessage::split(message);
        let raws: Vec<&[u8]> = split.fields().iter().map(HeaderField::raw).collect();
        assert_eq!(
            raws,
            [
                &b" lost\r\n"[..],
                b"A: 1\r\n\t2\r\n",
                b"no colon\r\n",
                b"B:\r\n \r\n"
            ]
        );
        assert_eq!(split.fields()[1].value(), b" 1\r\n\t2");
        assert!(!split.fields()[0].has_name() && !split.fields()[2].has_name());
        assert_eq!(split.body(), b"body\r\n");
    }

    #[test]
    fn header_and_body_may_be_missing() {
        for (message, fields, body) in [
            (&b""[..], 0, &b""[..]),
            (b"\r\n", 0, b""),
            (b"\r\nbody", 0, b"body"),
            (b"A: 1", 1, b""),
            (b"A: 1\r\n", 1, b""),
            (b"A: 1\r\n\r\n", 1, b""),
            (b"A: 1\nB: 2\r\n\r\nx", 1, b"x"),
        ] {
            let split = RawMessage::split(message);
            assert_eq!((split.fields().len(), split.body()), (fields, body));
        }
    }

    #[test]
    fn bare_line_ends_are_found() {
        for (message, position) in [
            (&b"a\r\nb\r\n"[..], None),
            (b"a\nb", Some(1)),
            (b"a\r\n\r", Some(3)),
            (b"\r\r\n", Some(0)),
            (b"a\r\n\n", Some(3)),
            (b"", None),
        ] {
            assert_eq!(first_bare_line_end(message), position);
            let header = RawMessage::split(message);
            assert_eq!(header.has_bare_line_end(), position.is_some());
        }
    }
}
