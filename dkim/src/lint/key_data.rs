//! What stands in `p=`.

use std::cmp::Ordering;

use base64::Engine as _;

use letterhead_dns::Finding;

use crate::algorithm::Algorithm;
use crate::base64_text;
use crate::der;
use crate::key::recognise;
use crate::key_error::KeyFormat;
use crate::lint::code::Code;
use crate::lint::excerpt::finding;
use crate::public_key::PublicKey;

/// What is wrong with the value of `p=` for a key of this type.
pub(super) fn lint(key_type: Algorithm, value: &[u8]) -> Vec<Finding<Code>> {
    if value.is_empty() {
        return vec![finding(
            Code::Revoked,
            b"p=",
            "the key is withdrawn, and every signature of it fails",
            "leave it if that is meant; otherwise publish a new key under a new selector",
        )];
    }
    let compact: Vec<u8> = value
        .iter()
        .copied()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    let Some(octets) = base64_text::decode(&compact) else {
        return vec![encoding(&compact)];
    };
    let mut findings = match key_type {
        Algorithm::RsaSha256 => rsa(&octets),
        Algorithm::Ed25519Sha256 => ed25519(&octets),
    };
    if compact.len() != value.len() {
        findings.push(finding(
            Code::KeyWhiteSpace,
            b"",
            "`p=` holds white space, which the standard allows and not every receiver does",
            "publish the key without spaces or line breaks",
        ));
    }
    findings
}

fn encoding(compact: &[u8]) -> Finding<Code> {
    if compact.starts_with(b"-----") {
        return not_a_key(
            "`p=` holds the lines around a PEM file",
            "publish what stands between them, without line breaks",
        );
    }
    let padding = compact.iter().position(|octet| *octet == b'=');
    let (problem, remedy) = match compact.iter().position(|octet| !is_base64(*octet)) {
        Some(position) => {
            let octet = compact.get(position).copied().unwrap_or_default();
            (
                format!(
                    "`p=` is not Base64: octet {position} is {:?}",
                    char::from(octet)
                ),
                match octet {
                    b'-' | b'_' => "publish the key in plain Base64, with `+` and `/`",
                    _ => "publish the key again, and copy nothing but its Base64",
                },
            )
        }
        None if padding.is_some_and(|at| at + 2 < compact.len()) => (
            String::from(
                "`p=` is not Base64: it ends in the middle, as when pieces were encoded by themselves",
            ),
            "encode the key once, and cut the text into strings after that",
        ),
        None => (
            format!(
                "`p=` is not Base64: {} characters are no whole number of octets",
                compact.len()
            ),
            WHOLE,
        ),
    };
    finding(Code::KeyEncoding, b"", problem, remedy)
}

fn rsa(octets: &[u8]) -> Vec<Finding<Code>> {
    let Some(key) = PublicKey::rsa_from_der(octets) else {
        return vec![no_rsa(octets)];
    };
    let mut findings = Vec::new();
    if der::rsa_public_key_bits(octets).is_some() {
        findings.push(finding(
            Code::Pkcs1,
            b"",
            "the key is a bare RSAPublicKey, which some receivers do not read",
            format!("publish it as SubjectPublicKeyInfo: `p={}`", encode(&key)),
        ));
    }
    let bits = key.bits();
    let size = match bits {
        ..1024 => Some((
            Code::RsaTooSmall,
            "receivers verify no RSA key below 1024 bits",
            "sign with a key of 2048 bits, under a new selector",
        )),
        1024..2048 => Some((
            Code::RsaSmall,
            "RSA keys below 2048 bits are short of what signers should use",
            "sign with a key of 2048 bits, under a new selector",
        )),
        2048..4096 => None,
        4096 => Some((
            Code::RsaLong,
            "the record is longer than some consoles take, and some receivers do not verify the key",
            "a key of 2048 bits is enough for signatures that live for days",
        )),
        _ => Some((
            Code::RsaTooLong,
            "receivers need not verify RSA keys above 4096 bits",
            "sign with a key of 2048 bits, under a new selector",
        )),
    };
    if let Some((code, problem, remedy)) = size {
        let problem = format!("the RSA key has {bits} bits; {problem}");
        findings.push(finding(code, b"", problem, remedy));
    }
    if bits >= 1024 && key.verifier().is_none() {
        findings.push(not_a_key(
            "the numbers in `p=` are no RSA key, or one too large to verify",
            "publish the public half of the signing key again",
        ));
    }
    findings
}

