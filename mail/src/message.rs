//! The message: what is signed is what is sent.

use std::fmt;
use std::sync::{Arc, OnceLock};

use memchr::memmem;

use crate::header_field::{HeaderField, Segment, segments};

mod author;
mod error;
mod line_endings;
mod stored;

pub use author::AuthorError;
pub use error::{MessageError, MessageErrorKind};
pub use line_endings::LineEndings;
pub(crate) use line_endings::longest_line;

/// A message in the form in which it is sent and signed: octets whose lines all end in CRLF, the last one too, without
/// NUL ([RFC 5322 §2.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1)).
///
/// The octets are shared, so a clone is cheap. Apart from line ends nothing is checked: a header may hold lines that are
/// no fields (they are passed over), lines may be longer than the 998 octets that SMTP asks for (see
/// [`longest_line`](Self::longest_line)), and octets may be outside ASCII.
///
/// ```
/// use letterhead_mail::{LineEndings, Message};
///
/// let message = Message::from_bytes("From: a@example.org\n\nHello\n", LineEndings::Normalise)?;
/// assert_eq!(message.as_bytes(), b"From: a@example.org\r\n\r\nHello\r\n");
/// assert_eq!(message.authors()?[0].address().to_string(), "a@example.org");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Message {
    content: Arc<Content>,
    header_length: usize,
}

/// The octets, and what was found out about them once for all who share them.
struct Content {
    octets: Vec<u8>,
    seven_bit: OnceLock<bool>,
    leading_dot: OnceLock<bool>,
}

impl Message {
    /// A message from the octets of header and body.
    ///
    /// # Errors
    ///
    /// On a NUL octet; under [`LineEndings::Strict`] also on a CR or LF alone, and when the last line has no CRLF.
    pub fn from_bytes(raw: impl Into<Vec<u8>>, endings: LineEndings) -> Result<Self, MessageError> {
        endings.apply(raw.into()).map(Self::from_canonical)
    }

    /// Octets that [`LineEndings::apply`] has passed, or parts of such put together at line ends.
    fn from_canonical(octets: Vec<u8>) -> Self {
        let header_length = if octets.starts_with(b"\r\n") {
            0
        } else {
            memmem::find(&octets, b"\r\n\r\n").map_or(octets.len(), |at| at + 2)
        };
        Self {
            content: Arc::new(Content {
                octets,
                seven_bit: OnceLock::new(),
                leading_dot: OnceLock::new(),
            }),
            header_length,
        }
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.content.octets
    }

    /// The number of octets, as the SIZE parameter of SMTP counts them.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "a message holds at least one line end, so it never is empty"
    )]
    pub fn len(&self) -> usize {
        self.content.octets.len()
    }

    /// The header, without the empty line that ends it.
    #[must_use]
    pub fn header_bytes(&self) -> &[u8] {
        self.content
            .octets
            .get(..self.header_length)
            .unwrap_or_default()
    }

    /// What follows the empty line that ends the header; empty when there is no such line.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.content
            .octets
            .get(self.header_length + 2..)
            .unwrap_or_default()
    }

    /// The header fields from top to bottom; lines that are no fields are passed over.
    pub fn header_fields(&self) -> impl Iterator<Item = HeaderField<'_>> {
        self.segments().filter_map(Segment::field)
    }

    /// The header fields with this name, in any case, from top to bottom.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = HeaderField<'a>> {
        self.header_fields()
            .filter(move |field| field.is_named(name))
    }

    /// The first header field with this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<HeaderField<'_>> {
        self.header_fields().find(|field| field.is_named(name))
    }

    /// The first Message-ID with its angle brackets, when it has the form `<…>` without white space.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        let id = self.header("Message-ID")?.unfolded();
        let inner = id.strip_prefix('<')?.strip_suffix('>')?;
        let is_plain = !inner.is_empty()
            && !inner.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
        is_plain.then_some(id)
    }

    /// The message with complete header fields put on top.
    ///
    /// # Errors
    ///
    /// When `fields` is not one or more header fields, each with a name, a colon and CRLF at the end of each line, or
    /// when the message begins with white space, which would continue the last of them.
    pub fn with_field_prepended(&self, fields: &[u8]) -> Result<Self, MessageError> {
        let fields = LineEndings::Strict.apply(fields.to_vec())?;
        for segment in segments(&fields) {
            if segment.field().is_none() {
                return Err(MessageError::new(
                    segment.offset,
                    MessageErrorKind::NotAField,
                ));
            }
        }
        if matches!(self.content.octets.first(), Some(b' ' | b'\t')) {
            return Err(MessageError::new(0, MessageErrorKind::LeadingSpace));
        }
        let mut octets = fields;
        octets.extend_from_slice(&self.content.octets);
        Ok(Self::from_canonical(octets))
    }

    /// The message without the header fields of this name, in any case.
    #[must_use]
    pub fn without_fields(&self, name: &str) -> Self {
        if self.header(name).is_none() {
            return self.clone();
        }
        let mut octets = Vec::with_capacity(self.content.octets.len());
        for segment in self.segments() {
            if !segment.field().is_some_and(|field| field.is_named(name)) {
                octets.extend_from_slice(segment.octets);
            }
        }
        octets.extend_from_slice(
            self.content
                .octets
                .get(self.header_length..)
                .unwrap_or_default(),
        );
        if octets.is_empty() {
            octets.extend_from_slice(b"\r\n");
        }
        Self::from_canonical(octets)
    }

    /// Whether every octet is ASCII, so that a server without 8BITMIME takes the message.
    #[must_use]
    pub fn is_seven_bit(&self) -> bool {
        let content = &*self.content;
        *content.seven_bit.get_or_init(|| content.octets.is_ascii())
    }

    /// Whether a line begins with a dot, which SMTP doubles behind DATA
    /// ([RFC 5321 §4.5.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2)).
    #[must_use]
    pub fn has_leading_dot(&self) -> bool {
        let content = &*self.content;
        *content.leading_dot.get_or_init(|| {
            content.octets.first() == Some(&b'.')
                || memmem::find(&content.octets, b"\r\n.").is_some()
        })
    }

    /// Whether the header holds octets outside ASCII, so that a server must offer SMTPUTF8
    /// ([RFC 6531 §3.1](https://www.rfc-editor.org/rfc/rfc6531#section-3.1)).
    #[must_use]
    pub fn has_utf8_headers(&self) -> bool {
        !self.header_bytes().is_ascii()
    }

    /// The length of the longest line in octets, CRLF not counted. SMTP asks for at most 998
    /// ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
    #[must_use]
    pub fn longest_line(&self) -> usize {
        longest_line(&self.content.octets)
    }

    fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        segments(self.header_bytes())
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.content.octets == other.content.octets
    }
}

impl Eq for Message {}

/// Sizes only: a message is somebody's letter, and this ends up in logs.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("octets", &self.content.octets.len())
            .field("header_octets", &self.header_length)
            .finish()
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &self.content.octets
    }
}

#[cfg(test)]
mod tests;
