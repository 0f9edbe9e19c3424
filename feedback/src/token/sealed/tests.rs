//! Sealed tokens are read by whoever holds the key, and only while they are valid.

use std::time::{Duration, SystemTime};

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::Index;
use proptest::{collection, option, prop_assert, prop_assert_eq, prop_assert_ne};

use super::{MAX_TOKEN, open, seal};
use crate::token::{Purpose, TokenError, TokenKey, TokenKeys, spoiled};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const LIFETIME: Duration = Duration::from_secs(60 * 24 * 60 * 60);

fn test_key(id: u8) -> TokenKey {
    TokenKey::new(id.try_into().unwrap(), [id; 32])
}

fn keys() -> TokenKeys {
    TokenKeys::new(&test_key(3))
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn token() -> String {
    let texts = [Some("acme"), None, Some("joe@example.org")];
    seal(&keys(), Purpose::Complaint, &texts, now()).unwrap()
}

fn read(token: &str, at: SystemTime) -> Result<Vec<Option<String>>, TokenError> {
    open(&keys(), Purpose::Complaint, token, LIFETIME, at).map(|payload| payload.texts)
}

#[test]
fn what_was_sealed_is_read_in_any_case() {
    let texts = vec![
        Some("acme".to_owned()),
        None,
        Some("joe@example.org".to_owned()),
    ];
    for token in [token(), token().to_uppercase()] {
        assert_eq!(read(&token, now()), Ok(texts.clone()));
    }
    assert_eq!(token(), token());
    assert_eq!(
        token().len(),
        ((1 + 16 + 5 + 3 * 2 + 4 + 15) * 8_usize).div_ceil(5)
    );
}

#[test]
fn a_token_is_valid_for_its_lifetime() {
    for (at, expected) in [
        (now() - DAY, Ok(())),
        (
            now() - DAY - Duration::from_secs(1),
            Err(TokenError::NotYet),
        ),
        (now() + LIFETIME, Ok(())),
        (
            now() + LIFETIME + Duration::from_secs(1),
            Err(TokenError::Expired),
        ),
        (SystemTime::UNIX_EPOCH, Err(TokenError::NotYet)),
    ] {
        assert_eq!(read(&token(), at).map(|_| ()), expected, "{at:?}");
    }
}

#[test]
fn keys_are_rotated() {
    let new = TokenKeys::new(&test_key(4));
    let open = |keys: &TokenKeys| open(keys, Purpose::Complaint, &token(), LIFETIME, now());
    assert_eq!(
        open(&new).map(|_| ()),
        Err(TokenError::UnknownKey(3.try_into().unwrap()))
    );
    assert!(open(&new.with_older(&test_key(3)).unwrap()).is_ok());
    let impostor = TokenKeys::new(&TokenKey::new(3.try_into().unwrap(), [8; 32]));
    assert_eq!(open(&impostor).map(|_| ()), Err(TokenError::Forged));
}

#[test]
fn a_token_of_one_purpose_is_none_of_another() {
    let read = open(&keys(), Purpose::Unsubscribe, &token(), LIFETIME, now());
    assert_eq!(read.map(|_| ()), Err(TokenError::Forged));
}

#[test]
fn every_change_and_every_cut_is_refused() {
    for changed in spoiled(&token()) {
        assert!(read(&changed, now()).is_err(), "{changed:?}");
    }
}

#[test]
fn what_is_too_long_is_not_made_and_not_read() {
    let text = "x".repeat(MAX_TOKEN);
    assert_eq!(
        seal(&keys(), Purpose::Complaint, &[Some(&text)], now()),
        None
    );
    assert_eq!(
        read(&"a".repeat(10_000_000), now()),
        Err(TokenError::NotOurs)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_texts_read_back(texts in collection::vec(option::of("\\PC{0,20}"), 0..6), seconds in 0..4_000_000_000_u64) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let borrowed: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        let token = seal(&keys(), Purpose::Unsubscribe, &borrowed, now).unwrap();
        let read = open(&keys(), Purpose::Unsubscribe, &token, LIFETIME, now).unwrap();
        prop_assert_eq!(read.texts, texts);
        prop_assert_eq!(read.issued, now);
    }

    #[test]
    fn any_text_is_refused(token in "\\PC{0,200}", base32 in "[a-z2-7]{0,200}") {
        prop_assert!(read(&token, now()).is_err());
        prop_assert!(read(&base32, now()).is_err());
    }

    #[test]
    fn every_bit_counts(place in any::<Index>(), bit in 0..8_u8) {
        let token = token();
        let mut octets = token.clone().into_bytes();
        let place = place.index(octets.len());
        octets[place] ^= 1 << bit;
        let Ok(changed) = String::from_utf8(octets) else { return Ok(()) };
        // Case is the one thing that may change on the way.
        if changed.eq_ignore_ascii_case(&token) {
            prop_assert!(read(&changed, now()).is_ok());
        } else {
            prop_assert_ne!(changed.to_lowercase(), token);
            prop_assert!(read(&changed, now()).is_err());
        }
    }
}
