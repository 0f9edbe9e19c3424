use std::fmt;
use std::iter;

use letterhead_mail::Message;
use zeroize::Zeroizing;

use crate::smtp::data::{DotStuffed, end_of_data};

/// Octets to write at once, in order: commands, or the content of a message, which is not copied.
///
/// It may hold credentials: they are wiped when it is dropped, and `Debug` shows only its size.
pub struct Transmit {
    commands: Commands,
    content: Option<(Message, Framing)>,
}

enum Commands {
    Plain(Vec<u8>),
    /// What is wiped.
    Secret(Zeroizing<Vec<u8>>),
}

impl Commands {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Plain(lines) => lines,
            Self::Secret(lines) => lines,
        }
    }
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
            commands: Commands::Plain(lines),
            content: None,
        }
    }

    /// One line, without its CRLF.
    pub(super) fn line(line: &str) -> Self {
        Self::commands(terminated(line))
    }

    /// One line, without its CRLF, that is wiped when it is dropped.
    pub(super) fn secret_line(line: &str) -> Self {
        Self {
            commands: Commands::Secret(Zeroizing::new(terminated(line))),
            content: None,
        }
    }

    /// A message with its dots doubled, to its end.
    pub(super) fn content(message: Message) -> Self {
        Self {
            commands: Commands::Plain(Vec::new()),
            content: Some((message, Framing::Dots)),
        }
    }

    /// These commands, the last of them BDAT, and the message as it is.
    pub(super) fn chunk(lines: Vec<u8>, message: Message) -> Self {
        Self {
            commands: Commands::Plain(lines),
            content: Some((message, Framing::Chunk)),
        }
    }

    /// Whether a message ends with the last octet.
    pub(super) fn has_content(&self) -> bool {
        self.content.is_some()
    }

    /// The parts, in the order in which they are to be written.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let (mut whole, mut stuffed, mut end) = (None, None, None);
        if let Some((message, framing)) = &self.content {
            let octets = message.as_bytes();
            if *framing == Framing::Dots && message.has_leading_dot() {
                stuffed = Some(DotStuffed::new(octets));
            } else {
                whole = Some(octets);
            }
            if *framing == Framing::Dots {
                end = Some(end_of_data(octets));
            }
        }
        iter::once(self.commands.as_slice())
            .chain(whole)
            .chain(stuffed.into_iter().flatten())
            .chain(end)
            .filter(|part| !part.is_empty())
    }

    /// The parts in one piece, for a driver without a socket.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.parts().flatten().copied().collect()
    }
}

fn terminated(line: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(line.len() + 2);
    octets.extend_from_slice(line.as_bytes());
    octets.extend_from_slice(b"\r\n");
    octets
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
