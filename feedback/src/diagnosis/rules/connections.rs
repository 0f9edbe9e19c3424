//! Too many connections.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::says("too many connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too many concurrent", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too many simultaneous", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too many sessions", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too many smtp sessions", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too many smtp connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too many open connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too many ssl connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too many connection", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("too much connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("simultaneous connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("simultaneous sessions", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("concurrent connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("concurrency limit", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("connection limit", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("connection limits", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("connection rate", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("connection frequency", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("connection count", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("connections", Reason::TOO_MANY_CONNECTIONS)
        .and("exceeded")
        .surely(),
    Rule::says("connections per", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("maximum connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("max connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("number of connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("number of concurrent", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("trop de connexions", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("zu viele verbindungen", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("no available connections", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says("all server ports are busy", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::says(
        "has reached its maximum connection",
        Reason::TOO_MANY_CONNECTIONS,
    )
    .surely(),
    Rule::names("ofr004_104", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::names("ofr_104", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::names("lpn001_104", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::names("hl:itc", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::names("hl:icc", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::names("cxcnct", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::names("ib001", Reason::TOO_MANY_CONNECTIONS).surely(),
    Rule::names("s9999", Reason::TOO_MANY_CONNECTIONS).surely(),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::TOO_MANY_CONNECTIONS,
    permanence: Permanence::Soft,
    said: &[
        "452-too many connections",
        "smtp; 450 4.3.2 too many concurrent",
        "451 too many simultaneous",
        "452-too many sessions",
        "smtp; 450 4.3.2 too many smtp sessions",
        "451 too many smtp connections",
        "452-too many open connections",
        "smtp; 450 4.3.2 too many ssl connections",
        "451 too many connection",
        "452-too much connections",
        "smtp; 450 4.3.2 simultaneous connections",
        "451 simultaneous sessions",
        "452-concurrent connections",
        "smtp; 450 4.3.2 concurrency limit",
        "451 connection limit",
        "452-connection limits",
        "smtp; 450 4.3.2 connection rate",
        "451 connection frequency",
        "452-connection count",
        "421 number of connections exceeded",
        "421 connections per host",
        "452-maximum connections",
        "smtp; 450 4.3.2 max connections",
        "451 number of connections",
        "452-number of concurrent",
        "smtp; 450 4.3.2 trop de connexions",
        "451 zu viele verbindungen",
        "452-no available connections",
        "smtp; 450 4.3.2 all server ports are busy",
        "451 has reached its maximum connection",
        "421 OFR004_104",
        "421 OFR_104",
        "421 LPN001_104",
        "421 HL:ITC mx.example.org",
        "421 HL:ICC mx.example.org",
        "421 refused CXCNCT",
        "smtp.secureserver.net|421 refused IB001",
        "421 x S9999",
    ],
}];
