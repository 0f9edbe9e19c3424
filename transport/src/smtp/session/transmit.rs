use std::fmt;
use std::iter;

use letterhead_mail::Message;
use zeroize::Zeroizing;

use crate::smtp::data::{DotStuffed, end_of_data};

/// Octets to write at once, in order: commands, or the content of a message, which is not copied.
///
/// It may hold credentials: they are wiped when it is dropped, and `Debug` shows only its size.
pub struct Transmit {
    commands: Zeroizing<Vec<u8>>,
    content: Option<Message>,
}

impl Transmit {
    pub(super) fn commands(lines: Vec<u8>) -> Self {
        Self {
            commands: Zeroizing::new(lines),
            content: None,
        }
    }

    /// One line, without its CRLF.
    pub(super) fn line(line: &str) -> Self {
        let mut lines = Vec::with_capacity(line.len() + 2);
        lines.extend_from_slice(line.as_bytes());
        lines.extend_from_slice(b"\r\n");
        Self::commands(lines)
    }

    /// A message with its dots doubled, to its end.
    pub(super) fn content(message: Message) -> Self {
        Self {
            commands: Zeroizing::default(),
            content: Some(message),
        }
    }

    /// The parts, in the order in which they are to be written.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let message = self.content.as_ref().map(Message::as_bytes);
        let end = message.map(end_of_data);
        iter::once(self.commands.as_slice())
            .chain(message.into_iter().flat_map(DotStuffed::new))
            .chain(end)
            .filter(|part| !part.is_empty())
    }

    /// The parts in one piece, for a driver without a socket.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.parts().flatten().copied().collect()
    }
}

impl fmt::Debug for Transmit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Transmit({} octets)",
            self.parts().map(<[u8]>::len).sum::<usize>()
        )
    }
}
