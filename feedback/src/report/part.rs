//! The MIME structure of a report, as far as a report has one.

use std::borrow::Cow;

use mail_parser::HeaderValue;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::parsers::MessageStream;

use crate::report::bounce::begins_with_status_fields;
use crate::report::field_group::{FieldGroup, lines};
use crate::report::mail_text;
use crate::report::returned_message::ReturnedMessage;

/// A message or one of its parts.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    place: Place,
    entity: &'a [u8],
    header: FieldGroup<'a>,
    media_type: MediaType,
    body: &'a [u8],
}

/// Where an entity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is the message.
    Whole,
    /// It is a part of one.
    Inside,
}

/// The value of Content-Type, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct MediaType {
    /// `type/subtype` in lower case.
    essence: String,
    boundary: Option<String>,
    report_type: Option<String>,
    charset: Option<String>,
}

impl<'a> Part<'a> {
    /// Reads a message.
    pub(crate) fn read(entity: &'a [u8]) -> Self {
        Self::read_at(Place::Whole, entity)
    }

    fn read_at(place: Place, entity: &'a [u8]) -> Self {
        let (header, body) = FieldGroup::header_of(entity);
        let media_type = header
            .value("Content-Type")
            .map(|value| MediaType::read(&value));
        Self {
            place,
            entity,
            header,
            media_type: media_type.unwrap_or_default(),
            body,
        }
    }

    /// Its header.
    pub(crate) fn header(&self) -> FieldGroup<'a> {
        self.header
    }

    /// `type/subtype` in lower case; empty where none is given.
    pub(crate) fn essence(&self) -> &str {
        &self.media_type.essence
    }

    /// The `report-type` parameter in lower case
    /// ([RFC 6522 §3](https://www.rfc-editor.org/rfc/rfc6522#section-3)).
    pub(crate) fn report_type(&self) -> Option<&str> {
        self.media_type.report_type.as_deref()
    }

    /// The body without its transfer encoding. Of an encoded body only the first [`MAX_ENCODED`] octets are decoded;
    /// what cannot be decoded is given as it is.
    pub(crate) fn decoded(&self) -> Cow<'a, [u8]> {
        self.decoded_head(MAX_ENCODED)
    }

    /// As [`decoded`](Self::decoded), of an encoded body only this many octets.
    fn decoded_head(&self, limit: usize) -> Cow<'a, [u8]> {
        let encoding = self
            .header
            .value("Content-Transfer-Encoding")
            .unwrap_or_default();
        let head = whole_lines(self.body, limit);
        let decoded = if encoding.eq_ignore_ascii_case("base64") {
            base64_decode(head)
        } else if encoding.eq_ignore_ascii_case("quoted-printable") {
            quoted_printable_decode(head)
        } else {
            None
        };
        decoded.map_or(Cow::Borrowed(self.body), Cow::Owned)
    }

    /// What it says to a reader, as far as the first [`MAX_TEXT`] octets go; `None` if it is no text.
    pub(crate) fn text(&self) -> Option<String> {
        let essence = self.essence();
        let is_html = essence == "text/html";
        if !(essence.is_empty() || essence.starts_with("text") || essence.starts_with("multipart/"))
        {
            return None;
        }
        let octets = self.decoded_head(MAX_TEXT);
        let text = mail_text::decode(
            whole_lines(&octets, MAX_TEXT),
            self.media_type.charset.as_deref(),
        );
        Some(if is_html {
            mail_text::without_markup(&text)
        } else {
            text
        })
    }

    /// Whether its type is that of the message that a report is about, whole or its header.
    pub(crate) fn is_returned_by_type(&self) -> bool {
        matches!(
            self.essence(),
            "message/rfc822"
                | "message/global"
                | "text/rfc822-headers"
                | "message/rfc822-headers"
                | "message/global-headers"
        )
    }

    /// Whether it is the message that a report is about: by its type, or a part without one that begins with the header of
    /// a message.
    pub(crate) fn is_returned(&self) -> bool {
        let essence = self.essence();
        self.is_returned_by_type()
            || (self.place == Place::Inside && essence.is_empty() && self.is_message())
            || (self.place == Place::Inside
                && essence == "text/plain"
                && begins_with_header(self.body))
    }

    /// Whether its own header is that of a message.
    fn is_message(&self) -> bool {
        let has = |name: &str| self.header.value(name).is_some();
        has("Received") || (has("From") && has("Message-ID"))
    }

    /// The header of the message that it returns.
    pub(crate) fn returned_message(&self) -> ReturnedMessage {
        if self.essence().is_empty() && self.is_message() {
            return ReturnedMessage::of(self.header);
        }
        let body = self.decoded();
        let mut rest: &[u8] = &body;
        // Some begin with blank lines.
        while let Some(line) = lines(rest)
            .next()
            .filter(|line| line.trim_ascii().is_empty())
        {
            rest = rest.get(line.len()..).unwrap_or_default();
        }
        ReturnedMessage::of(FieldGroup::header_of(rest).0)
    }

    /// The fields of a delivery status, where that is what it holds under another type or under none.
    pub(crate) fn disguised_status(&self) -> Option<Cow<'a, [u8]>> {
        let essence = self.essence();
        if essence.is_empty() && begins_with_status_fields(self.entity) {
            return Some(Cow::Borrowed(self.entity));
        }
        let may_be = essence.is_empty()
            || essence == "text/plain"
            || essence.starts_with("application/")
            || essence.starts_with("message/");
        if !may_be || self.is_returned_by_type() {
            return None;
        }
        let body = self.decoded();
        begins_with_status_fields(&body).then_some(body)
    }

    /// The parts that hold something themselves: the message, or what its multiparts hold, in order. A message
    /// attached to this one is a leaf: what is in it is not said by the sender of this one.
    pub(crate) fn leaves(self) -> Vec<Self> {
        let mut leaves = Vec::new();
        self.collect_leaves(MAX_DEPTH, &mut leaves);
        leaves
    }

    fn collect_leaves(self, depth: usize, leaves: &mut Vec<Self>) {
        let multipart = self.essence().starts_with("multipart/") && depth > 0;
        match self.media_type.boundary.clone().filter(|_| multipart) {
            None => leaves.push(self),
            Some(boundary) => {
                for child in split(self.body, &boundary) {
                    if leaves.len() >= MAX_LEAVES {
                        return;
                    }
                    Self::read_at(Place::Inside, child).collect_leaves(depth - 1, leaves);
                }
            }
        }
    }
}

