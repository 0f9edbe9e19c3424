//! Keys of unusual size, and keys found by way of other names.

use letterhead_dkim::{Cause, PublicKey, PublicKeyRecord, SigningKey};
use letterhead_dns::Zone;

use crate::support::{self, ED25519, RSA, insert, key, key_file, signed, signer, verdicts_in};

const MESSAGE: &[u8] = b"From: a@example.org\r\n\r\nHello\r\n";

/// A signed message whose first line is the record of its key.
fn with_record(text: &str, selector: &str) -> letterhead_dkim::Verdict {
    let (record, message) = text.split_once('\n').unwrap();
    let mut zone = Zone::new();
    insert(
        &mut zone,
        &format!("{selector}._domainkey.example.org"),
        record.as_bytes(),
    );
    verdicts_in(&zone, message.replace('\n', "\r\n").as_bytes()).remove(0)
}

/// RFC 8301 §3.2: 1024 bits and more are verified, one bit less is not.
#[test]
fn the_smallest_key_has_1024_bits() {
    let verdict = with_record(include_str!("../vectors/rsa1024.eml"), "rsa1024");
    assert_eq!(
        (verdict.cause(), verdict.key_bits()),
        (&Cause::Verified, Some(1024))
    );
    let verdict = with_record(include_str!("../vectors/rsa1023.eml"), "rsa1023");
    assert_eq!(
        (verdict.cause(), verdict.key_bits()),
        (&Cause::KeyTooSmall, Some(1023))
    );
}

#[test]
fn the_largest_key_has_8192_bits() {
    let long = key(key_file!("rsa8192.pem"));
    let mut zone = Zone::new();
    let record = PublicKeyRecord::for_key(&long);
    insert(
        &mut zone,
        "rsa._domainkey.example.org",
        record.to_string().as_bytes(),
    );
    let whole = signed(MESSAGE, &[signer(long)]);
    let verdict = verdicts_in(&zone, &whole).remove(0);
    assert_eq!(
        (verdict.cause(), verdict.key_bits()),
        (&Cause::Verified, Some(8192))
    );
    let altered = [&whole[..], b"x"].concat();
    assert_eq!(
        verdicts_in(&zone, &altered)[0].cause(),
        &Cause::BodyHashMismatch
    );
}

/// A PKCS#1 public key of these numbers.
fn public(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let element = |tag: u8, content: &[u8]| {
        let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
        let length = match content.len() {
            ..0x80 => vec![low],
            0x80..0x100 => vec![0x81, low],
            _ => vec![0x82, high, low],
        };
        [&[tag], &length[..], content].concat()
    };
    let modulus = element(2, &[&[0], modulus].concat());
    element(0x30, &[modulus, element(2, exponent)].concat())
}

/// Numbers that are no key, or one that costs too much, are never computed with.
#[test]
fn numbers_that_are_no_key_are_refused() {
    let whole = signed(MESSAGE, &[signer(key(RSA))]);
    let own = PublicKeyRecord::for_key(&key(RSA))
        .key()
        .unwrap()
        .as_bytes()
        .to_vec();
    let own = own[33..][..256].to_vec();
    let long = [vec![0xff; 769], own.clone()].concat();
    let longer = [vec![0xff; 50_000], own.clone()].concat();
    let even = [&own[..255], &[own[255] & 0xfe]].concat();
    let long_exponent = [vec![0x7f; 254], vec![1]].concat();
    for (what, modulus, exponent, cause) in [
        ("its own", own.clone(), &[1, 0, 1][..], Cause::Verified),
        ("8200 bits", long, &[1, 0, 1], Cause::KeyInvalid),
        ("402,048 bits", longer, &[1, 0, 1], Cause::KeyInvalid),
        ("an even modulus", even, &[1, 0, 1], Cause::KeyInvalid),
        ("an exponent of one", own.clone(), &[1], Cause::KeyInvalid),
        (
            "an even exponent",
            own.clone(),
            &[1, 0, 0],
            Cause::KeyInvalid,
        ),
        (
            "an exponent of nothing",
            own.clone(),
            &[0],
            Cause::KeyInvalid,
        ),
        (
            "an exponent of 2040 bits",
            own.clone(),
            &long_exponent,
            Cause::KeyInvalid,
        ),
        (
            "another exponent",
            own,
            &[1, 0, 3],
            Cause::SignatureMismatch,
        ),
        (
            "a modulus of nothing",
            vec![],
            &[1, 0, 1],
            Cause::KeyTooSmall,
        ),
    ] {
        let key = PublicKey::rsa_from_der(&public(&modulus, exponent)).unwrap();
        let mut zone = Zone::new();
        let record = PublicKeyRecord::new(key).to_string();
        insert(&mut zone, "rsa._domainkey.example.org", record.as_bytes());
        assert_eq!(verdicts_in(&zone, &whole)[0].cause(), &cause, "{what}");
    }
}

/// RFC 6376 §3.6.2 leaves aliases to the DNS: whoever points at a key vouches for it.
#[test]
fn a_key_may_stand_at_another_name() {
    let record = PublicKeyRecord::for_key(&key(ED25519)).to_txt();
    let zone: Zone = format!(
        "ed25519._domainkey.example.org. IN CNAME a.keys.provider.example.\n\
         a.keys.provider.example. IN CNAME b.keys.provider.example.\n\
         b.keys.provider.example. IN TXT {record}\n\
         ed25519._domainkey.example.com. IN CNAME ed25519._domainkey.example.org.\n\
         gone._domainkey.example.org. IN CNAME gone.provider.example.\n\
         loop._domainkey.example.org. IN CNAME loop._domainkey.example.org.\n"
    )
    .parse()
    .unwrap();
    let whole = String::from_utf8(signed(MESSAGE, &[signer(key(ED25519))])).unwrap();
    let cause = |message: &str| verdicts_in(&zone, message.as_bytes())[0].cause().clone();
    assert_eq!(cause(&whole), Cause::Verified);
    assert_eq!(cause(&whole.replace("s=ed25519", "s=gone")), Cause::NoKey);
    assert_eq!(
        cause(&whole.replace("s=ed25519", "s=loop")),
        Cause::KeyLookupFailed
    );
    // A domain that points at the key of another cannot make its signatures its own: d= is signed.
    let stolen = whole.replace("d=example.org", "d=example.com");
    assert_eq!(cause(&stolen), Cause::SignatureMismatch);
}

/// A signature proves nothing for a domain or selector that publishes another key.
#[test]
fn another_key_does_not_verify() {
    let other = letterhead_dkim::PrivateKey::ed25519_from_seed(&[9; 32]).unwrap();
    let mut zone = Zone::new();
    let record = PublicKeyRecord::for_key(&other).to_string();
    insert(
        &mut zone,
        "ed25519._domainkey.example.org",
        record.as_bytes(),
    );
    let whole = signed(MESSAGE, &[signer(key(ED25519))]);
    assert_eq!(
        verdicts_in(&zone, &whole)[0].cause(),
        &Cause::SignatureMismatch
    );
    assert_ne!(other.public_key(), key(ED25519).public_key());
    assert!(verdicts_in(&support::zone(), &whole)[0].is_pass());
}
