//! Email addresses.

use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::sync::Arc;

use letterhead_dns::DomainName;
use serde::{Deserialize, Serialize};

mod domain;
mod error;
mod parser;

pub use domain::{AddressDomain, AddressLiteral, GeneralLiteral};
pub use error::{AddressError, AddressErrorKind};
pub(crate) use parser::is_atom_character;

/// An address as SMTP carries it, `local-part@domain`
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
///
/// The local part may be Unicode ([RFC 6531 §3.3](https://www.rfc-editor.org/rfc/rfc6531#section-3.3)) and is kept
/// without quotes and backslashes; the domain is in A-labels. Local parts are compared exactly, domains without regard to
/// case: `"joe"@example.org` equals `joe@Example.ORG` and differs from `Joe@example.org`. No control character can be
/// part of an address, quoted or not. The empty local part `""` is refused, and so is `postmaster` without a domain.
///
/// Limits: 64 octets for the local part as it is written, 254 for the whole.
///
/// ```
/// use letterhead_mail::EmailAddress;
///
/// let address: EmailAddress = "billing+2024@Example.ORG".parse()?;
/// assert_eq!(address.to_string(), "billing+2024@example.org");
/// assert_eq!(address.label(), Some("2024"));
/// # Ok::<(), letterhead_mail::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    /// Shared by clones.
    local_part: Arc<str>,
    domain: AddressDomain,
}

impl EmailAddress {
    /// The longest local part in octets, quotes and backslashes included
    /// ([RFC 5321 §4.5.3.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
    pub const MAX_LOCAL_PART: usize = 64;
    /// The longest address in octets: a path of 256
    /// ([RFC 5321 §4.5.3.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3)) less its angle brackets.
    pub const MAX_LENGTH: usize = 254;

    /// An address from the content of its local part (without quotes and backslashes) and its domain.
    ///
    /// # Errors
    ///
    /// When the local part is empty, holds a control character, or a limit is exceeded.
    pub fn new(local_part: &str, domain: impl Into<AddressDomain>) -> Result<Self, AddressError> {
        let domain = domain.into();
        parser::check_local_part(local_part)?;
        let address = Self {
            local_part: local_part.into(),
            domain,
        };
        let written = parser::WrittenLocalPart(local_part).to_string().len();
        if written > Self::MAX_LOCAL_PART {
            return Err(AddressError::new(0, AddressErrorKind::LocalPartTooLong));
        }
        if address.to_string().len() > Self::MAX_LENGTH {
            return Err(AddressError::new(0, AddressErrorKind::TooLong));
        }
        Ok(address)
    }

    /// The local part, without quotes and backslashes.
    #[must_use]
    pub fn local_part(&self) -> &str {
        &self.local_part
    }

    /// What stands after the `@`.
    #[must_use]
    pub fn domain(&self) -> &AddressDomain {
        &self.domain
    }

    /// The domain, unless it is an address literal such as `[192.0.2.1]`.
    #[must_use]
    pub fn domain_name(&self) -> Option<&DomainName> {
        match &self.domain {
            AddressDomain::Name(name) => Some(name),
            AddressDomain::Literal(_) => None,
        }
    }

    /// Whether a server must offer SMTPUTF8 to take this address: the local part is not ASCII.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.local_part.is_ascii()
    }

    /// The label: what follows the first `+` of the local part. A `+` in front or behind a dot begins no label: without
    /// it the rest would be empty, or need quotes and be longer than before.
    ///
    /// Whether a label is delivered to the address without it is the receiving host's to decide.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.split_label().map(|(_, label)| label)
    }

    /// The address without its [`label`](Self::label).
    #[must_use]
    pub fn without_label(&self) -> Self {
        match self.split_label() {
            Some((base, _)) => Self {
                local_part: base.into(),
                domain: self.domain.clone(),
            },
            None => self.clone(),
        }
    }

    /// Whether the local part is written with quotes.
    pub(crate) fn is_quoted(&self) -> bool {
        !parser::is_dot_atom(&self.local_part)
    }

    fn split_label(&self) -> Option<(&str, &str)> {
        self.local_part
            .split_once('+')
            .filter(|(base, _)| !base.is_empty() && !base.ends_with('.'))
    }
}

/// Quoted only where the grammar asks for it.
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        parser::WrittenLocalPart(&self.local_part).fmt(f)?;
        f.write_char('@')?;
        write!(f, "{}", self.domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({self})")
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (local_part, domain_offset) = parser::read_local_part(text)?;
        let domain = text
            .get(domain_offset..)
            .unwrap_or_default()
            .parse::<AddressDomain>()
            .map_err(|error| error.moved_by(domain_offset))?;
        Self::new(&local_part, domain)
    }
}

impl TryFrom<&str> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: &str) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl TryFrom<&[u8]> for EmailAddress {
    type Error = AddressError;

    fn try_from(octets: &[u8]) -> Result<Self, AddressError> {
        str::from_utf8(octets)
            .map_err(|error| AddressError::new(error.valid_up_to(), AddressErrorKind::NotUtf8))?
            .parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests;
