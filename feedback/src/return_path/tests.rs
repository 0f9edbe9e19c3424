//! Return paths come back in any case, prove what they say, and nobody can make one.

use std::time::{Duration, SystemTime};

use letterhead_mail::EmailAddress;
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use proptest::{collection, prop_assert, prop_assert_eq, prop_oneof};

use super::{DAY, ReturnPath, ReturnPathError, ReturnPathForm, ReturnPathId, Separator};
use crate::event::Proof;
use crate::sent_log::SentMessage;
use crate::token::{TokenError, TokenKey, TokenKeys, spoiled};

fn test_key(id: u8) -> TokenKey {
    TokenKey::new(id.try_into().unwrap(), [id; 32])
}

fn paths() -> ReturnPath {
    below("bounces@m.example")
}

fn below(base: &str) -> ReturnPath {
    ReturnPath::new(base.parse().unwrap(), TokenKeys::new(&test_key(3))).unwrap()
}

/// The middle of 1 January 2026.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(20_454 * DAY + DAY / 2)
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * DAY)
}

fn joe() -> EmailAddress {
    "joe@example.org".parse().unwrap()
}

fn issue(paths: &ReturnPath, recipient: &EmailAddress) -> EmailAddress {
    let issued = paths.for_recipient(&"s-1".parse().unwrap(), recipient, now());
    issued.unwrap().address
}

fn read(paths: &ReturnPath, address: &EmailAddress, at: SystemTime) -> Result<(), TokenError> {
    paths.read(address, at).map(|_| ())
}

fn sent(submission: &str, recipients: &[&str]) -> SentMessage {
    SentMessage::new(
        "acme".parse().unwrap(),
        submission.parse().unwrap(),
        Vec::new(),
        recipients.iter().map(|one| one.parse().unwrap()).collect(),
        now(),
    )
}

#[test]
fn a_short_address_is_carried_and_a_long_one_looked_up() {
    let submission = "s-1".parse().unwrap();
    // 64 octets less `bounces+` and 21 of form, key, day and tag.
    for (letters, fits) in [(1, true), (27, true), (28, false), (60, false)] {
        let recipient = format!("{}@x.examp", "a".repeat(letters));
        let recipient: EmailAddress = recipient.parse().unwrap();
        let issued = paths()
            .for_recipient(&submission, &recipient, now())
            .unwrap();
        let id = ReturnPathId::of(&submission, &recipient);
        assert_eq!(issued.id, (!fits).then_some(id), "{letters}");
        let token = paths().read(&issued.address, now()).unwrap();
        assert_eq!(token.id(), issued.id);
        assert_eq!(token.issued(), now() - Duration::from_secs(DAY / 2));
        let mailing = token.mailing();
        assert_eq!(mailing.is_some(), fits);
        assert!(mailing.is_none_or(|mailing| *mailing.recipient() == recipient));

        let only = paths().form(ReturnPathForm::Stateless);
        let stateless = only.for_recipient(&submission, &recipient, now());
        if fits {
            assert_eq!(stateless.unwrap(), issued);
        } else {
            let needed = letters + 8;
            assert_eq!(
                stateless,
                Err(ReturnPathError::DoesNotFit { needed, room: 35 })
            );
        }
    }
    let opaque = paths().form(ReturnPathForm::Opaque);
    let issued = opaque.for_recipient(&submission, &joe(), now()).unwrap();
    assert_eq!(issued.id, Some(ReturnPathId::of(&submission, &joe())));
    assert_eq!(issued.address.local_part().len(), "bounces+".len() + 37);
}

#[test]
fn nothing_of_the_recipient_is_to_be_seen() {
    let address = issue(&paths(), &"joe.joe.joe.joe@example.org".parse().unwrap());
    let (_, token) = address.local_part().split_once('+').unwrap();
    assert!(
        !token.contains("joe") && !token.contains("example"),
        "{token}"
    );
}

