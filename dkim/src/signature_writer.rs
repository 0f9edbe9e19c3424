//! Writes a DKIM-Signature field, folded, always the same way.

use base64::Engine as _;
use letterhead_dns::DomainName;

use crate::agent_identifier::AgentOrUserIdentifier;
use crate::base64_text;
use crate::canonicalization::Canonicalization;
use crate::quoted_printable;
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
    out: &mut String,
    unsigned: &Unsigned<'a, H>,
) {
    let mut line = Line::new(out);
    line.push(NAME);
    line.push(":");
    line.tag("v", "1", ";");
    line.tag("a", unsigned.algorithm, ";");
    line.tag("c", unsigned.canonicalization.as_str(), ";");
    line.tag("d", unsigned.domain.as_str(), ";");
    line.tag("s", unsigned.selector.as_str(), ";");
    if let Some(seconds) = unsigned.signed_at {
        line.tag("t", &seconds.to_string(), ";");
    }
    if let Some(seconds) = unsigned.expires_at {
        line.tag("x", &seconds.to_string(), ";");
    }
    if let Some(identifier) = unsigned.identifier {
        line.identifier(identifier);
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
            line.make_room(name.len() + end.len());
            line.push(name);
            line.push(end);
        }
        first = false;
    }
    line.tag("bh", "", "");
    line.base64(unsigned.body_hash);
    line.push(";");
    line.tag("b", "", "");
}

/// Appends the value of `b=`, without final CRLF.
pub(crate) fn push_signature(out: &mut String, signature: &[u8]) {
    Line::new(out).base64(signature);
}

/// The line being written.
struct Line<'o> {
    out: &'o mut String,
    column: usize,
}

impl<'o> Line<'o> {
    /// Goes on with the last line of `out`.
    fn new(out: &'o mut String) -> Self {
        let column = out.rfind('\n').map_or(out.len(), |end| out.len() - end - 1);
        Self { out, column }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
    }

    fn fold(&mut self) {
        self.out.push_str("\r\n ");
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

    /// `i=`, which may be folded between any two characters of the local part
    /// ([RFC 6376 §2.11](https://www.rfc-editor.org/rfc/rfc6376#section-2.11)) if no line holds it whole. The domain
    /// stays whole.
    fn identifier(&mut self, identifier: &AgentOrUserIdentifier) {
        let local_part = quoted_printable::encode(identifier.local_part());
        let domain = format!("@{};", identifier.domain());
        if " i=".len() + local_part.len() + domain.len() <= WIDTH {
            self.tag("i", &local_part, &domain);
            return;
        }
        self.tag("i", "", "");
        for character in quoted_printable::characters(&local_part) {
            self.make_room(character.len());
            self.push(character);
        }
        self.make_room(domain.len());
        self.push(&domain);
    }

    /// A new line, if this many more columns do not fit.
    fn make_room(&mut self, columns: usize) {
        if self.column + columns > WIDTH {
            self.fold();
        }
    }

    /// Octets in Base64.
    fn base64(&mut self, octets: &[u8]) {
        // Only the last piece can have padding.
        for piece in octets.chunks(48) {
            let mut encoded = [0; 64];
            let length = base64_text::ENGINE
                .encode_slice(piece, &mut encoded)
                .unwrap_or_default();
            let text = encoded
                .get(..length)
                .and_then(|text| str::from_utf8(text).ok());
            self.anywhere(text.unwrap_or_default());
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
pub(crate) const WIDTH: usize = 78;
