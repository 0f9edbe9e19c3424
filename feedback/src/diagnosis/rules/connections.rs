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
        "smtp; 450 4.3.2 too many connections",
        "451 too many concurrent",
        "452-too many simultaneous",
        "smtp; 450 4.3.2 too many sessions",
        "451 too many smtp sessions",
        "452-too many smtp connections",
        "smtp; 450 4.3.2 too many open connections",
        "451 too many ssl connections",
        "452-too many connection",
        "smtp; 450 4.3.2 too much connections",
        "451 simultaneous connections",
        "452-simultaneous sessions",
        "smtp; 450 4.3.2 concurrent connections",
        "451 concurrency limit",
        "452-connection limit",
        "smtp; 450 4.3.2 connection limits",
        "451 connection rate",
        "452-connection frequency",
        "smtp; 450 4.3.2 connection count",
        "421 number of connections exceeded",
        "421 connections per host",
        "smtp; 450 4.3.2 maximum connections",
        "451 max connections",
        "452-number of connections",
        "smtp; 450 4.3.2 number of concurrent",
        "451 trop de connexions",
        "452-zu viele verbindungen",
        "smtp; 450 4.3.2 no available connections",
        "451 all server ports are busy",
        "452-has reached its maximum connection",
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
