//! Who signs and who verifies.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{Digest as RawDigest, SHA256};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cfdkim::canonicalization::Type;
use letterhead_dkim::{
    BodyCanonicalization, Digest, PreparedBody, PrivateKey, PublicKeyRecord, Signer, SigningKey,
    VerifyLimits, sign, sign_with_body, verify,
};
use letterhead_dns::{Zone, block_on_ready};
use lettre::message::dkim::{
    DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm,
    DkimSigningKey, dkim_sign,
};
use lettre::message::header::{ContentTransferEncoding, HeaderName, HeaderValue};
use lettre::message::{Body, Message};
use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::DkimSigner;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer};

use crate::turns::Run;

pub struct Mail {
    pub name: &'static str,
    octets: &'static [u8],
}

pub const MAILS: [Mail; 3] = [
    Mail {
        name: "2 KB",
        octets: include_bytes!("../../../benches/mails/text-2k.eml"),
    },
    Mail {
        name: "12 KB",
        octets: include_bytes!("../../../benches/mails/html-12k.eml"),
    },
    Mail {
        name: "200 KB",
        octets: include_bytes!("../../../benches/mails/attachment-200k.eml"),
    },
];

#[derive(Debug, Clone, Copy)]
pub enum Key {
    Rsa2048,
    Ed25519,
}

/// Everyone who signs, and the raw key operation.
pub fn subjects(key: Key, mail: &'static Mail) -> Vec<(&'static str, Run<'static>)> {
    let own = Arc::new(key.private());
    let raw = Arc::clone(&own);
    let (header, body) = mail.octets.split_at(mail.header_length());
    let relaxed = [BodyCanonicalization::Relaxed];
    let prepared = PreparedBody::new(body, &relaxed).expect("canonical");
    let (signer, again) = (letterhead(key), letterhead(key));
    verified("Letterhead", key, mail, &letterhead_field(&signer, mail));
    vec![
        (
            "letterhead",
            Box::new(move || {
                black_box(sign(mail.octets, &signer, now())).expect("a signature");
            }),
        ),
        (
            "letterhead, body prepared",
            Box::new(move || {
                black_box(sign_with_body(header, &prepared, &again, now())).expect("a signature");
            }),
        ),
        ("mail-auth", mail_auth(key, mail)),
        ("lettre", lettre(key, mail)),
        ("cfdkim", cfdkim(key, mail)),
        (
            "raw",
            Box::new(move || {
                black_box(raw.sign_digest(&HASH)).expect("a signature");
            }),
        ),
    ]
}

fn letterhead(key: Key) -> [Signer; 1] {
    let domain = DOMAIN.parse().expect("a domain");
    let selector = SELECTOR.parse().expect("a selector");
    [Signer::new(domain, selector, Arc::new(key.private())).ed25519_alone()]
}

fn letterhead_field(signer: &[Signer], mail: &Mail) -> String {
    let fields = sign(mail.octets, signer, now()).expect("a signature");
    fields[0].to_string()
}

/// From octets to the field, as Letterhead does it.
fn mail_auth(key: Key, mail: &'static Mail) -> Run<'static> {
    fn signing<K: mail_auth::common::crypto::SigningKey + 'static>(
        key: K,
    ) -> impl Fn(&[u8]) -> String {
        let signer = DkimSigner::from_key(key)
            .domain(DOMAIN)
            .selector(SELECTOR)
            .headers(FIELDS);
        move |message| signer.sign(message).expect("a signature").to_header()
    }
    let sign: Box<dyn Fn(&[u8]) -> String> = match key {
        Key::Rsa2048 => {
            let der = PrivatePkcs1KeyDer::from_pem_slice(RSA.as_bytes()).expect("a key");
            let key = RsaKey::<Sha256>::from_key_der(PrivateKeyDer::Pkcs1(der));
            Box::new(signing(key.expect("a key")))
        }
        Key::Ed25519 => {
            let public = key.private().public_key();
            let key = Ed25519Key::from_seed_and_public_key(&SEED, public.as_bytes());
            Box::new(signing(key.expect("a key")))
        }
    };
    verified("mail-auth", key, mail, &sign(mail.octets));
    Box::new(move || {
        black_box(sign(mail.octets));
    })
}

