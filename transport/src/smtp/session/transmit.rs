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
    content: Option<(Message, Framing)>,
}

/// How the end of a message's content is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// By a line with a dot; other dots at the beginning of a line are doubled.
    Dots,
    /// By the count of octets in the BDAT command before it.
    Chunk,
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
            content: Some((message, Framing::Dots)),
        }
    }

    /// These commands, the last of them BDAT, and the message as it is.
    pub(super) fn chunk(lines: Vec<u8>, message: Message) -> Self {
        Self {
            commands: Zeroizing::new(lines),
            content: Some((message, Framing::Chunk)),
        }
    }

    /// Whether a message ends with the last octet.
    pub(super) fn has_content(&self) -> bool {
        self.content.is_some()
    }

    /// The parts, in the order in which they are to be written.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let framed = |wanted: Framing| {
            let content = self.content.as_ref();
            content
                .filter(|(_, framing)| *framing == wanted)
                .map(|(message, _)| message.as_bytes())
        };
        let stuffed = framed(Framing::Dots);
        iter::once(self.commands.as_slice())
            .chain(stuffed.into_iter().flat_map(DotStuffed::new))
            .chain(stuffed.map(end_of_data))
            .chain(framed(Framing::Chunk))
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
