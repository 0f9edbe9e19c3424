//! Selectors.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use letterhead_dns::DomainName;
use letterhead_dns::domain_name::DomainNameError;

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
pub struct Selector(Arc<str>);

impl Selector {
    /// Reads the value of `s=`, which has no final dot.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if is_short_word(text) {
            return Some(Self(text.into()));
        }
        domain_name::parse_sub_domains(text).map(|labels| Self::of(&labels))
    }

    /// The selector in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(labels: &DomainName) -> Self {
        Self(labels.as_str().into())
    }

    /// Its labels, leftmost first.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split('.').map(str::as_bytes)
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
        text.parse().map(|labels| Self::of(&labels))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether it is one label as most selectors are.
fn is_short_word(text: &str) -> bool {
    let is_plain = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit();
    (1..=63).contains(&text.len()) && text.bytes().all(is_plain)
}
