//! Findings about DMARC records: one printable line each, at places inside the record, of the severity of their code;
//! without an error there is one record, and it applies.
//!
//! The lines of the input are the TXT records at the name.
#![no_main]

use letterhead_dmarc::{Applicability, Code, Record, Severity, lint};
use letterhead_dns::Txt;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let texts: Vec<Txt> = octets
        .split(|octet| *octet == b'\n')
        .take(8)
        .map(Txt::split)
        .collect();
    let findings = lint(&texts);
    assert_eq!(findings, lint(&texts));
    let longest = texts.iter().map(|text| text.joined().len()).max();
    for finding in &findings {
        assert!(!finding.to_string().contains(char::is_control));
        assert_eq!(finding.severity, finding.code.severity());
        if let Some(span) = &finding.span {
            assert!(span.start <= span.end && Some(span.end) <= longest);
        }
    }
    let records: Vec<Record> = texts
        .iter()
        .filter_map(|text| Record::try_from(text.joined().as_slice()).ok())
        .collect();
    let has = |code: Code| findings.iter().any(|finding| finding.code == code);
    assert_eq!(has(Code::NoRecord), records.is_empty());
    assert_eq!(has(Code::SeveralRecords), records.len() > 1);
    let error = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    if let [record] = records.as_slice()
        && !error
    {
        assert_eq!(record.applicability(), Applicability::Applies);
    }
});
