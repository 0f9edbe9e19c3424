//! The hosts that take a domain's mail.

use std::fmt;
use std::net::IpAddr;

use letterhead_dns::{Answer, LookupError, Name, RecordData, RecordType, Resolver};
use letterhead_mail::{AddressDomain, AddressLiteral, BoxFuture, DomainName, Entropy};

use super::guard::RefusedAddress;
use super::join::join_all;
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
                let mut hosts = named(resolver, domain, name, settings).await?;
                shuffle(&mut hosts, entropy);
                // Stable, so equal preferences stay shuffled.
                hosts.sort_by_key(|(preference, _)| *preference);
                hosts.truncate(settings.max_hosts.get());
                with_addresses(resolver, domain, hosts, settings).await
            }
            AddressDomain::Literal(AddressLiteral::Ipv4(address)) => {
                literal(domain, IpAddr::V4(*address), settings)
            }
            AddressDomain::Literal(AddressLiteral::Ipv6(address)) => {
                literal(domain, IpAddr::V6(*address), settings)
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

/// The hosts by their MX records, as long as they are better than ours.
async fn named(
    resolver: &dyn Resolver,
    domain: &AddressDomain,
    name: &DomainName,
    settings: &RouteSettings,
) -> Result<Vec<(u16, DomainName)>, NoRoute> {
    let answer = match resolver.lookup(name.as_name(), RecordType::MX).await {
        Ok(answer) => answer,
        Err(error) if error.is_no_such_name() => {
            return Err(NoRoute::new(domain, NoRouteReason::NoSuchDomain));
        }
        Err(error) => return Err(NoRoute::failed(domain, error)),
    };
    let mut hosts = if answer.is_empty() {
        vec![(0, name.clone())]
    } else {
        let exchanges = exchanges(&answer);
        if exchanges.iter().all(|(_, exchange)| exchange.is_root()) {
            return Err(NoRoute::new(domain, NoRouteReason::NullMx));
        }
        // A host whose name is no host name cannot be connected to.
        exchanges
            .into_iter()
            .filter_map(|(preference, exchange)| {
                Some((preference, DomainName::try_from(exchange).ok()?))
            })
            .collect()
    };
    if hosts.is_empty() {
        return Err(NoRoute::new(domain, NoRouteReason::NoAddress));
    }
    let ours = hosts.iter().filter(|(_, host)| settings.own.has_name(host));
    if let Some(ours) = ours.map(|(preference, _)| *preference).min() {
        hosts.retain(|(preference, _)| *preference < ours);
        if hosts.is_empty() {
            return Err(NoRoute::new(domain, NoRouteReason::Loop));
        }
    }
    Ok(hosts)
}

/// The MX records, a host that is named twice with its better preference.
fn exchanges(answer: &Answer) -> Vec<(u16, &Name)> {
    let mut exchanges: Vec<(u16, &Name)> = Vec::new();
    for record in answer.records() {
        if let RecordData::Mx {
            preference,
            exchange,
        } = record
        {
            match exchanges.iter_mut().find(|(_, known)| *known == exchange) {
                Some((known, _)) => *known = (*known).min(*preference),
                None => exchanges.push((*preference, exchange)),
            }
        }
    }
    exchanges
}

/// What the lookups of a host's addresses came to.
struct Found {
    preference: u16,
    name: DomainName,
    addresses: Vec<IpAddr>,
    failure: Option<LookupError>,
}

async fn with_addresses(
    resolver: &dyn Resolver,
    domain: &AddressDomain,
    hosts: Vec<(u16, DomainName)>,
    settings: &RouteSettings,
) -> Result<MailExchangers, NoRoute> {
    let is_domain_itself =
        matches!(hosts.as_slice(), [(_, only)] if AddressDomain::Name(only.clone()) == *domain);
    let lookups = hosts
        .into_iter()
        .map(|(preference, name)| {
            Box::pin(look_up(resolver, preference, name, settings)) as BoxFuture<'_, Found>
        })
        .collect();
    let mut found = join_all(lookups, settings.max_hosts).await;
    let is_ours = |host: &Found| {
        let mut addresses = host.addresses.iter();
        addresses.any(|address| settings.own.has_address(*address))
    };
    let ours = found.iter().filter(|host| is_ours(host));
    if let Some(ours) = ours.map(|host| host.preference).min() {
        found.retain(|host| host.preference < ours);
        if found.is_empty() {
            return Err(NoRoute::new(domain, NoRouteReason::Loop));
        }
    }
    let (mut hosts, mut refused, mut failure) = (Vec::new(), None, None);
    for host in found {
        failure = failure.or(host.failure);
        match connectable(host.addresses, settings) {
            Ok(addresses) => hosts.push(MailExchanger {
                host: Host::Name(host.name),
                preference: host.preference,
                addresses,
            }),
            Err(reason) => refused = refused.or(reason),
        }
    }
    if !hosts.is_empty() {
        return Ok(MailExchangers { hosts });
    }
    Err(match (failure, refused) {
        // Another host may have some.
        (Some(error), _) => NoRoute::failed(domain, error),
        (None, Some(refused)) => NoRoute::new(domain, NoRouteReason::Refused(refused)),
        (None, None) if is_domain_itself => NoRoute::new(domain, NoRouteReason::NoHost),
        (None, None) => NoRoute::new(domain, NoRouteReason::NoAddress),
    })
}

async fn look_up(
    resolver: &dyn Resolver,
    preference: u16,
    name: DomainName,
    settings: &RouteSettings,
) -> Found {
    let (mut addresses, mut failure) = (Vec::new(), None);
    for record_type in settings.families.record_types() {
        match resolver.lookup(name.as_name(), *record_type).await {
            Ok(answer) => addresses.extend(answer.records().iter().filter_map(RecordData::address)),
            Err(error) if error.is_no_such_name() => {}
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Found {
        preference,
        name,
        addresses,
        failure,
    }
}

/// The addresses that are tried; otherwise the first that the guard refused, if there was one.
fn connectable(
    addresses: Vec<IpAddr>,
    settings: &RouteSettings,
) -> Result<Vec<IpAddr>, Option<RefusedAddress>> {
    let (mut taken, mut refused) = (Vec::new(), None);
    for address in settings.families.in_turns(addresses) {
        match settings.guard.check(address) {
            Ok(()) => taken.push(address),
            Err(reason) => refused = refused.or(Some(reason)),
        }
    }
    taken.truncate(settings.max_addresses.get());
    if taken.is_empty() {
        Err(refused)
    } else {
        Ok(taken)
    }
}

fn literal(
    domain: &AddressDomain,
    address: IpAddr,
    settings: &RouteSettings,
) -> Result<MailExchangers, NoRoute> {
    let address = address.to_canonical();
    if settings.own.has_address(address) {
        return Err(NoRoute::new(domain, NoRouteReason::Loop));
    }
    match connectable(vec![address], settings) {
        Ok(addresses) => Ok(MailExchangers {
            hosts: vec![MailExchanger {
                host: Host::Address(address),
                preference: 0,
                addresses,
            }],
        }),
        Err(Some(refused)) => Err(NoRoute::new(domain, NoRouteReason::Refused(refused))),
        // Of a family that is not used.
        Err(None) => Err(NoRoute::new(domain, NoRouteReason::NoAddress)),
    }
}

#[cfg(test)]
mod tests;
