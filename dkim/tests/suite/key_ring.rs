//! What a ring of keys allows, and what it refuses.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::key_ring::schedule::AfterUse;
use letterhead_dkim::key_ring::state::Stage;
use letterhead_dkim::key_ring::state_text::KeyRingStateErrorKind;
use letterhead_dkim::key_ring::step::Action;
use letterhead_dkim::{
    Algorithm, Digest, KeyError, KeyRing, KeyRingError, KeyRingState, PrivateKey, PublicKey,
    PublicationCheck, RotationSchedule, Selector, SigningKey, check_published,
};
use letterhead_dns::{RecordType, Zone, block_on_ready};

use crate::support::{RSA, domain, key, now};

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn ed25519(seed: u8) -> Arc<dyn SigningKey> {
    Arc::new(PrivateKey::ed25519_from_seed(&[seed; 32]).unwrap())
}

pub(crate) fn selector(text: &str) -> Selector {
    text.parse().unwrap()
}

pub(crate) fn published(ring: &KeyRing) -> Zone {
    let mut zone = Zone::new();
    ring.records()
        .into_iter()
        .for_each(|record| zone.insert(record));
    zone
}

/// Checks a key against a zone and notes what was found.
pub(crate) fn note(ring: &mut KeyRing, name: &str, zone: &Zone, now: SystemTime) {
    let check = block_on_ready(ring.check(&selector(name), zone))
        .unwrap()
        .unwrap();
    ring.note_published(&check, now).unwrap();
}

fn look(selector: &Selector, key: &dyn SigningKey, zone: &Zone) -> PublicationCheck {
    block_on_ready(check_published(selector, &domain(), key, zone))
        .unwrap()
        .unwrap()
}

fn actions(ring: &KeyRing, now: SystemTime) -> Vec<(Action, String)> {
    ring.due(now)
        .iter()
        .map(|step| (step.action(), step.selector().to_string()))
        .collect()
}

/// A ring in which `a` signs since [`now`] + 1 day.
pub(crate) fn signing() -> KeyRing {
    let mut ring = KeyRing::new(domain(), RotationSchedule::default());
    ring.introduce(&selector("a"), ed25519(1), now()).unwrap();
    let zone = published(&ring);
    note(&mut ring, "a", &zone, now());
    note(&mut ring, "a", &zone, now() + DAY);
    ring.switch(&selector("a"), now() + DAY).unwrap();
    ring
}

fn stage(ring: &KeyRing, name: &str) -> Stage {
    let mut keys = ring.state().keys().iter();
    keys.find(|key| key.selector().as_str() == name)
        .unwrap()
        .stage()
}

#[test]
fn a_key_signs_only_after_it_was_seen_published_for_long_enough() {
    let mut ring = KeyRing::new(domain(), RotationSchedule::default());
    let a = selector("a");
    ring.introduce(&a, ed25519(1), now()).unwrap();
    assert_eq!(actions(&ring, now()), [(Action::Publish, "a".to_owned())]);
    let refused = |ring: &mut KeyRing, at| ring.switch(&a, at).unwrap_err();
    assert!(matches!(
        refused(&mut ring, now() + 9 * DAY),
        KeyRingError::NotPublished { .. }
    ));
    note(&mut ring, "a", &Zone::new(), now());
    assert!(matches!(
        refused(&mut ring, now() + DAY),
        KeyRingError::NotPublished { .. }
    ));

    let zone = published(&ring);
    note(&mut ring, "a", &zone, now());
    let until = Some(now() + DAY);
    let early = refused(&mut ring, now() + DAY - Duration::from_secs(1));
    assert!(matches!(early, KeyRingError::TooEarly { until: at, .. } if at == until));
    let late = now() + DAY + Duration::from_secs(1);
    assert!(matches!(
        refused(&mut ring, late),
        KeyRingError::CheckTooOld { .. }
    ));
    assert_eq!(actions(&ring, late), [(Action::Check, "a".to_owned())]);
    assert_eq!(ring.signers().len(), 0);

    // It vanishes, and the time begins anew; a failed lookup changes nothing.
    note(&mut ring, "a", &Zone::new(), late);
    assert_eq!(actions(&ring, late), [(Action::Publish, "a".to_owned())]);
    note(&mut ring, "a", &zone, late);
    let fault = ";fault a._domainkey.example.org. TXT servfail"
        .parse()
        .unwrap();
    note(&mut ring, "a", &fault, late + DAY);
    assert!(matches!(
        refused(&mut ring, late + 2 * DAY),
        KeyRingError::CheckTooOld { .. }
    ));
    note(&mut ring, "a", &zone, late + 2 * DAY);
    assert_eq!(ring.switch(&a, late + 2 * DAY).unwrap(), None);
    assert_eq!(ring.signers().len(), 1);
    assert!(matches!(
        refused(&mut ring, late + 2 * DAY),
        KeyRingError::WrongStage { .. }
    ));
}

