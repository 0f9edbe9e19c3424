//! What a session waits for, so that whoever drives it can tell when it has waited long enough.

use super::{ServerSession, State};

/// A piece of input that a session waits for.
///
/// As long as two of them are equal, the same piece is waited for, however many of its octets have come: a deadline that
/// is set when it changes cannot be put off by sending one octet at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Awaited {
    /// What it is.
    pub input: AwaitedInput,
    /// How many pieces came before it.
    pub before: u64,
}

/// What a piece of input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AwaitedInput {
    /// A line: a command, or a part of an authentication exchange.
    Line,
    /// All of the content behind DATA, or one chunk behind BDAT.
    Content,
    /// The handshake of TLS.
    Handshake,
}

impl ServerSession {
    /// The piece of input that is waited for.
    #[must_use]
    pub fn awaited(&self) -> Awaited {
        let input = match self.state {
            State::Content(_) | State::Chunk(_) => AwaitedInput::Content,
            State::StartTls | State::Handshake => AwaitedInput::Handshake,
            _ => AwaitedInput::Line,
        };
        Awaited {
            input,
            before: self.pieces,
        }
    }

    /// The client took too long: it is told so by 421, except in a handshake, and the session ends
    /// ([RFC 5321 §4.5.3.2.7](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.7)). A message that has not come
    /// to its end is dropped.
    pub fn out_of_time(&mut self) {
        match self.state {
            State::Closing => {}
            State::StartTls | State::Handshake => self.close(),
            _ => {
                self.reply(421, (4, 4, 2), "time is out, closing the connection");
                self.close();
            }
        }
    }
}