#[test]
fn what_the_log_gives_must_be_the_message() {
    let submission = "s-1".parse().unwrap();
    let opaque = paths().form(ReturnPathForm::Opaque);
    let to = [opaque
        .for_recipient(&submission, &joe(), now())
        .unwrap()
        .address];
    for (messages, expected) in [
        (vec![], None),
        (vec![sent("s-2", &["joe@example.org"])], None),
        (vec![sent("s-1", &["ann@example.org"])], None),
        (
            vec![
                sent("s-2", &["joe@example.org"]),
                sent("s-1", &["ann@example.org", "joe@example.org"]),
            ],
            Some("s-1"),
        ),
    ] {
        let mailing = opaque.mailing(&to, &messages, now());
        match expected {
            None => assert_eq!(mailing, Err(TokenError::Unresolved), "{messages:?}"),
            Some(submission) => {
                let mailing = mailing.unwrap();
                assert_eq!(mailing.recipient(), &joe());
                assert_eq!(mailing.submission().unwrap().as_str(), submission);
                assert_eq!(mailing.tenant().unwrap().as_str(), "acme");
                assert_eq!(mailing.proof(), Proof::ReturnPath);
            }
        }
    }
    // Where the address is in the token, the message is not needed, and one that fits adds to it.
    let to = [issue(&paths(), &joe())];
    let alone = paths().mailing(&to, &[sent("s-1", &["ann@example.org"])], now());
    assert_eq!(alone.unwrap().submission(), None);
    let both = paths().mailing(&to, &[sent("s-1", &["Joe@example.org"])], now());
    let both = both.unwrap();
    assert_eq!(
        (both.recipient(), both.submission().is_some()),
        (&joe(), true)
    );
}

#[test]
fn the_return_path_is_found_among_other_addresses() {
    let (first, second) = (
        issue(&paths(), &joe()),
        issue(&paths(), &"ann@x.example".parse().unwrap()),
    );
    let other: EmailAddress = "info@m.example".parse().unwrap();
    let forged: EmailAddress = first.to_string().replace("+r", "+i").parse().unwrap();
    for (delivered_to, expected) in [
        (vec![], Err(TokenError::NotOurs)),
        (vec![&other], Err(TokenError::NotOurs)),
        (vec![&other, &first, &forged], Ok(())),
        (vec![&first, &first], Ok(())),
        (vec![&first, &second], Err(TokenError::Ambiguous)),
        (vec![&other, &forged], Err(TokenError::Forged)),
    ] {
        let delivered_to: Vec<EmailAddress> = delivered_to.into_iter().cloned().collect();
        let found = paths().find(&delivered_to, now());
        assert_eq!(found.map(|_| ()), expected, "{delivered_to:?}");
    }
}

#[test]
fn other_addresses_are_not_ours() {
    let token = issue(&paths(), &joe());
    let (_, token) = token.local_part().split_once('+').unwrap();
    for address in [
        "bounces@m.example".to_owned(),
        "bounces+@m.example".to_owned(),
        "bounces+r@m.example".to_owned(),
        "bounces+hello@m.example".to_owned(),
        "bounces+joe=example.org@m.example".to_owned(),
        format!("bounces.{token}@m.example"),
        format!("bounces{token}@m.example"),
        format!("bounce+{token}@m.example"),
        format!("bounces+{token}@n.example"),
        format!("bounces+{token}@[192.0.2.1]"),
        format!("\"bounces+{token} \"@m.example"),
        "j\u{f6}\u{f6}\u{f6}\u{f6}+x@m.example".to_owned(),
        format!("bounces+{}@m.example", "z".repeat(40)),
    ] {
        let address: EmailAddress = address.parse().unwrap();
        assert_eq!(
            read(&paths(), &address, now()),
            Err(TokenError::NotOurs),
            "{address}"
        );
    }
}

