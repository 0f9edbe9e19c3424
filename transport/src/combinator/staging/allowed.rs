use std::str::FromStr;

use letterhead_mail::address::AddressError;
use letterhead_mail::{AddressDomain, DomainName, EmailAddress};

/// Whom mail is let out to: an address, a domain, or a domain with those below it.
///
/// Read from text, `qa@shop.example` is an address and `shop.example` that domain alone; those below it are never meant by
/// what somebody typed.
///
/// ```
/// use letterhead_transport::AllowedRecipient;
///
/// let company: AllowedRecipient = "shop.example".parse()?;
/// assert!(company.allows(&"qa@shop.example".parse()?));
/// assert!(!company.allows(&"qa@test.shop.example".parse()?));
///
/// let and_below = AllowedRecipient::domain_and_below("shop.example".parse()?);
/// assert!(and_below.allows(&"qa@test.shop.example".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AllowedRecipient(Entry);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Entry {
    Address(EmailAddress),
    Domain(DomainName),
    DomainAndBelow(DomainName),
}

impl AllowedRecipient {
    /// This address.
    #[must_use]
    pub fn address(address: EmailAddress) -> Self {
        Self(Entry::Address(address))
    }

    /// Addresses at this domain and no other.
    #[must_use]
    pub fn domain(domain: DomainName) -> Self {
        Self(Entry::Domain(domain))
    }

    /// Addresses at this domain and at every domain below it.
    #[must_use]
    pub fn domain_and_below(domain: DomainName) -> Self {
        Self(Entry::DomainAndBelow(domain))
    }

    /// Whether mail is let out to this address.
    #[must_use]
    pub fn allows(&self, address: &EmailAddress) -> bool {
        match &self.0 {
            Entry::Address(allowed) => allowed == address,
            Entry::Domain(allowed) => address.domain_name() == Some(allowed),
            Entry::DomainAndBelow(top) => address
                .domain_name()
                .is_some_and(|domain| domain.is_at_or_below(top)),
        }
    }
}

impl From<EmailAddress> for AllowedRecipient {
    fn from(address: EmailAddress) -> Self {
        Self::address(address)
    }
}

impl From<DomainName> for AllowedRecipient {
    fn from(domain: DomainName) -> Self {
        Self::domain(domain)
    }
}

impl FromStr for AllowedRecipient {
    type Err = AllowedRecipientError;

    fn from_str(text: &str) -> Result<Self, AllowedRecipientError> {
        if text.contains('@') {
            return Ok(Self::address(text.parse()?));
        }
        match text.parse::<AddressDomain>()? {
            AddressDomain::Name(domain) => Ok(Self::domain(domain)),
            // Fails: a literal is not a whole address.
            _ => Ok(Self::address(text.parse()?)),
        }
    }
}

/// Text that names nobody to let mail out to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "neither an address nor a domain: write qa@shop.example or shop.example, without @ or * before the domain"
)]
#[non_exhaustive]
pub struct AllowedRecipientError {
    /// What is wrong with it as the one or the other.
    #[from]
    source: AddressError,
}
