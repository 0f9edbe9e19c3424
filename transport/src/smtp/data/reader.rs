use std::fmt;

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
    limit: Option<u64>,
    message: Vec<u8>,
    /// Octets of content so far, those beyond the limit included.
    size: u64,
    /// Octets of the current line, its CRLF not included.
    line: usize,
    at: At,
    findings: Vec<DataFinding>,
}

/// Where in a line the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    LineStart,
    Text,
    /// Behind a CR within a line.
    CarriageReturn,
    /// Behind a dot that begins a line.
    Dot,
    /// Behind a dot that begins a line, and a CR.
    DotCarriageReturn,
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
            limit,
            message: Vec::new(),
            size: 0,
            line: 0,
            at: At::LineStart,
            findings: Vec::new(),
        }
    }

    /// Takes octets of the connection. Behind the end it takes none and gives all back.
    pub fn feed<'a>(&mut self, octets: &'a [u8]) -> DataProgress<'a> {
        let mut rest = octets;
        while self.at != At::End {
            if self.at == At::Text {
                let plain = memchr::memchr3(b'\r', b'\n', 0, rest).unwrap_or(rest.len());
                let (text, behind) = rest.split_at(plain);
                self.keep_text(text);
                rest = behind;
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
        &self.findings
    }

    /// The size of the content without doubled dots and the final dot, also where it is over the limit.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The content, without doubled dots and the final dot; cut where it was over the limit.
    #[must_use]
    pub fn into_message(self) -> Vec<u8> {
        self.message
    }

    fn take(&mut self, byte: u8) {
        self.at = match (self.at, byte) {
            (At::LineStart, b'.') => At::Dot,
            (At::Dot, b'\r') => At::DotCarriageReturn,
            (At::DotCarriageReturn, b'\n') => At::End,
            (At::CarriageReturn, b'\n') => {
                self.keep(b"\r\n");
                self.line = 0;
                At::LineStart
            }
            (At::CarriageReturn | At::DotCarriageReturn, _) => {
                self.find(DataFindingKind::BareCarriageReturn);
                self.keep_text(b"\r");
                self.text_byte(byte)
            }
            (At::LineStart | At::Text | At::Dot, _) => self.text_byte(byte),
            (At::End, _) => At::End,
        };
    }

    /// A byte within a line; the dot that began the line has been dropped by now.
    fn text_byte(&mut self, byte: u8) -> At {
        match byte {
            b'\r' => return At::CarriageReturn,
            b'\n' => self.find(DataFindingKind::BareLineFeed),
            0 => self.find(DataFindingKind::Nul),
            _ => {}
        }
        self.keep_text(&[byte]);
        At::Text
    }

    fn keep_text(&mut self, text: &[u8]) {
        let room = Self::MAX_LINE.saturating_sub(self.line);
        if text.len() > room {
            self.find_at(DataFindingKind::LongLine, self.size + room as u64);
        }
        self.line = self.line.saturating_add(text.len());
        self.keep(text);
    }

    fn keep(&mut self, octets: &[u8]) {
        let room = match self.limit {
            Some(limit) => usize::try_from(limit.saturating_sub(self.size)).unwrap_or(usize::MAX),
            None => usize::MAX,
        };
        match octets.get(..room) {
            Some(kept) if room < octets.len() => {
                self.message.extend_from_slice(kept);
                self.find_at(DataFindingKind::TooLarge, self.size + room as u64);
            }
            _ => self.message.extend_from_slice(octets),
        }
        self.size = self.size.saturating_add(octets.len() as u64);
    }

    fn find(&mut self, kind: DataFindingKind) {
        self.find_at(kind, self.size);
    }

    fn find_at(&mut self, kind: DataFindingKind, offset: u64) {
        if !self.findings.iter().any(|finding| finding.kind == kind) {
            // Not simply at the end: how the octets were cut into pieces must not decide.
            let place = self
                .findings
                .partition_point(|finding| finding.offset <= offset);
            self.findings.insert(place, DataFinding { kind, offset });
        }
    }
}

/// Something that the content of a message should not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DataFinding {
    kind: DataFindingKind,
    offset: u64,
}

impl DataFinding {
    /// What it is.
    #[must_use]
    pub fn kind(self) -> DataFindingKind {
        self.kind
    }

    /// Where in the content it begins, in octets from 0, doubled dots not counted.
    #[must_use]
    pub fn offset(self) -> u64 {
        self.offset
    }
}

impl fmt::Display for DataFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at octet {}", self.kind, self.offset)
    }
}

/// What the content of a message should not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataFindingKind {
    /// LF without CR before it.
    BareLineFeed,
    /// CR without LF behind it.
    BareCarriageReturn,
    /// A NUL.
    Nul,
    /// A line longer than [`DataReader::MAX_LINE`].
    LongLine,
    /// More octets than the limit.
    TooLarge,
}

impl fmt::Display for DataFindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BareLineFeed => "line feed without carriage return",
            Self::BareCarriageReturn => "carriage return without line feed",
            Self::Nul => "NUL",
            Self::LongLine => "line over 998 octets",
            Self::TooLarge => "message over the size limit",
        })
    }
}
