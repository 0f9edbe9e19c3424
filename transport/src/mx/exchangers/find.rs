//! Looking the hosts up.

use std::net::IpAddr;

use letterhead_dns::{Answer, LookupError, Name, RecordData, RecordType, Resolver};
use letterhead_mail::{AddressDomain, BoxFuture, DomainName};

use super::{Host, MailExchanger, MailExchangers};
use crate::mx::guard::RefusedAddress;
use crate::mx::join::join_all;
use crate::mx::no_route::{NoRoute, NoRouteReason};
use crate::mx::route_settings::RouteSettings;

/// The hosts by their MX records, as long as they are better than ours.
pub(super) async fn named(
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

pub(super) async fn with_addresses(
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

pub(super) fn literal(
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
