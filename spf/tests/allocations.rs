//! What a check allocates: the networks of a record that the client is not in cost nothing each.

use std::net::IpAddr;

use allocation_counter::measure;
use letterhead_dns::{Record as DnsRecord, RecordData, Txt, Zone, block_on_ready};
use letterhead_spf::{Limits, Query, Record, SpfResult, check_host};

/// A record of this many networks that do not hold 192.0.2.1.
fn record(networks: usize, network: impl Fn(usize) -> String) -> String {
    let mut record = String::from("v=spf1");
    for index in 0..networks {
        record.push(' ');
        record.push_str(&network(index));
    }
    record + " -all"
}

fn ip4(index: usize) -> String {
    format!("ip4:198.51.{}.{}/32", index / 256, index % 256)
}

fn ip6(index: usize) -> String {
    format!("ip6:2001:db8:{index:x}::/48")
}

/// How often something of this record allocates.
struct Allocations {
    /// A check over a zone that has answered before.
    check: u64,
    /// The trace of such a check.
    trace: u64,
    /// Reading the record.
    parse: u64,
}

fn allocations(record: &str) -> Allocations {
    let name = "example.com".parse().expect("a name");
    let mut zone = Zone::new();
    let text = RecordData::Txt(Txt::split(record.as_bytes()));
    zone.insert(DnsRecord::new(name, 60, text));
    let client = IpAddr::from([192, 0, 2, 1]);
    let query = Query::mail_from(client, "ada@example.com", "mail.example.com");
    let limits = Limits::default();
    let check = || block_on_ready(check_host(&query, &zone, &limits)).expect("a zone never waits");
    // The zone prepares its answer when it is asked for the first time, and the record is read then.
    let verdict = check();
    assert_eq!(verdict.result, SpfResult::Fail);
    let trace = measure(|| {
        let _ = verdict.trace();
    });
    assert_eq!(
        verdict.trace().steps().len(),
        record.matches("ip").count() + 1
    );
    Allocations {
        check: measure(|| drop(check())).count_total,
        trace: trace.count_total,
        parse: measure(|| drop(record.parse::<Record>())).count_total,
    }
}

#[test]
fn a_network_that_does_not_match_allocates_nothing() {
    for network in [ip4, ip6] {
        let short = allocations(&record(1_000, network));
        let long = allocations(&record(2_000, network));
        assert_eq!(short.check, long.check);
        assert_eq!(short.trace, long.trace);
        // A list that grows may be moved once more; a thousand terms may not be seen otherwise.
        assert!(long.parse <= short.parse + 1);
        assert!(long.check <= 4, "{}", long.check);
        assert!(long.trace <= 12, "{}", long.trace);
        assert!((1..=4).contains(&short.parse), "{}", short.parse);
    }
}

#[test]
fn a_domain_without_macros_allocates_nothing_when_it_is_read() {
    let count = |terms: usize| {
        let record = record(terms, |index| format!("a:host{index}.example.com"));
        measure(|| drop(record.parse::<Record>())).count_total
    };
    // The domains are parts of the record's text.
    assert!(count(2_000) <= count(1_000) + 2);
}
