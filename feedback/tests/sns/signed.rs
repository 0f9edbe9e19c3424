//! Whatever is signed is believed as it is, and nothing else.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::Index;
use proptest::{option, prop_assert, prop_assert_eq};
use serde_json::json;

use crate::web::Web;
use crate::{CERTIFICATE, NOTIFICATION_2, TOPIC, URL, now, verifier, verify};

const KEY: &str = include_str!("../keys/sns.key.pem");

fn key() -> RsaKeyPair {
    let (_, body) = KEY.split_once("-----BEGIN PRIVATE KEY-----").unwrap();
    let (body, _) = body.split_once("-----END").unwrap();
    let body: String = body.split_whitespace().collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap()
}

/// A notification, signed.
fn signed(message: &str, subject: Option<&str>) -> String {
    let (id, at) = ("22b80b92", "2026-11-20T08:00:06.655Z");
    let subject_lines = subject.map_or(String::new(), |subject| format!("Subject\n{subject}\n"));
    let text = format!(
        "Message\n{message}\nMessageId\n{id}\n{subject_lines}Timestamp\n{at}\nTopicArn\n{TOPIC}\nType\nNotification\n"
    );
    let key = key();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .unwrap();
    json!({
        "Type": "Notification", "MessageId": id, "TopicArn": TOPIC, "Subject": subject,
        "Message": message, "Timestamp": at, "SignatureVersion": "2",
        "Signature": STANDARD.encode(signature), "SigningCertURL": URL,
    })
    .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_message_can_be_signed(message in "(?s).*", subject in option::of("[ -~]{0,100}")) {
        let web = Arc::new(Web::answering(200, CERTIFICATE));
        let found = verify(&verifier(&web), &signed(&message, subject.as_deref()), now()).unwrap();
        prop_assert_eq!(found.message(), &message);
        prop_assert_eq!(found.subject(), subject.as_deref());
        prop_assert!(found.reading().events.len() <= 1);
    }

    #[test]
    fn a_changed_octet_changes_nothing_that_is_believed(at in any::<Index>(), octet in any::<u8>()) {
        let web = Arc::new(Web::answering(200, CERTIFICATE));
        let verifier = verifier(&web);
        let original = verify(&verifier, NOTIFICATION_2, now()).unwrap();
        let mut body = NOTIFICATION_2.as_bytes().to_vec();
        let at = at.index(body.len());
        body[at] = octet;
        let outcome = letterhead_dns::block_on_ready(verifier.verify(&body, now())).unwrap();
        if let Ok(message) = outcome {
            prop_assert_eq!(message, original);
        }
    }

    #[test]
    fn any_certificate_file_is_refused_or_read(at in any::<Index>(), octet in any::<u8>()) {
        let mut pem = CERTIFICATE.to_vec();
        let at = at.index(pem.len());
        pem[at] = octet;
        let web = Arc::new(Web::answering(200, &pem));
        let _ = verify(&verifier(&web), NOTIFICATION_2, now());
    }
}
