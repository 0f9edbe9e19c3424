//! The hosts that take a domain's mail.

mod find;

use std::fmt;
use std::net::IpAddr;

use letterhead_dns::Resolver;
use letterhead_mail::{AddressDomain, AddressLiteral, DomainName, Entropy};

use super::no_route::{NoRoute, NoRouteReason};
use super::route_settings::RouteSettings;
use super::shuffle::shuffle;

/// The hosts that take a domain's mail, in the order in which they are tried, each with its addresses
/// ([RFC 5321 §5.1](https://www.rfc-editor.org/rfc/rfc5321#section-5.1)).
///
/// - Better (lower) preferences come first; equal ones in an order drawn anew each time, which spreads the load.
/// - Without an MX record the domain's own name is the host. A single MX record of the root says that there is none
///   ([RFC 7505](https://www.rfc-editor.org/rfc/rfc7505)).
/// - Where one of the hosts is ours, those of the same and worse preferences are dropped: they would send the mail to us.
/// - An address literal is its own host.
/// - Addresses that the [guard](super::AddressGuard) refuses are left out.
///
/// An MX record that names an alias is against the standard and followed as the resolver follows it; the host keeps the name
/// in the MX record, which is what certificates are for.
///
/// ```
/// use letterhead_dns::{Zone, block_on_ready};
/// use letterhead_mail::AddressDomain;
/// use letterhead_transport::SystemEntropy;
/// use letterhead_transport::mx::{MailExchangers, RouteSettings};
///
/// let zone: Zone = "
/// example.org     MX 20 backup.example.org
/// example.org     MX 10 mail.example.org
/// mail.example.org   A 8.8.8.8
/// backup.example.org A 8.8.4.4
/// quiet.example.org  MX 0 .
/// ".parse()?;
/// let find = |domain: &str| -> Result<_, Box<dyn std::error::Error>> {
///     let domain: AddressDomain = domain.parse()?;
///     let (settings, entropy) = (RouteSettings::default(), SystemEntropy::new());
///     let found = MailExchangers::find(&zone, &domain, &settings, &entropy);
///     Ok(block_on_ready(found).expect("a zone does not wait")?)
/// };
/// let hosts: Vec<String> = find("example.org")?.hosts().iter().map(|host| host.name()).collect();
/// assert_eq!(hosts, ["mail.example.org", "backup.example.org"]);
/// let refused = find("quiet.example.org").unwrap_err();
/// assert_eq!(refused.to_string(), "quiet.example.org takes no mail (null MX)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailExchangers {
    hosts: Vec<MailExchanger>,
}

/// A host that takes mail, and where it is. It has at least one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailExchanger {
    host: Host,
    preference: u16,
    addresses: Vec<IpAddr>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Name(DomainName),
    /// An address literal stands for itself.
    Address(IpAddr),
}

impl MailExchangers {
    /// Looks up where mail for this domain goes.
    ///
    /// # Errors
    ///
    /// When there is nowhere, or the DNS does not say.
    pub async fn find(
        resolver: &dyn Resolver,
        domain: &AddressDomain,
        settings: &RouteSettings,
        entropy: &dyn Entropy,
    ) -> Result<Self, NoRoute> {
        match domain {
            AddressDomain::Name(name) => {
                let mut hosts = find::named(resolver, domain, name, settings).await?;
                shuffle(&mut hosts, entropy);
                // Stable, so equal preferences stay shuffled.
                hosts.sort_by_key(|(preference, _)| *preference);
                hosts.truncate(settings.max_hosts.get());
                find::with_addresses(resolver, domain, hosts, settings).await
            }
            AddressDomain::Literal(AddressLiteral::Ipv4(address)) => {
                find::literal(domain, IpAddr::V4(*address), settings)
            }
            AddressDomain::Literal(AddressLiteral::Ipv6(address)) => {
                find::literal(domain, IpAddr::V6(*address), settings)
            }
            _ => Err(NoRoute::new(domain, NoRouteReason::UnknownLiteral)),
        }
    }

    /// The hosts, at least one, the first to be tried first.
    #[must_use]
    pub fn hosts(&self) -> &[MailExchanger] {
        &self.hosts
    }
}

impl MailExchanger {
    /// Its name, or its address where it was given by one: what a certificate is checked for.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.host {
            Host::Name(name) => name.to_string(),
            Host::Address(address) => address.to_string(),
        }
    }

    /// Its name, unless it was given by its address.
    #[must_use]
    pub fn domain_name(&self) -> Option<&DomainName> {
        match &self.host {
            Host::Name(name) => Some(name),
            Host::Address(_) => None,
        }
    }

    /// The preference in its MX record; 0 where there is no record.
    #[must_use]
    pub fn preference(&self) -> u16 {
        self.preference
    }

    /// Its addresses, the first to be tried first.
    #[must_use]
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }
}

/// `10 mail.example.org [192.0.2.1, 2001:db8::1]`.
impl fmt::Display for MailExchanger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        let (name, addresses) = (self.name(), addresses.join(", "));
        write!(f, "{} {name} [{addresses}]", self.preference)
    }
}

#[cfg(test)]
mod tests;
