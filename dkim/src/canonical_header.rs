//! Header canonicalisation ([RFC 6376 §3.4.1 and §3.4.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.4.1)).

use std::ops::Range;

use crate::canonicalization::HeaderCanonicalization;
use crate::hash_input::Sink;
use crate::header_field::HeaderField;
use crate::scan::{self, Stop};
use crate::space_runs::collapse;

/// Writes the canonical form of a header field with its final CRLF.
pub(crate) fn write_field(
    kind: HeaderCanonicalization,
    field: &HeaderField<'_>,
    sink: &mut impl Sink,
) {
    match kind {
        HeaderCanonicalization::Simple => {
            sink.write(field.raw());
            // Only the last field of a message that is all header can lack it, and transport adds it.
            if !field.raw().ends_with(b"\r\n") {
                sink.write(b"\r\n");
            }
        }
        HeaderCanonicalization::Relaxed => {
            let tail = field.tail();
            let mut relaxed = RelaxedValue::after_name(tail, field.name().len(), sink);
            if relaxed.write_whole(field).is_none() {
                let start = field.value_start();
                relaxed.write(tail, start..start + field.value().len());
                sink.write(b"\r\n");
            }
        }
    }
}

/// Writes the relaxed form of the value of a field, in pieces, without final CRLF.
pub(crate) struct RelaxedValue<'s, S> {
    sink: &'s mut S,
    /// White space seen and not written.
    space: bool,
    /// Whether anything was written.
    written: bool,
}

impl<'s, S: Sink> RelaxedValue<'s, S> {
    /// Writes the name, which is the front of `data`, and the colon; the value follows.
    #[inline]
    pub(crate) fn after_name(data: &[u8], length: usize, sink: &'s mut S) -> Self {
        match data.first_chunk::<{ SHORT_NAME + 1 }>() {
            Some(front) if front.get(length) == Some(&b':') => {
                let name = front.map(|octet| octet.to_ascii_lowercase());
                sink.write_front(&name, length + 1);
            }
            _ => write_unusual_name(data.get(..length).unwrap_or(data), sink),
        }
        Self {
            sink,
            space: false,
            written: false,
        }
    }

    /// Writes all of the value with its final CRLF, where it is in the relaxed form but for one space in front, as most
    /// are. Otherwise nothing, and gives `None`.
    fn write_whole(&mut self, field: &HeaderField<'_>) -> Option<()> {
        let raw = field.raw();
        let value = raw.strip_suffix(b"\r\n")?.get(field.value_start()..)?;
        let text = value.strip_prefix(b" ").unwrap_or(value);
        let is_whole =
            text.first().is_some_and(|first| *first > b' ') && !scan::any::<Change>(text, b' ');
        let length = text.len() + 2;
        let front = field.tail().get(raw.len() - length..)?;
        is_whole.then(|| self.sink.write_front(front, length))
    }

    /// Takes the next piece, which lies at `place` in `data`.
    pub(crate) fn write(&mut self, data: &[u8], place: Range<usize>) {
        let mut tail = data.get(place.start..).unwrap_or_default();
        let mut rest = tail.get(..place.len()).unwrap_or(tail);
        loop {
            let taken = match rest {
                [] => break,
                [b' ' | b'\t', ..] => {
                    self.space = true;
                    1
                }
                [b'\r', b'\n', ..] => 2,
                _ => {
                    // A space is written only between text, so never at the start or the end of the value.
                    if self.space && self.written {
                        self.sink.write(b" ");
                    }
                    (self.space, self.written) = (false, true);
                    match collapse::<Folded>(tail, rest.len(), self.sink) {
                        0 => {
                            // A CR without LF is text, at which the search stops at once.
                            let end = scan::first::<Change>(rest, b' ');
                            let end = end.map_or(rest.len(), |end| end.max(1));
                            self.sink.write_front(tail, end);
                            end
                        }
                        taken => taken,
                    }
                }
            };
            tail = tail.get(taken..).unwrap_or_default();
            rest = rest.get(taken..).unwrap_or_default();
        }
    }
}

/// Writes a name that is long, or not followed by the colon at once, and the colon.
#[inline(never)]
fn write_unusual_name(name: &[u8], sink: &mut impl Sink) {
    sink.write(&name.to_ascii_lowercase());
    sink.write(b":");
}

/// A tab, a CR, or a space that may have more white space or a line end after it: where the relaxed form may differ.
struct Change;

impl Stop for Change {
    #[inline]
    fn at(octet: u8, next: u8) -> bool {
        (octet == b'\t') | (octet == b'\r') | ((octet == b' ') & (next <= b' '))
    }

    #[inline]
    fn among(word: u64, next: u64) -> u64 {
        scan::equal(word, b'\t')
            | scan::equal(word, b'\r')
            | (scan::equal(word, b' ') & scan::at_most_space(next))
    }
}

/// [`Change`], and LF: what folds is white space as a whole where every LF is part of a line end, as it is in what is signed
/// and verified.
struct Folded;

impl Stop for Folded {
    #[inline]
    fn at(octet: u8, next: u8) -> bool {
        Change::at(octet, next) | (octet == b'\n')
    }

    #[inline]
    fn among(word: u64, next: u64) -> u64 {
        Change::among(word, next) | scan::equal(word, b'\n')
    }
}

/// Names of at most this many octets are brought to lower case in one step.
const SHORT_NAME: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header_field::RawMessage;

    fn relaxed(field: &[u8]) -> Vec<u8> {
        let message = RawMessage::split(field);
        let mut out = Vec::new();
        write_field(
            HeaderCanonicalization::Relaxed,
            &message.fields()[0],
            &mut out,
        );
        out
    }

    #[test]
    fn relaxed_unfolds_and_collapses() {
        // The first two are the example of RFC 6376 §3.4.5.
        for (field, canonical) in [
            (&b"A: X\r\n"[..], &b"a:X\r\n"[..]),
            (b"B : Y\t\r\n\tZ  \r\n", b"b:Y Z\r\n"),
            (b"C:\r\n", b"c:\r\n"),
            (b"C: \r\n \t \r\n", b"c:\r\n"),
            (b"D:a\r\n b\r\n  c", b"d:a b c\r\n"),
            (b"E:\xff \xc3\xa4\r\n", b"e:\xff \xc3\xa4\r\n"),
        ] {
            assert_eq!(relaxed(field), canonical);
        }
    }

    #[test]
    fn simple_keeps_every_octet() {
        let raw = b"B : Y\t\r\n\tZ  \r\n";
        let message = RawMessage::split(raw);
        let mut out = Vec::new();
        write_field(
            HeaderCanonicalization::Simple,
            &message.fields()[0],
            &mut out,
        );
        assert_eq!(out, raw);
    }

    #[test]
    fn a_long_header_needs_no_deep_stack() {
        let field = [b"X: ".to_vec(), b"a ".repeat(500_000), b"\r\n".to_vec()].concat();
        assert_eq!(relaxed(&field).len(), 2 + 999_999 + 2);
    }
}
