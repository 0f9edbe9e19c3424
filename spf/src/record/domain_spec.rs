//! The domain that a term names.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use letterhead_dns::DomainName;

use crate::record::macro_string::{MacroLetter, MacroString, Segment};
use crate::record::parse_error::{ParseError, ParseErrorKind};

/// A domain with macros, as terms name it: never empty, and ending in a macro or a top label
/// ([RFC 7208 §7.1](https://www.rfc-editor.org/rfc/rfc7208#section-7.1)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DomainSpec(MacroString);

impl DomainSpec {
    /// The text as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parts it consists of.
    #[must_use]
    pub fn macro_string(&self) -> &MacroString {
        &self.0
    }

    /// The domain where no macro has to be expanded for it.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        self.0.literal().map(|text| &**text)
    }

    /// Whether the domain is another for another client or sender: it has macros that are not `%{d}`.
    #[must_use]
    pub fn depends_on_sender(&self) -> bool {
        self.0.segments().any(|segment| {
            matches!(segment, Segment::Expand(expand) if expand.letter() != MacroLetter::Domain)
        })
    }

    /// Whether both name the same domain for every sender, as far as can be told without expanding.
    #[must_use]
    pub fn is_same_domain(&self, other: &Self) -> bool {
        match (self.literal(), other.literal()) {
            (Some(one), Some(two)) => {
                without_final_dot(one).eq_ignore_ascii_case(without_final_dot(two))
            }
            _ => self == other,
        }
    }

    /// Reads a domain-spec for the term `owner`, whose name the error gives when nothing is there.
    pub(crate) fn parse(
        octets: &[u8],
        base: usize,
        text: &Arc<str>,
        owner: &'static str,
    ) -> Result<Self, ParseError> {
        if octets.is_empty() {
            return Err(ParseError::new(base, ParseErrorKind::MissingDomain(owner)));
        }
        let text = MacroString::parse(octets, base, text)?;
        let ends_well = match text.segments().next_back() {
            Some(Segment::Literal(tail)) => ends_in_top_label(tail),
            _ => true,
        };
        if ends_well {
            Ok(Self(text))
        } else {
            Err(ParseError::new(
                base + octets.len(),
                ParseErrorKind::DomainEnd,
            ))
        }
    }
}

impl FromStr for DomainSpec {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes(), 0, &text.into(), "domain-spec")
    }
}

/// Names of hosts and services that exist are domain-specs. A name of one label is none, nor is one whose last label has
/// digits only or an underscore.
impl TryFrom<&DomainName> for DomainSpec {
    type Error = ParseError;

    fn try_from(domain: &DomainName) -> Result<Self, ParseError> {
        domain.as_str().parse()
    }
}

impl fmt::Display for DomainSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(crate) fn without_final_dot(domain: &str) -> &str {
    domain.strip_suffix('.').unwrap_or(domain)
}

/// Whether the characters after the last macro end in `.` and a top label, and perhaps one more dot.
fn ends_in_top_label(tail: &str) -> bool {
    let octets = tail.as_bytes();
    let octets = octets.strip_suffix(b".").unwrap_or(octets);
    let in_label = |octet: &&u8| octet.is_ascii_alphanumeric() || **octet == b'-';
    let length = octets.iter().rev().take_while(in_label).count();
    let (before, label) = octets
        .split_at_checked(octets.len() - length)
        .unwrap_or_default();
    let alphanumeric = |octet: Option<&u8>| octet.is_some_and(u8::is_ascii_alphanumeric);
    before.last() == Some(&b'.')
        && alphanumeric(label.first())
        && alphanumeric(label.last())
        && label.iter().any(|octet| !octet.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use letterhead_dns::DomainName;

    use super::DomainSpec;

    #[test]
    fn a_domain_spec_ends_in_a_top_label_or_a_macro() {
        for good in [
            "example.com",
            "example.com.",
            "%{d}",
            "_spf.%{d2}",
            "%{i}.example",
            "a.1-2",
            "a.xn--p1ai",
            ".com",
            "a..com",
            "foo:bar/baz.example.com",
            "x.%%",
            "x%_",
            "x%-",
            "%{l1r-}.lp._spf.%{d2}",
        ] {
            assert!(good.parse::<DomainSpec>().is_ok(), "{good}");
        }
        for bad in [
            "", ".", "com", "com.", "a.123", "a.-b", "a.b-", "a.b_c", "a.b..", "%{d}.", "%{d}com",
            "a.com:80", "a.com/24", "a b.com", "a\t.com", "é.com", "a.com%", "%{", "%{d",
            "%{x}.com", "%{d0}", "%{d00}", "%{d2.r}", "%{dr2}", "%{c}", "%{r}", "%{t}", "%{d}%{",
            "%d.com", "%{d!}",
        ] {
            assert!(bad.parse::<DomainSpec>().is_err(), "{bad}");
        }
    }

    #[test]
    fn case_and_a_final_dot_make_no_difference_without_macros() {
        let spec = |text: &str| text.parse::<DomainSpec>().expect("valid");
        assert!(spec("Example.COM.").is_same_domain(&spec("example.com")));
        assert!(!spec("%{S}.a").is_same_domain(&spec("%{s}.a")));
        assert_eq!(spec("%{d}.a").literal(), None);
    }

    #[test]
    fn a_domain_name_is_a_domain_spec_when_it_ends_in_a_top_label() {
        let spec = |text: &str| DomainSpec::try_from(&text.parse::<DomainName>().expect("valid"));
        let good = spec("_SPF.Example.com.").expect("a top label");
        assert_eq!(good.literal(), Some("_spf.example.com"));
        for (bad, offset) in [("localhost", 9), ("192.0.2.1", 9), ("example.a_b", 11)] {
            assert_eq!(spec(bad).expect_err(bad).offset(), offset, "{bad}");
        }
    }
}
