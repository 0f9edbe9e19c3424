//! The server's side of a dialogue in which nothing is refused.

use super::sink::Seen;

/// By which command the content of a mail goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Data,
    Bdat,
}

/// Reads commands and content, writes replies.
///
/// It finds the end of a content at the end of what has arrived, and nowhere within: a client has to wait for the reply
/// before it sends more.
pub(super) struct Dialogue<'a> {
    seen: &'a Seen,
    extensions: &'static [u8],
    expected: Expected,
    /// The content so far, while contents are kept.
    content: Vec<u8>,
}

/// What the next octets are.
enum Expected {
    Line,
    /// Content behind DATA, of which the last octets were these.
    Content([u8; END.len()]),
    Chunk {
        left: usize,
        place: Place,
    },
    Nothing,
}

#[derive(Clone, Copy)]
enum Place {
    Last,
    Before,
}

impl<'a> Dialogue<'a> {
    /// A dialogue with a server that offers CHUNKING where content is to come by BDAT.
    pub(super) fn new(by: By, seen: &'a Seen) -> Self {
        Self {
            seen,
            extensions: match by {
                By::Data => EXTENSIONS,
                By::Bdat => EXTENSIONS_WITH_CHUNKING,
            },
            expected: Expected::Line,
            content: Vec::new(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.expected, Expected::Nothing)
    }

    /// Takes octets, appends the replies that are due, and says how many octets were of use: what is left is the
    /// beginning of a command.
    pub(super) fn take(&mut self, octets: &[u8], replies: &mut Vec<u8>) -> usize {
        let mut rest = octets;
        while !rest.is_empty() {
            match self.expected {
                Expected::Line => {
                    let Some(end) = rest.iter().position(|&octet| octet == b'\n') else {
                        break;
                    };
                    let (line, behind) = rest.split_at(end + 1);
                    self.command(line, replies);
                    rest = behind;
                }
                Expected::Content(tail) => {
                    let tail = with(tail, rest);
                    self.keep(rest);
                    self.seen.octets(rest.len());
                    self.expected = Expected::Content(tail);
                    rest = &[];
                    if tail == END {
                        self.seen
                            .message(By::Data, std::mem::take(&mut self.content));
                        self.reply(QUEUED, replies);
                    }
                }
                Expected::Chunk { left, place } => {
                    let (chunk, behind) = rest.split_at(left.min(rest.len()));
                    self.keep(chunk);
                    self.seen.octets(chunk.len());
                    rest = behind;
                    self.chunk(left - chunk.len(), place, replies);
                }
                Expected::Nothing => break,
            }
        }
        octets.len() - rest.len()
    }

    fn command(&mut self, line: &[u8], replies: &mut Vec<u8>) {
        let mut words = line.trim_ascii().split(u8::is_ascii_whitespace);
        let verb = words.next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_slice() {
            b"MAIL" => self.reply(b"250 2.1.0 Ok\r\n", replies),
            b"RCPT" => self.reply(b"250 2.1.5 Ok\r\n", replies),
            b"DATA" => {
                self.reply(b"354 End data with <CR><LF>.<CR><LF>\r\n", replies);
                self.expected = Expected::Content(*b"\0\0\0\r\n");
            }
            b"BDAT" => {
                let size = words.next().and_then(|size| str::from_utf8(size).ok());
                let place = match words.next() {
                    Some(_) => Place::Last,
                    None => Place::Before,
                };
                match size.and_then(|size| size.parse().ok()) {
                    Some(left) => self.chunk(left, place, replies),
                    None => self.reply(b"501 5.5.4 BDAT needs a size\r\n", replies),
                }
            }
            b"EHLO" => self.reply(self.extensions, replies),
            b"HELO" => self.reply(b"250 sink.example\r\n", replies),
            b"RSET" | b"NOOP" => self.reply(b"250 2.0.0 Ok\r\n", replies),
            b"QUIT" => {
                self.reply(b"221 2.0.0 Bye\r\n", replies);
                self.expected = Expected::Nothing;
            }
            _ => self.reply(b"500 5.5.2 unknown\r\n", replies),
        }
    }

    /// So many octets of a chunk are still to come.
    fn chunk(&mut self, left: usize, place: Place, replies: &mut Vec<u8>) {
        match (left, place) {
            (0, Place::Last) => {
                self.seen
                    .message(By::Bdat, std::mem::take(&mut self.content));
                self.reply(QUEUED, replies);
            }
            (0, Place::Before) => self.reply(b"250 2.0.0 Ok\r\n", replies),
            (left, place) => self.expected = Expected::Chunk { left, place },
        }
    }

    /// Replies, and expects the next command.
    fn reply(&mut self, reply: &[u8], replies: &mut Vec<u8>) {
        replies.extend_from_slice(reply);
        self.expected = Expected::Line;
    }

    fn keep(&mut self, octets: &[u8]) {
        if self.seen.keeps() {
            self.content.extend_from_slice(octets);
        }
    }
}

/// The content that was sent, from what came by DATA: without the dots in front of lines and the line that ends it.
pub(super) fn unstuffed(wire: &[u8]) -> Vec<u8> {
    let content = wire.strip_suffix(b".\r\n").unwrap_or(wire);
    let lines = content.split_inclusive(|&octet| octet == b'\n');
    let lines = lines.map(|line| line.strip_prefix(b".").unwrap_or(line));
    lines.flatten().copied().collect()
}

/// The last octets, once more have come.
fn with(tail: [u8; END.len()], more: &[u8]) -> [u8; END.len()] {
    if let Some(last) = more.last_chunk() {
        return *last;
    }
    let mut octets = tail;
    octets.rotate_left(more.len());
    octets[END.len() - more.len()..].copy_from_slice(more);
    octets
}

pub(super) const GREETING: &[u8] = b"220 sink.example ESMTP\r\n";
const END: [u8; 5] = *b"\r\n.\r\n";
const QUEUED: &[u8] = b"250 2.0.0 Ok: queued as 4dFxJ75Zvsz9rxH\r\n";
const EXTENSIONS: &[u8] = b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n\
    250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n";
const EXTENSIONS_WITH_CHUNKING: &[u8] = b"250-sink.example\r\n250-PIPELINING\r\n\
    250-SIZE 52428800\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 CHUNKING\r\n";