/// From lettre's own message, which is copied each time because signing changes it.
fn lettre(key: Key, mail: &'static Mail) -> Run<'static> {
    let key_text = match key {
        Key::Rsa2048 => RSA.to_owned(),
        Key::Ed25519 => STANDARD.encode(SEED),
    };
    let algorithm = match key {
        Key::Rsa2048 => DkimSigningAlgorithm::Rsa,
        Key::Ed25519 => DkimSigningAlgorithm::Ed25519,
    };
    let config = DkimConfig::new(
        SELECTOR.to_owned(),
        DOMAIN.to_owned(),
        DkimSigningKey::new(&key_text, algorithm).expect("a key"),
        FIELDS
            .iter()
            .map(|name| HeaderName::new_from_ascii_str(name))
            .collect(),
        DkimCanonicalization {
            header: DkimCanonicalizationType::Relaxed,
            body: DkimCanonicalizationType::Relaxed,
        },
    );
    let (header, body) = mail.octets.split_at(mail.header_length());
    let header = str::from_utf8(header).expect("ASCII").trim_end();
    let fields = header.split("\r\n").map(|field| {
        let (name, value) = field.split_once(": ").expect("a field");
        let name = HeaderName::new_from_ascii(name.to_owned()).expect("a name");
        HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
    });
    let message = fields
        .fold(
            Message::builder(),
            lettre::message::MessageBuilder::raw_header,
        )
        .body(Body::dangerous_pre_encoded(
            body.to_vec(),
            ContentTransferEncoding::SevenBit,
        ))
        .expect("a message");
    let mut signed = message.clone();
    dkim_sign(&mut signed, &config);
    verified_whole("lettre", key, &signed.formatted());
    Box::new(move || {
        let mut message = message.clone();
        dkim_sign(&mut message, &config);
        black_box(&message);
    })
}

/// From octets, which it wants parsed, to the field.
fn cfdkim(key: Key, mail: &'static Mail) -> Run<'static> {
    let private = match key {
        Key::Rsa2048 => {
            cfdkim::DkimPrivateKey::Rsa(rsa::RsaPrivateKey::from_pkcs1_pem(RSA).expect("a key"))
        }
        Key::Ed25519 => {
            cfdkim::DkimPrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(&SEED))
        }
    };
    let logger: &'static slog::Logger =
        Box::leak(Box::new(slog::Logger::root(slog::Discard, slog::o!())));
    let signer = cfdkim::SignerBuilder::new()
        .with_signed_headers(&FIELDS)
        .expect("From is there")
        .with_private_key(private)
        .with_selector(SELECTOR)
        .with_signing_domain(DOMAIN)
        .with_header_canonicalization(Type::Relaxed)
        .with_body_canonicalization(Type::Relaxed)
        .with_logger(logger)
        .build()
        .expect("complete");
    let sign = move || {
        let parsed = mailparse::parse_mail(mail.octets).expect("a message");
        signer.sign(&parsed).expect("a signature")
    };
    verified("cfdkim", key, mail, &(sign() + "\r\n"));
    Box::new(move || {
        black_box(sign());
    })
}

/// Everyone who verifies, each from octets, with the key's record parsed before; and the raw operation.
pub fn verifiers(mail: &'static Mail) -> Vec<(&'static str, Run<'static>)> {
    let key = Key::Rsa2048;
    let signed = letterhead_field(&letterhead(key), mail).into_bytes();
    let signed = [&signed[..], mail.octets].concat();
    let zone = key.zone();
    let limits = VerifyLimits::default();
    let message = signed.clone();
    let own: Run<'static> = Box::new(move || {
        let verdicts = block_on_ready(verify(&message, &zone, now(), &limits));
        assert!(verdicts.expect("at once")[0].is_pass());
    });

    let record = PublicKeyRecord::for_key(&key.private()).to_string();
    let cache = Keys::of(&record);
    let authenticator = mail_auth::MessageAuthenticator::new_cloudflare().expect("no lookup");
    let theirs: Run<'static> = Box::new(move || {
        let message = mail_auth::AuthenticatedMessage::parse(&signed).expect("a message");
        let parameters = mail_auth::Parameters::new(&message).with_txt_cache(&cache);
        let outputs = block_on_ready(authenticator.verify_dkim(parameters));
        let outputs = outputs.expect("at once");
        assert_eq!(outputs[0].result(), &mail_auth::DkimResult::Pass);
    });

    let private = key.private();
    let signature = private.sign_digest(&HASH).expect("a signature");
    let public = private.public_key();
    let parsed = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_bytes())
        .parse()
        .expect("a key");
    let digest = RawDigest::import_less_safe(HASH.as_bytes(), &SHA256).expect("a digest");
    let raw: Run<'static> = Box::new(move || {
        black_box(parsed.verify_digest_sig(&digest, &signature)).expect("valid");
    });
    vec![("letterhead", own), ("mail-auth", theirs), ("raw", raw)]
}

