//! Zones: what is printed reads back, and every lookup is answered at the first poll with the type that was asked for.
#![no_main]

use letterhead_dns::{RecordType, Resolver, Zone, block_on_ready};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(zone) = Zone::parse(text) else { return };
    let printed = zone.to_string();
    let back = Zone::parse(printed.as_bytes()).expect("what is printed is a zone");
    assert_eq!(back, zone);
    assert_eq!(back.to_string(), printed);

    let owners = zone.records().map(|record| &record.name);
    let faulty = zone.faults().map(|(name, _, _)| name);
    for name in owners.chain(faulty).take(MAX_NAMES) {
        let names = [Some(name.clone()), name.prepend("x").ok(), name.parent()];
        for name in names.into_iter().flatten() {
            for record_type in TYPES {
                let answer =
                    block_on_ready(zone.lookup(&name, record_type)).expect("ready at once");
                if let Ok(answer) = answer {
                    assert!(answer.aliases().len() <= Zone::MAX_ALIASES);
                    let fits = answer
                        .records()
                        .iter()
                        .all(|data| data.record_type() == record_type);
                    assert!(fits, "{name} {record_type}");
                }
            }
        }
    }
});

const MAX_NAMES: usize = 16;

const TYPES: [RecordType; 6] = [
    RecordType::A,
    RecordType::CNAME,
    RecordType::MX,
    RecordType::SOA,
    RecordType::TXT,
    RecordType::SPF,
];
