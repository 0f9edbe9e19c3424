//! MTA-STS policies: what is printed reads back.
#![no_main]

use letterhead_transport::mta_sts::MtaStsPolicy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(policy) = MtaStsPolicy::parse(octets) {
        assert_eq!(
            MtaStsPolicy::parse(policy.to_string().as_bytes()).as_ref(),
            Ok(&policy)
        );
    }
});