#[test]
fn a_record_stays_while_signatures_live() {
    let mut ring = signing();
    let (a, b) = (selector("a"), selector("b"));
    let start = now() + DAY;
    ring.introduce(&b, ed25519(2), start).unwrap();
    let zone = published(&ring);
    note(&mut ring, "b", &zone, start);
    note(&mut ring, "b", &zone, start + DAY);
    assert!(matches!(
        ring.retire(&a, start),
        Err(KeyRingError::WrongStage { .. })
    ));
    assert_eq!(ring.switch(&b, start + DAY).unwrap(), Some(a.clone()));
    assert_eq!(ring.signers()[0].template().selector(), &b);

    let Stage::Leaving { last_signature } = stage(&ring, "a") else {
        panic!("{}", stage(&ring, "a"));
    };
    assert!(last_signature >= start + DAY);
    let end = last_signature + 14 * DAY;
    let early = ring.retire(&a, end - Duration::from_secs(1)).unwrap_err();
    assert!(matches!(early, KeyRingError::StillNeeded { until, .. } if until == Some(end)));
    assert!(
        !actions(&ring, end - Duration::from_secs(1)).contains(&(Action::Retire, "a".to_owned()))
    );
    assert!(actions(&ring, end).contains(&(Action::Retire, "a".to_owned())));
    assert_eq!(ring.records(), zone.records().cloned().collect::<Vec<_>>());

    ring.retire(&a, end).unwrap();
    assert_eq!(
        ring.records()[0].to_string(),
        "a._domainkey.example.org. 3600 IN TXT \"v=DKIM1; k=ed25519; p=\""
    );
    assert!(matches!(
        ring.retire(&a, end + DAY),
        Err(KeyRingError::StillNeeded { .. })
    ));
    assert!(actions(&ring, end + 30 * DAY).contains(&(Action::Remove, "a".to_owned())));
    ring.retire(&a, end + 30 * DAY).unwrap();
    assert_eq!(ring.records().len(), 1);
    assert!(matches!(
        ring.retire(&a, end + 90 * DAY),
        Err(KeyRingError::WrongStage { .. })
    ));
    let used = ring.introduce(&a, ed25519(3), end).unwrap_err();
    assert!(matches!(used, KeyRingError::SelectorUsed { .. }));
    let used = ring.introduce(&selector("c"), ed25519(1), end).unwrap_err();
    assert!(matches!(used, KeyRingError::KeyUsed { selector } if selector == a));
}

