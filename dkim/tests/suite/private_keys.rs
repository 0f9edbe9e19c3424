//! Private keys in every format that is read, and some that are not.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use letterhead_dkim::{
    Algorithm, Digest, KeyError, KeyFormat, KeySpec, PrivateKey, PublicKey, PublicKeyRecord,
    SigningKey,
};

use crate::support::{self, key_file};

fn der(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

#[test]
fn pkcs1_and_pkcs8_are_the_same_rsa_key() {
    let one = PrivateKey::from_pem(key_file!("rsa2048-pkcs1.pem")).unwrap();
    let eight = PrivateKey::from_pem(support::RSA).unwrap();
    assert_eq!(one.public_key(), eight.public_key());
    assert_eq!((one.algorithm(), one.bits()), (Algorithm::RsaSha256, 2048));
    for public in [
        key_file!("rsa2048-public.pem"),
        key_file!("rsa2048-public-pkcs1.pem"),
    ] {
        assert_eq!(
            PublicKey::rsa_from_der(&der(public)),
            Some(one.public_key())
        );
    }
}

#[test]
fn ed25519_is_read_from_version_1_version_2_and_seed() {
    let one = PrivateKey::from_pem(support::ED25519).unwrap();
    let der = der(support::ED25519);
    let pair = Ed25519KeyPair::from_pkcs8(&der).unwrap();
    let two = PrivateKey::from_der(pair.to_pkcs8().unwrap().as_ref()).unwrap();
    let seed: &[u8; 32] = der.last_chunk().unwrap();
    let three = PrivateKey::ed25519_from_seed(seed).unwrap();
    for key in [&one, &two, &three] {
        assert_eq!(key.public_key().as_bytes(), pair.public_key().as_ref());
        assert_eq!(key.algorithm(), Algorithm::Ed25519Sha256);
    }
}

#[test]
fn what_is_saved_is_read_back() {
    for pem in [support::RSA, support::ED25519] {
        let key = PrivateKey::from_pem(pem).unwrap();
        let saved = key.to_pkcs8_pem().unwrap();
        assert_eq!(saved.as_str(), pem);
    }
    let made = PrivateKey::generate(KeySpec::Ed25519).unwrap();
    let again = PrivateKey::from_pem(&made.to_pkcs8_pem().unwrap()).unwrap();
    assert_eq!(made.public_key(), again.public_key());
}

#[test]
fn errors_name_the_format_that_was_found() {
    let seen = |result: Result<PrivateKey, KeyError>| match result {
        Err(KeyError::Unsupported { seen }) => seen,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        seen(PrivateKey::from_pem(key_file!("ec.pem"))),
        KeyFormat::EllipticCurve
    );
    let by_der = [
        (key_file!("ec.pem"), KeyFormat::EllipticCurve),
        (key_file!("encrypted.pem"), KeyFormat::Encrypted),
        (key_file!("rsa2048-public.pem"), KeyFormat::PublicKey),
    ];
    for (pem, format) in by_der {
        assert_eq!(seen(PrivateKey::from_der(&der(pem))), format);
    }
    assert_eq!(
        seen(PrivateKey::from_der(support::RSA.as_bytes())),
        KeyFormat::Pem
    );
    assert_eq!(seen(PrivateKey::from_der(&[7; 32])), KeyFormat::RawSeed);
    assert_eq!(seen(PrivateKey::from_der(b"")), KeyFormat::Unknown);
    assert!(matches!(
        PrivateKey::from_pem(key_file!("rsa1024.pem")),
        Err(KeyError::RsaTooSmall { bits: 1024 })
    ));
    let mut broken = der(support::RSA);
    broken.truncate(broken.len() - 1);
    assert!(PrivateKey::from_der(&broken).is_err());
    let mut broken = der(support::RSA);
    broken[200] ^= 1;
    assert!(matches!(
        PrivateKey::from_der(&broken),
        Err(KeyError::Invalid {
            seen: KeyFormat::Pkcs8Rsa
        })
    ));
}

#[test]
fn debug_shows_no_secret() {
    for pem in [support::RSA, support::ED25519] {
        let key = PrivateKey::from_pem(pem).unwrap();
        let text = format!("{key:?}");
        assert_eq!(text, format!("PrivateKey({}, …)", key.algorithm()));
    }
}

#[test]
fn signatures_have_the_length_of_the_algorithm() {
    for (pem, length) in [(support::RSA, 256), (support::ED25519, 64)] {
        let key = PrivateKey::from_pem(pem).unwrap();
        let signature = key.sign_digest(&Digest::of(b"")).unwrap();
        assert_eq!(signature.len(), length);
    }
}

#[test]
fn a_long_record_is_split_for_publishing() {
    let key = PrivateKey::from_pem(support::RSA).unwrap();
    let record = PublicKeyRecord::for_key(&key);
    let text = record.to_txt();
    assert_eq!(text.strings().len(), 2);
    assert_eq!(PublicKeyRecord::parse(&text.joined()), Ok(record));
}
