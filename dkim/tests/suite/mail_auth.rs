//! An independent judge: mail-auth verifies what is signed here, and the other way round.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Instant;

use ::mail_auth::common::cache::NoCache;
use ::mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256, SigningKey};
use ::mail_auth::common::headers::HeaderWriter as _;
use ::mail_auth::common::parse::TxtRecordParser as _;
use ::mail_auth::common::verify::DomainKey;
use ::mail_auth::dkim::DkimSigner;
use ::mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use ::mail_auth::{AuthenticatedMessage, MessageAuthenticator, Parameters, ResolverCache, Txt};
use base64::Engine as _;
use letterhead_dkim::{
    BodyCanonicalization, Canonicalization, Cause, DkimResult, HeaderCanonicalization,
    HeaderPolicy, PublicKeyRecord,
};
use letterhead_dns::block_on_ready;

use crate::support::{
    self, ED25519, RSA, WHITE_SPACE_LINES, canonicalizations, key, messages, signed, signers,
    verdicts,
};

/// The published keys in the form of a cache, which answers every question, so that nothing is asked outside.
struct Records(HashMap<String, Arc<DomainKey>>);

impl Records {
    fn new() -> Self {
        let records = signers().map(|signer| {
            let name = signer
                .template()
                .selector()
                .record_name(&support::domain())
                .unwrap();
            let text = PublicKeyRecord::for_key(signer.key()).to_string();
            let record = DomainKey::parse(text.as_bytes()).unwrap();
            (format!("{name}."), Arc::new(record))
        });
        Self(records.into())
    }
}

impl ResolverCache<Box<str>, Txt> for Records {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let found = self.0.iter().find(|(own, _)| {
            let own: Box<str> = own.as_str().into();
            own.borrow() == name
        });
        let found = found.map(|(_, record)| Txt::DomainKey(Arc::clone(record)));
        Some(found.unwrap_or(Txt::Error(::mail_auth::Error::ParseError)))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// What mail-auth says of every signature of a message, top down.
pub(crate) fn judge(message: &[u8]) -> Vec<::mail_auth::DkimResult> {
    let authenticator =
        MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).unwrap();
    let parsed = AuthenticatedMessage::parse(message).unwrap();
    let records = Records::new();
    let parameters: Parameters<
        '_,
        _,
        _,
        NoCache<_, _>,
        NoCache<_, _>,
        NoCache<_, _>,
        NoCache<_, _>,
    > = Parameters::new(&parsed).with_txt_cache(&records);
    let output = block_on_ready(authenticator.verify_dkim(parameters)).unwrap();
    output
        .iter()
        .map(|output| output.result().clone())
        .collect()
}

/// Whether both sides agree on this body. For a relaxed body that ends in lines of white space the hash of RFC 6376
/// §3.4.4 is not the one that this judge computes; dkimpy covers the case.
fn comparable(name: &str, canonicalization: Canonicalization) -> bool {
    !(name == WHITE_SPACE_LINES && canonicalization.body() == BodyCanonicalization::Relaxed)
}

#[test]
fn mail_auth_verifies_what_is_signed_here() {
    let mut judged = 0;
    for (name, message) in messages() {
        for canonicalization in canonicalizations() {
            if !comparable(name, canonicalization) {
                continue;
            }
            let signers = signers().map(|signer| signer.canonicalization(canonicalization));
            let whole = signed(&message, &signers);
            let pass = ::mail_auth::DkimResult::Pass;
            assert_eq!(
                judge(&whole),
                [pass.clone(), pass],
                "{name}, {canonicalization}"
            );
            judged += 2;
        }
    }
    assert_eq!(judged, 2 * (14 * 4 - 2));
}

#[test]
fn mail_auth_refuses_what_was_altered() {
    let whole = signed(&messages()[0].1, &signers());
    let body = [&whole[..], b"more\r\n"].concat();
    let header = [b"Subject: Other\r\n", &whole[..]].concat();
    for altered in [body, header] {
        let results = judge(&altered);
        assert_eq!(results.len(), 2);
        assert!(!results.contains(&::mail_auth::DkimResult::Pass));
    }
}

