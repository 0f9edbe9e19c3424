//! Replies, as a server writes and a client reads them.

mod reader;

pub use reader::{LineEnds, ReplyError, ReplyReader};

use std::fmt;

use letterhead_mail::{EnhancedCode, Reply, ReplyCode};

/// A reply of one or more lines ([RFC 5321 §4.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2)).
///
/// Lines hold no control characters and have at most [`MAX_LINE_TEXT`](Self::MAX_LINE_TEXT) octets of text, so a reply
/// that is written cannot become two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerReply {
    code: ReplyCode,
    lines: Vec<String>,
}

impl ServerReply {
    /// The most octets of text in one line that is written: 512 with code and CRLF
    /// ([RFC 5321 §4.5.3.1.5](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.5)).
    pub const MAX_LINE_TEXT: usize = 506;

    /// A reply to write. Every line of `text` becomes a line of the reply and carries the enhanced code, as
    /// [RFC 2034 §4](https://www.rfc-editor.org/rfc/rfc2034#section-4) has it; a longer line is cut, other control
    /// characters become spaces.
    #[must_use]
    pub fn new(code: ReplyCode, enhanced: Option<EnhancedCode>, text: &str) -> Self {
        let lines = text
            .trim_end_matches(['\r', '\n'])
            .split('\n')
            .map(|line| {
                let line = line.trim_end_matches('\r');
                let line = match enhanced {
                    Some(enhanced) => clean(format!("{enhanced} {line}").trim_end()),
                    None => clean(line),
                };
                cut(line, Self::MAX_LINE_TEXT)
            })
            .collect();
        Self { code, lines }
    }

    /// What a reader found; `lines` is not empty.
    fn read(code: ReplyCode, lines: Vec<String>) -> Self {
        Self { code, lines }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ReplyCode {
        self.code
    }

    /// The text of each line, at least one, without code and without control characters. An enhanced code is still in it.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The enhanced status code at the beginning of the text, where its class is that of the reply.
    #[must_use]
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        let first = self.lines.first()?;
        let word = first.split(' ').next()?;
        let enhanced: EnhancedCode = word.parse().ok()?;
        (u16::from(enhanced.class()) == self.code.get() / 100).then_some(enhanced)
    }

    /// The text of each line, without the enhanced code where it begins with that, and without white space at either end.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let prefix = self.enhanced().map(|enhanced| enhanced.to_string());
        self.lines.iter().map(move |line| {
            let rest = prefix
                .as_deref()
                .and_then(|prefix| line.strip_prefix(prefix));
            match rest {
                Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest.trim(),
                _ => line.trim(),
            }
        })
    }

    /// The reply as it is kept in a report: enhanced code apart, lines joined, bounded.
    #[must_use]
    pub fn to_reply(&self) -> Reply {
        let enhanced = self.enhanced();
        let mut text = String::new();
        for rest in self.texts() {
            if !text.is_empty() && !rest.is_empty() {
                text.push(' ');
            }
            text.push_str(rest);
            if text.len() > Reply::MAX_TEXT * 4 {
                break;
            }
        }
        Reply::new(self.code, enhanced, &text)
    }

    /// Appends the reply as it goes over the wire, each line with its CRLF.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let last = self.lines.len().saturating_sub(1);
        for (index, line) in self.lines.iter().enumerate() {
            out.extend_from_slice(self.code.to_string().as_bytes());
            if index < last {
                out.push(b'-');
            } else if !line.is_empty() {
                out.push(b' ');
            }
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }

    /// The reply as it goes over the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_to(&mut out);
        out
    }
}

/// `250 2.1.0 fine`, lines joined.
impl fmt::Display for ServerReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_reply().fmt(f)
    }
}

fn clean(text: &str) -> String {
    if !text.bytes().any(|byte| byte.is_ascii_control()) && text.is_ascii() {
        return text.to_owned();
    }
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn cut(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        let end = (0..=limit).rev().find(|&end| text.is_char_boundary(end));
        text.truncate(end.unwrap_or(0));
    }
    text
}

#[cfg(test)]
mod tests;
