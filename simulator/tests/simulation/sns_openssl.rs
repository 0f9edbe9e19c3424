//! What SNS signs, judged by another implementation.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_simulator::provider_events::{SesOverSns, SnsCertificates};
use letterhead_simulator::{ProviderNotification, Webhook};
use serde_json::Value;

use crate::common::{FRONT, address, builder, front, send, submission};

/// Skipped, and says so, where there is no `openssl`.
#[test]
fn openssl_verifies_every_envelope() {
    let is_there = Command::new("openssl")
        .arg("version")
        .stdout(Stdio::null())
        .status();
    if !is_there.is_ok_and(|status| status.success()) {
        println!("skipped: openssl is not installed");
        return;
    }
    let topic = "arn:aws:sns:us-east-1:123456789012:mail".parse().unwrap();
    let webhook = Webhook::ses("https://app.example/", SesOverSns::new(topic));
    let from = "billing@yourcompany.example";
    let front = front("amazon-ses")
        .verified(letterhead_identity::Subject::Address(address(from)))
        .webhook(webhook);
    let simulator = builder(1).front(front).build().unwrap();
    let to = [
        "bounce+ü@simulator.amazonses.com",
        "complaint@simulator.amazonses.com",
    ];
    assert!(send(&simulator, FRONT, &submission(from, from, &to)).all_accepted());
    simulator.advance(Duration::from_hours(3));
    let notifications = simulator.notifications();
    assert_eq!(notifications.len(), 5);

    let folder = std::env::temp_dir().join(format!("letterhead-sns-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let certificate = folder.join("certificate.pem");
    std::fs::write(&certificate, SnsCertificates::PEM).unwrap();
    let extracted = Command::new("openssl")
        .args(["x509", "-pubkey", "-noout", "-in"])
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(extracted.status.success(), "{extracted:?}");
    std::fs::write(folder.join("key.pem"), extracted.stdout).unwrap();
    for notification in &notifications {
        let (text, signature) = signed(notification);
        assert!(is_verified(&folder, &text, &signature), "{text}");
        let other = text.replacen("us-east-1", "us-east-2", 1);
        assert!(!is_verified(&folder, &other, &signature), "{other}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What Amazon says is signed, put together by its description and not by what signs it.
fn signed(notification: &ProviderNotification) -> (String, Vec<u8>) {
    let envelope: Value = serde_json::from_slice(&notification.body).unwrap();
    let names = match envelope["Type"].as_str().unwrap() {
        "Notification" => &[
            "Message",
            "MessageId",
            "Subject",
            "Timestamp",
            "TopicArn",
            "Type",
        ][..],
        _ => &[
            "Message",
            "MessageId",
            "SubscribeURL",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type",
        ],
    };
    let line = |name: &&str| format!("{name}\n{}\n", envelope[*name].as_str().unwrap());
    let text = names.iter().map(line).collect();
    let signature = envelope["Signature"].as_str().unwrap();
    (text, STANDARD.decode(signature).unwrap())
}

fn is_verified(folder: &Path, text: &str, signature: &[u8]) -> bool {
    std::fs::write(folder.join("text"), text).unwrap();
    std::fs::write(folder.join("signature"), signature).unwrap();
    let verified = Command::new("openssl")
        .current_dir(folder)
        .args([
            "dgst",
            "-sha256",
            "-verify",
            "key.pem",
            "-signature",
            "signature",
            "text",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    verified.unwrap().success()
}