fn der(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

pub(crate) fn rsa() -> RsaKey<Sha256> {
    #[expect(
        deprecated,
        reason = "its successor takes a type of a crate that is no dependency"
    )]
    RsaKey::from_pkcs8_der(&der(RSA)).unwrap()
}

pub(crate) fn ed25519() -> Ed25519Key {
    Ed25519Key::from_pkcs8_maybe_unchecked_der(&der(ED25519)).unwrap()
}

pub(crate) enum Length {
    Whole,
    Said,
}

pub(crate) fn sign_there(
    key: impl SigningKey,
    selector: &str,
    message: &[u8],
    canonicalization: Canonicalization,
    length: &Length,
) -> Vec<u8> {
    use ::mail_auth::dkim::Canonicalization as Theirs;
    let header = match canonicalization.header() {
        HeaderCanonicalization::Simple => Theirs::Simple,
        HeaderCanonicalization::Relaxed => Theirs::Relaxed,
    };
    let body = match canonicalization.body() {
        BodyCanonicalization::Simple => Theirs::Simple,
        BodyCanonicalization::Relaxed => Theirs::Relaxed,
    };
    let signature = DkimSigner::from_key(key)
        .domain("example.org")
        .selector(selector)
        .headers([
            "From",
            "To",
            "Subject",
            "Sender",
            "References",
            "Reply-To",
            "List-Id",
        ])
        .header_canonicalization(header)
        .body_canonicalization(body)
        .body_length(matches!(length, Length::Said))
        .sign(message)
        .unwrap();
    [signature.to_header().as_bytes(), message].concat()
}

/// What is verified here, at the time mail-auth reads from the clock of the machine.
pub(crate) fn result(message: &[u8]) -> letterhead_dkim::Verdict {
    use letterhead_dkim::{VerifyLimits, verify};
    // Its signatures carry the present as t=; a tolerance of centuries takes the clock out of the test.
    let limits = VerifyLimits::default().clock_skew(std::time::Duration::from_secs(10_000_000_000));
    let zone = support::zone();
    block_on_ready(verify(message, &zone, support::now(), &limits))
        .unwrap()
        .remove(0)
}

#[test]
fn what_mail_auth_signs_verifies_here() {
    for (name, message) in messages() {
        for canonicalization in canonicalizations() {
            if !comparable(name, canonicalization) {
                continue;
            }
            let by_rsa = sign_there(rsa(), "rsa", &message, canonicalization, &Length::Whole);
            let by_ed25519 = sign_there(
                ed25519(),
                "ed25519",
                &message,
                canonicalization,
                &Length::Whole,
            );
            for whole in [by_rsa, by_ed25519] {
                let verdict = result(&whole);
                assert_eq!(
                    verdict.result(),
                    DkimResult::Pass,
                    "{name}, {canonicalization}: {verdict}"
                );
                assert_eq!(verdict.unsigned_body_octets(), None);
            }
        }
    }
}

#[test]
fn octets_beyond_the_body_length_are_reported() {
    let message = &messages()[0].1;
    let whole = sign_there(
        ed25519(),
        "ed25519",
        message,
        Canonicalization::RELAXED,
        &Length::Said,
    );
    let verdict = result(&whole);
    assert!(verdict.is_pass());
    assert_eq!(verdict.unsigned_body_octets(), None);
    let longer = [&whole[..], b"<b>Buy</b>\r\n"].concat();
    let verdict = result(&longer);
    assert!(verdict.is_pass());
    assert_eq!(verdict.unsigned_body_octets(), Some(12));
    let shorter = &whole[..whole.len() - 8];
    assert_eq!(result(shorter).cause(), &Cause::BodyShorterThanSigned);
}

#[test]
fn a_policy_without_fields_leaves_them_free() {
    let policy = HeaderPolicy::default()
        .without(["Message-ID".parse().unwrap(), "Date".parse().unwrap()])
        .unwrap();
    let signer = support::signer(key(ED25519)).header_policy(policy);
    let whole = String::from_utf8(signed(&messages()[0].1, &[signer])).unwrap();
    let rewritten = whole.replace("<1@example.org>", "<2@provider.example>");
    assert_ne!(rewritten, whole);
    assert_eq!(judge(rewritten.as_bytes()), [::mail_auth::DkimResult::Pass]);
    assert!(verdicts(rewritten.as_bytes())[0].is_pass());
}
