//! Which host mail for a domain goes to ([RFC 5321 §5.1](https://www.rfc-editor.org/rfc/rfc5321#section-5.1)).

use std::net::IpAddr;

use letterhead_dns::{LookupError, Name, RecordData, RecordType};
use letterhead_mail::{AddressDomain, AddressLiteral, DomainName, EmailAddress, Reply};

use crate::session::reply;
use crate::world::{Host, World};

/// Where mail goes next.
pub(super) enum Next<'a> {
    Host(&'a Host),
    /// The domain takes no mail.
    Never(Reply),
    /// Nobody can be reached now.
    Later(Reply),
}

pub(super) fn route<'a>(world: &'a World, recipient: &EmailAddress) -> Next<'a> {
    match recipient.domain() {
        AddressDomain::Name(domain) => to_name(world, domain),
        AddressDomain::Literal(AddressLiteral::Ipv4(address)) => {
            at(world, &[IpAddr::V4(*address)]).map_or_else(nobody, Next::Host)
        }
        AddressDomain::Literal(AddressLiteral::Ipv6(address)) => {
            at(world, &[IpAddr::V6(*address)]).map_or_else(nobody, Next::Host)
        }
        _ => Next::Never(reply(550, (5, 1, 2), "unknown kind of address literal").to_reply()),
    }
}

fn to_name<'a>(world: &'a World, domain: &DomainName) -> Next<'a> {
    let answer = match world.dns.answer(domain.as_name(), RecordType::MX) {
        Ok(answer) => answer,
        Err(error) => return failed(world, domain, &error),
    };
    let mut exchangers: Vec<(u16, Name)> = answer
        .records()
        .iter()
        .filter_map(|record| match record {
            RecordData::Mx {
                preference,
                exchange,
            } => Some((*preference, exchange.clone())),
            _ => None,
        })
        .collect();
    // RFC 7505: a single MX of the root says that the domain takes no mail.
    if let [(0, exchange)] = exchangers.as_slice()
        && exchange.is_root()
    {
        let text = format!("{domain} does not take mail (null MX)");
        return Next::Never(reply(556, (5, 1, 10), &text).to_reply());
    }
    if exchangers.is_empty() {
        exchangers.push((0, domain.as_name().clone()));
    }
    exchangers.sort();
    let (mut has_address, mut failure) = (false, None);
    for (_, exchange) in &exchangers {
        let (addresses, failed) = addresses(world, exchange);
        has_address |= !addresses.is_empty();
        failure = failure.or(failed);
        if let Some(host) = at(world, &addresses) {
            return Next::Host(host);
        }
    }
    if has_address {
        return nobody();
    }
    if let Some(error) = failure {
        return failed(world, domain, &error);
    }
    if answer.is_empty() {
        let text = format!("{domain} has neither an MX record nor an address");
        return Next::Never(reply(550, (5, 1, 2), &text).to_reply());
    }
    let text = format!("no mail exchanger of {domain} has an address");
    Next::Later(reply(451, (4, 4, 3), &text).to_reply())
}

fn failed<'a>(world: &'a World, domain: &DomainName, error: &LookupError) -> Next<'a> {
    if error.is_no_such_name() {
        let every = world.hosts.values().find(|host| host.takes_every_domain());
        if let Some(host) = every.filter(|_| may_exist(domain)) {
            return Next::Host(host);
        }
        let text = format!("the domain {domain} does not exist");
        return Next::Never(reply(550, (5, 1, 2), &text).to_reply());
    }
    Next::Later(reply(451, (4, 4, 3), &error.to_string()).to_reply())
}

/// Whether it is not `invalid` or below.
fn may_exist(domain: &DomainName) -> bool {
    domain.as_str().rsplit('.').next() != Some("invalid")
}

fn nobody<'a>() -> Next<'a> {
    Next::Later(reply(451, (4, 4, 1), "no host answers").to_reply())
}

/// The addresses that were found, and why there may be more. Another host may have some where a lookup fails.
fn addresses(world: &World, host: &Name) -> (Vec<IpAddr>, Option<LookupError>) {
    let (mut addresses, mut failure) = (Vec::new(), None);
    for record_type in [RecordType::A, RecordType::AAAA] {
        match world.dns.answer(host, record_type) {
            Ok(answer) => addresses.extend(answer.records().iter().filter_map(RecordData::address)),
            Err(error) if error.is_no_such_name() => {}
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    (addresses, failure)
}

/// The first host of the simulation that has one of these addresses.
fn at<'a>(world: &'a World, addresses: &[IpAddr]) -> Option<&'a Host> {
    addresses
        .iter()
        .find_map(|address| world.hosts.values().find(|host| host.address() == *address))
}
