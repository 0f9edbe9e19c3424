//! Reports: a bounded number of events, each bounded, clean and unproven, whatever the line ends.
#![no_main]

use letterhead_feedback::{Event, Proof, Reading, read_report};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let reading = read_report(octets);
    assert!(reading.events.len() <= Reading::MAX_EVENTS);
    // An event takes an address of at least three octets, and what parts it from the next.
    assert!(reading.events.len() + reading.omitted <= octets.len() / 4 + 1);
    assert!(reading.delivered_to.len() <= 16);
    for event in &reading.events {
        assert_eq!(
            event.raw(),
            octets.get(..Reading::MAX_INPUT).or(Some(octets))
        );
        assert_eq!(event.proof(), Proof::Unproven);
        assert_eq!(
            event.id(),
            event.clone().with_proof(Proof::KnownMessage).id()
        );
        check_text(event.diagnostic(), Event::MAX_DIAGNOSTIC);
        for name in [
            event.remote_mta(),
            event.reporting_mta(),
            event.original_envelope_id(),
        ] {
            check_text(name, Event::MAX_NAME);
        }
        check_text(event.message_id(), 998);
        if let Some(message_id) = event.message_id() {
            assert!(message_id.starts_with('<') && message_id.ends_with('>'));
        }
    }
    if !octets.contains(&b'\r') {
        let crlf: Vec<u8> = octets
            .split(|octet| *octet == b'\n')
            .collect::<Vec<_>>()
            .join(&b"\r\n"[..]);
        let (mut reading, mut other) = (reading, read_report(&crlf));
        for reading in [&mut reading, &mut other] {
            let events = std::mem::take(&mut reading.events).into_iter();
            reading.events = events.map(Event::without_raw).collect();
        }
        assert_eq!(other, reading);
    }
});

fn check_text(text: Option<&str>, limit: usize) {
    if let Some(text) = text {
        assert!(!text.is_empty() && text.chars().count() <= limit);
        assert!(!text.chars().any(char::is_control));
    }
}
