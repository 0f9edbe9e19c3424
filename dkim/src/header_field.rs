//! A raw message cut into header fields and body.

/// A message as octets: header fields in order, and the body.
#[derive(Debug)]
pub(crate) struct RawMessage<'a> {
    fields: Vec<HeaderField<'a>>,
    body: &'a [u8],
}

/// One header field, folding and final CRLF included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderField<'a> {
    raw: &'a [u8],
    /// Where the colon is; a field without one has no name and cannot be signed.
    colon: Option<usize>,
    offset: usize,
}

impl<'a> RawMessage<'a> {
    /// Cuts at the first empty line. Lines end in CRLF; a message without an empty line is all header.
    pub(crate) fn split(message: &'a [u8]) -> Self {
        let mut fields: Vec<HeaderField<'a>> = Vec::with_capacity(24);
        let mut start = 0;
        let mut position = 0;
        loop {
            let end = line_end(message, position);
            let line = message.get(position..end).unwrap_or_default();
            let continues = matches!(line.first(), Some(b' ' | b'\t')) && position != start;
            if !continues && position != start {
                fields.push(HeaderField::new(message, start, position));
                start = position;
            }
            if line.is_empty() || line == b"\r\n" {
                return Self {
                    fields,
                    body: message.get(end..).unwrap_or_default(),
                };
            }
            position = end;
        }
    }

    pub(crate) fn fields(&self) -> &[HeaderField<'a>] {
        &self.fields
    }

    pub(crate) fn body(&self) -> &'a [u8] {
        self.body
    }
}

impl<'a> HeaderField<'a> {
    fn new(message: &'a [u8], start: usize, end: usize) -> Self {
        let raw = message.get(start..end).unwrap_or_default();
        let colon = memchr::memchr(b':', raw).filter(|colon| {
            let name = raw.get(..*colon).unwrap_or_default().trim_ascii_end();
            !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
        });
        Self {
            raw,
            colon,
            offset: start,
        }
    }

    /// Every octet of the field.
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where the field starts in the message.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn has_name(&self) -> bool {
        self.colon.is_some()
    }

    /// The name without white space before the colon; empty where the field has none.
    pub(crate) fn name(&self) -> &'a [u8] {
        self.colon
            .and_then(|colon| self.raw.get(..colon))
            .unwrap_or_default()
            .trim_ascii_end()
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name.as_bytes())
    }

    /// Where the value starts in the field.
    pub(crate) fn value_start(&self) -> usize {
        self.colon.map_or(self.raw.len(), |colon| colon + 1)
    }

    /// What follows the colon, without the final CRLF.
    pub(crate) fn value(&self) -> &'a [u8] {
        let value = self.raw.get(self.value_start()..).unwrap_or_default();
        value.strip_suffix(b"\r\n").unwrap_or(value)
    }
}

/// The position after the next CRLF, or the end of the message.
fn line_end(message: &[u8], from: usize) -> usize {
    let mut position = from;
    loop {
        let rest = message.get(position..).unwrap_or_default();
        let Some(line_feed) = memchr::memchr(b'\n', rest) else {
            return message.len();
        };
        position += line_feed + 1;
        if line_feed > 0 && rest.get(line_feed - 1) == Some(&b'\r') {
            return position;
        }
    }
}

/// Where the first CR or LF is that is not part of a CRLF.
pub(crate) fn first_bare_line_end(message: &[u8]) -> Option<usize> {
    let mut position = 0;
    loop {
        let rest = message.get(position..)?;
        let found = memchr::memchr2(b'\r', b'\n', rest)?;
        if rest.get(found..found + 2) != Some(b"\r\n") {
            return Some(position + found);
        }
        position += found + 2;
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
        }
    }
}
