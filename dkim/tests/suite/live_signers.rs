//! Signers that follow a ring of keys.

use letterhead_dkim::{KeyRing, SignerSource, sign};

use crate::key_ring::{DAY, ed25519, note, published, selector, signing};
use crate::support::now;

fn selectors(source: &dyn SignerSource) -> Vec<String> {
    let signers = source.signers().into_iter();
    signers
        .map(|signer| signer.template().selector().to_string())
        .collect()
}

#[test]
fn live_signers_follow_their_ring_and_no_other() {
    let mut ring = signing();
    let live = ring.live_signers();
    assert_eq!(selectors(&live), ["a"]);

    let mut other = ring.clone();
    other.stop(&selector("a"), now() + 2 * DAY).unwrap();
    assert_eq!(selectors(&live), ["a"]);
    assert!(selectors(&other.live_signers()).is_empty());

    ring.introduce(&selector("b"), ed25519(2), now() + 2 * DAY)
        .unwrap();
    assert_eq!(selectors(&live), ["a"]);
    let zone = published(&ring);
    note(&mut ring, "b", &zone, now() + 2 * DAY);
    note(&mut ring, "b", &zone, now() + 3 * DAY);
    ring.switch(&selector("b"), now() + 3 * DAY).unwrap();
    assert_eq!(selectors(&live), ["b"]);

    let keys = [(selector("b"), ed25519(2))];
    let restored = KeyRing::restore(ring.state().clone(), *ring.schedule(), keys).unwrap();
    assert_eq!(selectors(&restored.live_signers()), ["b"]);

    ring.dangerous_revoke(&selector("b"), now() + 4 * DAY)
        .unwrap();
    assert!(selectors(&live).is_empty());
}

#[test]
fn live_signers_have_the_settings_that_were_given() {
    let ring = signing();
    let message = b"From: a@example.org\r\n\r\nHello\r\n";
    let bare = ring.live_signers();
    assert!(sign(message, &bare.signers(), now()).is_err());
    let alone = bare.clone().with(|signer| signer.ed25519_alone());
    let fields = sign(message, &alone.signers(), now()).unwrap();
    assert!(fields[0].as_str().contains("s=a;"));
    assert!(sign(message, &bare.signers(), now()).is_err());
}