#[test]
fn rsa_and_ed25519_sign_beside_one_another() {
    let mut ring = signing();
    let r = selector("r");
    ring.introduce(&r, key(RSA), now()).unwrap();
    let zone = published(&ring);
    note(&mut ring, "r", &zone, now());
    note(&mut ring, "r", &zone, now() + DAY);
    assert_eq!(ring.switch(&r, now() + DAY).unwrap(), None);
    let signed: Vec<Algorithm> = ring
        .signers()
        .iter()
        .map(|signer| signer.key().algorithm())
        .collect();
    assert_eq!(signed, [Algorithm::RsaSha256, Algorithm::Ed25519Sha256]);
    ring.stop(&selector("a"), now() + 2 * DAY).unwrap();
    assert_eq!(ring.signers().len(), 1);
    assert_eq!(ring.records().len(), 2);
    assert!(matches!(
        ring.stop(&selector("a"), now()),
        Err(KeyRingError::WrongStage { .. })
    ));
}

#[test]
fn keys_in_use_are_watched() {
    let mut ring = signing();
    let start = now() + DAY;
    assert_eq!(actions(&ring, start), []);
    assert_eq!(ring.next_due(), Some(start + DAY));
    assert_eq!(
        actions(&ring, start + DAY),
        [(Action::Check, "a".to_owned())]
    );
    let zone = published(&ring);
    note(&mut ring, "a", &Zone::new(), start + DAY);
    assert_eq!(
        actions(&ring, start + DAY),
        [(Action::Republish, "a".to_owned())]
    );
    assert_eq!(
        ring.signers().len(),
        1,
        "a gap in the DNS may close before the mail arrives"
    );
    note(&mut ring, "a", &zone, start + 2 * DAY);
    assert_eq!(actions(&ring, start + 2 * DAY), []);
    // 180 days of signing, and a successor 14 days before their end.
    note(&mut ring, "a", &zone, start + 166 * DAY);
    assert_eq!(
        actions(&ring, start + 166 * DAY),
        [(Action::Introduce, "a".to_owned())]
    );
    ring.introduce(&selector("b"), ed25519(2), start + 166 * DAY)
        .unwrap();
    let zone = published(&ring);
    note(&mut ring, "b", &zone, start + 166 * DAY);
    assert_eq!(actions(&ring, start + 166 * DAY), []);
    note(&mut ring, "a", &zone, start + 180 * DAY);
    note(&mut ring, "b", &zone, start + 180 * DAY);
    assert_eq!(
        actions(&ring, start + 180 * DAY),
        [(Action::Switch, "b".to_owned())]
    );
}

#[test]
fn a_stolen_key_is_withdrawn_at_once_and_a_key_that_never_signed_removed() {
    let mut ring = signing();
    ring.dangerous_revoke(&selector("a"), now() + DAY).unwrap();
    assert_eq!(ring.signers().len(), 0);
    assert!(ring.records()[0].to_string().contains("p=\""));
    assert!(ring.dangerous_revoke(&selector("a"), now() + DAY).is_err());
    assert!(matches!(
        block_on_ready(ring.check(&selector("a"), &Zone::new())).unwrap(),
        Err(KeyRingError::WrongStage { .. })
    ));
    ring.introduce(&selector("b"), ed25519(2), now()).unwrap();
    ring.retire(&selector("b"), now()).unwrap();
    assert_eq!(ring.records().len(), 1);
    assert!(matches!(stage(&ring, "b"), Stage::Removed { .. }));
}

