//! BDAT: content in chunks of announced size ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)).

use letterhead_transport::smtp::{BdatLast, ChunkReader, DataProgress};

use super::asking::Then;
use super::transaction::{Chunks, Refusal};
use super::{Extension, ServerSession, Speaker, State};
use crate::behaviour::Stage;

/// A chunk that is being read.
#[derive(Debug)]
pub(super) struct Chunk {
    reader: ChunkReader,
    size: u64,
    last: BdatLast,
    place: Place,
    /// It is read and thrown away, and the reply is this.
    refusal: Option<Refused>,
}

/// Where in a message a chunk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Later,
}

#[derive(Debug)]
enum Refused {
    /// The client should have known.
    Error(Refusal),
    /// It was on its way when an earlier chunk was refused.
    AfterRefusal,
}

impl Chunk {
    /// Octets announced.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Octets of the message so far.
    pub(super) fn taken(&self) -> u64 {
        self.reader.size()
    }

    pub(super) fn last(&self) -> BdatLast {
        self.last
    }
}

impl ServerSession {
    /// Whatever is wrong with a chunk, its octets come, and are no commands: only where their number cannot be known the
    /// session ends.
    pub(super) fn bdat(&mut self, size: u64, last: BdatLast) {
        if self.hides(Extension::Chunking) {
            return self.end_before_chunk(500, (5, 5, 1), "command not recognised");
        }
        let refusal = self.chunk_refusal();
        let chunks = match (&refusal, &mut self.transaction) {
            (None, Some(transaction)) => match std::mem::take(&mut transaction.chunks) {
                Chunks::Taken(reader) => Some(reader),
                Chunks::None | Chunks::Refused => None,
            },
            _ => None,
        };
        let place = match chunks {
            Some(_) => Place::Later,
            None => Place::First,
        };
        let limit = match refusal {
            Some(_) => 0,
            None => self.config.maximum_octets,
        };
        let mut reader = chunks.unwrap_or_else(|| ChunkReader::new(Some(limit)));
        reader.begin(size);
        self.state = State::Chunk(Box::new(Chunk {
            reader,
            size,
            last,
            place,
            refusal,
        }));
        self.chunk();
    }

    /// Reads on in a chunk.
    pub(super) fn chunk(&mut self) {
        let State::Chunk(chunk) = &mut self.state else {
            return;
        };
        let left = match chunk.reader.feed(self.input.unused()) {
            DataProgress::More => return self.input.leave(0),
            DataProgress::Complete { rest } => rest.len(),
        };
        self.input.leave(left);
        self.pieces += 1;
        if let State::Chunk(chunk) = std::mem::replace(&mut self.state, State::Command) {
            self.finish_chunk(chunk);
        }
    }

    /// A line that announces a chunk, but not how large it is, or that is not believed.
    pub(super) fn end_before_chunk(&mut self, code: u16, enhanced: (u8, u16, u16), text: &str) {
        self.reply(code, enhanced, text);
        self.close();
    }

    /// Why a chunk is not taken, before it is read.
    fn chunk_refusal(&self) -> Option<Refused> {
        if !self.is_open_for_mail() {
            return Some(Refused::Error((503, (5, 5, 1), "there is no service here")));
        }
        if !self.is_esmtp() {
            return Some(Refused::Error((503, (5, 5, 1), "send EHLO first")));
        }
        match &self.transaction {
            None => Some(Refused::Error((503, (5, 5, 1), "send MAIL first"))),
            Some(transaction) if matches!(transaction.chunks, Chunks::Refused) => {
                Some(Refused::AfterRefusal)
            }
            Some(transaction) if transaction.recipients.is_empty() => {
                Some(Refused::Error((503, (5, 5, 1), "no valid recipients")))
            }
            Some(_) => None,
        }
    }

    fn finish_chunk(&mut self, mut chunk: Box<Chunk>) {
        let what = match chunk.last {
            BdatLast::Last => "the last chunk",
            BdatLast::More => "a chunk",
        };
        let told = format!("({} octets, {what})", chunk.size);
        self.transcript.push(Speaker::Client, told.as_bytes());
        if let Some(refusal) = chunk.refusal.take() {
            self.chunk_is_refused(chunk.last);
            return match refusal {
                Refused::Error((code, enhanced, text)) => self.refuse(code, enhanced, text),
                Refused::AfterRefusal => {
                    self.reply(
                        503,
                        (5, 5, 1),
                        "an earlier chunk of the message was refused",
                    );
                }
            };
        }
        match chunk.place {
            Place::First => self.pause(Stage::Data, Then::BeginChunks(chunk)),
            Place::Later => self.read_chunk(chunk),
        }
    }

    /// Nothing speaks against the message so far.
    pub(super) fn read_chunk(&mut self, mut chunk: Box<Chunk>) {
        if chunk.last == BdatLast::Last {
            chunk.reader.end();
            let findings = chunk.reader.findings().to_vec();
            let Chunk { reader, .. } = *chunk;
            return self.finish_content(reader.into_message(), &findings);
        }
        if let Some(kind) = self.refused(chunk.reader.findings()) {
            self.refuse_content(kind);
            return self.chunk_is_refused(chunk.last);
        }
        self.pause(Stage::Chunk, Then::TakeChunk(chunk));
    }

    pub(super) fn take_chunk(&mut self, chunk: Chunk) {
        if let Some(transaction) = &mut self.transaction {
            transaction.chunks = Chunks::Taken(chunk.reader);
        }
    }

    /// The message is given up. Those of its chunks that may be on their way are still its own, and so is everything until
    /// RSET.
    pub(super) fn chunk_is_refused(&mut self, last: BdatLast) {
        match (&mut self.transaction, last) {
            (Some(transaction), BdatLast::More) => transaction.chunks = Chunks::Refused,
            _ => self.transaction = None,
        }
    }
}

/// Whether a line that is no command that can be carried out begins as BDAT does: octets follow it.
pub(super) fn announces_chunk(line: &[u8]) -> bool {
    let verb = line
        .split(|octet| !octet.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    verb.eq_ignore_ascii_case(b"BDAT")
}
