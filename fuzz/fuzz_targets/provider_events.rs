//! A provider's report: a bounded number of events, each unproven, clean and with a stable id, or an error that names its place.
#![no_main]

use letterhead_feedback::{Event, Proof, Provider, ProviderReading, read_events};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some((first, body)) = octets.split_first() else {
        return;
    };
    let provider = Provider::ALL[usize::from(*first) % Provider::ALL.len()];
    let Ok(reading) = read_events(provider, body) else {
        return;
    };
    assert!(reading.events.len() <= ProviderReading::MAX_EVENTS);
    for event in &reading.events {
        assert_eq!(event.provider(), Some(provider));
        assert_eq!(event.proof(), Proof::Unproven);
        assert!(event.raw().is_some_and(|raw| raw.len() <= body.len()));
        assert!(event.candidates().len() <= Event::MAX_CANDIDATES);
        for text in [
            event.native_kind(),
            event.diagnostic(),
            event.provider_event_id(),
        ] {
            assert!(!text.unwrap_or("x").is_empty());
            assert!(!text.unwrap_or_default().chars().any(char::is_control));
        }
    }
    // The same report again gives the same events, ids included.
    let again = read_events(provider, body).expect("it was read before");
    let ids = |reading: &ProviderReading| reading.events.iter().map(Event::id).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&reading));
});
