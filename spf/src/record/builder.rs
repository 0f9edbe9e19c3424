//! Records written from their terms.

use std::net::IpAddr;

use crate::limits::Limits;
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::network::{Ip4Network, Ip6Network};
use crate::record::parse_error::ParseError;
use crate::record::parser::VERSION;
use crate::record::term::{Directive, HostSpec, Mechanism, Qualifier};

/// Writes a record that no receiver takes for an error.
///
/// Terms keep their order. One that an earlier term with the same qualifier covers is not written. The end comes last,
/// `~all` where none is set, and then the explanation.
///
/// ```
/// use letterhead_dns::DomainName;
/// use letterhead_spf::{DomainSpec, Ending, Qualifier, Record};
/// use letterhead_spf::record::term::HostSpec;
///
/// let provider: DomainName = "_spf.example.net".parse()?;
/// let record = Record::builder()
///     .mx(HostSpec::default())
///     .ip("192.0.2.25".parse()?)
///     .include(DomainSpec::try_from(&provider)?)
///     .ending(Ending::All(Qualifier::Fail))
///     .build()?;
/// assert_eq!(record.as_str(), "v=spf1 mx ip4:192.0.2.25 include:_spf.example.net -all");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct RecordBuilder {
    directives: Vec<Directive>,
    ending: Ending,
    explanation: Option<DomainSpec>,
}

impl Record {
    /// Begins a record with no terms but `~all`.
    pub fn builder() -> RecordBuilder {
        RecordBuilder {
            directives: Vec::new(),
            ending: Ending::All(Qualifier::SoftFail),
            explanation: None,
        }
    }
}

impl RecordBuilder {
    /// Adds a term with any qualifier. `all` is no term here but the end, as with [`ending`](Self::ending).
    pub fn directive(mut self, directive: Directive) -> Self {
        if *directive.mechanism() == Mechanism::All {
            return self.ending(Ending::All(directive.qualifier()));
        }
        let is_covered = self.directives.iter().any(|earlier| {
            earlier.qualifier() == directive.qualifier()
                && earlier.mechanism().covers(directive.mechanism())
        });
        if !is_covered {
            self.directives.push(directive);
        }
        self
    }

    /// Passes what another domain's record passes; that record's own lookups count too.
    pub fn include(self, domain: DomainSpec) -> Self {
        self.pass(Mechanism::Include(domain))
    }

    /// Passes the addresses of a host.
    pub fn a(self, host: HostSpec) -> Self {
        self.pass(Mechanism::A(host))
    }

    /// Passes the addresses of a domain's mail exchangers.
    pub fn mx(self, host: HostSpec) -> Self {
        self.pass(Mechanism::Mx(host))
    }

    /// Passes one address; an IPv4-mapped one as the IPv4 address that receivers take it for.
    pub fn ip(self, address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => self.ip4(address.into()),
            IpAddr::V6(address) => self.ip6(address.into()),
        }
    }

    /// Passes an IPv4 network.
    pub fn ip4(self, network: Ip4Network) -> Self {
        self.pass(Mechanism::Ip4(network))
    }

    /// Passes an IPv6 network.
    pub fn ip6(self, network: Ip6Network) -> Self {
        self.pass(Mechanism::Ip6(network))
    }

    /// Passes clients for which this name, macros expanded, has an IPv4 address.
    pub fn exists(self, domain: DomainSpec) -> Self {
        self.pass(Mechanism::Exists(domain))
    }

    /// Sets what becomes of clients that no term matches. Default `~all`.
    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Sets where the explanation of a fail is. Default: nowhere.
    pub fn explanation(mut self, domain: DomainSpec) -> Self {
        self.explanation = Some(domain);
        self
    }

    /// The record.
    ///
    /// # Errors
    ///
    /// More lookups of its own than receivers make, and a record longer than the DNS carries. One beyond some 450 octets
    /// is no error, though answers over UDP may be cut
    /// ([RFC 7208 §3.4](https://www.rfc-editor.org/rfc/rfc7208#section-3.4)).
    pub fn build(self) -> Result<Record, BuildError> {
        let mut text = String::from(VERSION);
        for directive in &self.directives {
            text.push_str(&format!(" {directive}"));
        }
        text.push_str(&match &self.ending {
            Ending::All(qualifier) => format!(" {}", Directive::new(*qualifier, Mechanism::All)),
            Ending::Redirect(domain) => format!(" redirect={domain}"),
        });
        if let Some(domain) = &self.explanation {
            text.push_str(&format!(" exp={domain}"));
        }
        let octets = text.len();
        if octets > MAX_TXT {
            return Err(BuildError::TooLong {
                octets,
                limit: MAX_TXT,
            });
        }
        let record: Record = text.parse().map_err(BuildError::Unreadable)?;
        let (count, limit) = (record.own_lookups(), Limits::default().lookups());
        if count > limit {
            return Err(BuildError::TooManyLookups { count, limit });
        }
        Ok(record)
    }

    fn pass(self, mechanism: Mechanism) -> Self {
        self.directive(Directive::new(Qualifier::Pass, mechanism))
    }
}

/// What becomes of clients that no term of a record matches.
#[expect(
    clippy::exhaustive_enums,
    reason = "a record ends in one of these, or in nothing, which is the neutral `all`"
)]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ending {
    /// `all`: they get this result. With [`Qualifier::Pass`] anyone may send for the domain.
    All(Qualifier),
    /// `redirect`: another domain's record decides, and the domain has to have one.
    Redirect(DomainSpec),
}

/// Why terms cannot be one record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Every receiver would take the record for an error
    /// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    #[error(
        "the record would have {count} terms that cause DNS lookups, and {limit} are allowed; remove terms that are not needed"
    )]
    TooManyLookups {
        /// How many there would be.
        count: usize,
        /// How many may be there.
        limit: usize,
    },
    /// No TXT record can hold it ([RFC 1035 §3.3.14](https://www.rfc-editor.org/rfc/rfc1035#section-3.3.14)).
    #[error("the record would have {octets} octets, and a TXT record holds {limit}; remove terms")]
    TooLong {
        /// How many it would have.
        octets: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The record does not read back. No terms are known for which that is so; it is looked at before anything is
    /// published.
    #[error("the terms do not make a record that can be read")]
    Unreadable(#[source] ParseError),
}

/// The data of a DNS record has at most 65535 octets, and each string of 255 in it takes one more.
pub(crate) const MAX_TXT: usize = 65_279;
