use super::content::{Content, Place};
use super::finding::DataFinding;

/// Reads the content of a message behind DATA, in pieces of any size, and takes the doubled dots out.
///
/// Only CRLF, a dot and CRLF end the content ([RFC 5321 §4.1.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.4)):
/// a bare LF or CR never begins a line, so nothing behind one can be taken for a command. What a message should not hold
/// is kept as it is and told as a [`DataFinding`], for the server to refuse at the true end.
///
/// ```
/// use letterhead_transport::smtp::{DataProgress, DataReader};
///
/// let mut reader = DataReader::new(None);
/// assert_eq!(reader.feed(b"..one\r\n\n.\nMAIL\r\n"), DataProgress::More);
/// assert_eq!(reader.feed(b".\r\nQUIT\r\n"), DataProgress::Complete { rest: b"QUIT\r\n" });
/// assert_eq!(reader.findings().len(), 1);
/// assert_eq!(reader.into_message(), b".one\r\n\n.\nMAIL\r\n");
/// ```
#[derive(Debug)]
pub struct DataReader {
    content: Content,
    dot: Dot,
}

/// What has come of the line that ends the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dot {
    None,
    /// A dot that begins a line; it is not part of the content.
    Begun,
    /// A CR behind that dot.
    CarriageReturn,
    End,
}

/// How far the reader has come.
#[expect(
    clippy::exhaustive_enums,
    reason = "the content has ended or it has not"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataProgress<'a> {
    /// The content goes on.
    More,
    /// The content has ended.
    Complete {
        /// What was fed beyond the end.
        rest: &'a [u8],
    },
}

impl DataReader {
    /// The longest line that is not a finding, in octets without CRLF
    /// ([RFC 5321 §4.5.3.1.6](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.6)).
    pub const MAX_LINE: usize = 998;

    /// A reader that keeps at most `limit` octets of content. What is beyond it is read to its end and dropped.
    #[must_use]
    pub fn new(limit: Option<u64>) -> Self {
        Self {
            content: Content::new(limit),
            dot: Dot::None,
        }
    }

    /// Takes octets of the connection. Behind the end it takes none and gives all back.
    pub fn feed<'a>(&mut self, octets: &'a [u8]) -> DataProgress<'a> {
        let mut rest = octets;
        while self.dot != Dot::End {
            if self.dot == Dot::None && self.content.place() == Place::Text {
                rest = self.content.take_plain(rest);
            }
            let Some((&byte, behind)) = rest.split_first() else {
                return DataProgress::More;
            };
            rest = behind;
            self.take(byte);
        }
        DataProgress::Complete { rest }
    }

    /// What the message should not hold: the first of each kind, in the order of their offsets.
    #[must_use]
    pub fn findings(&self) -> &[DataFinding] {
        self.content.findings()
    }

    /// The size of the content without doubled dots and the final dot, also where it is over the limit.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.content.size()
    }

    /// The content, without doubled dots and the final dot; cut where it was over the limit.
    #[must_use]
    pub fn into_message(self) -> Vec<u8> {
        self.content.into_octets()
    }

    fn take(&mut self, byte: u8) {
        self.dot = match (self.dot, byte) {
            (Dot::None, b'.') if self.content.place() == Place::LineStart => Dot::Begun,
            (Dot::Begun, b'\r') => Dot::CarriageReturn,
            (Dot::CarriageReturn, b'\n') | (Dot::End, _) => Dot::End,
            (Dot::CarriageReturn, _) => {
                self.content.take(b'\r');
                self.content.take(byte);
                Dot::None
            }
            (Dot::None | Dot::Begun, _) => {
                self.content.take(byte);
                Dot::None
            }
        };
    }
}