/// mail-auth's cache, which has the one record parsed.
struct Keys {
    by_name: HashMap<Box<str>, mail_auth::Txt>,
}

impl Keys {
    fn of(record: &str) -> Self {
        use mail_auth::common::parse::TxtRecordParser as _;
        let key = mail_auth::common::verify::DomainKey::parse(record.as_bytes()).expect("a key");
        let name = format!("{SELECTOR}._domainkey.{DOMAIN}.");
        Self {
            by_name: HashMap::from([(name.into(), mail_auth::Txt::DomainKey(Arc::new(key)))]),
        }
    }
}

impl mail_auth::ResolverCache<Box<str>, mail_auth::Txt> for Keys {
    fn get<Q>(&self, name: &Q) -> Option<mail_auth::Txt>
    where
        Box<str>: std::borrow::Borrow<Q>,
        Q: std::hash::Hash + Eq + ?Sized,
    {
        self.by_name.get(name).cloned()
    }

    fn remove<Q>(&self, _: &Q) -> Option<mail_auth::Txt>
    where
        Box<str>: std::borrow::Borrow<Q>,
        Q: std::hash::Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: mail_auth::Txt, _: std::time::Instant) {}
}

/// The field, in front of the mail, must verify: what is measured is work that is worth doing.
fn verified(who: &str, key: Key, mail: &Mail, field: &str) {
    verified_whole(who, key, &[field.as_bytes(), mail.octets].concat());
}

fn verified_whole(who: &str, key: Key, message: &[u8]) {
    let limits = VerifyLimits::default().clock_skew(Duration::from_secs(10_000_000_000));
    let verdicts = block_on_ready(verify(message, &key.zone(), now(), &limits)).expect("at once");
    assert!(verdicts[0].is_pass(), "{who}, {key:?}: {verdicts:?}");
}

impl Key {
    fn private(self) -> PrivateKey {
        match self {
            Self::Rsa2048 => PrivateKey::from_pem(RSA),
            Self::Ed25519 => PrivateKey::ed25519_from_seed(&SEED),
        }
        .expect("a key")
    }

    fn zone(self) -> Zone {
        let record = PublicKeyRecord::for_key(&self.private()).to_txt();
        let zone = format!("{SELECTOR}._domainkey.{DOMAIN} 300 TXT {record}");
        zone.parse().expect("a zone")
    }
}

impl Mail {
    fn header_length(&self) -> usize {
        let end = self
            .octets
            .windows(4)
            .position(|octets| octets == b"\r\n\r\n");
        end.expect("an empty line") + 4
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000)
}

const DOMAIN: &str = "yourcompany.example";
const SELECTOR: &str = "2026a";
/// What Letterhead signs by default, where the mails have it. It lists ten names once more than that.
const FIELDS: [&str; 13] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];
const HASH: Digest = Digest::from_bytes([7; 32]);
/// Keys for tests and benches, worth nothing.
const RSA: &str = include_str!("../../../dkim/tests/keys/rsa2048-pkcs1.pem");
const SEED: [u8; 32] = [42; 32];
