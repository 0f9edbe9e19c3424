//! What was said in a session.

use std::fmt;

/// The lines of a session in their order. Passwords are left out, and of a message's content only the size is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    lines: Vec<TranscriptLine>,
}

/// One line of a [`Transcript`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TranscriptLine {
    /// Who said it.
    pub speaker: Speaker,
    /// The line without its line end, made printable.
    pub text: String,
}

/// Who speaks.
#[expect(clippy::exhaustive_enums, reason = "a dialogue has two sides")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// The client.
    Client,
    /// The server.
    Server,
}

impl Transcript {
    /// The most lines that are kept; later ones are dropped, so that an endless session does not fill the memory.
    pub const MAX_LINES: usize = 2_000;

    /// The lines.
    #[must_use]
    pub fn lines(&self) -> &[TranscriptLine] {
        &self.lines
    }

    pub(super) fn push(&mut self, speaker: Speaker, line: &[u8]) {
        if self.lines.len() >= Self::MAX_LINES {
            return;
        }
        let clean = |c: char| if c.is_control() { '?' } else { c };
        let text = String::from_utf8_lossy(line)
            .chars()
            .take(MAX_TEXT)
            .map(clean)
            .collect();
        self.lines.push(TranscriptLine { speaker, text });
    }
}

/// One line each, `C: ` or `S: ` in front.
impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            let speaker = match line.speaker {
                Speaker::Client => "C",
                Speaker::Server => "S",
            };
            writeln!(f, "{speaker}: {}", line.text)?;
        }
        Ok(())
    }
}

/// Characters kept of one line.
const MAX_TEXT: usize = 512;