impl MediaType {
    fn read(value: &str) -> Self {
        let line = format!("{value}\n");
        let parsed = MessageStream::new(line.as_bytes()).parse_content_type();
        let HeaderValue::ContentType(read) = parsed else {
            return Self::default();
        };
        let subtype = read.subtype().unwrap_or_default();
        Self {
            essence: format!("{}/{subtype}", read.ctype()).to_ascii_lowercase(),
            boundary: read
                .attribute("boundary")
                .map(|boundary| boundary.trim_end().to_owned())
                .filter(|boundary| !boundary.is_empty()),
            report_type: read.attribute("report-type").map(str::to_ascii_lowercase),
            charset: read.attribute("charset").map(str::to_owned),
        }
    }
}

/// What lies between the delimiter lines ([RFC 2046 §5.1.1](https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1)). A
/// missing close delimiter is forgiven.
fn split<'a>(body: &'a [u8], boundary: &str) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(body);
    let mut started = false;
    let boundary = boundary.to_owned();
    std::iter::from_fn(move || {
        loop {
            let bytes = rest?;
            let mut start = 0;
            let mut found = None;
            for line in lines(bytes) {
                let end = start + line.len();
                if let Some(delimiter) = delimiter(line, &boundary) {
                    found = Some((delimiter, end));
                    break;
                }
                start = end;
            }
            let part = bytes.get(..start);
            rest = found.and_then(|(delimiter, end)| match delimiter {
                Delimiter::Between => bytes.get(end..),
                Delimiter::Close => None,
            });
            let preamble = !std::mem::replace(&mut started, true);
            if !preamble {
                return part;
            }
        }
    })
}

enum Delimiter {
    Between,
    Close,
}

