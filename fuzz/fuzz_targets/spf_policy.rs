//! SPF policies as a whole: an audit ends and agrees with the check of any client, a flattened policy gives every client
//! the same result, and findings are one printable line each.
//!
//! The input is a zone; the policy is that of `e.example`.
#![no_main]

use std::net::IpAddr;

use letterhead_dns::{Overlay, Record, RecordData, RecordType, Txt, Zone, block_on_ready};
use letterhead_spf::{Limits, Query, SpfResult, audit_for, check_host, flatten, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(zone) = Zone::parse(octets) else {
        return;
    };
    let domain = "e.example".parse().expect("a domain");
    let wanted = ["include:p.example".parse().expect("a directive")];
    let audit = block_on_ready(audit_for(&domain, &wanted, &zone)).expect("ready at once");
    let mut findings = audit.lint();
    let texts: Vec<Txt> = zone
        .records()
        .filter_map(|record| match &record.data {
            RecordData::Txt(text) if record.data.record_type() == RecordType::TXT => {
                Some(text.clone())
            }
            _ => None,
        })
        .collect();
    findings.extend(lint(&texts, &wanted));
    for line in findings.iter().map(ToString::to_string) {
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
    assert!(
        !audit
            .to_string()
            .chars()
            .any(|c| c.is_control() && c != '\n')
    );

    let limits = Limits::default()
        .with_lookups(usize::MAX)
        .with_void_lookups(usize::MAX);
    let flat = block_on_ready(flatten(&domain, &zone)).expect("ready at once");
    let mut published = Zone::new();
    for record in flat.iter().flat_map(|flat| flat.records()) {
        let text = RecordData::Txt(Txt::split(record.text.as_bytes()));
        published.insert(Record::new(record.name.as_name().clone(), 60, text));
    }
    let overlay = Overlay::new(&published, &zone);
    for client in CLIENTS {
        let query = Query::mail_from(*client, "ada@e.example", "mail.example");
        let check = |resolver| {
            let verdict = block_on_ready(check_host(&query, resolver, &limits));
            verdict.expect("ready at once").result
        };
        let result = check(&zone);
        if !audit.depends_on_sender() && !is_cut(&audit) {
            let covered = audit.tree.coverage.of(result);
            assert!(
                covered.is_some_and(|addresses| addresses.contains(*client))
                    || result == SpfResult::None
            );
        }
        // Where a kept term is an error, a network that was behind it may pass in front of it.
        let may_differ = |kept: &[String]| {
            !kept.is_empty() && matches!(result, SpfResult::PermError | SpfResult::TempError)
        };
        if let Ok(flat) = &flat
            && !may_differ(&flat.kept)
        {
            assert_eq!(check(&overlay), result, "{client}");
        }
    }
});

/// Whether the audit stopped somewhere, so that it knows less than a check.
fn is_cut(audit: &letterhead_spf::Audit) -> bool {
    audit.to_string().contains("not looked at")
}

const CLIENTS: &[IpAddr] = &[
    IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)),
    IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 1)),
    IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
    IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb9, 0, 0, 0, 0, 0, 1)),
];
