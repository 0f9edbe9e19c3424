//! Why octets are not a message.

/// Why octets are not a [`Message`](crate::Message), and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message, at octet {offset}: {kind}")]
#[non_exhaustive]
pub struct MessageError {
    offset: usize,
    kind: MessageErrorKind,
}

impl MessageError {
    pub(crate) const fn new(offset: usize, kind: MessageErrorKind) -> Self {
        Self { offset, kind }
    }

    /// Where the trouble is, in octets from the start of what was given.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> MessageErrorKind {
        self.kind
    }
}

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageErrorKind {
    /// A NUL octet, which SMTP cannot carry.
    #[error("a NUL octet; encode binary content, for instance in base64")]
    Nul,
    /// A CR without LF after it.
    #[error("a CR without LF; use CRLF, or LineEndings::Normalise")]
    BareCarriageReturn,
    /// An LF without CR before it.
    #[error("an LF without CR; use CRLF, or LineEndings::Normalise")]
    BareLineFeed,
    /// The last line does not end in CRLF.
    #[error("the last line does not end in CRLF; add it, or use LineEndings::Normalise")]
    Unterminated,
    /// A line that is no header field, where only header fields may stand.
    #[error("not a header field; a field is a name, a colon and a value, and ends in CRLF")]
    NotAField,
    /// The message begins with white space, so that its first line would continue a field put on top.
    #[error("the message begins with white space, which would continue a field put on top of it")]
    LeadingSpace,
}
