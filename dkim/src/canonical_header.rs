//! Header canonicalisation ([RFC 6376 §3.4.1 and §3.4.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.4.1)).

use crate::canonicalization::HeaderCanonicalization;
use crate::header_field::HeaderField;

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
    out.extend(name.trim_ascii_end().iter().map(u8::to_ascii_lowercase));
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
                [first, ..] => {
                    let end = rest
                        .iter()
                        .skip(1)
                        .position(|octet| matches!(octet, b' ' | b'\t' | b'\r'))
                        .map_or(rest.len(), |position| position + 1);
                    // A space is written only between text, so never at the start or the end of the value.
                    if space && out.len() > start {
                        out.push(b' ');
                    }
                    space = false;
                    match rest.split_at_checked(end) {
                        Some((run, after)) => {
                            out.extend_from_slice(run);
                            rest = after;
                        }
                        None => {
                            out.push(*first);
                            break;
                        }
                    }
                }
            }
        }
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
