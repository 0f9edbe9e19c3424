//! Writes a DKIM-Signature field, folded, always the same way.

use base64::Engine as _;
use letterhead_dns::DomainName;

use crate::agent_identifier::AgentOrUserIdentifier;
use crate::base64_text;
use crate::canonicalization::Canonicalization;
use crate::selector::Selector;

/// What a signature says before it is signed.
pub(crate) struct Unsigned<'a, H> {
    pub(crate) algorithm: &'a str,
    pub(crate) canonicalization: Canonicalization,
    pub(crate) domain: &'a DomainName,
    pub(crate) selector: &'a Selector,
    pub(crate) identifier: Option<&'a AgentOrUserIdentifier>,
    pub(crate) headers: H,
    pub(crate) body_hash: &'a [u8],
    pub(crate) body_length: Option<u64>,
    pub(crate) signed_at: Option<u64>,
    pub(crate) expires_at: Option<u64>,
}

/// The name of the field as it is written.
pub(crate) const NAME: &str = "DKIM-Signature";

/// Appends the field up to and including `b=`.
pub(crate) fn push_unsigned<'a, H: Iterator<Item = &'a str> + Clone>(
    out: &mut Vec<u8>,
    unsigned: &Unsigned<'a, H>,
) {
    let mut line = Line::new(out);
    line.push(NAME);
    line.push(":");
    line.tag("v", "1", ";");
    line.tag("a", unsigned.algorithm, ";");
    line.tag("c", &unsigned.canonicalization.to_string(), ";");
    line.tag("d", unsigned.domain.as_str(), ";");
    line.tag("s", unsigned.selector.as_str(), ";");
    if let Some(seconds) = unsigned.signed_at {
        line.tag("t", &seconds.to_string(), ";");
    }
    if let Some(seconds) = unsigned.expires_at {
        line.tag("x", &seconds.to_string(), ";");
    }
    if let Some(identifier) = unsigned.identifier {
        line.tag("i", &identifier.to_string(), ";");
    }
    if let Some(length) = unsigned.body_length {
        line.tag("l", &length.to_string(), ";");
    }
    let mut names = unsigned.headers.clone().peekable();
    let mut first = true;
    while let Some(name) = names.next() {
        let end = if names.peek().is_some() { ":" } else { ";" };
        if first {
            line.tag("h", name, end);
        } else {
            line.unit(&["", name, end]);
        }
        first = false;
    }
    line.tag("bh", "", "");
    line.anywhere(&base64_text::ENGINE.encode(unsigned.body_hash));
    line.push(";");
    line.tag("b", "", "");
}

/// Appends the value of `b=`, without final CRLF.
pub(crate) fn push_signature(out: &mut Vec<u8>, signature: &[u8]) {
    let encoded = base64_text::ENGINE.encode(signature);
    Line::new(out).anywhere(&encoded);
}

/// The line being written.
struct Line<'o> {
    out: &'o mut Vec<u8>,
    column: usize,
}

impl<'o> Line<'o> {
    /// Goes on with the last line of `out`.
    fn new(out: &'o mut Vec<u8>) -> Self {
        let column = memchr::memrchr(b'\n', out).map_or(out.len(), |end| out.len() - end - 1);
        Self { out, column }
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.column += text.len();
    }

    fn fold(&mut self) {
        self.out.extend_from_slice(b"\r\n ");
        self.column = 1;
    }

    /// One tag after a space, or on a new line if it does not fit; `end` is what closes it.
    fn tag(&mut self, name: &str, value: &str, end: &str) {
        if self.column + 1 + name.len() + 1 + value.len() + end.len() > WIDTH {
            self.fold();
        } else {
            self.push(" ");
        }
        self.push(name);
        self.push("=");
        self.push(value);
        self.push(end);
    }

    /// Pieces that stay together.
    fn unit(&mut self, pieces: &[&str]) {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        if self.column + length > WIDTH {
            self.fold();
        }
        for piece in pieces {
            self.push(piece);
        }
    }

    /// Text that may be folded between any two characters. One column is left for a semicolon.
    fn anywhere(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let room = WIDTH.saturating_sub(self.column + 1);
            if room == 0 {
                self.fold();
                continue;
            }
            let (line, after) = rest.split_at_checked(room).unwrap_or((rest, ""));
            self.push(line);
            rest = after;
        }
    }
}

/// The columns of a line, as [RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1) recommends.
/// A single token that is longer has a line of its own.
const WIDTH: usize = 78;
