//! SPF records.

pub mod builder;
pub mod domain_spec;
pub mod macro_string;
pub mod network;
pub mod parse_error;
pub(crate) mod parser;
pub mod select;
pub mod term;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::record::domain_spec::DomainSpec;
use crate::record::parse_error::ParseError;
use crate::record::parser::Terms;
use crate::record::term::{Directive, Mechanism, Term};

/// A syntactically valid record ([RFC 7208 §3](https://www.rfc-editor.org/rfc/rfc7208#section-3)): its terms in order, and
/// its text, which `Display` prints unchanged.
///
/// ```
/// use letterhead_spf::Record;
///
/// let record: Record = "v=spf1 a MX:example.org/24 -all".parse()?;
/// assert_eq!(record.terms().len(), 3);
/// assert_eq!(record.text_of(&record.terms()[1]), "MX:example.org/24");
/// let error = "v=spf1 ip4:192.0.2.0/33".parse::<Record>().unwrap_err();
/// assert_eq!(error.to_string(), "octet 20: expected a prefix length from 0 to 32 without leading zeros");
/// # Ok::<(), letterhead_spf::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Record {
    text: Arc<str>,
    terms: Terms,
}

impl Record {
    /// The text as published.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The terms, in order.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms.list
    }

    /// The directives, in order.
    pub fn directives(&self) -> impl Iterator<Item = &Directive> {
        self.terms().iter().filter_map(Term::directive)
    }

    /// A term of this record as it is written there.
    #[must_use]
    pub fn text_of(&self, term: &Term) -> &str {
        self.text.get(term.span()).unwrap_or_default()
    }

    /// The first `all`. What stands after it is never evaluated, and with it `redirect` means nothing
    /// ([RFC 7208 §5.1](https://www.rfc-editor.org/rfc/rfc7208#section-5.1)).
    #[must_use]
    pub fn all(&self) -> Option<&Term> {
        self.terms().iter().find(|term| {
            term.directive()
                .is_some_and(|directive| *directive.mechanism() == Mechanism::All)
        })
    }

    /// The domain of `redirect`, where the record has one.
    #[must_use]
    pub fn redirect(&self) -> Option<&DomainSpec> {
        self.terms().get(self.terms.redirect?)?.domain()
    }

    /// The domain of `exp`, where the record has one.
    #[must_use]
    pub fn explanation(&self) -> Option<&DomainSpec> {
        self.terms().get(self.terms.explanation?)?.domain()
    }

    /// The index of `redirect` and its domain.
    pub(crate) fn redirect_term(&self) -> Option<(usize, &DomainSpec)> {
        Some((self.terms.redirect?, self.redirect()?))
    }

    /// The index of `exp` and its domain.
    pub(crate) fn explanation_term(&self) -> Option<(usize, &DomainSpec)> {
        Some((self.terms.explanation?, self.explanation()?))
    }

    /// How many terms of this record count as DNS lookups when no mechanism before `all` matches, those of other
    /// records not included ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    #[must_use]
    pub fn own_lookups(&self) -> usize {
        let end = self.all().map(|all| all.span().start);
        self.terms()
            .iter()
            .filter(|term| term.counts_as_lookup())
            .filter(|term| match (end, term.directive()) {
                (None, _) => true,
                (Some(end), Some(_)) => term.span().start < end,
                (Some(_), None) => false,
            })
            .count()
    }
}

impl TryFrom<&[u8]> for Record {
    type Error = ParseError;

    fn try_from(octets: &[u8]) -> Result<Self, ParseError> {
        // The parser lets nothing but ASCII through, so what is not UTF-8 comes no further than that.
        let text = str::from_utf8(octets).unwrap_or_default().into();
        let terms = parser::terms(octets, &text)?;
        Ok(Self { text, terms })
    }
}

impl FromStr for Record {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::try_from(text.as_bytes())
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({})", self.text)
    }
}
