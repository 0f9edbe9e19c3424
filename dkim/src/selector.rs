//! Selectors.

use std::fmt;
use std::str::FromStr;

use letterhead_dns::domain_name::DomainNameError;
use letterhead_dns::{DomainName, Name};

use crate::domain_name;

/// A selector: one or more labels that tell the keys of a domain apart
/// ([RFC 6376 §3.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.1)).
///
/// ```
/// use letterhead_dkim::Selector;
///
/// let selector: Selector = "2026a.Mail".parse()?;
/// assert_eq!(selector.record_name(&"example.org".parse()?)?.as_str(), "2026a.mail._domainkey.example.org");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Selector(DomainName);

impl Selector {
    /// Reads the value of `s=`, which has no final dot.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        domain_name::parse_sub_domains(text).map(Self)
    }

    /// The selector in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Its labels, as the DNS carries them.
    pub(crate) fn as_name(&self) -> &Name {
        self.0.as_name()
    }

    /// Where the key record of `domain` is published: `<selector>._domainkey.<domain>`
    /// ([RFC 6376 §3.6.2.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2.1)).
    ///
    /// # Errors
    ///
    /// When the three together are too long for a domain name.
    pub fn record_name(&self, domain: &DomainName) -> Result<DomainName, DomainNameError> {
        format!("{}._domainkey.{domain}", self.0).parse()
    }
}

impl FromStr for Selector {
    type Err = DomainNameError;

    fn from_str(text: &str) -> Result<Self, DomainNameError> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
