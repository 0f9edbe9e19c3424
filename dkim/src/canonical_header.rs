//! Header canonicalisation ([RFC 6376 §3.4.1 and §3.4.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.4.1)).

use crate::canonicalization::HeaderCanonicalization;
use crate::header_field::HeaderField;
use crate::scan::{self, Stop};

/// Appends the canonical form of a header field with its final CRLF.
pub(crate) fn push_field(kind: HeaderCanonicalization, field: &HeaderField<'_>, out: &mut Vec<u8>) {
    match kind {
        HeaderCanonicalization::Simple => {
            out.extend_from_slice(field.raw());
            // Only the last field of a message that is all header can lack it, and transport adds it.
            if !field.raw().ends_with(b"\r\n") {
                out.extend_from_slice(b"\r\n");
            }
        }
        HeaderCanonicalization::Relaxed => {
            push_relaxed(field.name(), &[field.value()], out);
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// Appends the canonical form of a name and a value in pieces, without final CRLF.
pub(crate) fn push_relaxed(name: &[u8], value: &[&[u8]], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(name);
    if let Some(own) = out.get_mut(start..) {
        own.make_ascii_lowercase();
    }
    out.push(b':');
    let start = out.len();
    let mut space = false;
    for piece in value {
        let mut rest = *piece;
        loop {
            match rest {
                [] => break,
                [b' ' | b'\t', after @ ..] => {
                    space = true;
                    rest = after;
                }
                [b'\r', b'\n', after @ ..] => rest = after,
                _ => {
                    // A space is written only between text, so never at the start or the end of the value.
                    if space && out.len() > start {
                        out.push(b' ');
                    }
                    space = false;
                    // A CR without LF is text, at which the search stops at once.
                    let end =
                        scan::first::<Change>(rest, b' ').map_or(rest.len(), |end| end.max(1));
                    let (run, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
                    out.extend_from_slice(run);
                    rest = after;
                }
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header_field::RawMessage;

    fn relaxed(field: &[u8]) -> Vec<u8> {
        let message = RawMessage::split(field);
        let mut out = Vec::new();
        push_field(
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
        push_field(
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
