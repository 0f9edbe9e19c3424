//! What hosts publish about themselves in the simulated DNS.

use std::net::IpAddr;

use letterhead_dns::{Name, Record, RecordData, RecordType, Txt};
use letterhead_mail::DomainName;

use crate::dns::SimulatedDns;

/// Time to live of what hosts publish, in seconds.
pub(crate) const TTL: u32 = 300;

/// The host's address, and the name back from the address.
pub(crate) fn publish_host(dns: &SimulatedDns, name: &DomainName, address: IpAddr) {
    let data = match address {
        IpAddr::V4(address) => RecordData::A(address),
        IpAddr::V6(address) => RecordData::Aaaa(address),
    };
    dns.publish(Record::new(name.as_name().clone(), TTL, data));
    if let Some(reverse) = reverse_name(address) {
        let target = RecordData::Ptr(name.as_name().clone());
        dns.publish(Record::new(reverse, TTL, target));
    }
}

/// The host as mail exchanger of a domain, unless the domain names one already.
pub(crate) fn publish_exchanger(dns: &SimulatedDns, domain: &DomainName, host: &DomainName) {
    if has(dns, domain.as_name(), RecordType::MX) {
        return;
    }
    let data = RecordData::Mx {
        preference: 10,
        exchange: host.as_name().clone(),
    };
    dns.publish(Record::new(domain.as_name().clone(), TTL, data));
}

/// An SPF record ([RFC 7208 §4.5](https://www.rfc-editor.org/rfc/rfc7208#section-4.5)) with these addresses, unless the
/// domain has one already: two of them would be an error to whoever checks.
pub(crate) fn publish_senders(dns: &SimulatedDns, domain: &DomainName, addresses: &[IpAddr]) {
    let has_policy = dns
        .answer(domain.as_name(), RecordType::TXT)
        .is_ok_and(|answer| answer.texts().any(is_sender_policy));
    if has_policy {
        return;
    }
    let mechanisms: String = addresses
        .iter()
        .map(|address| match address {
            IpAddr::V4(address) => format!("ip4:{address} "),
            IpAddr::V6(address) => format!("ip6:{address} "),
        })
        .collect();
    let policy = format!("v=spf1 {mechanisms}-all");
    let data = RecordData::Txt(Txt::split(policy.as_bytes()));
    dns.publish(Record::new(domain.as_name().clone(), TTL, data));
}

fn is_sender_policy(text: &[u8]) -> bool {
    let version = text.split(|octet| *octet == b' ').next();
    version.is_some_and(|version| version.eq_ignore_ascii_case(b"v=spf1"))
}

fn has(dns: &SimulatedDns, name: &Name, record_type: RecordType) -> bool {
    dns.answer(name, record_type)
        .is_ok_and(|answer| !answer.is_empty())
}

/// [RFC 1035 §3.5](https://www.rfc-editor.org/rfc/rfc1035#section-3.5),
/// [RFC 3596 §2.5](https://www.rfc-editor.org/rfc/rfc3596#section-2.5).
pub(crate) fn reverse_name(address: IpAddr) -> Option<Name> {
    let text = match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().rev();
            let labels = nibbles.map(|octet| format!("{:x}.{:x}.", octet & 15, octet >> 4));
            labels.collect::<String>() + "ip6.arpa"
        }
    };
    text.parse().ok()
}
