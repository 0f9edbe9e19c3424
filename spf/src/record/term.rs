//! The terms of a record.

use std::fmt;
use std::ops::Range;

use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::MacroString;
use crate::record::network::{DualPrefix, Ip4Network, Ip6Network};
use crate::spf_result::SpfResult;

/// A directive or a modifier, and where in the record it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    kind: TermKind,
    start: u32,
    end: u32,
}

impl Term {
    /// Appends a copy of `blank`, to be written where it is. A term is large, and what was just written in small pieces is
    /// slow to copy in large ones. Always inlined, so that the blank is a constant.
    #[inline(always)]
    pub(crate) fn append(
        terms: &mut Vec<Self>,
        blank: TermKind,
        span: Range<usize>,
    ) -> Option<&mut TermKind> {
        terms.push(Self {
            kind: blank,
            start: 0,
            end: 0,
        });
        let term = terms.last_mut()?;
        // Longer records are refused.
        term.start = u32::try_from(span.start).unwrap_or(u32::MAX);
        term.end = u32::try_from(span.end).unwrap_or(u32::MAX);
        Some(&mut term.kind)
    }

    /// What the term says.
    #[must_use]
    pub fn kind(&self) -> &TermKind {
        &self.kind
    }

    /// Its octets in the record's text.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The directive, where it is one.
    #[must_use]
    pub fn directive(&self) -> Option<&Directive> {
        match &self.kind {
            TermKind::Directive(directive) => Some(directive),
            TermKind::Modifier(_) => None,
        }
    }

    /// The domain it names, where it names one.
    #[must_use]
    pub fn domain(&self) -> Option<&DomainSpec> {
        match &self.kind {
            TermKind::Directive(directive) => directive.mechanism().domain(),
            TermKind::Modifier(Modifier::Redirect(domain) | Modifier::Explanation(domain)) => {
                Some(domain)
            }
            TermKind::Modifier(Modifier::Unknown(_)) => None,
        }
    }

    /// Whether evaluating it counts towards the limit of DNS lookups
    /// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    #[must_use]
    pub fn counts_as_lookup(&self) -> bool {
        match &self.kind {
            TermKind::Directive(directive) => directive.mechanism().counts_as_lookup(),
            TermKind::Modifier(modifier) => matches!(modifier, Modifier::Redirect(_)),
        }
    }
}

/// The two kinds of terms ([RFC 7208 §4.6.1](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.1)).
#[expect(clippy::exhaustive_enums, reason = "RFC 7208 §4.6.1 closes the set")]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TermKind {
    /// A mechanism with its qualifier.
    Directive(Directive),
    /// `name=value`.
    Modifier(Modifier),
}

impl TermKind {
    /// A term to be written over.
    pub(crate) const BLANK: Self = Self::blank(Mechanism::All);

    /// A term of this mechanism to be written over.
    pub(crate) const fn blank(mechanism: Mechanism) -> Self {
        Self::Directive(Directive {
            qualifier: Qualifier::Pass,
            mechanism,
        })
    }

    /// The directive, to be written.
    #[inline]
    pub(crate) fn directive_mut(&mut self) -> Option<(&mut Qualifier, &mut Mechanism)> {
        match self {
            Self::Directive(directive) => {
                Some((&mut directive.qualifier, &mut directive.mechanism))
            }
            Self::Modifier(_) => None,
        }
    }
}

/// A mechanism and what its match means.
///
/// ```
/// use letterhead_spf::{Directive, Qualifier};
///
/// let directive: Directive = "include:amazonses.com".parse()?;
/// assert_eq!(directive.qualifier(), Qualifier::Pass);
/// assert_eq!(directive.to_string(), "include:amazonses.com");
/// # Ok::<(), letterhead_spf::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Directive {
    qualifier: Qualifier,
    mechanism: Mechanism,
}

impl Directive {
    /// The directive of this qualifier and mechanism.
    #[must_use]
    pub fn new(qualifier: Qualifier, mechanism: Mechanism) -> Self {
        Self {
            qualifier,
            mechanism,
        }
    }

    /// What a match means.
    #[must_use]
    pub fn qualifier(&self) -> Qualifier {
        self.qualifier
    }

    /// What is matched.
    #[must_use]
    pub fn mechanism(&self) -> &Mechanism {
        &self.mechanism
    }
}

/// The shortest spelling: no `+`, no full prefix lengths, names in lower case.
impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.qualifier {
            Qualifier::Pass => "",
            Qualifier::Fail => "-",
            Qualifier::SoftFail => "~",
            Qualifier::Neutral => "?",
        })?;
        write!(f, "{}", self.mechanism)
    }
}

/// What a match means ([RFC 7208 §4.6.2](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.2)).
#[expect(clippy::exhaustive_enums, reason = "RFC 7208 §4.6.2 closes the set")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Qualifier {
    /// `+`, or nothing.
    Pass,
    /// `-`.
    Fail,
    /// `~`.
    SoftFail,
    /// `?`.
    Neutral,
}

impl Qualifier {
    /// The result a match gives.
    #[must_use]
    pub fn result(self) -> SpfResult {
        match self {
            Self::Pass => SpfResult::Pass,
            Self::Fail => SpfResult::Fail,
            Self::SoftFail => SpfResult::SoftFail,
            Self::Neutral => SpfResult::Neutral,
        }
    }
}

