//! Line ends: what is done about those that are not CRLF.

use memchr::{memchr, memchr_iter, memchr2_iter};

use super::error::{MessageError, MessageErrorKind};

/// What to do about a CR or an LF alone, and about a last line without an end.
///
/// Servers disagree on what such octets mean, and where they do, one message can be made to look like two. So no
/// [`Message`](super::Message) holds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "refuse or repair; there is no third way"
)]
pub enum LineEndings {
    /// Refuse them, and say where they are.
    Strict,
    /// Turn each into CRLF, and end the last line.
    Normalise,
}

impl LineEndings {
    /// The octets in canonical form.
    pub(super) fn apply(self, octets: Vec<u8>) -> Result<Vec<u8>, MessageError> {
        if let Some(offset) = memchr(0, &octets) {
            return Err(MessageError::new(offset, MessageErrorKind::Nul));
        }
        match (first_deviation(&octets), self) {
            (None, _) => Ok(octets),
            (Some(error), Self::Strict) => Err(error),
            (Some(_), Self::Normalise) => Ok(normalised(&octets)),
        }
    }
}

fn first_deviation(octets: &[u8]) -> Option<MessageError> {
    for offset in memchr2_iter(b'\r', b'\n', octets) {
        let is_feed = octets.get(offset) == Some(&b'\n');
        if is_feed && !before(octets, offset).ends_with(b"\r") {
            return Some(MessageError::new(offset, MessageErrorKind::BareLineFeed));
        }
        if !is_feed && octets.get(offset + 1) != Some(&b'\n') {
            return Some(MessageError::new(
                offset,
                MessageErrorKind::BareCarriageReturn,
            ));
        }
    }
    if octets.ends_with(b"\r\n") {
        None
    } else {
        Some(MessageError::new(
            octets.len(),
            MessageErrorKind::Unterminated,
        ))
    }
}

/// Every CR, LF and CRLF becomes CRLF, and the last line is ended.
fn normalised(octets: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(octets.len() + octets.len() / 32 + 2);
    let mut start = 0;
    for offset in memchr2_iter(b'\r', b'\n', octets) {
        let is_feed = octets.get(offset) == Some(&b'\n');
        if is_feed && before(octets, offset).ends_with(b"\r") {
            // Its CR was written as CRLF already.
            start = offset + 1;
            continue;
        }
        canonical.extend_from_slice(octets.get(start..offset).unwrap_or_default());
        canonical.extend_from_slice(b"\r\n");
        start = offset + 1;
    }
    let rest = octets.get(start..).unwrap_or_default();
    if !rest.is_empty() || canonical.is_empty() {
        canonical.extend_from_slice(rest);
        canonical.extend_from_slice(b"\r\n");
    }
    canonical
}

/// The length of the longest line without its CRLF.
pub(crate) fn longest_line(canonical: &[u8]) -> usize {
    let mut longest = 0;
    let mut start = 0;
    for feed in memchr_iter(b'\n', canonical) {
        longest = longest.max((feed + 1 - start).saturating_sub(2));
        start = feed + 1;
    }
    longest
}

fn before(octets: &[u8], offset: usize) -> &[u8] {
    octets.get(..offset).unwrap_or_default()
}
