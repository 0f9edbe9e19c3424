//! What lettre has built, as ours.

use letterhead_mail::ReversePath;
use letterhead_transport::adapter::lettre::{LettreMailError, read_message, read_raw};
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::{MultiPart, SinglePart};

use crate::support::address;

fn builder() -> lettre::message::MessageBuilder {
    lettre::Message::builder()
        .from("Jörg <joerg@example.org>".parse().unwrap())
        .to("Ann <ann@example.com>".parse().unwrap())
        .cc("team@example.com".parse().unwrap())
        .bcc("archive@example.org".parse().unwrap())
        .subject("Grüße")
}

#[test]
fn the_octets_are_those_of_lettre() {
    let parts = MultiPart::alternative()
        .singlepart(SinglePart::plain(String::from("Hello\n")))
        .singlepart(SinglePart::html(String::from("<p>Hello</p>")));
    for theirs in [
        builder().body(String::from("Hello\nWörld\n")).unwrap(),
        builder().multipart(parts).unwrap(),
    ] {
        let (message, envelope) = read_message(&theirs).unwrap();
        let formatted = theirs.formatted();
        assert_eq!(
            message.as_bytes().trim_ascii_end(),
            formatted.trim_ascii_end()
        );
        assert_eq!(
            envelope.sender(),
            &ReversePath::from(address("joerg@example.org"))
        );
        let recipients: Vec<_> = envelope.addresses().map(ToString::to_string).collect();
        assert_eq!(
            recipients,
            ["ann@example.com", "team@example.com", "archive@example.org"]
        );
        assert_eq!(
            message.authors().unwrap()[0].to_string(),
            "=?utf-8?B?SsO2cmc=?= <joerg@example.org>"
        );
    }
}

#[test]
fn bcc_is_taken_out_where_lettre_keeps_it() {
    let theirs = builder().keep_bcc().body(String::from("Hello")).unwrap();
    let has_bcc = |octets: &[u8]| octets.windows(5).any(|five| five == b"Bcc: ");
    assert!(has_bcc(&theirs.formatted()));
    let (message, envelope) = read_message(&theirs).unwrap();
    assert!(!has_bcc(message.as_bytes()));
    assert!(
        envelope
            .addresses()
            .any(|to| *to == address("archive@example.org"))
    );
}

#[test]
fn the_envelope_decides_and_a_null_sender_stays_one() {
    let to = vec!["bounces@example.com".parse().unwrap()];
    let theirs = builder()
        .envelope(Envelope::new(None, to).unwrap())
        .body(String::from("Hello"))
        .unwrap();
    let (_, envelope) = read_message(&theirs).unwrap();
    assert!(envelope.sender().is_null());
    assert_eq!(envelope.recipients().len(), 1);
}

#[test]
fn line_ends_become_canonical() {
    let to = vec!["a@x.example".parse().unwrap()];
    let envelope = Envelope::new(None, to).unwrap();
    let (message, _) = read_raw(&envelope, b"From: s@x.example\n\nHello\n.\n").unwrap();
    assert_eq!(
        message.as_bytes(),
        b"From: s@x.example\r\n\r\nHello\r\n.\r\n"
    );
    assert!(matches!(
        read_raw(&envelope, b"a\0"),
        Err(LettreMailError::Message(_))
    ));
}

#[test]
fn an_address_that_is_none_is_refused() {
    let good: Address = "a@x.example".parse().unwrap();
    let bad = || Address::new_dangerous("a>\r\nRCPT TO:<b", "x.example");
    for envelope in [
        Envelope::new(Some(bad()), vec![good.clone()]).unwrap(),
        Envelope::new(Some(good.clone()), vec![good.clone(), bad()]).unwrap(),
    ] {
        let error = read_raw(&envelope, b"From: s@x.example\r\n\r\n").unwrap_err();
        assert!(matches!(error, LettreMailError::Address { .. }));
        assert!(!error.to_string().contains('\n'));
    }
}