fn delimiter(line: &[u8], boundary: &str) -> Option<Delimiter> {
    let after = line
        .strip_prefix(b"--")?
        .strip_prefix(boundary.as_bytes())?;
    match after.trim_ascii_end() {
        b"" => Some(Delimiter::Between),
        b"--" => Some(Delimiter::Close),
        _ => None,
    }
}

/// The first octets, up to the end of a line.
fn whole_lines(octets: &[u8], limit: usize) -> &[u8] {
    let Some(head) = octets.get(..limit).filter(|head| head.len() < octets.len()) else {
        return octets;
    };
    let end = memchr::memrchr(b'\n', head).map_or(limit, |end| end + 1);
    octets.get(..end).unwrap_or(head)
}

/// Whether the header of a message stands at the beginning of a text.
fn begins_with_header(body: &[u8]) -> bool {
    let head = whole_lines(body, MAX_HEADER_LOOK);
    let (header, _) = FieldGroup::header_of(head.trim_ascii_start());
    let has = |name: &str| header.value(name).is_some();
    (has("Received") || has("Message-ID") || has("Return-Path")) && has("From") && has("Subject")
}

/// How far multiparts are followed into one another; reports have one level, and a mailing list or a virus scanner may
/// have wrapped them in one or two more.
const MAX_DEPTH: usize = 4;
/// The most parts that are looked at; a report has three.
const MAX_LEAVES: usize = 64;
/// The most octets of an encoded body that are decoded.
const MAX_ENCODED: usize = 4 * 1024 * 1024;
/// The most octets of a text that are read; what a mail system says comes first.
const MAX_TEXT: usize = 256 * 1024;
/// How far a text is looked at to see whether it begins with a header.
const MAX_HEADER_LOOK: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::Part;

    fn leaves(text: &str) -> Vec<(String, String)> {
        let leaf = |part: Part<'_>| {
            let body = String::from_utf8_lossy(&part.decoded()).into_owned();
            (part.essence().to_owned(), body)
        };
        Part::read(text.as_bytes())
            .leaves()
            .into_iter()
            .map(leaf)
            .collect()
    }

    #[test]
    fn multiparts_are_followed_and_attached_messages_are_not() {
        let text = "Content-Type: Multipart/Mixed;\n boundary=\"a b\"\n\npreamble\n--a b \n\
                    Content-Type: multipart/report; boundary=c\n\n--c\nContent-Type: text/plain\n\none\n--cc\n--c--\n\
                    epilogue\n--a b\nContent-Type: message/rfc822\n\n\
                    Content-Type: multipart/mixed; boundary=d\n\n--d\n\nx\n--d--\n--a b--\n";
        let found = leaves(text);
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0],
            ("text/plain".to_owned(), "one\n--cc\n".to_owned())
        );
        assert_eq!(found[1].0, "message/rfc822");
        assert!(found[1].1.contains("--d\n"));
    }

    #[test]
    fn a_missing_close_delimiter_is_forgiven() {
        let found = leaves(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo",
        );
        let bodies: Vec<&str> = found.iter().map(|(_, body)| body.as_str()).collect();
        assert_eq!(bodies, ["one\r\n", "two"]);
    }

    #[test]
    fn transfer_encodings_are_undone() {
        for (encoding, body, expected) in [
            ("base64", "U3RhdHVzOiA1\nLjEuMQ==\n", "Status: 5.1.1"),
            ("Quoted-Printable", "a=3D=\nb", "a=b"),
            ("7bit", "a=3D", "a=3D"),
            ("base64", "!!", "!!"),
        ] {
            let text = format!("Content-Transfer-Encoding: {encoding}\n\n{body}");
            assert_eq!(leaves(&text)[0].1, expected, "{encoding}");
        }
    }

    #[test]
    fn depth_and_number_of_parts_are_bounded() {
        let mut deep = String::new();
        for level in 0..1_000 {
            deep.push_str(&format!(
                "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
            ));
        }
        assert_eq!(leaves(&deep).len(), 1);
        let wide = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n{}",
            "--b\n\nx\n".repeat(10_000)
        );
        assert_eq!(leaves(&wide).len(), super::MAX_LEAVES);
    }
}
