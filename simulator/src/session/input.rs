//! Lines out of a stream of octets.

use std::fmt;

/// What has arrived and has not been used yet.
#[derive(Default)]
pub(super) struct Input {
    octets: Vec<u8>,
    /// Everything before this offset has been used.
    start: usize,
    /// Everything from `start` to this offset is known to hold no LF.
    searched: usize,
    /// The beginning of a line that was too long; its rest is thrown away as it comes.
    overflowing: Option<Vec<u8>>,
}

/// A line without its line end, or why it is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Complete(Vec<u8>),
    /// It ended in LF without CR.
    BareLineFeed(Vec<u8>),
    /// It was longer than `MAX_LINE`; this is how it began.
    TooLong(Vec<u8>),
}

impl Input {
    /// The longest line that is kept, in octets: AUTH has the longest
    /// ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    pub(super) const MAX_LINE: usize = 12_288;

    pub(super) fn push(&mut self, octets: &[u8]) {
        if self.start > 0 {
            self.octets.drain(..self.start);
            self.searched = self.searched.saturating_sub(self.start);
            self.start = 0;
        }
        self.octets.extend_from_slice(octets);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unused().is_empty()
    }

    /// Throws away what has not been used.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Everything there is.
    pub(super) fn unused(&self) -> &[u8] {
        self.octets.get(self.start..).unwrap_or_default()
    }

    /// All but the last `left` octets, of those not used before, have been used.
    pub(super) fn leave(&mut self, left: usize) {
        if left == 0 {
            self.octets.clear();
            self.octets.shrink_to(MAX_SPARE);
        }
        self.start = self.octets.len().saturating_sub(left);
        self.searched = self.start;
    }

    /// The next line, once its end has arrived.
    pub(super) fn line(&mut self) -> Option<Line> {
        let unsearched = self.octets.get(self.searched..).unwrap_or_default();
        let Some(position) = unsearched.iter().position(|octet| *octet == b'\n') else {
            self.searched = self.octets.len();
            if self.unused().len() > Self::MAX_LINE {
                self.overflow();
            }
            return None;
        };
        let end = self.searched + position + 1;
        let line = self.octets.get(self.start..end).unwrap_or_default();
        let line = if let Some(head) = self.overflowing.take() {
            Line::TooLong(head)
        } else if line.len() > Self::MAX_LINE {
            Line::TooLong(head(line))
        } else if let Some(line) = line.strip_suffix(b"\r\n") {
            Line::Complete(line.to_vec())
        } else {
            Line::BareLineFeed(line.strip_suffix(b"\n").unwrap_or(line).to_vec())
        };
        self.start = end;
        self.searched = end;
        Some(line)
    }

    /// Gives up what there is, which is one line without an end.
    fn overflow(&mut self) {
        let head = match self.overflowing.take() {
            Some(head) => head,
            None => head(self.unused()),
        };
        self.clear();
        self.overflowing = Some(head);
    }
}

/// The beginning of a line, enough to know its verb.
fn head(line: &[u8]) -> Vec<u8> {
    line.iter().take(MAX_HEAD).copied().collect()
}

/// Room for octets that is kept when all have been used; a large message sent at once leaves more.
const MAX_SPARE: usize = 64 * 1024;

/// Octets kept of a line that is too long.
const MAX_HEAD: usize = 16;

/// The size only: a password may be among the octets.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({} octets)", self.unused().len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Line};

    #[test]
    fn a_line_is_the_same_however_it_arrives() {
        for step in 1..12 {
            let mut input = Input::default();
            let mut lines = Vec::new();
            for octets in b"NOOP\r\nRSET\n\nx".chunks(step) {
                input.push(octets);
                lines.extend(std::iter::from_fn(|| input.line()));
            }
            assert_eq!(
                lines,
                [
                    Line::Complete(b"NOOP".to_vec()),
                    Line::BareLineFeed(b"RSET".to_vec()),
                    Line::BareLineFeed(Vec::new()),
                ],
                "{step}"
            );
            assert_eq!(input.unused(), b"x");
        }
    }

    #[test]
    fn an_endless_line_is_not_kept() {
        let mut input = Input::default();
        input.push(b"bdat 12 LAST");
        for _ in 0..3_000 {
            input.push(&[b' '; 1_000]);
            assert_eq!(input.line(), None);
            assert!(input.octets.capacity() <= 3 * Input::MAX_LINE);
        }
        input.push(b"\r\nNOOP\r\n");
        assert_eq!(
            input.line(),
            Some(Line::TooLong(b"bdat 12 LAST    ".to_vec()))
        );
        assert_eq!(input.line(), Some(Line::Complete(b"NOOP".to_vec())));
        assert!(input.is_empty());
    }

    #[test]
    fn an_endless_line_at_once_leaves_no_room_behind() {
        let mut input = Input::default();
        input.push(&vec![b'x'; 3_000_000]);
        assert_eq!(input.line(), None);
        assert_eq!(input.octets.capacity(), 0);
    }

    #[test]
    fn what_is_left_is_read_next() {
        let mut input = Input::default();
        input.push(b"contentNOOP\r\nRSET\r\n");
        input.leave(12);
        assert_eq!(input.line(), Some(Line::Complete(b"NOOP".to_vec())));
        input.push(b"QUIT\r\n");
        assert_eq!(input.unused(), b"RSET\r\nQUIT\r\n");
        input.leave(0);
        assert!(input.is_empty());
        input.push(&vec![b'x'; 3_000_000]);
        input.leave(0);
        assert!(input.octets.capacity() <= super::MAX_SPARE);
    }
}
