//! SendGrid's event webhook
//! ([its reference](https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event)).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Occurrence;
use super::document::{set, with_all};
use super::form::{Post, Telling, USER_AGENT, unix_seconds};
use super::occurrence::{Fate, FateKind};

/// Whether an event webhook of SendGrid is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendGridSigning {
    /// It is not, as SendGrid has it unless it is switched on.
    Off,
    /// By a [test key](crate#test-keys), whose public half is [`PUBLIC_KEY`](Self::PUBLIC_KEY). The signature is ECDSA, whose
    /// randomness is not the simulation's: it is another in every run, unlike everything else.
    TestKey,
}

impl SendGridSigning {
    /// The public half of the test key, in PEM form.
    pub const PUBLIC_KEY: &str = include_str!("../../keys/sendgrid.pub.pem");
}

/// One request with all of them. SendGrid has no words for automatic answers and for viruses.
pub(super) fn write(
    telling: &Telling<'_>,
    occurrence: &Occurrence,
    signing: SendGridSigning,
) -> Option<Post> {
    let fates = occurrence.fates(telling.submitted);
    let events = fates.iter().filter_map(|fate| event(telling, fate));
    let mut post = Post::json_of_all(events.collect())?;
    if signing == SendGridSigning::TestKey {
        let time = unix_seconds(telling.now).to_string();
        let signature = sign(&[time.as_bytes(), &post.body].concat());
        post.headers
            .extend(signature.map(|signature| (SIGNATURE.to_owned(), signature)));
        post.headers.push((TIMESTAMP.to_owned(), time));
    }
    Some(post)
}

fn event(telling: &Telling<'_>, fate: &Fate<'_>) -> Option<Value> {
    let reply = fate.reply().unwrap_or_default();
    let (event, particulars) = match fate.kind {
        FateKind::Accepted => ("processed", json!({})),
        FateKind::Delivered => ("delivered", json!({"response": reply, "tls": 1})),
        FateKind::Delayed => ("deferred", json!({"response": reply, "attempt": "1"})),
        FateKind::Bounced => {
            let (kind, classification) = classification(fate);
            let particulars = json!({
                "type": kind,
                "bounce_classification": classification,
                "reason": reply,
                "status": fate.code().map(|code| code.to_string()),
            });
            ("bounce", particulars)
        }
        FateKind::Suppressed => (
            "dropped",
            json!({"reason": "Bounced Address", "status": "5.0.0"}),
        ),
        FateKind::Complained => ("spamreport", json!({})),
        FateKind::Opened => ("open", json!({"useragent": USER_AGENT})),
        FateKind::Clicked => ("click", json!({"useragent": USER_AGENT, "url": fate.link})),
        FateKind::Rejected | FateKind::AutoReplied => return None,
    };
    let mut value = json!({
        "event": event,
        "email": fate.recipient.to_string(),
        "timestamp": unix_seconds(telling.now),
        "smtp-id": telling.outbound.message.message_id(),
        "sg_event_id": telling.entropy.token(22),
        "sg_message_id": format!("{}.recvd-simulator-1-1", telling.submitted.id),
    });
    let server = fate.server().and_then(|server| telling.address_of(server));
    let server = server.map(|address| address.to_string());
    set(&mut value, "ip", server);
    Some(with_all(value, particulars))
}

/// The type and the classification of a bounce.
fn classification(fate: &Fate<'_>) -> (&'static str, &'static str) {
    match fate.digits() {
        Some((_, 1, 2 | 10)) => ("bounce", "Technical Failure"),
        Some((5, 0 | 1, _)) | None => ("bounce", "Invalid Address"),
        Some((_, 2, _)) => ("bounce", "Mailbox Unavailable"),
        Some((_, 6, _)) => ("blocked", "Content"),
        Some((_, 7, _)) => ("blocked", "Reputation"),
        Some((_, 3..=5, _)) => ("blocked", "Technical Failure"),
        Some(_) => ("blocked", "Unclassified"),
    }
}

/// Signs with the test key. `None`, and a request that nobody believes, should the key not sign.
fn sign(octets: &[u8]) -> Option<String> {
    let body: String = KEY
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD.decode(body).ok()?;
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).ok()?;
    let signature = key.sign(&SystemRandom::new(), octets).ok()?;
    Some(STANDARD.encode(signature))
}

const KEY: &str = include_str!("../../keys/sendgrid.pem");

const SIGNATURE: &str = "X-Twilio-Email-Event-Webhook-Signature";

const TIMESTAMP: &str = "X-Twilio-Email-Event-Webhook-Timestamp";
