//! What stands after the `@`: a domain name or an address literal.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use letterhead_dns::DomainName;

use super::error::{AddressError, AddressErrorKind};

/// The part of an address after the `@`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AddressDomain {
    /// A domain name.
    Name(DomainName),
    /// A host given by its address, in brackets.
    Literal(AddressLiteral),
}

/// A host given by its address ([RFC 5321 §4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AddressLiteral {
    /// `[192.0.2.1]`
    Ipv4(Ipv4Addr),
    /// `[IPv6:2001:db8::1]`
    Ipv6(Ipv6Addr),
    /// `[tag:content]`, for address families to come.
    General(GeneralLiteral),
}

/// A literal of an address family without a type of its own: a tag (lower case here) and content that only that family
/// understands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GeneralLiteral {
    tag: Box<str>,
    content: Box<str>,
}

impl GeneralLiteral {
    /// The tag in lower case: letters, digits and hyphens.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The content: printable ASCII without brackets and backslash.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.content
    }
}

impl From<DomainName> for AddressDomain {
    fn from(name: DomainName) -> Self {
        Self::Name(name)
    }
}

impl From<AddressLiteral> for AddressDomain {
    fn from(literal: AddressLiteral) -> Self {
        Self::Literal(literal)
    }
}

impl FromStr for AddressDomain {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError::new(0, AddressErrorKind::NoDomain));
        }
        if text.starts_with('[') {
            return text.parse().map(Self::Literal);
        }
        // A final dot is DNS presentation; the grammar of addresses has none.
        if text.ends_with('.') {
            return Err(AddressError::new(
                text.len() - 1,
                AddressErrorKind::Character('.'),
            ));
        }
        if let Some((offset, _)) = text.char_indices().find(|(_, c)| c.is_control()) {
            return Err(AddressError::new(offset, AddressErrorKind::Control));
        }
        text.parse()
            .map(Self::Name)
            .map_err(|error| AddressError::new(0, AddressErrorKind::Domain(error)))
    }
}

impl FromStr for AddressLiteral {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        const BAD: AddressError = AddressError::new(0, AddressErrorKind::Literal);
        let inner = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .ok_or(BAD)?;
        let Some((tag, content)) = inner.split_once(':') else {
            return inner.parse().map(Self::Ipv4).map_err(|_| BAD);
        };
        if tag.eq_ignore_ascii_case("ipv6") {
            return content.parse().map(Self::Ipv6).map_err(|_| BAD);
        }
        let tag_is_valid = !tag.is_empty()
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !tag.ends_with('-');
        let content_is_valid = !content.is_empty()
            && content
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'[' | b'\\' | b']'));
        if !tag_is_valid || !content_is_valid {
            return Err(BAD);
        }
        Ok(Self::General(GeneralLiteral {
            tag: tag.to_ascii_lowercase().into(),
            content: content.into(),
        }))
    }
}

impl fmt::Display for AddressDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name.as_str()),
            Self::Literal(literal) => write!(f, "{literal}"),
        }
    }
}

impl fmt::Display for AddressLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(address) => write!(f, "[{address}]"),
            Self::Ipv6(address) => write!(f, "[IPv6:{address}]"),
            Self::General(general) => write!(f, "[{}:{}]", general.tag, general.content),
        }
    }
}
