//! One receiver, whose mail comes from 192.0.2.1, and keys.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer, SigningKey, sign};
use letterhead_dns::block_on_ready;
use letterhead_mail::{
    DomainName, EmailAddress, Envelope, LineEndings, Message, Report, ReversePath, Submission,
};
use letterhead_simulator::cross_check::{Disagreement, SecondOpinion};
use letterhead_simulator::{Receiver, SimEventKind, Simulator, SimulatorBuilder};

pub(crate) const JOE: &str = "joe@receiver.example";

pub(crate) fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

pub(crate) fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(crate) fn builder() -> SimulatorBuilder {
    Simulator::builder(start(), 1).receiver(
        Receiver::new(name("mx.receiver.example"), "192.0.2.20".parse().unwrap())
            .mailbox(address(JOE))
            .assumed_client("192.0.2.1".parse().unwrap()),
    )
}

/// In which mail is judged twice, with these records.
pub(crate) fn twice(zone: &str) -> Simulator {
    let builder = builder().cross_check().zone(zone.parse().unwrap());
    builder.build().unwrap()
}

pub(crate) fn rsa() -> Arc<dyn SigningKey> {
    let pem = include_str!("../../keys/customer-1.pem");
    Arc::new(PrivateKey::from_pem(pem).unwrap())
}

pub(crate) fn ed25519() -> Arc<dyn SigningKey> {
    Arc::new(PrivateKey::ed25519_from_seed(&[7; 32]).unwrap())
}

/// The record of a key, as zone text.
pub(crate) fn published(key: &Arc<dyn SigningKey>, selector: &str, domain: &str) -> String {
    let record = PublicKeyRecord::for_key(key).to_string();
    let (front, back) = record.split_at(record.len().min(200));
    format!("{selector}._domainkey.{domain}. 300 IN TXT \"{front}\" \"{back}\"\n")
}

pub(crate) fn signer(key: Arc<dyn SigningKey>, selector: &str, domain: &str) -> Signer {
    Signer::new(name(domain), selector.parse().unwrap(), key).ed25519_alone()
}

/// The message with these signatures in front.
pub(crate) fn signed(message: impl AsRef<[u8]>, signers: &[Signer]) -> Vec<u8> {
    signed_at(message, signers, start())
}

pub(crate) fn signed_at(message: impl AsRef<[u8]>, signers: &[Signer], now: SystemTime) -> Vec<u8> {
    let message = message.as_ref();
    let mut whole = Vec::new();
    for field in sign(message, signers, now).unwrap() {
        whole.extend_from_slice(field.as_ref());
    }
    whole.extend_from_slice(message);
    whole
}

pub(crate) fn submission(sender: &str, recipient: &str, mail: impl Into<Vec<u8>>) -> Submission {
    let message = Message::from_bytes(mail, LineEndings::Strict).unwrap();
    let sender = match sender {
        "" => ReversePath::Null,
        sender => ReversePath::Address(address(sender)),
    };
    let envelope = Envelope::new(sender, [address(recipient)]).unwrap();
    let (id, tenant) = ("1".parse().unwrap(), "acme".parse().unwrap());
    Submission::new(id, tenant, message, envelope)
}

/// What became of a mail.
pub(crate) struct Judged {
    pub(crate) report: Report,
    /// What the receiver found, as it writes it.
    pub(crate) ours: String,
    /// Where it was stored.
    pub(crate) second: Option<SecondOpinion>,
    pub(crate) disagreements: Vec<Disagreement>,
}

impl Judged {
    /// Those that no known error explains, as text.
    pub(crate) fn unknown(&self) -> Vec<String> {
        let unknown = self.disagreements.iter();
        let unknown = unknown.filter(|disagreement| disagreement.known.is_none());
        unknown.map(ToString::to_string).collect()
    }
}

/// Brings a mail to Joe, and says what was found.
pub(crate) fn bring(simulator: &Simulator, sender: &str, mail: impl Into<Vec<u8>>) -> Judged {
    let submission = submission(sender, JOE, mail);
    let before = simulator.events().len();
    let transport = simulator.transport("mx.receiver.example").unwrap();
    let report = block_on_ready(transport.send(&submission)).unwrap();
    let mut judged = Judged {
        report,
        ours: String::new(),
        second: None,
        disagreements: Vec::new(),
    };
    for event in &simulator.events()[before..] {
        match &event.kind {
            SimEventKind::Disagreed { disagreement, .. } => {
                judged.disagreements.push(*disagreement);
            }
            SimEventKind::NotCrossChecked { reason, .. } => panic!("{reason}"),
            SimEventKind::Stored { authentication, .. } => {
                judged.ours = authentication.to_string();
                let mail = simulator.mails_of(&address(JOE)).pop().unwrap();
                judged.second = mail.second_opinion;
            }
            SimEventKind::Rejected { authentication, .. }
            | SimEventKind::Deferred { authentication, .. } => {
                let found = authentication.as_ref().map(ToString::to_string);
                judged.ours = found.unwrap_or_default();
            }
            _ => {}
        }
    }
    judged
}
