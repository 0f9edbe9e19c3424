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

pub(crate) fn publish_text(dns: &SimulatedDns, name: Name, text: &str) {
    let data = RecordData::Txt(Txt::split(text.as_bytes()));
    dns.publish(Record::new(name, TTL, data));
}

pub(crate) fn has(dns: &SimulatedDns, name: &Name, record_type: RecordType) -> bool {
    dns.answer(name, record_type)
        .is_ok_and(|answer| !answer.is_empty())
}

/// [RFC 1035 §3.5](https://www.rfc-editor.org/rfc/rfc1035#section-3.5),
/// [RFC 3596 §2.5](https://www.rfc-editor.org/rfc/rfc3596#section-2.5).
fn reverse_name(address: IpAddr) -> Option<Name> {
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
