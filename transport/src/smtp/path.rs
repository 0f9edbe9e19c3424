//! Paths: the addresses in angle brackets of MAIL and RCPT.

use std::fmt;

use letterhead_mail::{EmailAddress, ReversePath};

use super::command_error::CommandErrorKind;

/// The recipient of RCPT ([RFC 5321 §4.1.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.3)).
#[expect(
    clippy::exhaustive_enums,
    reason = "an address or the postmaster of the server itself is all that SMTP has"
)]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ForwardPath {
    /// `<postmaster>` without a domain: the one responsible for the server spoken to.
    Postmaster,
    /// An address.
    Address(EmailAddress),
}

impl ForwardPath {
    /// The address; `None` for the server's own postmaster.
    #[must_use]
    pub fn address(&self) -> Option<&EmailAddress> {
        match self {
            Self::Postmaster => None,
            Self::Address(address) => Some(address),
        }
    }
}

impl From<EmailAddress> for ForwardPath {
    fn from(address: EmailAddress) -> Self {
        Self::Address(address)
    }
}

/// Without angle brackets.
impl fmt::Display for ForwardPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postmaster => f.write_str("postmaster"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

pub(super) fn parse_reverse(path: &[u8]) -> Result<ReversePath, CommandErrorKind> {
    if path.is_empty() {
        return Ok(ReversePath::Null);
    }
    parse_address(path).map(ReversePath::Address)
}

pub(super) fn parse_forward(path: &[u8]) -> Result<ForwardPath, CommandErrorKind> {
    if path.is_empty() {
        return Err(CommandErrorKind::Syntax(
            "RCPT needs an address; <> is for MAIL only",
        ));
    }
    if path.eq_ignore_ascii_case(b"postmaster") {
        return Ok(ForwardPath::Postmaster);
    }
    parse_address(path).map(ForwardPath::Address)
}

/// Splits `<path>rest` behind the closing bracket; a bracket inside a quoted string or a literal does not close.
pub(super) fn split_path(text: &[u8]) -> Result<(&[u8], &[u8]), CommandErrorKind> {
    let Some((b'<', inner)) = text.split_first() else {
        return Err(CommandErrorKind::Syntax(
            "the address stands in angle brackets, directly after the colon",
        ));
    };
    let mut place = Place::Plain;
    for (offset, &byte) in inner.iter().enumerate() {
        place = match (place, byte) {
            (Place::Plain, b'>') => {
                let (path, rest) = inner.split_at(offset);
                return Ok((path, rest.get(1..).unwrap_or_default()));
            }
            (Place::Plain, b'"') => Place::Quoted,
            (Place::Plain, b'[') => Place::Literal,
            (Place::Quoted, b'\\') => Place::Escaped,
            (Place::Quoted, b'"') | (Place::Literal, b']') => Place::Plain,
            (Place::Escaped, _) => Place::Quoted,
            (same, _) => same,
        };
    }
    Err(CommandErrorKind::Syntax(
        "the closing angle bracket of the address is missing",
    ))
}

#[derive(Clone, Copy)]
enum Place {
    Plain,
    Quoted,
    Escaped,
    Literal,
}

fn parse_address(path: &[u8]) -> Result<EmailAddress, CommandErrorKind> {
    if path.starts_with(b"@") {
        return Err(CommandErrorKind::Syntax("source routes are not accepted"));
    }
    EmailAddress::try_from(path).map_err(|_| CommandErrorKind::Syntax("that is not an address"))
}
