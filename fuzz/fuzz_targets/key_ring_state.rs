//! The text of a ring's state: what is printed reads back, and what is read keeps the rules of a ring.
#![no_main]

use std::collections::BTreeSet;

use letterhead_dkim::KeyRingState;
use letterhead_dkim::key_ring::state::Stage;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let state: KeyRingState = match text.parse() {
        Ok(state) => state,
        Err(error) => {
            assert!((1..=text.lines().count().max(1)).contains(&error.line()));
            return;
        }
    };
    let printed = state.to_string();
    assert!(printed.is_ascii());
    assert_eq!(printed.lines().count(), state.keys().len() + 1);
    assert_eq!(printed.parse().as_ref(), Ok(&state));
    let selectors: BTreeSet<_> = state.keys().iter().map(|key| key.selector()).collect();
    assert_eq!(selectors.len(), state.keys().len());
    let mut signing = Vec::new();
    for key in state.keys() {
        assert!(key.selector().record_name(state.domain()).is_ok());
        assert!(key.matched_since().is_none() || key.checked().is_some());
        assert_eq!(
            key.record().is_none(),
            matches!(key.stage(), Stage::Removed { .. })
        );
        if matches!(key.stage(), Stage::Signing { .. }) {
            assert!(!signing.contains(&key.algorithm()));
            signing.push(key.algorithm());
        }
    }
});
