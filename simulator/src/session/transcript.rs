//! What was said in a session.

use std::fmt;

use super::Finding;

/// The lines of a session in their order. Passwords are left out, and of a message's content only the size is kept. A
/// line that cannot be read as a command may be either, so only its verb is kept where it is a known one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    lines: Vec<TranscriptLine>,
    /// Each with the number of lines before it.
    findings: Vec<(usize, Finding)>,
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
    /// The most lines, and the most findings, that are kept; later ones are dropped, so that an endless session does not
    /// fill the memory.
    pub const MAX_LINES: usize = 2_000;

    /// The lines.
    #[must_use]
    pub fn lines(&self) -> &[TranscriptLine] {
        &self.lines
    }

    /// What the client did that was not refused, but could have been, in its order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().map(|(_, finding)| finding)
    }

    /// Something about the last line.
    pub(super) fn find(&mut self, finding: Finding) {
        if self.findings.len() < Self::MAX_LINES {
            self.findings.push((self.lines.len(), finding));
        }
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

    /// AUTH, without what it carries. A client that leaves the mechanism out has its credentials in that place.
    pub(super) fn push_auth(&mut self, mechanism: &str) {
        let known = MECHANISMS.into_iter().find(|known| *known == mechanism);
        let line = format!("AUTH {}", known.unwrap_or("(unknown mechanism)"));
        self.push(Speaker::Client, line.as_bytes());
    }

    /// What the client sent where a command should be: it may be half of an AUTH dialogue, or of a message.
    pub(super) fn push_unreadable(&mut self, line: &[u8]) {
        let verb = line
            .split(|octet| *octet == b' ')
            .next()
            .unwrap_or_default();
        let known = VERBS
            .into_iter()
            .find(|known| verb.eq_ignore_ascii_case(known.as_bytes()));
        self.push(
            Speaker::Client,
            known.unwrap_or("(not a command)").as_bytes(),
        );
    }
}

/// One line each, `C: ` or `S: ` in front; behind a line, `!: ` and what was found about it.
impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut findings = self.findings.iter().peekable();
        for (before, line) in self.lines.iter().enumerate() {
            while let Some((_, finding)) = findings.next_if(|(lines, _)| *lines <= before) {
                writeln!(f, "!: {finding}")?;
            }
            let speaker = match line.speaker {
                Speaker::Client => "C",
                Speaker::Server => "S",
            };
            writeln!(f, "{speaker}: {}", line.text)?;
        }
        findings.try_for_each(|(_, finding)| writeln!(f, "!: {finding}"))
    }
}

/// The verbs of [RFC 5321 §4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1) and of extensions to it.
const VERBS: [&str; 15] = [
    "EHLO", "HELO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "STARTTLS", "AUTH",
    "VRFY", "EXPN", "HELP", "ETRN",
];

/// SASL mechanisms that mail clients use.
const MECHANISMS: [&str; 10] = [
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "DIGEST-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "XOAUTH2",
    "OAUTHBEARER",
    "EXTERNAL",
    "GSSAPI",
];

/// Characters kept of one line.
const MAX_TEXT: usize = 512;
