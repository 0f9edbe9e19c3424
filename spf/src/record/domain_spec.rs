//! The domain that a term names.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use letterhead_dns::DomainName;

use crate::record::macro_string::{Form, MacroLetter, MacroString, Segment};
use crate::record::parse_error::{ParseError, ParseErrorKind};
use crate::record::parser::octet_class::is_in_label;
use crate::record::parser::octet_word::ends_in_letters;
use crate::record::parser::part::Part;

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
        self.0.literal()
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
    #[inline(always)]
    pub(crate) fn check<'a>(
        part: Part<'a>,
        owner: &'static str,
    ) -> Result<Checked<'a>, ParseError> {
        let form = Self::form(part, owner)?;
        Ok(Checked { part, form })
    }

    fn form(part: Part<'_>, owner: &'static str) -> Result<Form, ParseError> {
        let octets = part.octets();
        if octets.is_empty() {
            let kind = ParseErrorKind::MissingDomain(owner);
            return Err(ParseError::new(part.offset(), kind));
        }
        let after_macros = MacroString::end_of_macros(part)?;
        let ends_in_macro = after_macros == Some(octets.len());
        let tail = octets.get(after_macros.unwrap_or(0)..).unwrap_or_default();
        if ends_in_macro || ends_in_top_label(tail) {
            Ok(Form::of(after_macros))
        } else {
            let end = part.offset() + octets.len();
            Err(ParseError::new(end, ParseErrorKind::DomainEnd))
        }
    }
}

/// A part of a record that is a domain-spec.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked<'a> {
    part: Part<'a>,
    form: Form,
}

impl Checked<'_> {
    #[inline]
    pub(crate) fn spec(self) -> DomainSpec {
        DomainSpec(MacroString::well_formed(self.part, self.form))
    }
}

impl FromStr for DomainSpec {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let text = Arc::<str>::from(text);
        Ok(Self::check(Part::whole(&text)?, "domain-spec")?.spec())
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
fn ends_in_top_label(tail: &[u8]) -> bool {
    if ends_in_letters(tail) {
        return true;
    }
    let octets = tail.strip_suffix(b".").unwrap_or(tail);
    let length = octets
        .iter()
        .rev()
        .take_while(|octet| is_in_label(**octet))
        .count();
    let (before, label) = octets
        .split_at_checked(octets.len() - length)
        .unwrap_or_default();
    before.last() == Some(&b'.')
        && !matches!(label.first(), None | Some(b'-'))
        && label.last() != Some(&b'-')
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
