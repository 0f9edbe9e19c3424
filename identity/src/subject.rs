//! What an identity can be.

use std::fmt;
use std::str::FromStr;

use letterhead_dns::DomainName;
use letterhead_mail::EmailAddress;
use serde::{Deserialize, Serialize};

/// The address or domain that an identity is.
#[expect(
    clippy::exhaustive_enums,
    reason = "mail is authorised by address or by domain; there is nothing else in a From field"
)]
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// One address.
    Address(EmailAddress),
    /// A domain.
    Domain(DomainName),
}

impl Subject {
    /// The domain: its own, or the address's; `None` for an address at an IP literal.
    #[must_use]
    pub fn domain(&self) -> Option<&DomainName> {
        match self {
            Self::Address(address) => address.domain_name(),
            Self::Domain(domain) => Some(domain),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Domain(domain) => domain.fmt(f),
        }
    }
}

/// Text with an `@` is an address, other text a domain.
impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        if text.contains('@') {
            text.parse()
                .map(Self::Address)
                .map_err(SubjectError::Address)
        } else {
            text.parse().map(Self::Domain).map_err(SubjectError::Domain)
        }
    }
}

impl TryFrom<String> for Subject {
    type Error = SubjectError;

    fn try_from(text: String) -> Result<Self, SubjectError> {
        text.parse()
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}

impl From<EmailAddress> for Subject {
    fn from(address: EmailAddress) -> Self {
        Self::Address(address)
    }
}

impl From<DomainName> for Subject {
    fn from(domain: DomainName) -> Self {
        Self::Domain(domain)
    }
}

/// Why text is neither an address nor a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// It has an `@` and is not an address.
    #[error("not an address that could be an identity")]
    Address(#[source] letterhead_mail::address::AddressError),
    /// It has no `@` and is not a domain.
    #[error("not a domain that could be an identity")]
    Domain(#[source] letterhead_dns::domain_name::DomainNameError),
}