#[test]
fn a_token_is_for_its_base_only_and_a_separator_may_change() {
    let address = issue(&paths().separator(Separator::Hyphen), &joe());
    assert!(address.local_part().starts_with("bounces-r"), "{address}");
    assert_eq!(read(&paths(), &address, now()), Ok(()));
    assert_eq!(read(&below("Bounces@M.example"), &address, now()), Ok(()));
    let equals = paths().separator(Separator::Equals);
    assert_eq!(read(&paths(), &issue(&equals, &joe()), now()), Ok(()));
    let moved: EmailAddress = address
        .to_string()
        .replace("m.example", "n.example")
        .parse()
        .unwrap();
    assert_eq!(
        read(&below("bounces@n.example"), &moved, now()),
        Err(TokenError::Forged)
    );
}

#[test]
fn a_token_is_valid_for_whole_days() {
    let address = issue(&paths(), &joe());
    let asked = |paths: ReturnPath| paths.lifetime_days;
    assert_eq!(asked(paths().lifetime(days(1))), 14);
    assert_eq!(
        asked(paths().lifetime(days(20) + Duration::from_nanos(1))),
        20
    );
    assert_eq!(
        asked(paths().lifetime(days(20) + Duration::from_secs(1))),
        21
    );
    assert_eq!(asked(paths().lifetime(Duration::MAX)), 10_000);
    for (at, expected) in [
        (now() - days(2), Err(TokenError::NotYet)),
        (now() - days(1), Ok(())),
        (now() + days(30), Ok(())),
        (now() + days(31), Err(TokenError::Expired)),
        (now() + days(16_383), Err(TokenError::Expired)),
        (now() + days(16_384), Err(TokenError::NotYet)),
        // A clock before 1970 stands at its first day.
        (SystemTime::UNIX_EPOCH - days(1), Err(TokenError::Expired)),
    ] {
        assert_eq!(read(&paths(), &address, at), expected, "{at:?}");
    }
}

#[test]
fn the_number_of_the_day_begins_anew_without_harm() {
    let turn = SystemTime::UNIX_EPOCH + days(super::DAYS);
    let issued = turn - days(3);
    let path = paths().for_recipient(&"s-1".parse().unwrap(), &joe(), issued);
    let token = paths()
        .read(&path.unwrap().address, turn + days(27))
        .unwrap();
    assert_eq!(token.issued(), issued);
}

#[test]
fn keys_are_rotated() {
    let address = issue(&paths(), &joe());
    let base = || "bounces@m.example".parse().unwrap();
    let new = TokenKeys::new(&test_key(4));
    let without = ReturnPath::new(base(), new.clone()).unwrap();
    let missing = TokenError::UnknownKey(3.try_into().unwrap());
    assert_eq!(read(&without, &address, now()), Err(missing));
    let rotated = ReturnPath::new(base(), new.with_older(&test_key(3)).unwrap()).unwrap();
    assert_eq!(read(&rotated, &address, now()), Ok(()));
    assert_ne!(issue(&rotated, &joe()), address);
    let impostor = TokenKeys::new(&TokenKey::new(3.try_into().unwrap(), [8; 32]));
    let impostor = ReturnPath::new(base(), impostor).unwrap();
    assert_eq!(read(&impostor, &address, now()), Err(TokenError::Forged));
}

#[test]
fn every_change_and_every_cut_is_refused() {
    for form in [ReturnPathForm::Stateless, ReturnPathForm::Opaque] {
        let address = issue(&paths().form(form), &joe());
        let (base, token) = address.local_part().split_once('+').unwrap();
        let is_read = |token: &str| {
            let address = format!("{base}+{token}@m.example").parse().unwrap();
            paths().read(&address, now()).is_ok()
        };
        assert!(is_read(token) && is_read(&token.to_uppercase()));
        for changed in spoiled(token) {
            let Ok(address) =
                EmailAddress::new(&format!("{base}+{changed}"), address.domain().clone())
            else {
                continue;
            };
            assert!(paths().read(&address, now()).is_err(), "{changed:?}");
        }
    }
}