fn no_rsa(octets: &[u8]) -> Finding<Code> {
    if let Some(raw) = raw_ed25519(octets) {
        return finding(
            Code::KeyTypeMismatch,
            b"",
            "`p=` holds an Ed25519 key, and the record says RSA, also where `k=` is missing",
            format!("write `k=ed25519; p={}`", encode(&PublicKey::ed25519(raw))),
        );
    }
    other(octets)
}

fn ed25519(octets: &[u8]) -> Vec<Finding<Code>> {
    let finding = if let Ok(raw) = <[u8; 32]>::try_from(octets) {
        if PublicKey::ed25519(raw).verifier().is_some() {
            return Vec::new();
        }
        not_a_key(
            "the 32 octets in `p=` are no Ed25519 key",
            "publish the public half of the signing key again",
        )
    } else if let Some(raw) = raw_ed25519(octets) {
        finding(
            Code::Ed25519Wrapped,
            b"",
            "the Ed25519 key is wrapped into DER, and `p=` takes its 32 octets only",
            format!("write `p={}`", encode(&PublicKey::ed25519(raw))),
        )
    } else if PublicKey::rsa_from_der(octets).is_some() {
        finding(
            Code::KeyTypeMismatch,
            b"",
            "`p=` holds an RSA key, and the record says Ed25519",
            "write `k=rsa`",
        )
    } else if octets.len() < 32 {
        cut(octets.len(), 32)
    } else {
        other(octets)
    };
    vec![finding]
}

/// The raw key, bare or in a `SubjectPublicKeyInfo`.
fn raw_ed25519(octets: &[u8]) -> Option<[u8; 32]> {
    let raw = octets.try_into().ok();
    raw.or_else(|| der::ed25519_key_of_spki(octets).copied())
}

/// Octets that are no public key of DKIM.
fn other(octets: &[u8]) -> Finding<Code> {
    let (format, bits) = recognise(octets);
    let private = match format {
        // Where a private key has its modulus, a public one has its exponent.
        KeyFormat::Pkcs1Rsa => bits.is_some_and(|bits| bits > 64),
        KeyFormat::Pkcs8Rsa
        | KeyFormat::Pkcs8Ed25519
        | KeyFormat::Pkcs8Other
        | KeyFormat::Encrypted => true,
        _ => false,
    };
    if private {
        return finding(
            Code::PrivateKey,
            b"",
            "`p=` holds a private key, and everyone can sign with it",
            "remove the record now, make a new key under a new selector, and publish its public half",
        );
    }
    let announced = octets
        .starts_with(&[der::SEQUENCE])
        .then(|| der::announced_octets(octets))
        .flatten()
        .unwrap_or(octets.len());
    match (announced.cmp(&octets.len()), format) {
        (Ordering::Greater, _) => cut(octets.len(), announced),
        (Ordering::Less, _) => finding(
            Code::KeyTrailing,
            b"",
            format!(
                "the key has {announced} octets, and {} more follow",
                octets.len() - announced
            ),
            "publish the key alone; a string may stand there twice",
        ),
        (Ordering::Equal, KeyFormat::Certificate) => not_a_key(
            "`p=` holds a certificate",
            "publish the public key that is in it, as SubjectPublicKeyInfo",
        ),
        (Ordering::Equal, KeyFormat::PublicKey | KeyFormat::EllipticCurve) => not_a_key(
            "`p=` holds a key of a kind that DKIM does not use",
            "sign with RSA or Ed25519, under a new selector",
        ),
        (Ordering::Equal, _) => not_a_key(
            "`p=` holds no public key",
            "publish the public half of the signing key again",
        ),
    }
}

fn cut(given: usize, announced: usize) -> Finding<Code> {
    let problem = format!("the key is cut: of its {announced} octets, {given} are there");
    finding(Code::KeyCut, b"", problem, WHOLE)
}

fn not_a_key(problem: &str, remedy: &str) -> Finding<Code> {
    finding(Code::NotAKey, b"", problem, remedy)
}

fn encode(key: &PublicKey) -> String {
    base64_text::ENGINE.encode(key.as_bytes())
}

fn is_base64(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=')
}

const WHOLE: &str =
    "publish the whole text in one TXT record, cut into strings of at most 255 octets";
