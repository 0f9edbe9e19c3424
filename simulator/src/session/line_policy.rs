//! What becomes of content whose lines are not as SMTP has them.

use letterhead_mail::message::MessageError;
use letterhead_mail::{LineEndings, Message};
use letterhead_transport::smtp::DataReader;

/// What a session does about content that holds an LF without CR, a CR without LF, a NUL or a line of more than 998
/// octets, that comes in chunks whose last line has no end, or that has octets outside ASCII which nobody announced
/// ([RFC 5321 §2.3.8](https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8),
/// [§4.5.3.1.6](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.6)).
///
/// Whichever it is, behind DATA only CRLF, a dot and CRLF end the content, so that nothing in it is ever taken for a
/// command; and lines of commands have to end in CRLF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LinePolicy {
    /// The message is refused with 554, once its end has come.
    #[default]
    Reject,
    /// The message is taken, and each kind of flaw is a [`Finding`](super::Finding) in the transcript. It is kept as it
    /// came, except for what no [`Message`] holds: an LF or CR alone becomes CRLF, a NUL is left out, and a last line
    /// is ended.
    AcceptAndReport,
    /// The message is taken and nothing is said, as lenient servers do: repaired as by
    /// [`AcceptAndReport`](Self::AcceptAndReport), and lines over 998 octets are broken too, before a space where there is
    /// one, else with a space put in. Signatures over what is repaired no longer hold.
    Normalise,
}

impl LinePolicy {
    /// A message out of flawed content; empty content is a single line end.
    ///
    /// # Errors
    ///
    /// Under [`Reject`](Self::Reject), when the content has a flaw that no message holds.
    pub(super) fn message(self, mut octets: Vec<u8>) -> Result<Message, MessageError> {
        if octets.is_empty() {
            octets.extend_from_slice(b"\r\n");
        }
        if self == Self::Reject {
            return Message::from_bytes(octets, LineEndings::Strict);
        }
        octets.retain(|octet| *octet != 0);
        let message = Message::from_bytes(octets, LineEndings::Normalise)?;
        if self == Self::AcceptAndReport || message.longest_line() <= DataReader::MAX_LINE {
            return Ok(message);
        }
        Message::from_bytes(broken(message.as_bytes()), LineEndings::Strict)
    }
}

/// The message with its long lines broken into several.
fn broken(canonical: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(canonical.len() + canonical.len() / 256);
    for line in canonical.split_inclusive(|octet| *octet == b'\n') {
        let mut rest = line.strip_suffix(b"\r\n").unwrap_or(line);
        let mut room = DataReader::MAX_LINE;
        while rest.len() > room {
            let (piece, behind) = rest.split_at(place_to_break(rest, room));
            out.extend_from_slice(piece);
            out.extend_from_slice(b"\r\n");
            room = DataReader::MAX_LINE;
            if !behind.first().is_some_and(is_space) {
                out.push(b' ');
                room -= 1;
            }
            rest = behind;
        }
        out.extend_from_slice(rest);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// How much of a line with more than `room` octets stays in front: at least one octet and at most `room`. A piece that
/// is all space would look like the end of a header, so the break is behind something else.
fn place_to_break(line: &[u8], room: usize) -> usize {
    let candidates = line.get(..=room).unwrap_or(line);
    let text = candidates.iter().position(|octet| !is_space(octet));
    let space = candidates.iter().rposition(is_space);
    match (text, space) {
        (Some(text), Some(space)) if text < space => space,
        _ => {
            // Not within a character of UTF-8, which has at most three more octets behind its first.
            let is_inner = |at: &usize| line.get(*at).is_some_and(|octet| octet & 0xC0 == 0x80);
            let before = (room.saturating_sub(3)..=room).rev();
            before.into_iter().find(|at| !is_inner(at)).unwrap_or(room)
        }
    }
}

fn is_space(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::LinePolicy;

    fn normalised(content: &[u8]) -> Vec<u8> {
        let message = LinePolicy::Normalise.message(content.to_vec()).unwrap();
        message.as_bytes().to_vec()
    }

    #[test]
    fn what_a_message_cannot_hold_is_repaired() {
        for policy in [LinePolicy::AcceptAndReport, LinePolicy::Normalise] {
            for (content, kept) in [
                (&b"a\nb\rc\0d"[..], &b"a\r\nb\r\ncd\r\n"[..]),
                (b"\n.\n", b"\r\n.\r\n"),
                (b"", b"\r\n"),
                (b"\0", b"\r\n"),
                (b"a\r\r\n", b"a\r\n\r\n"),
            ] {
                let message = policy.message(content.to_vec()).unwrap();
                assert_eq!(message.as_bytes(), kept, "{policy:?} {content:?}");
            }
            assert!(LinePolicy::Reject.message(b"a\nb\r\n".to_vec()).is_err());
        }
    }

    #[test]
    fn only_normalise_breaks_long_lines() {
        let line = format!("Subject: {}\r\n", "x".repeat(2_000));
        let kept = LinePolicy::AcceptAndReport.message(line.clone().into());
        assert_eq!(kept.unwrap().as_bytes(), line.as_bytes());
        let message = LinePolicy::Normalise.message(line.into()).unwrap();
        assert!(message.longest_line() <= 998);
        let subject = message.header("Subject").unwrap().unfolded();
        assert_eq!(subject.len() - subject.matches(' ').count(), 2_000);
    }

    #[test]
    fn a_break_takes_nothing_away_and_ends_no_header() {
        let words = format!("A: {} \r\n", "word ".repeat(500));
        let folded = normalised(words.as_bytes());
        let unfolded = String::from_utf8(folded.clone()).unwrap();
        assert_eq!(unfolded.trim_end().replace("\r\n", ""), words.trim_end());
        for content in [
            words,
            " ".repeat(3_000),
            format!("A: b\r\n {}", " ".repeat(3_000)),
            format!("{}{}", " ".repeat(997), "x".repeat(3)),
            "ä".repeat(1_500),
            "\t".repeat(998) + "x",
            "x".repeat(998) + " ",
        ] {
            let broken = normalised(content.as_bytes());
            let text = std::str::from_utf8(&broken).unwrap();
            assert!(!text.contains("\r\n\r\n"), "{text:?}");
            assert!(text.lines().all(|line| line.len() <= 998));
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
            assert_eq!(letters(text), letters(&content));
        }
    }
}
