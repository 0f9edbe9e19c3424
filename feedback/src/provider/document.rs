//! The JSON documents in a body: one, an array of them, or one after another.

use serde::de::IgnoredAny;

/// The texts of the documents, in their order. Only where one ends and the next begins is looked at here.
#[derive(Debug)]
pub(crate) struct Documents<'a> {
    body: &'a [u8],
    at: usize,
    is_in_array: bool,
    had_array: bool,
}

/// The place where the body stops being JSON.
#[derive(Debug)]
pub(crate) struct NotJson {
    /// From 1.
    pub(crate) line: usize,
    /// In octets, from 1.
    pub(crate) column: usize,
    pub(crate) source: serde_json::Error,
}

impl<'a> Documents<'a> {
    /// A byte order mark in front is passed over.
    pub(crate) fn of(body: &'a [u8]) -> Self {
        Self {
            body,
            at: if body.starts_with(BYTE_ORDER_MARK) {
                BYTE_ORDER_MARK.len()
            } else {
                0
            },
            is_in_array: false,
            had_array: false,
        }
    }

    /// Whether an array was seen, be it an empty one.
    pub(crate) fn had_array(&self) -> bool {
        self.had_array
    }

    /// The text of the next document. Elements of an array at the top count as documents.
    pub(crate) fn next(&mut self) -> Result<Option<&'a [u8]>, NotJson> {
        loop {
            self.skip_white_space();
            match (self.peek(), self.is_in_array) {
                (None, false) => return Ok(None),
                (Some(b'['), false) => {
                    self.at += 1;
                    self.is_in_array = true;
                    self.had_array = true;
                    self.skip_white_space();
                    if self.peek() == Some(b']') {
                        self.at += 1;
                        self.is_in_array = false;
                    }
                }
                (_, true) => {
                    let text = self.value()?;
                    self.skip_white_space();
                    match self.peek() {
                        Some(b',') => self.at += 1,
                        Some(b']') => {
                            self.at += 1;
                            self.is_in_array = false;
                        }
                        // The parser itself says what is wrong with what stands there instead.
                        _ => return Err(self.broken_array()),
                    }
                    return Ok(Some(text));
                }
                (Some(_), false) => return self.value().map(Some),
            }
        }
    }

    fn value(&mut self) -> Result<&'a [u8], NotJson> {
        let rest = self.rest();
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                let length = values.byte_offset();
                self.at = self.at.saturating_add(length);
                Ok(rest.get(..length).unwrap_or_default())
            }
            Some(Err(source)) => Err(self.error(source)),
            None => Err(self.end_of_input()),
        }
    }

    /// What a comma or the end of the array was expected at.
    fn broken_array(&self) -> NotJson {
        if self.peek().is_none() {
            return self.end_of_input();
        }
        let mut standing_in = b"[0".to_vec();
        standing_in.extend(self.peek());
        match serde_json::from_slice::<IgnoredAny>(&standing_in) {
            Err(source) => self.not_json_here(source),
            Ok(_) => self.end_of_input(),
        }
    }

    fn end_of_input(&self) -> NotJson {
        let nothing = serde_json::from_slice::<IgnoredAny>(b"");
        self.not_json_here(match nothing {
            Err(source) => source,
            Ok(IgnoredAny) => serde::de::Error::custom("the input ends here"),
        })
    }

    fn not_json_here(&self, source: serde_json::Error) -> NotJson {
        let (line, column) = self.place();
        NotJson {
            line,
            column,
            source,
        }
    }

    /// The error with its place in the body, which the parser has counted from the beginning of the document.
    fn error(&self, source: serde_json::Error) -> NotJson {
        let (line, column) = self.place();
        let is_first_line = source.line() <= 1;
        NotJson {
            line: line + source.line().saturating_sub(1),
            // A line end counts for the parser as octet 0 of the line that it begins.
            column: if is_first_line {
                (column + source.column()).saturating_sub(1)
            } else {
                source.column().max(1)
            },
            source,
        }
    }

    /// Line and column of what comes next, from 1.
    fn place(&self) -> (usize, usize) {
        let before = self.body.get(..self.at).unwrap_or(self.body);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        (line, before.len() - line_start + 1)
    }

    fn rest(&self) -> &'a [u8] {
        self.body.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn skip_white_space(&mut self) {
        let is_white = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.rest().iter().take_while(is_white).count();
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

#[cfg(test)]
mod tests {
    use super::{Documents, NotJson};

    fn texts(body: &str) -> Result<Vec<String>, (usize, usize)> {
        let mut documents = Documents::of(body.as_bytes());
        let mut out = Vec::new();
        loop {
            match documents.next() {
                Ok(Some(text)) => out.push(String::from_utf8(text.to_vec()).unwrap()),
                Ok(None) => return Ok(out),
                Err(NotJson { line, column, .. }) => return Err((line, column)),
            }
        }
    }

    #[test]
    fn documents_come_alone_in_arrays_and_in_lines() {
        for (body, expected) in [
            ("{\"a\": 1}", &["{\"a\": 1}"][..]),
            ("\u{feff} {}\n", &["{}"]),
            ("[{\"a\":[1]} , {}]", &["{\"a\":[1]}", "{}"]),
            ("{}\n{}\r\n\n[{}]{}", &["{}", "{}", "{}", "{}"]),
            ("[1,2]", &["1", "2"]),
            ("[[{}]]", &["[{}]"]),
            ("[]", &[]),
            ("  ", &[]),
            ("\"a\" 1 null", &["\"a\"", "1", "null"]),
        ] {
            assert_eq!(texts(body).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn what_is_not_json_is_named_by_its_place() {
        for (body, place) in [
            ("{\"a\":}", (1, 6)),
            ("{}\n{\"a\" 1}", (2, 6)),
            ("{}\n {\n}}", (3, 2)),
            ("[{}", (1, 4)),
            ("[{},", (1, 5)),
            ("[{} {}]", (1, 5)),
            ("[,]", (1, 2)),
            ("[{},]", (1, 5)),
            ("]", (1, 1)),
            ("a=b", (1, 1)),
            ("{\"a\": -\n}", (2, 1)),
        ] {
            assert_eq!(texts(body), Err(place), "{body}");
        }
    }
}
