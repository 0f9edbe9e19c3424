//! Findings about DKIM key records: one printable line each, and an error if and only if no signature could verify.
//!
//! The lines of the input are the TXT records at the name of a key.
#![no_main]

use letterhead_dkim::{PublicKeyRecord, lint};
use letterhead_dns::{Severity, Txt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let texts: Vec<Txt> = octets
        .split(|octet| *octet == b'\n')
        .take(8)
        .map(Txt::split)
        .collect();
    let findings = lint(&texts);
    assert_eq!(findings, lint(&texts));
    for finding in &findings {
        assert!(!finding.to_string().contains(char::is_control));
    }
    let records: Vec<PublicKeyRecord> = texts
        .iter()
        .filter_map(|text| PublicKeyRecord::parse(&text.joined()).ok())
        .collect();
    let error = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    if !error {
        assert_eq!(records.len(), 1);
        assert!(records[0].allows_email() && records[0].allows_sha256());
        assert!(records[0].key().is_none_or(|key| key.bits() >= 256));
    }
    for record in records {
        // What is printed again is free of all faults of the text.
        let printed = record.to_string();
        let again =
            PublicKeyRecord::parse(printed.as_bytes()).expect("what is printed is a record");
        assert_eq!(again, record);
    }
});
