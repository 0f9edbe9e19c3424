//! Requests to unsubscribe: no token that was not issued, and no body but the one of RFC 8058, ends a subscription.
#![no_main]

use std::time::{Duration, SystemTime};

use letterhead_feedback::{EventKind, Subscription, TokenKey, TokenKeys, Unsubscribe};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_334_400);
    let keys = TokenKeys::new(&TokenKey::new(0.try_into().expect("an id"), [7; 32]));
    let unsubscribe = Unsubscribe::new("https://example.com/u/", keys).expect("a link");
    let text = String::from_utf8_lossy(octets);
    assert!(unsubscribe.subscription(&text, now).is_err());
    assert!(unsubscribe.mail(octets, now).is_err());
    let subscription = Subscription::new(
        "acme".parse().expect("a tenant"),
        "joe@example.org".parse().expect("an address"),
    );
    let fields = unsubscribe.fields(&subscription, now).expect("it fits");
    let (content_type, body) = octets
        .iter()
        .position(|octet| *octet == b'\n')
        .map_or((&b""[..], octets), |at| octets.split_at(at));
    let content_type = String::from_utf8_lossy(content_type);
    if let Ok(event) = unsubscribe.post(fields.token(), Some(&content_type), body, now) {
        assert_eq!(event.kind(), EventKind::Unsubscribed);
        let body = String::from_utf8_lossy(body);
        assert!(body.to_ascii_lowercase().contains("one") || body.contains('%'));
    }
});
