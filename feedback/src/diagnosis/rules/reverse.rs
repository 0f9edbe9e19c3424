//! The name of the sending address.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::says("reverse dns", Reason::REQUIRES_PTR).surely(),
    Rule::says("reverse lookup", Reason::REQUIRES_PTR).surely(),
    Rule::says("reverse name", Reason::REQUIRES_PTR).surely(),
    Rule::says("reverse hostname", Reason::REQUIRES_PTR).surely(),
    Rule::says("reverse mapping", Reason::REQUIRES_PTR).surely(),
    Rule::says("reverse address", Reason::REQUIRES_PTR).surely(),
    Rule::says("reverse resolution", Reason::REQUIRES_PTR).surely(),
    Rule::says("reverse-dns", Reason::REQUIRES_PTR).surely(),
    Rule::says("rdns", Reason::REQUIRES_PTR).surely(),
    Rule::says("does not have a reverse", Reason::REQUIRES_PTR).surely(),
    Rule::says("ptr", Reason::REQUIRES_PTR).surely(),
    Rule::says("ip name lookup failed", Reason::REQUIRES_PTR).surely(),
    Rule::says("ip name forged", Reason::REQUIRES_PTR).surely(),
    Rule::says("ip name possibly forged", Reason::REQUIRES_PTR).surely(),
    Rule::says("cannot find your hostname", Reason::REQUIRES_PTR).surely(),
    Rule::says("cannot resolve your address", Reason::REQUIRES_PTR).surely(),
    Rule::says("unresolvable relay host name", Reason::REQUIRES_PTR).surely(),
    Rule::says("does not resolve to a hostname", Reason::REQUIRES_PTR).surely(),
    Rule::says("does not have a hostname", Reason::REQUIRES_PTR).surely(),
    Rule::says("has no hostname", Reason::REQUIRES_PTR).surely(),
    Rule::says("could not resolve your", Reason::REQUIRES_PTR)
        .and("address")
        .surely(),
    Rule::says("your ip address has no", Reason::REQUIRES_PTR).surely(),
    Rule::says("your host has no dns", Reason::REQUIRES_PTR).surely(),
    Rule::says("sending mta's ip", Reason::REQUIRES_PTR)
        .and("no")
        .surely(),
    Rule::says("all messages from dynamic", Reason::REQUIRES_PTR)
        .and("ptr")
        .surely(),
    Rule::says("connecting ip has no", Reason::REQUIRES_PTR).surely(),
    Rule::says("fcrdns", Reason::REQUIRES_PTR).surely(),
    Rule::says("forward confirmed", Reason::REQUIRES_PTR).surely(),
    Rule::says("forward-confirmed", Reason::REQUIRES_PTR).surely(),
    Rule::says("must have a valid", Reason::REQUIRES_PTR)
        .and("dns")
        .surely(),
    Rule::names("dns-p3", Reason::REQUIRES_PTR).surely(),
    Rule::names("p=ipv6ptr", Reason::REQUIRES_PTR).surely(),
    Rule::names("cxdns", Reason::REQUIRES_PTR),
    Rule::names("ib108", Reason::REQUIRES_PTR),
    Rule::names("aup#ptr", Reason::REQUIRES_PTR),
    Rule::names("dns:nr", Reason::REQUIRES_PTR),
    Rule::names("dns:b1", Reason::REQUIRES_PTR),
    Rule::names("dns:b2", Reason::REQUIRES_PTR),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::REQUIRES_PTR,
    permanence: Permanence::Soft,
    said: &[
        "smtp;554 reverse dns",
        "Remote host said: 550 reverse lookup",
        "smtp; 550 reverse name",
        "550 <joe@example.org>: reverse hostname",
        "host mx.example.org[192.0.2.1] said: 550 reverse mapping (in reply to RCPT TO command)",
        "smtp;554 reverse address",
        "Remote host said: 550 reverse resolution",
        "smtp; 550 reverse-dns",
        "550 <joe@example.org>: rdns",
        "host mx.example.org[192.0.2.1] said: 550 does not have a reverse (in reply to RCPT TO command)",
        "smtp;554 ptr",
        "Remote host said: 550 ip name lookup failed",
        "smtp; 550 ip name forged",
        "550 <joe@example.org>: ip name possibly forged",
        "host mx.example.org[192.0.2.1] said: 550 cannot find your hostname (in reply to RCPT TO command)",
        "smtp;554 cannot resolve your address",
        "Remote host said: 550 unresolvable relay host name",
        "smtp; 550 does not resolve to a hostname",
        "550 <joe@example.org>: does not have a hostname",
        "host mx.example.org[192.0.2.1] said: 550 has no hostname (in reply to RCPT TO command)",
        "smtp;554 could not resolve your for address",
        "Remote host said: 550 your ip address has no",
        "smtp; 550 your host has no dns",
        "550 <joe@example.org>: sending mta's ip for no",
        "host mx.example.org[192.0.2.1] said: 550 all messages from dynamic for ptr (in reply to RCPT TO command)",
        "smtp;554 connecting ip has no",
        "Remote host said: 550 fcrdns",
        "smtp; 550 forward confirmed",
        "550 <joe@example.org>: forward-confirmed",
        "host mx.example.org[192.0.2.1] said: 550 must have a valid for dns (in reply to RCPT TO command)",
        "550 DNS-P3",
        "550-5.7.25 x 550 5.7.25 https://support.google.com/mail/?p=IPv6PTR x-gsmtp",
        "554 refused CXDNS",
        "smtp.secureserver.net|554 refused IB108",
        "554 AUP#PTR",
        "421 : (DNS:NR) https://postmaster.example.com",
        "554 : (DNS:B1) https://postmaster.example.com",
        "554 : (DNS:B2) https://postmaster.example.com",
    ],
}];
