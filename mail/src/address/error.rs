//! Why text is not an address.

use letterhead_dns::domain_name::DomainNameError;

/// Why text is not an [`EmailAddress`](crate::EmailAddress), and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an email address, at octet {offset}: {kind}")]
#[non_exhaustive]
pub struct AddressError {
    offset: usize,
    kind: AddressErrorKind,
}

impl AddressError {
    pub(crate) const fn new(offset: usize, kind: AddressErrorKind) -> Self {
        Self { offset, kind }
    }

    pub(crate) const fn moved_by(self, octets: usize) -> Self {
        Self::new(self.offset + octets, self.kind)
    }

    /// Where reading stopped, in octets from the start.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> AddressErrorKind {
        self.kind
    }
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressErrorKind {
    /// Nothing before the `@`, or the empty quoted string.
    #[error("the local part is empty")]
    EmptyLocalPart,
    /// No `@` and domain after the local part.
    #[error("there is no @ with a domain after the local part; add the domain")]
    NoDomain,
    /// A character that needs quotes here, or is never allowed.
    #[error("{0:?} is not allowed here; a local part with special characters needs quotes")]
    Character(char),
    /// A control character, which no address may hold.
    #[error("an address cannot hold a control character; remove it")]
    Control,
    /// A dot in front, at the end or after a dot, outside quotes.
    #[error(
        "a dot stands in front, at the end or twice in a row; quote the local part or remove the dot"
    )]
    Dot,
    /// A quoted string without its closing quote.
    #[error("the quoted local part has no closing quote")]
    UnclosedQuote,
    /// The local part is longer than [`EmailAddress::MAX_LOCAL_PART`](crate::EmailAddress::MAX_LOCAL_PART) octets.
    #[error("the local part is longer than 64 octets")]
    LocalPartTooLong,
    /// The address is longer than [`EmailAddress::MAX_LENGTH`](crate::EmailAddress::MAX_LENGTH) octets.
    #[error("the address is longer than 254 octets")]
    TooLong,
    /// The domain is not a domain name.
    #[error("{0}")]
    Domain(DomainNameError),
    /// What stands between brackets is no address literal.
    #[error(
        "the address literal is neither an IPv4 address, nor IPv6: with an IPv6 address, nor tag:content"
    )]
    Literal,
    /// The octets are not UTF-8.
    #[error("the address is not UTF-8")]
    NotUtf8,
}