#[test]
fn a_key_that_signs_already_is_adopted_with_a_check() {
    let mut ring = KeyRing::new(domain(), RotationSchedule::default());
    let (old, a) = (ed25519(1), selector("a"));
    let check = |zone: &Zone| look(&a, &ed25519(1), zone);
    let missing = ring.adopt(&a, Arc::clone(&old), &check(&Zone::new()), now());
    assert!(matches!(missing, Err(KeyRingError::NoMatch { .. })));
    let mut zone = Zone::new();
    let record = letterhead_dkim::PublicKeyRecord::for_key(&old);
    zone.insert(record.at(&a, &domain(), 60).unwrap());
    let good = check(&zone);
    let other = ring.adopt(&selector("b"), Arc::clone(&old), &good, now());
    assert!(matches!(other, Err(KeyRingError::OtherCheck)));
    let other = ring.adopt(&a, ed25519(2), &good, now());
    assert!(matches!(other, Err(KeyRingError::OtherCheck)));
    ring.adopt(&a, old, &good, now()).unwrap();
    assert_eq!(stage(&ring, "a"), Stage::Signing { since: now() });
    assert_eq!(ring.signers().len(), 1);
    assert!(matches!(
        ring.adopt(&a, ed25519(1), &good, now()),
        Err(KeyRingError::WrongStage { .. })
    ));
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    #[derive(Debug)]
    struct Small;
    impl SigningKey for Small {
        fn algorithm(&self) -> Algorithm {
            Algorithm::RsaSha256
        }
        fn public_key(&self) -> PublicKey {
            // SEQUENCE of two INTEGERs: a modulus of 1024 bits, and 3.
            let modulus = [
                &[0x30, 0x81, 0x86, 0x02, 0x81, 0x80][..],
                &[0xff; 128],
                &[0x02, 0x01, 0x03],
            ]
            .concat();
            PublicKey::rsa_from_der(&modulus).unwrap()
        }
        fn sign_digest(&self, _: &Digest) -> Result<Vec<u8>, KeyError> {
            Err(KeyError::signing("not asked"))
        }
    }
    let mut ring = signing();
    let before = ring.state().clone();
    let (a, x) = (selector("a"), selector("x"));
    assert!(matches!(
        ring.introduce(&x, Arc::new(Small), now()),
        Err(KeyRingError::RsaTooSmall { bits: 1024 })
    ));
    let long = selector(&format!("{}x", "abcdefghi.".repeat(24)));
    assert!(matches!(
        ring.introduce(&long, ed25519(2), now()),
        Err(KeyRingError::Name(_))
    ));
    let before_1970 = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert!(matches!(
        ring.introduce(&x, ed25519(2), before_1970),
        Err(KeyRingError::Time)
    ));
    assert!(matches!(
        ring.stop(&a, before_1970),
        Err(KeyRingError::Time)
    ));
    assert!(matches!(
        ring.switch(&x, now()),
        Err(KeyRingError::Unknown { .. })
    ));
    let check = look(&x, &ed25519(2), &Zone::new());
    assert!(matches!(
        ring.note_published(&check, now()),
        Err(KeyRingError::OtherCheck)
    ));
    assert_eq!(ring.state(), &before);
}

#[test]
fn the_schedule_refuses_a_short_stay() {
    let schedule = RotationSchedule::default();
    assert!(schedule.stays_for(RotationSchedule::SHORTEST_STAY).is_ok());
    assert_eq!(
        schedule.stays_for(5 * DAY).unwrap_err().to_string(),
        "a record that stays for 432000 seconds goes before mail in queues arrives; let it stay for at least 604800"
    );
    let mut ring = KeyRing::new(
        domain(),
        schedule
            .dangerous_stays_for(Duration::ZERO)
            .published_for(Duration::ZERO)
            .after_use(AfterUse::Remove),
    );
    let a = selector("a");
    ring.introduce(&a, ed25519(1), now()).unwrap();
    let zone = published(&ring);
    note(&mut ring, "a", &zone, now());
    ring.switch(&a, now()).unwrap();
    ring.stop(&a, now()).unwrap();
    ring.retire(&a, now() + Duration::from_secs(1)).unwrap();
    assert_eq!(ring.records(), []);
    assert_eq!(ring.next_due(), None);
}

