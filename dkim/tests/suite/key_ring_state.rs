//! The text of a ring's state, whatever it holds.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use letterhead_dkim::key_ring::state::Stage;
use letterhead_dkim::{KeyRingState, PrivateKey, PublicKeyRecord};
use proptest::prelude::{
    Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

/// Times that can be written, from the first second to the last.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(999_999_999_999), 0..2_000_000_000_u64]
}

/// A line for a key; the number makes selector and key its own.
fn line(number: u8, stage: &str, times: (u64, u64, Option<(u64, bool)>)) -> String {
    let key = PrivateKey::ed25519_from_seed(&[number; 32]).unwrap();
    let (since, introduced, checked) = times;
    let mut line = format!("k{number}.x {stage}");
    if stage != "waiting" {
        write!(line, "={since}").unwrap();
    }
    write!(line, " introduced={introduced}").unwrap();
    if let Some((at, matched)) = checked {
        if matched {
            write!(line, " matched={at}").unwrap();
        }
        write!(line, " checked={at}").unwrap();
    }
    write!(line, " record={}", PublicKeyRecord::for_key(&key)).unwrap();
    line
}

fn stage() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["waiting", "leaving", "revoked", "removed"])
}

/// A state that was written, its lines in any number.
fn written() -> impl Strategy<Value = String> {
    let times = (time(), time(), prop::option::of((time(), any::<bool>())));
    let keys = prop::collection::vec((stage(), times), 0..6);
    (keys, prop::option::of(time())).prop_map(|(keys, signing)| {
        let mut lines = vec!["dkim-keys 1 example.org".to_owned()];
        for (number, (stage, times)) in (1_u8..).zip(&keys) {
            lines.push(line(number, stage, *times));
        }
        if let Some(since) = signing {
            lines.push(line(200, "signing", (since, 0, None)));
        }
        lines.join("\n") + "\n"
    })
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

proptest! {
    #[test]
    fn what_was_written_is_read_and_written_again(text in written()) {
        let state: KeyRingState = text.parse().unwrap();
        prop_assert_eq!(state.to_string(), text.clone());
        prop_assert_eq!(state.keys().len(), text.lines().count() - 1);
        for (key, line) in state.keys().iter().zip(text.lines().skip(1)) {
            let start = format!("{} {}", key.selector(), key.stage());
            prop_assert!(line.starts_with(&start));
            let introduced = key.introduced().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            let introduced = format!(" introduced={} ", introduced.as_secs());
            prop_assert!(line.contains(&introduced));
            let published = !matches!(key.stage(), Stage::Removed { .. });
            prop_assert_eq!(key.record().is_some(), published);
        }
    }

    #[test]
    fn damage_is_seen_or_is_another_state(text in written(), place in any::<prop::sample::Index>(), octet in "[ -~]|\n|\r|ü") {
        let place = place.index(text.len());
        let damaged = format!("{}{octet}{}", &text[..place], &text[place + 1..]);
        match damaged.parse::<KeyRingState>() {
            Ok(state) => {
                prop_assert_eq!(state.to_string().parse(), Ok(state));
            }
            Err(error) => prop_assert!((1..=damaged.lines().count().max(1)).contains(&error.line())),
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(noise in "(dkim-keys 1 [a-z.]{0,9}\n)?[ -~\n=ü]{0,90}") {
        if let Ok(state) = noise.parse::<KeyRingState>() {
            prop_assert_eq!(state.to_string().parse(), Ok(state));
        }
    }
}

#[test]
fn times_are_those_that_a_signature_can_name() {
    let text = |seconds: &str| {
        let line = line(1, "waiting", (0, 0, None))
            .replace("introduced=0", &format!("introduced={seconds}"));
        format!("dkim-keys 1 example.org\n{line}").parse::<KeyRingState>()
    };
    assert_eq!(text("0").unwrap().keys()[0].introduced(), at(0));
    assert_eq!(
        text("999999999999").unwrap().keys()[0].introduced(),
        at(999_999_999_999)
    );
    for bad in [
        "1000000000000",
        "18446744073709551616",
        "-1",
        "1.5",
        "",
        "1e3",
        " 1",
        "0x1",
    ] {
        assert!(text(bad).is_err(), "{bad}");
    }
}

#[test]
fn lines_may_end_in_crlf_and_fields_come_in_any_order() {
    let record = line(1, "waiting", (0, 5, None));
    let (_, record) = record.split_once(" record=").unwrap();
    let text = format!(
        "dkim-keys 1 Example.ORG.\r\nA signing=7 checked=6 introduced=5 matched=4 record={record}\r\n"
    );
    let state: KeyRingState = text.parse().unwrap();
    assert_eq!(state.domain().as_str(), "example.org");
    let key = &state.keys()[0];
    assert_eq!(key.stage(), Stage::Signing { since: at(7) });
    assert_eq!(
        (key.introduced(), key.matched_since(), key.checked()),
        (at(5), Some(at(4)), Some(at(6)))
    );
}
