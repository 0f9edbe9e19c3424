//! Lines out of a stream of octets.

use std::fmt;

/// What has arrived and has not been used yet.
#[derive(Default)]
pub(super) struct Input {
    octets: Vec<u8>,
    /// Everything before this offset is known to hold no LF.
    searched: usize,
    /// The current line was too long; its rest is thrown away as it comes.
    overflowing: Overflow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Overflow {
    #[default]
    No,
    Yes,
}

/// A line without its line end, or why it is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Complete(Vec<u8>),
    /// It ended in LF without CR.
    BareLineFeed,
    /// It was longer than `MAX_LINE`.
    TooLong,
}

impl Input {
    /// The longest line that is kept, in octets: AUTH has the longest
    /// ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    pub(super) const MAX_LINE: usize = 12_288;

    pub(super) fn push(&mut self, octets: &[u8]) {
        self.octets.extend_from_slice(octets);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// Throws away what has not been used.
    pub(super) fn clear(&mut self) {
        self.octets.clear();
        self.searched = 0;
        self.overflowing = Overflow::No;
    }

    /// Everything there is.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.searched = 0;
        std::mem::take(&mut self.octets)
    }

    /// The next line, once its end has arrived.
    pub(super) fn line(&mut self) -> Option<Line> {
        let unsearched = self.octets.get(self.searched..).unwrap_or_default();
        let Some(position) = unsearched.iter().position(|octet| *octet == b'\n') else {
            self.searched = self.octets.len();
            if self.octets.len() > Self::MAX_LINE {
                self.octets.clear();
                self.searched = 0;
                self.overflowing = Overflow::Yes;
            }
            return None;
        };
        let end = self.searched + position + 1;
        self.searched = 0;
        let line: Vec<u8> = self.octets.drain(..end).collect();
        if std::mem::take(&mut self.overflowing) == Overflow::Yes || line.len() > Self::MAX_LINE {
            return Some(Line::TooLong);
        }
        Some(match line.strip_suffix(b"\r\n") {
            Some(content) => Line::Complete(content.to_vec()),
            None => Line::BareLineFeed,
        })
    }
}

/// The size only: a password may be among the octets.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({} octets)", self.octets.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Line};

    #[test]
    fn a_line_is_the_same_however_it_arrives() {
        let mut input = Input::default();
        for octet in b"NOOP\r\nRSET\nx" {
            input.push(&[*octet]);
        }
        assert_eq!(input.line(), Some(Line::Complete(b"NOOP".to_vec())));
        assert_eq!(input.line(), Some(Line::BareLineFeed));
        assert_eq!(input.line(), None);
        assert_eq!(input.take(), b"x");
    }

    #[test]
    fn an_endless_line_is_not_kept() {
        let mut input = Input::default();
        for _ in 0..1_000 {
            input.push(&[b'x'; 1_000]);
            assert_eq!(input.line(), None);
            assert!(input.octets.len() <= Input::MAX_LINE);
        }
        input.push(b"\r\nNOOP\r\n");
        assert_eq!(input.line(), Some(Line::TooLong));
        assert_eq!(input.line(), Some(Line::Complete(b"NOOP".to_vec())));
    }
}
