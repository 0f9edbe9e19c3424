//! Which hosts a policy names.

use std::fmt;
use std::str::FromStr;

use letterhead_mail::DomainName;

/// A host that may take a domain's mail, or all hosts one label below a name: `mail.example.org`, `*.example.net`
/// ([RFC 8461 §4.1](https://www.rfc-editor.org/rfc/rfc8461#section-4.1)).
///
/// ```
/// use letterhead_transport::mta_sts::MxPattern;
///
/// let pattern: MxPattern = "*.example.net".parse()?;
/// assert!(pattern.matches(&"mx1.Example.NET".parse()?));
/// assert!(!pattern.matches(&"example.net".parse()?));
/// assert!(!pattern.matches(&"a.mx1.example.net".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MxPattern {
    name: DomainName,
    breadth: Breadth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Breadth {
    ThisName,
    OneLabelBelow,
}

impl MxPattern {
    /// Whether it names this host.
    #[must_use]
    pub fn matches(&self, host: &DomainName) -> bool {
        match self.breadth {
            Breadth::ThisName => *host == self.name,
            Breadth::OneLabelBelow => host.parent().as_ref() == Some(&self.name),
        }
    }
}

impl FromStr for MxPattern {
    type Err = MxPatternError;

    fn from_str(text: &str) -> Result<Self, MxPatternError> {
        let (name, breadth) = match text.strip_prefix("*.") {
            Some(name) => (name, Breadth::OneLabelBelow),
            None => (text, Breadth::ThisName),
        };
        // A policy has A-labels; Unicode here is not what a certificate would say.
        if !name.is_ascii() {
            return Err(MxPatternError);
        }
        let name = name.parse().map_err(|_| MxPatternError)?;
        Ok(Self { name, breadth })
    }
}

impl fmt::Display for MxPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.breadth {
            Breadth::ThisName => write!(f, "{}", self.name),
            Breadth::OneLabelBelow => write!(f, "*.{}", self.name),
        }
    }
}

/// Text that names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host of a policy is a domain name in ASCII, or one with *. in front")]
#[non_exhaustive]
pub struct MxPatternError;

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{MxPattern, MxPatternError};

    #[test]
    fn the_star_stands_for_one_label() {
        for (pattern, host, expected) in [
            ("mail.example.com", "mail.example.com", true),
            ("Mail.Example.COM", "mAIL.example.com", true),
            ("mail.example.com", "mail.example.com.evil.example", false),
            ("mail.example.com", "a.mail.example.com", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "aexample.com", false),
            ("*.com", "example.com", true),
        ] {
            let pattern: MxPattern = pattern.parse().unwrap();
            assert_eq!(
                pattern.matches(&host.parse().unwrap()),
                expected,
                "{pattern} {host}"
            );
        }
    }

    #[test]
    fn what_names_no_host_is_refused() {
        for text in [
            "",
            "*",
            "*.",
            "*example.com",
            "a.*.example.com",
            "*.*.example.com",
            ".example.com",
            "a b",
            "m\u{e9}l.example",
            "[192.0.2.1]",
        ] {
            assert_eq!(text.parse::<MxPattern>(), Err(MxPatternError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_reads_back(text in "(\\*\\.)?[a-z0-9]{1,9}(\\.[a-z0-9]{1,9}){0,3}") {
            assert_eq!(text.parse::<MxPattern>().unwrap().to_string(), text);
        }
    }
}
