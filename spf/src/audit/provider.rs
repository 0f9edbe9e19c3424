//! Services that send for many domains, by the terms they ask for.

use crate::record::parse_error::ParseError;
use crate::record::term::{Directive, Mechanism};

/// A service and a term that authorises it.
///
/// The list is there to name what a record holds and to find a wrong mechanism; nothing is decided by it, and a service
/// that is not in it is no worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provider {
    /// The service's name.
    pub name: &'static str,
    /// The mechanism it asks for: `include` or `a`.
    pub mechanism: &'static str,
    /// The domain it asks for.
    pub domain: &'static str,
}

impl Provider {
    /// The services known.
    #[must_use]
    pub fn all() -> &'static [Self] {
        PROVIDERS
    }

    /// The service of this name, in whatever case.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS
            .iter()
            .find(|provider| provider.name.eq_ignore_ascii_case(name))
    }

    /// The term it asks for.
    ///
    /// # Errors
    ///
    /// None for the services of this list; the text is read as any other.
    pub fn directive(&self) -> Result<Directive, ParseError> {
        format!("{}:{}", self.mechanism, self.domain).parse()
    }

    /// The service whose domain the mechanism names, with the mechanism it asks for or with another.
    #[must_use]
    pub fn named_by(mechanism: &Mechanism) -> Option<&'static Self> {
        let domain = mechanism.domain()?.literal()?;
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        PROVIDERS
            .iter()
            .find(|provider| provider.domain.eq_ignore_ascii_case(domain))
    }

    /// Whether this is the mechanism the service asks for.
    #[must_use]
    pub fn asks_for(&self, mechanism: &Mechanism) -> bool {
        self.mechanism == mechanism.name()
    }
}

const fn include(name: &'static str, domain: &'static str) -> Provider {
    Provider {
        name,
        mechanism: "include",
        domain,
    }
}

const PROVIDERS: &[Provider] = &[
    include("Amazon SES", "amazonses.com"),
    include("Google Workspace", "_spf.google.com"),
    include("Mailgun", "mailgun.org"),
    include("Mailjet", "spf.mailjet.com"),
    include("Microsoft 365", "spf.protection.outlook.com"),
    include(
        "Oracle Email Delivery, Americas",
        "rp.oracleemaildelivery.com",
    ),
    include(
        "Oracle Email Delivery, Asia/Pacific",
        "ap.rp.oracleemaildelivery.com",
    ),
    include(
        "Oracle Email Delivery, Europe",
        "eu.rp.oracleemaildelivery.com",
    ),
    include("Postmark", "spf.mtasv.net"),
    include("SendGrid", "sendgrid.net"),
    include("Zendesk", "mail.zendesk.com"),
    Provider {
        name: "Zuora",
        mechanism: "a",
        domain: "zgateway.zuora.com",
    },
];
