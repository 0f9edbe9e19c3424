//! Why mail for a domain has nowhere to go.

use letterhead_dns::LookupError;
use letterhead_mail::{AddressDomain, EnhancedCode, Outcome};

use super::guard::RefusedAddress;
use super::status;

/// Why mail for a domain has nowhere to go, now or ever.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{domain} {reason}")]
pub struct NoRoute {
    domain: AddressDomain,
    reason: NoRouteReason,
    source: Option<LookupError>,
}

/// The reasons of a [`NoRoute`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoRouteReason {
    /// Its single MX record says so ([RFC 7505](https://www.rfc-editor.org/rfc/rfc7505)).
    #[error("takes no mail (null MX)")]
    NullMx,
    /// There is no such domain.
    #[error("does not exist")]
    NoSuchDomain,
    /// It has neither an MX record nor an address.
    #[error("has neither an MX record nor an address")]
    NoHost,
    /// It is given as an address literal of a kind that nobody can connect to.
    #[error("is an address of an unknown kind")]
    UnknownLiteral,
    /// It has MX records, and none leads to an address.
    #[error("has MX records, and none of them leads to an address")]
    NoAddress,
    /// All its addresses are ones that mail is not sent to; this is the first.
    #[error("has no address on the public internet: {0}")]
    Refused(RefusedAddress),
    /// Mail for it is ours to deliver, or goes to a host that would send it to us.
    #[error("leads back to this host")]
    Loop,
    /// The DNS gave no answer.
    #[error("cannot be looked up now")]
    Lookup,
}

impl NoRoute {
    pub(super) fn new(domain: &AddressDomain, reason: NoRouteReason) -> Self {
        Self {
            domain: domain.clone(),
            reason,
            source: None,
        }
    }

    pub(super) fn failed(domain: &AddressDomain, error: LookupError) -> Self {
        Self {
            source: Some(error),
            ..Self::new(domain, NoRouteReason::Lookup)
        }
    }

    /// The domain that was asked for.
    #[must_use]
    pub fn domain(&self) -> &AddressDomain {
        &self.domain
    }

    /// What is the matter.
    #[must_use]
    pub fn reason(&self) -> &NoRouteReason {
        &self.reason
    }

    /// What this makes of a recipient: deferred where the DNS did not answer, rejected otherwise.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.reason {
            NoRouteReason::Lookup => Outcome::Deferred,
            NoRouteReason::NullMx
            | NoRouteReason::NoSuchDomain
            | NoRouteReason::NoHost
            | NoRouteReason::UnknownLiteral
            | NoRouteReason::NoAddress
            | NoRouteReason::Refused(_)
            | NoRouteReason::Loop => Outcome::Rejected,
        }
    }

    /// The enhanced status code that says so.
    #[must_use]
    pub fn enhanced(&self) -> EnhancedCode {
        match self.reason {
            NoRouteReason::NullMx => status::NULL_MX,
            NoRouteReason::NoSuchDomain | NoRouteReason::NoHost | NoRouteReason::UnknownLiteral => {
                status::NO_SUCH_DOMAIN
            }
            NoRouteReason::NoAddress | NoRouteReason::Refused(_) => status::NO_ROUTE,
            NoRouteReason::Loop => status::LOOP,
            NoRouteReason::Lookup => status::NO_DNS,
        }
    }
}