/// How the client is matched ([RFC 7208 §5](https://www.rfc-editor.org/rfc/rfc7208#section-5)).
#[expect(
    clippy::exhaustive_enums,
    reason = "version spf1 has these mechanisms; others are syntax errors"
)]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// `all`: every client.
    All,
    /// `include`: what another domain's record passes.
    Include(DomainSpec),
    /// `a`: the addresses of a host.
    A(HostSpec),
    /// `mx`: the addresses of a domain's mail exchangers.
    Mx(HostSpec),
    /// `ptr`: a validated name at or below a domain; the RFC asks not to publish it.
    Ptr(Option<DomainSpec>),
    /// `ip4`: an IPv4 network.
    Ip4(Ip4Network),
    /// `ip6`: an IPv6 network.
    Ip6(Ip6Network),
    /// `exists`: whether a name has an address.
    Exists(DomainSpec),
}

impl Mechanism {
    /// The mechanism's name, lower case.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Include(_) => "include",
            Self::A(_) => "a",
            Self::Mx(_) => "mx",
            Self::Ptr(_) => "ptr",
            Self::Ip4(_) => "ip4",
            Self::Ip6(_) => "ip6",
            Self::Exists(_) => "exists",
        }
    }

    /// The domain it names, where it names one.
    #[must_use]
    pub fn domain(&self) -> Option<&DomainSpec> {
        match self {
            Self::All | Self::Ip4(_) | Self::Ip6(_) => None,
            Self::Include(domain) | Self::Exists(domain) => Some(domain),
            Self::A(host) | Self::Mx(host) => host.domain(),
            Self::Ptr(domain) => domain.as_ref(),
        }
    }

    /// Whether it matches every client that `other` matches, as far as the text tells.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let same = |one: Option<&DomainSpec>, other: Option<&DomainSpec>| match (one, other) {
            (None, None) => true,
            (Some(one), Some(other)) => one.is_same_domain(other),
            _ => false,
        };
        match (self, other) {
            (Self::All, _) => true,
            (Self::Include(one), Self::Include(other))
            | (Self::Exists(one), Self::Exists(other)) => one.is_same_domain(other),
            (Self::A(one), Self::A(other)) | (Self::Mx(one), Self::Mx(other)) => {
                same(one.domain(), other.domain())
                    && one.prefix().ip4() <= other.prefix().ip4()
                    && one.prefix().ip6() <= other.prefix().ip6()
            }
            (Self::Ptr(one), Self::Ptr(other)) => same(one.as_ref(), other.as_ref()),
            (Self::Ip4(one), Self::Ip4(other)) => one.covers(*other),
            (Self::Ip6(one), Self::Ip6(other)) => one.covers(*other),
            _ => false,
        }
    }

    /// Whether evaluating it counts towards the limit of DNS lookups
    /// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    #[must_use]
    pub fn counts_as_lookup(&self) -> bool {
        match self {
            Self::All | Self::Ip4(_) | Self::Ip6(_) => false,
            Self::Include(_) | Self::A(_) | Self::Mx(_) | Self::Ptr(_) | Self::Exists(_) => true,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::All | Self::Ptr(None) => Ok(()),
            Self::Include(domain) | Self::Exists(domain) | Self::Ptr(Some(domain)) => {
                write!(f, ":{domain}")
            }
            Self::A(host) | Self::Mx(host) => write!(f, "{host}"),
            Self::Ip4(network) => write!(f, ":{network}"),
            Self::Ip6(network) => write!(f, ":{network}"),
        }
    }
}

/// What `a` and `mx` look up: a domain, or the one whose record is evaluated, and prefix lengths.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct HostSpec {
    domain: Option<DomainSpec>,
    prefix: DualPrefix,
}

impl HostSpec {
    /// The hosts of this domain, or with `None` of the one whose record is evaluated.
    #[must_use]
    pub fn new(domain: Option<DomainSpec>, prefix: DualPrefix) -> Self {
        Self { domain, prefix }
    }

    /// The domain named, if one is.
    #[must_use]
    pub fn domain(&self) -> Option<&DomainSpec> {
        self.domain.as_ref()
    }

    /// The prefix lengths.
    #[must_use]
    pub fn prefix(&self) -> DualPrefix {
        self.prefix
    }
}

impl fmt::Display for HostSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(domain) = &self.domain {
            write!(f, ":{domain}")?;
        }
        write!(f, "{}", self.prefix)
    }
}

/// `name=value` ([RFC 7208 §6](https://www.rfc-editor.org/rfc/rfc7208#section-6)).
#[expect(
    clippy::exhaustive_enums,
    reason = "names the RFC does not define are kept as Unknown"
)]
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Modifier {
    /// `redirect`: the domain whose record decides when nothing matched.
    Redirect(DomainSpec),
    /// `exp`: where the explanation of a fail is.
    Explanation(DomainSpec),
    /// Any other name: ignored, as the RFC says, and kept.
    Unknown(Box<UnknownModifier>),
}

/// A modifier of a name that the RFC does not define.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UnknownModifier {
    /// The name as written.
    pub name: String,
    /// The value.
    pub value: MacroString,
}
