//! The published examples.

use letterhead_dkim::{Algorithm, DkimResult, PrivateKey, PublicKeyRecord, VerifyLimits, verify};
use letterhead_dns::{Zone, block_on_ready};

use crate::support;

const RSA_RECORD: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5\
    qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz\
    BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
const RFC_6376_RECORD: &str = "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/\
    zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNB\
    cWToIMmPSPDdQPNUYckcQ2QIDAQAB";
const ED25519_RECORD: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/// nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=
const ED25519_SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

fn zone() -> Zone {
    let mut zone = Zone::new();
    for (selector, record) in [("brisbane", ED25519_RECORD), ("test", RSA_RECORD)] {
        let name = format!("{selector}._domainkey.football.example.com");
        support::insert(&mut zone, &name, record.as_bytes());
    }
    zone
}

fn message() -> String {
    include_str!("../vectors/rfc8463.eml").replace('\n', "\r\n")
}

#[test]
fn both_signatures_of_rfc_8463_verify() {
    let verdicts = support::verdicts_in(&zone(), message().as_bytes());
    let summary: Vec<_> = verdicts
        .iter()
        .map(|verdict| (verdict.result(), verdict.algorithm(), verdict.key_bits()))
        .collect();
    assert_eq!(
        summary,
        [
            (DkimResult::Pass, Some(Algorithm::Ed25519Sha256), Some(256)),
            (DkimResult::Pass, Some(Algorithm::RsaSha256), Some(1024)),
        ]
    );
}

#[test]
fn the_example_of_rfc_6376_verifies_and_only_with_its_spaces() {
    let mut zone = Zone::new();
    support::insert(
        &mut zone,
        "brisbane._domainkey.example.com",
        RFC_6376_RECORD.as_bytes(),
    );
    let message = include_str!("../vectors/rfc6376.eml").replace('\n', "\r\n");
    let verdicts = support::verdicts_in(&zone, message.as_bytes());
    assert_eq!(
        verdicts[0].to_string(),
        "dkim=pass (verified) header.d=example.com header.s=brisbane"
    );
    // simple/simple holds every space.
    for (from, to) in [
        ("game. Are", "game.  Are"),
        ("com  [", "com ["),
        ("h=Received :", "h=Received:"),
    ] {
        let altered = message.replace(from, to);
        assert_ne!(altered, message);
        let verdicts = support::verdicts_in(&zone, altered.as_bytes());
        assert_eq!(verdicts[0].result(), DkimResult::Fail);
    }
}

#[test]
fn the_example_fails_once_altered() {
    let altered = message().replace("hungry", "Hungry");
    let verdicts = support::verdicts_in(&zone(), altered.as_bytes());
    assert!(
        verdicts
            .iter()
            .all(|verdict| verdict.result() == DkimResult::Fail)
    );
}

#[test]
fn the_seed_of_rfc_8463_gives_its_record() {
    let key = PrivateKey::ed25519_from_seed(&ED25519_SEED).unwrap();
    assert_eq!(PublicKeyRecord::for_key(&key).to_string(), ED25519_RECORD);
    let record = PublicKeyRecord::parse(RSA_RECORD.as_bytes()).unwrap();
    assert_eq!(record.to_string(), RSA_RECORD);
}

#[test]
fn a_message_with_lf_line_ends_is_told_apart() {
    let message = message().replace("\r\n", "\n");
    let verdict = block_on_ready(verify(
        message.as_bytes(),
        &zone(),
        support::now(),
        &VerifyLimits::default(),
    ))
    .unwrap();
    assert_eq!(verdict.len(), 1);
    assert_eq!(
        verdict[0].to_string(),
        "dkim=neutral (the header has line ends other than CRLF) header.d=football.example.com header.s=brisbane"
    );
}
