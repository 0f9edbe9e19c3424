//! Profiles, keys and messages of these tests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer};
use letterhead_dns::{Zone, block_on_ready};
use letterhead_identity::preflight::{Code, Finding};
use letterhead_identity::{Identity, NewIdentity, Preflight, PreflightRequest, Profile, preflight};
use letterhead_mail::{LineEndings, Message};

pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// The keys of example.org: selector and key.
pub(crate) fn keys() -> [(&'static str, Arc<PrivateKey>); 2] {
    let rsa = include_str!("../../../dkim/tests/keys/rsa2048.pem");
    [
        ("r1", Arc::new(PrivateKey::from_pem(rsa).unwrap())),
        (
            "e1",
            Arc::new(PrivateKey::ed25519_from_seed(b"an Ed25519 seed for these tests.").unwrap()),
        ),
    ]
}

pub(crate) fn signers(domain: &str) -> Vec<Signer> {
    let signer = |(selector, key): (&str, Arc<PrivateKey>)| {
        Signer::new(domain.parse().unwrap(), selector.parse().unwrap(), key)
    };
    keys().map(signer).into()
}

pub(crate) fn key_record(selector: &str) -> String {
    let (_, key) = keys()
        .into_iter()
        .find(|(known, _)| *known == selector)
        .unwrap();
    let text = PublicKeyRecord::for_key(key.as_ref()).to_txt().joined();
    String::from_utf8(text).unwrap()
}

/// A record of a key in a master file, with its strings.
pub(crate) fn key_line(selector: &str, domain: &str) -> String {
    let (_, key) = keys()
        .into_iter()
        .find(|(known, _)| *known == selector)
        .unwrap();
    let text = PublicKeyRecord::for_key(key.as_ref()).to_txt();
    format!("{selector}._domainkey.{domain}. IN TXT {text}\n")
}

pub(crate) fn built_in(name: &str) -> Profile {
    Profile::built_in(name).unwrap()
}

pub(crate) fn inline(text: &str) -> Profile {
    Profile::from_toml(text, |upstream| Profile::built_in(upstream.as_str()).ok()).unwrap()
}

pub(crate) fn identity(profile: &Profile, subject: &str, values: &[(&str, &[&str])]) -> Identity {
    let mut new = NewIdentity::new(
        "acme".parse().unwrap(),
        profile.id().clone(),
        subject.parse::<letterhead_identity::Subject>().unwrap(),
    );
    if profile.environments().is_some() {
        new = new.environment("production".parse().unwrap());
    }
    for (name, several) in values {
        new = new.value(name, several.iter().map(ToString::to_string).collect());
    }
    new.to_identity(profile, now()).unwrap()
}

/// An identity of the own server with both keys.
pub(crate) fn own_domain(profile: &Profile, domain: &str) -> Identity {
    let records = [key_record("r1"), key_record("e1")];
    identity(
        profile,
        domain,
        &[
            ("selector", &["r1", "e1"]),
            ("key-record", &[&records[0], &records[1]]),
            ("relay-host", &[&format!("mta.{domain}")]),
        ],
    )
}

pub(crate) fn message(from: &str, extra: &str) -> Message {
    let text = format!(
        "From: {from}\nTo: bob@example.net\nSubject: Hello\nDate: Fri, 15 Jan 2027 08:00:00 +0000\n\
         Message-ID: <1@example.org>\n{extra}\nHello Bob\n"
    );
    Message::from_bytes(text, LineEndings::Normalise).unwrap()
}

pub(crate) fn zone(text: &str) -> Zone {
    text.parse().unwrap()
}

pub(crate) fn ask(request: &PreflightRequest<'_>, zone: &Zone) -> Preflight {
    block_on_ready(preflight(request, zone)).expect("a zone answers at once")
}

pub(crate) fn of_code(found: &Preflight, code: Code) -> Vec<&Finding> {
    let findings = found.findings.iter();
    findings.filter(|finding| finding.code == code).collect()
}

/// The only finding with this code.
#[track_caller]
pub(crate) fn only(found: &Preflight, code: Code) -> &Finding {
    match of_code(found, code).as_slice() {
        [only] => only,
        others => panic!("{} findings {code}: {found}", others.len()),
    }
}
