//! DMARC: what is printed reads back, whether it was read or built, and discovery over any records stays within its lookups.
#![no_main]

use letterhead_dmarc::{
    AlignmentMode, DkimEvidence, EvidenceResult, FailureOptions, Origin, Policy, PublicSuffix,
    Record, ReportUri, Subject, TestMode, discover, evaluate,
};
use letterhead_dns::{DomainName, RecordData, Txt, Zone, block_on_ready};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(record) = Record::try_from(octets) {
        let back = check_print(&record);
        for subject in [
            Subject::PolicyDomain,
            Subject::Subdomain,
            Subject::NonexistentSubdomain,
        ] {
            assert_eq!(
                back.requested_policy(subject),
                record.requested_policy(subject)
            );
        }
        if record.notes().is_empty() {
            assert_eq!(back, record);
        }
    }
    if let Some((choices, text)) = octets.split_first_chunk() {
        let built = build(*choices, text);
        assert_eq!(check_print(&built), built);
    }
    check_discovery(octets);
});

fn check_print(record: &Record) -> Record {
    let printed = record.to_string();
    assert!(printed.bytes().all(|octet| (0x20..=0x7e).contains(&octet)));
    let back: Record = printed.parse().expect("what is printed is a record");
    assert_eq!(back.to_string(), printed);
    back
}

fn build(choices: [u8; 4], text: &[u8]) -> Record {
    let policy =
        |choice: u8| [Policy::None, Policy::Quarantine, Policy::Reject][usize::from(choice % 3)];
    let mut builder = Record::builder(policy(choices[0]));
    if choices[1] & 1 != 0 {
        builder = builder.subdomain_policy(policy(choices[1] >> 1));
    }
    if choices[2] & 1 != 0 {
        builder = builder.nonexistent_subdomain_policy(policy(choices[2] >> 1));
    }
    if choices[3] & 1 != 0 {
        builder = builder
            .test_mode(TestMode::On)
            .public_suffix(PublicSuffix::No);
    }
    if choices[3] & 2 != 0 {
        builder = builder
            .dkim_alignment(AlignmentMode::Strict)
            .spf_alignment(AlignmentMode::Relaxed);
    }
    let domain: DomainName = "example.org".parse().expect("a domain");
    for (index, word) in text.split(|octet| *octet == b'\n').enumerate().take(8) {
        let word = String::from_utf8_lossy(word);
        if let Ok(uri) = word
            .parse::<ReportUri>()
            .or_else(|_| ReportUri::mailto(&word, &domain))
        {
            builder = match index % 2 {
                0 => builder.aggregate_reports_to(uri),
                _ => builder.failure_reports_to(uri),
            };
        }
        if let Ok(options) = word.parse::<FailureOptions>() {
            builder = builder.failure_options(options);
        }
    }
    builder.build()
}

/// Every line is a TXT record of the next name up the tree.
fn check_discovery(octets: &[u8]) {
    let author: DomainName = "a.b.c.d.e.f.g.h.example.org".parse().expect("a domain");
    let mut zone = Zone::new();
    let mut name = Some(author.clone());
    for line in octets.split(|octet| *octet == b'\n') {
        let Some(at) = name else { break };
        let owner = at.prepend("_dmarc").expect("a short name");
        let data = RecordData::Txt(Txt::split(line));
        zone.insert(letterhead_dns::Record::new(owner.into(), 300, data));
        name = at.parent();
    }
    let discovery = block_on_ready(discover(&author, &zone)).expect("ready at once");
    assert!(discovery.queries().len() <= 9);
    let signer: DomainName = "x.d.e.f.g.h.example.org".parse().expect("a domain");
    let evidence = [DkimEvidence::assertion(
        signer,
        "s",
        EvidenceResult::Pass,
        Origin::Caller,
    )];
    let verdict = block_on_ready(evaluate(&author, None, &evidence, &zone)).expect("ready at once");
    assert!(verdict.queries().len() <= 9 + 8);
    assert!(
        !verdict
            .to_string()
            .contains(|c: char| c.is_control() && c != '\n')
    );
}
