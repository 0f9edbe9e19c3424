//! Keys, messages and a zone for the tests.
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{
    BodyCanonicalization, Canonicalization, HeaderCanonicalization, PrivateKey, PublicKeyRecord,
    Signer, SigningKey, Verdict, VerifyLimits, sign, verify,
};
use letterhead_dns::{DomainName, Record, RecordData, Txt, Zone, block_on_ready};
use letterhead_mail::{LineEndings, Message};

/// A PEM file of `tests/keys`.
macro_rules! key_file {
    ($name:literal) => {
        include_str!(concat!("../keys/", $name))
    };
}

pub(crate) const RSA: &str = include_str!("../keys/rsa2048.pem");
pub(crate) const ED25519: &str = include_str!("../keys/ed25519.pem");

/// The moment at which tests sign.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000)
}

pub(crate) fn key(pem: &str) -> Arc<dyn SigningKey> {
    Arc::new(PrivateKey::from_pem(pem).unwrap())
}

pub(crate) fn domain() -> DomainName {
    "example.org".parse().unwrap()
}

/// A signer of example.org, which may be alone; the selector is `rsa` or `ed25519`.
pub(crate) fn signer(key: Arc<dyn SigningKey>) -> Signer {
    let selector = key.algorithm().key_type().parse().unwrap();
    Signer::new(domain(), selector, key).ed25519_alone()
}

pub(crate) fn signers() -> [Signer; 2] {
    [signer(key(RSA)), signer(key(ED25519))]
}

pub(crate) fn insert(zone: &mut Zone, name: &str, text: &[u8]) {
    let data = RecordData::Txt(Txt::split(text));
    zone.insert(Record::new(name.parse().unwrap(), 300, data));
}

/// The zone in which both keys are published.
pub(crate) fn zone() -> Zone {
    let mut zone = Zone::new();
    for signer in signers() {
        let name = signer.template().selector().record_name(&domain()).unwrap();
        let record = PublicKeyRecord::for_key(signer.key());
        insert(&mut zone, name.as_str(), record.to_string().as_bytes());
    }
    zone
}

/// The message with these signatures in front.
pub(crate) fn signed(message: &[u8], signers: &[Signer]) -> Vec<u8> {
    let mut out = Vec::new();
    for header in sign(message, signers, now()).unwrap() {
        out.extend_from_slice(header.as_ref());
    }
    out.extend_from_slice(message);
    out
}

pub(crate) fn verdicts_in(zone: &Zone, message: &[u8]) -> Vec<Verdict> {
    block_on_ready(verify(message, zone, now(), &VerifyLimits::default())).unwrap()
}

pub(crate) fn verdicts(message: &[u8]) -> Vec<Verdict> {
    verdicts_in(&zone(), message)
}

/// The four canonicalisations.
pub(crate) fn canonicalizations() -> [Canonicalization; 4] {
    [
        Canonicalization::SIMPLE,
        Canonicalization::RELAXED,
        Canonicalization::new(
            HeaderCanonicalization::Simple,
            BodyCanonicalization::Relaxed,
        ),
        Canonicalization::new(
            HeaderCanonicalization::Relaxed,
            BodyCanonicalization::Simple,
        ),
    ]
}

/// Messages by what is special about them.
pub(crate) fn messages() -> Vec<(&'static str, Vec<u8>)> {
    let header = "From: Anna <anna@example.org>\r\nTo: Ben <ben@example.net>\r\nSubject: Hello\r\n\
        Date: Sun, 15 Jun 2025 15:06:40 +0000\r\nMessage-ID: <1@example.org>\r\n";
    let message =
        |more: &str, body: &[u8]| [header.as_bytes(), more.as_bytes(), b"\r\n", body].concat();
    vec![
        ("plain", message("", b"Hello, Ben!\r\n\r\nAnna\r\n")),
        ("empty body", message("", b"")),
        ("empty lines only", message("", b"\r\n\r\n\r\n")),
        ("no final CRLF", message("", b"Hello,\r\n  Ben!")),
        (
            "empty lines at the end",
            message("", b"Hello  \r\n\r\n\r\n"),
        ),
        (WHITE_SPACE_LINES, message("", b"Hello \r\n \t\r\n \r\n")),
        (
            "white space in runs",
            message("", b"a  b\t\tc \r\n\r\n\t d \r\n"),
        ),
        (
            "folded header",
            message(
                "X-Other: 1\r\nReferences: <a@b>\r\n\t<c@d>\r\n  <e@f> \r\nReply-To:\r\n anna@example.org\r\n",
                b"x\r\n",
            ),
        ),
        (
            "repeated header",
            message(
                "Sender: a@example.org\r\nSender:  b@example.org\r\nList-Id: <l>\r\n",
                b"x\r\n",
            ),
        ),
        (
            "eight-bit octets",
            message(
                "Reply-To: J\u{f6}rg <j@example.org>\r\n",
                b"Gr\xc3\xbc\xc3\x9fe \xff\x80\r\n",
            ),
        ),
        (
            "long lines",
            message("", &[&b"word ".repeat(190)[..], b"\r\n"].concat()),
        ),
        (
            "one megabyte",
            message("", &b"word  word\tword \r\n\r\n. and\r\n".repeat(40_000)),
        ),
        (
            "folded and repeated header",
            message(
                "Sender:\r\n a@example.org\r\nLIST-ID:  <l>\r\n\t<m>\r\nsender: b@example.org\r\n\tc \r\nList-Id:<n>\r\n",
                b"x\r\n",
            ),
        ),
        (
            "line feeds",
            normalised(&format!(
                "{header}Sender:\n a\n\nHello, Ben!\n\n.\n  Anna\rand\n"
            )),
        ),
    ]
}

/// A message with line ends of all kinds, as the policy of `letterhead-mail` brings them to CRLF.
fn normalised(text: &str) -> Vec<u8> {
    let message = Message::from_bytes(text, LineEndings::Normalise).unwrap();
    assert!(!text.contains("\r\n\r\n") && text.contains('\n'));
    message.as_bytes().to_vec()
}

/// The message whose body ends in lines of white space.
pub(crate) const WHITE_SPACE_LINES: &str = "lines of white space at the end";

pub(crate) use key_file;