#[test]
fn a_stored_ring_goes_on_where_it_was() {
    let mut ring = signing();
    ring.introduce(&selector("b"), ed25519(2), now() + Duration::from_nanos(1))
        .unwrap();
    let text = ring.state().to_string();
    assert!(!text.contains("PRIVATE"));
    let state: KeyRingState = text.parse().unwrap();
    assert_eq!(&state, ring.state());
    let keys = || {
        vec![
            (selector("a"), ed25519(1)),
            (selector("b"), ed25519(2)),
            (selector("z"), ed25519(9)),
        ]
    };
    let schedule = *ring.schedule();
    let again = KeyRing::restore(state.clone(), schedule, keys()).unwrap();
    assert_eq!(again.signers().len(), 1);
    assert_eq!(again.records(), ring.records());
    assert_eq!(again.due(now() + 400 * DAY), ring.due(now() + 400 * DAY));
    let missing = KeyRing::restore(state.clone(), schedule, keys().into_iter().skip(1));
    assert!(
        matches!(missing, Err(KeyRingError::KeyMissing { selector }) if selector.as_str() == "a")
    );
    let swapped = vec![(selector("a"), ed25519(2)), (selector("b"), ed25519(1))];
    let other = KeyRing::restore(state, schedule, swapped);
    assert!(matches!(other, Err(KeyRingError::OtherKey { .. })));
    assert!(published(&ring).has(
        &"a._domainkey.example.org".parse().unwrap(),
        RecordType::TXT
    ));
}

#[test]
fn text_that_is_no_state_is_refused_with_its_line() {
    const KEY: &str = "record=v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    const OTHER: &str = "record=v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (lines, line, kind) in [
        ("", 1, KeyRingStateErrorKind::Head),
        ("dkim-keys 2 example.org", 1, KeyRingStateErrorKind::Head),
        ("dkim-keys 1 exa mple", 1, KeyRingStateErrorKind::Head),
        (
            "dkim-keys 1 a.example\n\n",
            2,
            KeyRingStateErrorKind::Record,
        ),
        (
            "dkim-keys 1 a.example\na waiting introduced=1 record=v=DKIM1; p=",
            2,
            KeyRingStateErrorKind::Record,
        ),
        (
            "dkim-keys 1 a.example\n-a waiting introduced=1 KEY",
            2,
            KeyRingStateErrorKind::Selector,
        ),
        (
            "dkim-keys 1 a.example\na signing introduced=1 KEY",
            2,
            KeyRingStateErrorKind::Stage,
        ),
        (
            "dkim-keys 1 a.example\na waiting=1 introduced=1 KEY",
            2,
            KeyRingStateErrorKind::Stage,
        ),
        (
            "dkim-keys 1 a.example\na waiting KEY",
            2,
            KeyRingStateErrorKind::Field,
        ),
        (
            "dkim-keys 1 a.example\na waiting introduced=x KEY",
            2,
            KeyRingStateErrorKind::Field,
        ),
        (
            "dkim-keys 1 a.example\na waiting introduced=1 introduced=1 KEY",
            2,
            KeyRingStateErrorKind::Field,
        ),
        (
            "dkim-keys 1 a.example\na waiting introduced=1 matched=1 KEY",
            2,
            KeyRingStateErrorKind::Field,
        ),
        (
            "dkim-keys 1 a.example\na waiting introduced=1 checked=9999999999999 KEY",
            2,
            KeyRingStateErrorKind::Field,
        ),
        (
            "dkim-keys 1 a.example\na waiting introduced=1 KEY\nb waiting introduced=1 KEY",
            3,
            KeyRingStateErrorKind::Twice,
        ),
        (
            "dkim-keys 1 a.example\na waiting introduced=1 KEY\na waiting introduced=1 OTHER",
            3,
            KeyRingStateErrorKind::Twice,
        ),
        (
            "dkim-keys 1 a.example\na signing=1 introduced=1 KEY\nb signing=1 introduced=1 OTHER",
            3,
            KeyRingStateErrorKind::TwoSigning,
        ),
    ] {
        let text = lines.replace("KEY", KEY).replace("OTHER", OTHER);
        let error = text.parse::<KeyRingState>().unwrap_err();
        assert_eq!((error.line(), error.kind()), (line, kind), "{lines}");
    }
}