#[test]
fn an_unusable_base_is_refused() {
    let long = format!("{}.example", "x".repeat(63));
    let domain = format!("{0}.{0}.{1}", "x".repeat(63), long);
    for (base, expected) in [
        ("a@m.example".to_owned(), None),
        ("mail.bounces-2+x@m.example".to_owned(), None),
        (format!("{}@m.example", "a".repeat(26)), None),
        (
            format!("{}@m.example", "a".repeat(27)),
            Some(ReturnPathError::BaseTooLong),
        ),
        (
            "\"a b\"@m.example".to_owned(),
            Some(ReturnPathError::BaseNotPlain),
        ),
        (
            "\u{e9}@m.example".to_owned(),
            Some(ReturnPathError::BaseNotPlain),
        ),
        (format!("a@{domain}"), Some(ReturnPathError::DomainTooLong)),
    ] {
        let made = ReturnPath::new(base.parse().unwrap(), TokenKeys::new(&test_key(3)));
        assert_eq!(made.err(), expected, "{base}");
    }
}

fn recipients() -> impl Strategy<Value = EmailAddress> {
    let local_part = prop_oneof!["[a-zA-Z0-9.+_-]{1,40}", "[ -~\u{e4}\u{1f4e8}]{1,16}"];
    (local_part, "([a-z0-9]{1,12}\\.){1,6}[a-z]{2,8}").prop_filter_map(
        "no address",
        |(local_part, domain)| {
            let domain = domain.parse::<letterhead_mail::DomainName>().ok()?;
            EmailAddress::new(&local_part, domain).ok()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_recipient_reads_back_in_any_case(
        recipient in recipients(),
        base in "[a-z][a-z0-9]{0,25}",
        day in 0..60_000_u64,
        late in 0..=30_u64,
    ) {
        let paths = below(&format!("{base}@m.example"));
        let issued_at = SystemTime::UNIX_EPOCH + days(day);
        let submission = "s-1".parse().unwrap();
        let issued = paths.for_recipient(&submission, &recipient, issued_at).unwrap();
        let local_part = issued.address.local_part();
        prop_assert!(local_part.len() <= 64);
        let of_token = |c: char| c.is_ascii_lowercase() || ('2'..='7').contains(&c);
        let token = local_part.strip_prefix(&format!("{base}+")).unwrap();
        prop_assert!(token.chars().all(of_token), "{}", local_part);

        let message = sent("s-1", &["ann@x.example", &recipient.to_string()]);
        for text in [issued.address.to_string(), issued.address.to_string().to_uppercase()] {
            let came_to: EmailAddress = text.parse().unwrap();
            let mailing = paths.mailing(&[came_to], std::slice::from_ref(&message), issued_at + days(late)).unwrap();
            prop_assert_eq!(mailing.recipient(), &recipient);
            prop_assert_eq!(mailing.issued(), issued_at);
        }
    }

    #[test]
    fn any_address_is_refused(local_part in "[ -~]{1,64}", token in "[a-z2-7]{1,56}") {
        for local_part in [local_part, format!("bounces+{token}"), format!("bounces+r{token}")] {
            let domain = "m.example".parse::<letterhead_mail::DomainName>().unwrap();
            if let Ok(address) = EmailAddress::new(&local_part, domain) {
                prop_assert!(paths().read(&address, now()).is_err());
            }
        }
    }

    #[test]
    fn a_return_path_is_found_between_any_octets(before in collection::vec(any::<u8>(), 0..100), after in collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(paths().find_in(&before, now()).is_err());
        let field = format!("\nReturn-Path: <{}>\n", issue(&paths(), &joe()));
        let report = [before.as_slice(), field.as_bytes(), &after].concat();
        let found = paths().find_in(&report, now()).unwrap();
        prop_assert_eq!(found.proof(), Proof::Token);
        let mailing = found.mailing().unwrap();
        prop_assert_eq!(mailing.recipient(), &joe());
    }
}
