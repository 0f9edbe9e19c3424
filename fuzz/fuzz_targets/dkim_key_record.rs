//! DKIM key records: what is printed reads back.
#![no_main]

use letterhead_dkim::PublicKeyRecord;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(record) = PublicKeyRecord::parse(octets) else {
        return;
    };
    let printed = record.to_string();
    assert!(printed.bytes().all(|octet| (0x20..=0x7e).contains(&octet)));
    assert_eq!(
        PublicKeyRecord::parse(printed.as_bytes()).as_ref(),
        Ok(&record)
    );
    assert_eq!(record.to_txt().joined(), printed.as_bytes());
    assert_eq!(record.key().is_none(), record.is_revoked());
});
