//! Addresses: what is printed reads back, within the limits and without control characters.
#![no_main]

use letterhead_mail::EmailAddress;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(address) = EmailAddress::try_from(octets) else {
        return;
    };
    check(&address);
    let base = address.without_label();
    check(&base);
    assert_eq!(address.label().is_some(), base != address);
});

fn check(address: &EmailAddress) {
    let printed = address.to_string();
    assert_eq!(printed.parse().as_ref(), Ok(address));
    assert!(!printed.chars().any(char::is_control));
    assert!(printed.len() <= EmailAddress::MAX_LENGTH);
    let behind = format!("@{}", address.domain());
    let local_part = printed
        .strip_suffix(&behind)
        .expect("the domain is behind the @");
    assert!(local_part.len() <= EmailAddress::MAX_LOCAL_PART);
    let again = EmailAddress::new(address.local_part(), address.domain().clone());
    assert_eq!(again.as_ref(), Ok(address));
}
