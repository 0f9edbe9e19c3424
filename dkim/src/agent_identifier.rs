//! The agent or user identifier, `i=`.

use std::fmt;

use letterhead_dns::DomainName;

use crate::domain_name;
use crate::quoted_printable;

/// On whose behalf a message is signed: an optional local part at a domain that is the signing domain or below it
/// ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5), `i=`).
///
/// `Display` writes it as it stands in the tag, quoted-printable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AgentOrUserIdentifier {
    local_part: Box<[u8]>,
    domain: DomainName,
}

impl AgentOrUserIdentifier {
    /// An identifier; an empty local part stands for the domain as a whole.
    #[must_use]
    pub fn new(local_part: &str, domain: DomainName) -> Self {
        Self {
            local_part: local_part.as_bytes().into(),
            domain,
        }
    }

    /// The octets before the `@`, possibly none.
    #[must_use]
    pub fn local_part(&self) -> &[u8] {
        &self.local_part
    }

    /// The domain after the `@`.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// Reads the value of the tag.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let text = quoted_printable::decode(value)?;
        let at = memchr::memrchr(b'@', &text)?;
        let domain = domain_name::parse(str::from_utf8(text.get(at + 1..)?).ok()?)?;
        Some(Self {
            local_part: text.get(..at)?.into(),
            domain,
        })
    }
}

impl fmt::Display for AgentOrUserIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}@{}",
            quoted_printable::encode(&self.local_part),
            self.domain
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_part_may_hold_anything_and_survives() {
        for local in ["", "joe", "a;b c=d\r\n@x", "jörg"] {
            let identifier = AgentOrUserIdentifier::new(local, "example.org".parse().unwrap());
            let text = identifier.to_string();
            assert!(!text.contains([';', ' ', '\r', '\n']));
            assert_eq!(
                AgentOrUserIdentifier::parse(text.as_bytes()),
                Some(identifier)
            );
        }
        assert_eq!(AgentOrUserIdentifier::parse(b"joe"), None);
    }
}
