use letterhead_mail::ReplyCode;

use super::{ServerReply, clean};

/// Reads replies out of the octets of a connection, however these are split.
///
/// ```
/// use letterhead_transport::smtp::ReplyReader;
///
/// let mut reader = ReplyReader::default();
/// reader.feed(b"250-mx.example.org\r\n250 SI");
/// assert!(reader.next_reply()?.is_none());
/// reader.feed(b"ZE\r\n");
/// let reply = reader.next_reply()?.expect("complete");
/// assert_eq!(reply.lines(), ["mx.example.org", "SIZE"]);
/// # Ok::<(), letterhead_transport::smtp::ReplyError>(())
/// ```
#[derive(Debug, Default)]
pub struct ReplyReader {
    line_ends: LineEnds,
    /// What was fed and not yet taken; `start` octets of it are spent, `scanned` hold no line end.
    buffer: Vec<u8>,
    start: usize,
    scanned: usize,
    partial: Option<Partial>,
    failed: Option<ReplyError>,
}

/// How lines of a reply may end.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineEnds {
    /// With CRLF only; a bare LF is an error.
    #[default]
    Strict,
    /// With CRLF or with LF alone, as some servers write.
    AcceptLf,
}

/// The lines of a reply that has not ended.
#[derive(Debug)]
struct Partial {
    code: ReplyCode,
    lines: Vec<String>,
    octets: usize,
}

impl ReplyReader {
    /// The longest line that is read, in octets.
    pub const MAX_LINE: usize = 4_096;
    /// The longest reply that is read, in octets.
    pub const MAX_REPLY: usize = 65_536;
    /// The most octets that may wait to be read.
    pub const MAX_PENDING: usize = 1_048_576;

    /// A reader that takes lines with these ends.
    #[must_use]
    pub fn new(line_ends: LineEnds) -> Self {
        Self {
            line_ends,
            ..Self::default()
        }
    }

    /// Takes octets from the connection. After an error, and beyond [`MAX_PENDING`](Self::MAX_PENDING), they are dropped.
    pub fn feed(&mut self, octets: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        if self.pending() + octets.len() > Self::MAX_PENDING {
            self.failed = Some(ReplyError::Flood);
            return;
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scanned = self.scanned.saturating_sub(self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(octets);
    }

    /// The next reply, if it has come to its end.
    ///
    /// # Errors
    ///
    /// When what was read cannot be a reply, or is longer than a reply may be. The reader stays in that error: nothing
    /// on the connection can be understood any more.
    pub fn next_reply(&mut self) -> Result<Option<ServerReply>, ReplyError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let outcome = self.read();
        if let Err(error) = outcome {
            self.failed = Some(error);
            self.buffer = Vec::new();
            (self.start, self.scanned) = (0, 0);
        }
        outcome
    }

    /// How many octets were fed that belong to no reply yet given out.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.buffer.len() - self.start + self.partial.as_ref().map_or(0, |partial| partial.octets)
    }

    /// Whether more came than may wait.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.failed == Some(ReplyError::Flood)
    }

    /// Whether what waits, a reply that has not come to its end, begins as a 4xx or 5xx.
    pub(crate) fn has_begun_refusal(&self) -> bool {
        match &self.partial {
            Some(partial) => partial.code.is_transient() || partial.code.is_permanent(),
            None => matches!(self.buffer.get(self.start), Some(b'4' | b'5')),
        }
    }

    fn read(&mut self) -> Result<Option<ServerReply>, ReplyError> {
        loop {
            let unseen = self.buffer.get(self.scanned..).unwrap_or_default();
            let Some(found) = memchr::memchr(b'\n', unseen) else {
                self.scanned = self.buffer.len();
                // What cannot begin a reply is refused without waiting for the rest of the line.
                let unfinished = self.buffer.get(self.start..).unwrap_or_default();
                check_beginning(unfinished)?;
                return if unfinished.len() > Self::MAX_LINE {
                    Err(ReplyError::LineTooLong)
                } else {
                    Ok(None)
                };
            };
            let end = self.scanned + found;
            let line = self.buffer.get(self.start..end).unwrap_or_default();
            let octets = line.len() + 1;
            if octets > Self::MAX_LINE {
                return Err(ReplyError::LineTooLong);
            }
            let line = match (line.strip_suffix(b"\r"), self.line_ends) {
                (Some(line), _) => line,
                (None, LineEnds::AcceptLf) => line,
                (None, LineEnds::Strict) => return Err(ReplyError::BareLineFeed),
            };
            let (code, last, text) = read_line(line)?;
            let text = clean(&String::from_utf8_lossy(text));
            (self.start, self.scanned) = (end + 1, end + 1);
            let mut partial = self.partial.take().unwrap_or(Partial {
                code,
                lines: Vec::new(),
                octets: 0,
            });
            if partial.code != code {
                return Err(ReplyError::CodesDiffer);
            }
            partial.octets += octets;
            if partial.octets > Self::MAX_REPLY {
                return Err(ReplyError::ReplyTooLong);
            }
            partial.lines.push(text);
            match last {
                Position::Last => return Ok(Some(ServerReply::read(code, partial.lines))),
                Position::Continued => self.partial = Some(partial),
            }
        }
    }
}

/// What cannot be read as a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// A line does not begin with three digits from 200 to 599 and then a space, a hyphen or its end.
    #[error("the server's answer does not begin with a reply code")]
    Malformed,
    /// The lines of one reply have different codes.
    #[error("the lines of the server's reply have different codes")]
    CodesDiffer,
    /// A line ended with LF alone, under [`LineEnds::Strict`].
    #[error("a line of the server's reply ends without a carriage return")]
    BareLineFeed,
    /// A line is longer than [`ReplyReader::MAX_LINE`].
    #[error("a line of the server's reply is longer than 4096 octets")]
    LineTooLong,
    /// A reply is longer than [`ReplyReader::MAX_REPLY`].
    #[error("the server's reply is longer than 65536 octets")]
    ReplyTooLong,
    /// More octets than [`ReplyReader::MAX_PENDING`] came without being asked for.
    #[error("the server sent more than could be an answer")]
    Flood,
}

enum Position {
    Continued,
    Last,
}

fn read_line(line: &[u8]) -> Result<(ReplyCode, Position, &[u8]), ReplyError> {
    let (digits, rest) = line.split_at_checked(3).ok_or(ReplyError::Malformed)?;
    let code = read_code(digits).ok_or(ReplyError::Malformed)?;
    match rest.split_first() {
        None => Ok((code, Position::Last, rest)),
        Some((b' ', text)) => Ok((code, Position::Last, text)),
        Some((b'-', text)) => Ok((code, Position::Continued, text)),
        Some(_) => Err(ReplyError::Malformed),
    }
}

fn read_code(digits: &[u8]) -> Option<ReplyCode> {
    digits
        .iter()
        .try_fold(0_u16, |number, digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + u16::from(digit - b'0'))
        })
        .and_then(ReplyCode::new)
}

fn check_beginning(line: &[u8]) -> Result<(), ReplyError> {
    let first = line
        .first()
        .is_none_or(|digit| (b'2'..=b'5').contains(digit));
    let others = line.iter().take(3).all(u8::is_ascii_digit);
    let fourth = line
        .get(3)
        .is_none_or(|byte| matches!(byte, b' ' | b'-' | b'\r'));
    if first && others && fourth {
        Ok(())
    } else {
        Err(ReplyError::Malformed)
    }
}
