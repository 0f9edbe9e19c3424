use super::content::{Content, Place};
use super::finding::DataFinding;
use super::reader::DataProgress;

/// Reads the content of a message that comes in chunks behind BDAT, in pieces of any size
/// ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)).
///
/// A chunk ends by its size, whatever is in it; dots mean nothing. Lines may run over from one chunk to the next, and
/// what a message should not hold is told as behind DATA.
///
/// ```
/// use letterhead_transport::smtp::{ChunkReader, DataProgress};
///
/// let mut reader = ChunkReader::new(None);
/// reader.begin(4);
/// assert_eq!(reader.feed(b".\r\na"), DataProgress::Complete { rest: b"" });
/// reader.begin(3);
/// assert_eq!(reader.feed(b"b\r\nQUIT\r\n"), DataProgress::Complete { rest: b"QUIT\r\n" });
/// reader.end();
/// assert!(reader.findings().is_empty());
/// assert_eq!(reader.into_message(), b".\r\nab\r\n");
/// ```
#[derive(Debug)]
pub struct ChunkReader {
    content: Content,
    /// Octets of the current chunk that are still to come.
    left: u64,
}

impl ChunkReader {
    /// A reader that keeps at most `limit` octets of content. Chunks beyond it are read to their ends and dropped.
    #[must_use]
    pub fn new(limit: Option<u64>) -> Self {
        Self {
            content: Content::new(limit),
            left: 0,
        }
    }

    /// A chunk of this size follows. Nothing is set aside for it, so any size is harmless; where it goes over the limit,
    /// that is a finding at once, and what was kept is dropped.
    pub fn begin(&mut self, size: u64) {
        self.content.announce(size);
        self.left = size;
    }

    /// Takes octets of the connection. Between chunks it takes none and gives all back.
    pub fn feed<'a>(&mut self, octets: &'a [u8]) -> DataProgress<'a> {
        let mine = usize::try_from(self.left).unwrap_or(usize::MAX);
        let (mut chunk, rest) = octets.split_at_checked(mine).unwrap_or((octets, &[]));
        self.left = self.left.saturating_sub(chunk.len() as u64);
        loop {
            if self.content.place() != Place::CarriageReturn {
                chunk = self.content.take_plain(chunk);
            }
            let Some((&byte, behind)) = chunk.split_first() else {
                break;
            };
            self.content.take(byte);
            chunk = behind;
        }
        if self.left == 0 {
            DataProgress::Complete { rest }
        } else {
            DataProgress::More
        }
    }

    /// The last chunk has been read: a line that is still open is a finding.
    pub fn end(&mut self) {
        self.content.end();
    }

    /// What the message should not hold: the first of each kind, in the order of their offsets. A CR at the end of a
    /// chunk is none before it is clear what follows.
    #[must_use]
    pub fn findings(&self) -> &[DataFinding] {
        self.content.findings()
    }

    /// The size of the content so far, also where it is over the limit; without a CR whose LF may still come.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.content.size()
    }

    /// The content; nothing where a chunk went over the limit.
    #[must_use]
    pub fn into_message(self) -> Vec<u8> {
        self.content.into_octets()
    }
}
