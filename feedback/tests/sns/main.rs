//! Messages of SNS are told from those of anyone else.

mod certificates;
mod messages;
mod signed;
mod web;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_feedback::{SnsError, SnsErrorKind, SnsMessage, SnsVerifier};
use serde_json::Value;

use crate::web::Web;

const CERTIFICATE: &[u8] = include_bytes!("../keys/sns.cert.pem");
const URL: &str =
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";

const NOTIFICATION_1: &str = include_str!("notification_1.json");
const NOTIFICATION_2: &str = include_str!("notification_2.json");
const WORDS_2: &str = include_str!("words_2.json");
const SUBSCRIPTION_1: &str = include_str!("subscription_1.json");
const UNSUBSCRIPTION_2: &str = include_str!("unsubscription_2.json");
const SHORT_KEY_2: &str = include_str!("short_key_2.json");

/// A minute after the messages were published: 2026-11-20, 08:01:06.655.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_161_666_655)
}

fn verifier(web: &Arc<Web>) -> SnsVerifier {
    SnsVerifier::new(Arc::clone(web) as _, TOPIC.parse().unwrap())
}

fn verify(verifier: &SnsVerifier, body: &str, now: SystemTime) -> Result<SnsMessage, SnsError> {
    letterhead_dns::block_on_ready(verifier.verify(body.as_bytes(), now)).unwrap()
}

/// What is wrong with the message, with everything else in order.
fn error(body: &str) -> SnsErrorKind {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    verify(&verifier(&web), body, now())
        .unwrap_err()
        .kind()
        .clone()
}

/// The message with another value in one field; null takes it away.
fn changed(body: &str, name: &str, value: impl Into<Value>) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    let value = value.into();
    let fields = body.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
    body.to_string()
}
