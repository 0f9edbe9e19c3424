//! Keys below 2048 bits, which live elsewhere, because nothing here holds them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_dkim::{
    Algorithm, Cause, Digest, KeyError, PublicKey, PublicKeyRecord, SignError, SignatureTemplate,
    Signer, SigningKey, prepare, sign,
};
use letterhead_dns::Zone;

use crate::support::{domain, insert, now, signed, verdicts_in};

const MESSAGE: &[u8] = b"From: a@example.org\r\n\r\nHello\r\n";

/// The public half of `tests/keys/rsa1024.pem`.
const PUBLIC: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC00g97AR9vLswQHLJj8lGJjWIs8uBMcpqb84CUQgB/B8BZAajqYrkjbLhQSH0tZf5Vidcq6ixlPjaajm3+lThXwlY6Txc8ut+69whLvGfNk8B2yJfVM7+rZ37m+RPkY5jMr7wGNrAqjmuj8OpZVtie+bZqNCH7bpeiB45dkuQSkQIDAQAB";

/// The only digest that the device below has signed: that of the message above.
const DIGEST: &str = "kVRT9i0WpfSijsm0Tm1d/X6o5z+feydMYbMRNu+wYcg=";

/// Its signature: `openssl pkeyutl -sign -inkey rsa1024.pem -pkeyopt digest:sha256`.
const SIGNATURE: &str = "J7cWPC3wK9OUN/1zlGoEiWnZWRIvB8utzI6Rund2HwWhaFuGYV3x/ZPMgtMbfqMX8p1ajLoB1Dqy0fawW4QB3CJwkKdWwmL00kY9F+cIxU+o90tFZMlIfZyFeqcaLCDUJUtfbJRGnxNIDLY7YA4XB/ol1G2c0stGUQ7bp1/9FRM=";

/// A device that holds the key of 1024 bits.
#[derive(Debug)]
struct Device;

impl SigningKey for Device {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RsaSha256
    }

    fn public_key(&self) -> PublicKey {
        PublicKey::rsa_from_der(&STANDARD.decode(PUBLIC).unwrap()).unwrap()
    }

    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, KeyError> {
        match STANDARD.encode(digest) {
            known if known == DIGEST => Ok(STANDARD.decode(SIGNATURE).unwrap()),
            other => Err(KeyError::signing(format!("{other} was never signed"))),
        }
    }
}

fn device() -> Signer {
    Signer::new(domain(), "small".parse().unwrap(), Arc::new(Device))
}

fn template() -> SignatureTemplate {
    SignatureTemplate::new(domain(), "small".parse().unwrap(), Algorithm::RsaSha256)
}

#[test]
fn a_device_signs_with_a_small_key_only_if_that_is_asked_for_by_name() {
    let refused = sign(MESSAGE, &[device()], now()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the RSA key of signer 0 has 1024 bits; sign with one of 2048 bits or more, or allow a small one by name \
         (dangerous_small_rsa_key)"
    );

    let whole = signed(MESSAGE, &[device().dangerous_small_rsa_key()]);
    let mut zone = Zone::new();
    let record = PublicKeyRecord::for_key(&Device).to_string();
    insert(&mut zone, "small._domainkey.example.org", record.as_bytes());
    let verdict = verdicts_in(&zone, &whole).remove(0);
    assert_eq!(
        (verdict.cause(), verdict.key_bits()),
        (&Cause::Verified, Some(1024))
    );
}

#[test]
fn the_length_of_an_rsa_signature_tells_whether_the_key_may_sign() {
    #[derive(Debug, PartialEq)]
    enum Outcome {
        Taken,
        TooSmall(usize),
        NoSignature,
    }
    let finish = |templates: [SignatureTemplate; 2], octets: usize| {
        let prepared = prepare(MESSAGE, &templates, now()).unwrap();
        match prepared.finish([vec![1; 256], vec![1; octets]]) {
            Ok(fields) => {
                assert_eq!(fields.len(), 2);
                Outcome::Taken
            }
            Err(SignError::SmallRsaKey { signer: 1, bits }) => Outcome::TooSmall(bits),
            Err(SignError::SignatureLength {
                signer: 1,
                algorithm: Algorithm::RsaSha256,
                octets: given,
            }) if given == octets => Outcome::NoSignature,
            Err(other) => panic!("{other}"),
        }
    };
    for (octets, by_default, by_name) in [
        (0, Outcome::NoSignature, Outcome::NoSignature),
        (127, Outcome::NoSignature, Outcome::NoSignature),
        (128, Outcome::TooSmall(1024), Outcome::Taken),
        (192, Outcome::TooSmall(1536), Outcome::Taken),
        (255, Outcome::TooSmall(2040), Outcome::Taken),
        (256, Outcome::Taken, Outcome::Taken),
        (1024, Outcome::Taken, Outcome::Taken),
        (1025, Outcome::NoSignature, Outcome::NoSignature),
    ] {
        assert_eq!(finish([template(), template()], octets), by_default);
        // Each signer needs the permission for itself.
        let other = template().dangerous_small_rsa_key();
        assert_eq!(finish([other.clone(), template()], octets), by_default);
        assert_eq!(finish([template(), other], octets), by_name);
    }
}

#[test]
fn the_permission_changes_nothing_for_ed25519() {
    let template =
        SignatureTemplate::new(domain(), "ed".parse().unwrap(), Algorithm::Ed25519Sha256)
            .ed25519_alone()
            .dangerous_small_rsa_key();
    for octets in [63, 65, 128, 256] {
        let prepared = prepare(MESSAGE, std::slice::from_ref(&template), now()).unwrap();
        assert!(matches!(
            prepared.finish([vec![1; octets]]),
            Err(SignError::SignatureLength { octets: given, .. }) if given == octets
        ));
    }
}
