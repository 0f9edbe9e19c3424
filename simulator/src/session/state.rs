use std::fmt;

use letterhead_transport::smtp::DataReader;

use super::asking::Then;
use super::chunk::Chunk;
use super::question::Question;
use super::sasl::Sasl;

/// What a session is at.
pub(super) enum State {
    Greeting,
    Command,
    Sasl(Sasl),
    Content(DataReader),
    Chunk(Box<Chunk>),
    Asked(Question, Then),
    StartTls,
    Handshake,
    Closing,
}

/// Of a message that is being read, only the size.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Greeting => f.write_str("Greeting"),
            Self::Command => f.write_str("Command"),
            Self::Sasl(exchange) => f.debug_tuple("Sasl").field(exchange).finish(),
            Self::Content(reader) => write!(f, "Content({} octets)", reader.size()),
            Self::Chunk(chunk) => write!(f, "Chunk({} octets)", chunk.size()),
            Self::Asked(question, _) => f.debug_tuple("Asked").field(question).finish(),
            Self::StartTls => f.write_str("StartTls"),
            Self::Handshake => f.write_str("Handshake"),
            Self::Closing => f.write_str("Closing"),
        }
    }
}
