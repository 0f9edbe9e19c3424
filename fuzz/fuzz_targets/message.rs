//! Messages: every line ends in CRLF, header and body are the whole, and what is done to the header leaves the body alone.
#![no_main]

use letterhead_mail::{LineEndings, Message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let strict = Message::from_bytes(octets, LineEndings::Strict);
    let normalised = Message::from_bytes(octets, LineEndings::Normalise);
    if let Ok(strict) = &strict {
        assert_eq!(strict.as_bytes(), octets);
        assert_eq!(Ok(strict), normalised.as_ref());
    }
    let Ok(message) = normalised else {
        assert!(octets.contains(&0));
        return;
    };
    check_form(&message);
    check_header(&message);
    if let Ok(authors) = message.authors() {
        assert!(!authors.is_empty());
        assert_eq!(message.headers_named("From").count(), 1);
        for author in authors {
            assert_eq!(author.to_string().parse().as_ref(), Ok(&author));
        }
    }
});

fn check_form(message: &Message) {
    let octets = message.as_bytes();
    assert_eq!(
        Message::from_bytes(octets, LineEndings::Strict).as_ref(),
        Ok(message)
    );
    assert!(octets.ends_with(b"\r\n") && !octets.contains(&0));
    let bare = |pair: &[u8]| (pair[0] == b'\r') != (pair[1] == b'\n');
    assert!(octets[0] != b'\n' && !octets.windows(2).any(bare));
    if message.header_bytes() != octets {
        assert_eq!(
            [message.header_bytes(), b"\r\n", message.body()].concat(),
            octets
        );
    }
    let longest = octets
        .split(|octet| *octet == b'\n')
        .map(|line| line.len().saturating_sub(1))
        .max();
    assert_eq!(Some(message.longest_line()), longest);
}

fn check_header(message: &Message) {
    for field in message.header_fields() {
        assert!(field.as_bytes().ends_with(b"\r\n"));
        assert!(!field.unfolded().contains(['\r', '\n']));
        assert!(message.header(field.name()).is_some());
    }
    let without = message.without_fields("From");
    check_form(&without);
    assert!(without.header("From").is_none());
    assert_eq!(without.body(), message.body());
    if let Ok(with) = message.with_field_prepended(b"X-Fuzz: 1\r\n") {
        check_form(&with);
        assert_eq!(with.body(), message.body());
        assert_eq!(
            with.header_fields().next().map(|field| field.unfolded()),
            Some("1".to_owned())
        );
        assert_eq!(
            with.header_fields().count(),
            message.header_fields().count() + 1
        );
    }
}
