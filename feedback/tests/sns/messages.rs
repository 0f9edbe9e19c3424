//! What is believed of a message.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_feedback::{
    EventKind, Permanence, Proof, Provider, SnsErrorKind, SnsMessageKind, SnsVerifier,
    SubscriptionRequestKind, read_events,
};

use crate::web::Web;
use crate::{
    CERTIFICATE, NOTIFICATION_1, NOTIFICATION_2, SHORT_KEY_2, SUBSCRIPTION_1, TOPIC,
    UNSUBSCRIPTION_2, URL, WORDS_2, changed, error, now, verifier, verify,
};

#[test]
fn both_versions_of_the_signature_hold() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    let verifier = verifier(&web);
    for (body, subject) in [
        (NOTIFICATION_1, None),
        (NOTIFICATION_2, Some("Amazon SES Email Event Notification")),
    ] {
        let message = verify(&verifier, body, now()).unwrap();
        assert_eq!(message.kind(), SnsMessageKind::Notification);
        assert_eq!(message.topic(), TOPIC);
        assert_eq!(message.id(), "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324");
        assert_eq!(message.subject(), subject);
        assert_eq!(message.time(), now() - Duration::from_secs(60));
        assert_eq!(message.subscription(), None);
        let reading = message.reading();
        assert_eq!(reading.events.len(), 1);
        let event = &reading.events[0];
        assert_eq!(event.kind(), EventKind::Bounced(Permanence::Hard));
        assert_eq!(event.proof(), Proof::Provider);
        assert_eq!(event.raw(), Some(message.message().as_bytes()));
        let unproven = read_events(Provider::Ses, body.as_bytes()).unwrap().events;
        assert_eq!(unproven[0].proof(), Proof::Unproven);
        assert_eq!(unproven[0].clone().with_proof(Proof::Provider), *event);
    }
    let asked = web.asked();
    assert_eq!(asked.len(), 1, "the certificate is kept");
    assert_eq!(asked[0].0, URL);
    assert_eq!(asked[0].1.max_body(), 64 * 1024);
    assert_eq!(asked[0].1.time(), Duration::from_secs(10));
}

#[test]
fn plain_words_are_an_unknown_event() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    let message = verify(&verifier(&web), WORDS_2, now()).unwrap();
    assert_eq!(message.message(), "Zwei Zeilen,\nund ein \"\u{e9}\".\n");
    let events = message.reading().events;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind(), EventKind::Unknown);
    assert_eq!(events[0].proof(), Proof::Provider);
    assert_eq!(events[0].provider_event_id(), Some(message.id()));
}

#[test]
fn requests_are_verified_and_surfaced() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    let verifier = verifier(&web);
    for (body, kind, request) in [
        (
            SUBSCRIPTION_1,
            SnsMessageKind::SubscriptionConfirmation,
            SubscriptionRequestKind::Subscribe,
        ),
        (
            UNSUBSCRIPTION_2,
            SnsMessageKind::UnsubscribeConfirmation,
            SubscriptionRequestKind::Unsubscribe,
        ),
    ] {
        let message = verify(&verifier, body, now()).unwrap();
        assert_eq!(message.kind(), kind);
        let reading = message.reading();
        assert!(reading.events.is_empty());
        assert_eq!(reading.subscription.as_ref(), message.subscription());
        let subscription = message.subscription().unwrap();
        assert_eq!(subscription.kind(), request);
        assert_eq!(subscription.topic(), Some(TOPIC));
        assert_eq!(subscription.token(), Some("2336412f37"));
    }
    assert_eq!(
        web.asked().len(),
        1,
        "nothing but the certificate is fetched"
    );
}

#[test]
fn whatever_is_signed_cannot_be_changed() {
    let evil = "https://evil.example/?Action=ConfirmSubscription";
    for (body, name, value) in [
        (NOTIFICATION_1, "Message", "{}"),
        (NOTIFICATION_2, "Message", "{}"),
        (NOTIFICATION_2, "MessageId", "7"),
        (NOTIFICATION_2, "Subject", "Other"),
        (NOTIFICATION_1, "Subject", "Added"),
        (NOTIFICATION_2, "Timestamp", "2026-11-20T08:00:07.655Z"),
        (NOTIFICATION_1, "SignatureVersion", "2"),
        (NOTIFICATION_2, "SignatureVersion", "1"),
        (NOTIFICATION_2, "Signature", ""),
        (NOTIFICATION_2, "Signature", "AAAA"),
        (SUBSCRIPTION_1, "SubscribeURL", evil),
        (SUBSCRIPTION_1, "Token", "8"),
        (SUBSCRIPTION_1, "Type", "UnsubscribeConfirmation"),
        (SUBSCRIPTION_1, "Type", "Notification"),
        (UNSUBSCRIPTION_2, "Message", "x"),
    ] {
        let found = error(&changed(body, name, value));
        assert_eq!(found, SnsErrorKind::Signature, "{name}");
    }
    let without = changed(NOTIFICATION_2, "Subject", serde_json::Value::Null);
    assert_eq!(error(&without), SnsErrorKind::Signature);
    assert_eq!(error(SHORT_KEY_2), SnsErrorKind::Signature, "another key");
}

#[test]
fn a_bad_envelope_is_told_by_its_field() {
    let field = |name| SnsErrorKind::Field { name };
    for (body, name, value, expected) in [
        (NOTIFICATION_2, "Type", "Other", field("Type")),
        (NOTIFICATION_2, "Timestamp", "yesterday", field("Timestamp")),
        (NOTIFICATION_2, "Signature", "%", field("Signature")),
        (
            NOTIFICATION_2,
            "MessageId",
            "a\nSubject\nb",
            field("MessageId"),
        ),
        (NOTIFICATION_2, "Subject", "a\nTimestamp", field("Subject")),
        (
            NOTIFICATION_2,
            "SignatureVersion",
            "3",
            SnsErrorKind::Version,
        ),
    ] {
        assert_eq!(error(&changed(body, name, value)), expected, "{name}");
    }
    for name in ["SubscribeURL", "Token"] {
        let without = changed(SUBSCRIPTION_1, name, serde_json::Value::Null);
        assert_eq!(error(&without), field(name));
    }
    for name in [
        "Type",
        "Message",
        "MessageId",
        "TopicArn",
        "Timestamp",
        "Signature",
    ] {
        let without = changed(NOTIFICATION_2, name, serde_json::Value::Null);
        assert_eq!(error(&without), SnsErrorKind::NotAnEnvelope, "{name}");
    }
    let twice = NOTIFICATION_2.replacen('{', "{\"TopicArn\":\"arn:other\",", 1);
    for body in ["", "[]", "{}", "hello", &twice] {
        assert_eq!(error(body), SnsErrorKind::NotAnEnvelope, "{body}");
    }
    let long = changed(NOTIFICATION_2, "Message", "x".repeat(3_000_000));
    assert!(matches!(error(&long), SnsErrorKind::TooBig { .. }));
}

#[test]
fn only_topics_that_were_asked_for_are_heard() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    for (source, is_heard) in [
        (TOPIC, true),
        ("123456789012", true),
        ("arn:aws:sns:eu-west-1:123456789012:complaints", false),
        ("arn:aws:sns:us-east-1:123456789012:bounces", false),
        ("210987654321", false),
    ] {
        let verifier = SnsVerifier::new(Arc::clone(&web) as _, source.parse().unwrap());
        let outcome = verify(&verifier, NOTIFICATION_2, now());
        assert_eq!(outcome.is_ok(), is_heard, "{source}");
        if let Err(error) = outcome {
            assert_eq!(error.kind(), &SnsErrorKind::Topic);
            assert!(!error.is_transient());
        }
    }
    let other = "210987654321".parse().unwrap();
    let both = SnsVerifier::new(Arc::clone(&web) as _, other).source(TOPIC.parse().unwrap());
    assert!(verify(&both, NOTIFICATION_2, now()).is_ok());

    let web = Arc::new(Web::answering(200, CERTIFICATE));
    let foreign = changed(
        NOTIFICATION_2,
        "TopicArn",
        "arn:aws:sns:eu-west-1:210987654321:mine",
    );
    assert!(verify(&verifier(&web), &foreign, now()).is_err());
    assert!(web.asked().is_empty(), "nothing is fetched for a stranger");
}

#[test]
fn a_message_has_its_time() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    let verifier = verifier(&web);
    let published = now() - Duration::from_secs(60);
    let day = SnsVerifier::DEFAULT_MAX_AGE;
    let second = Duration::from_secs(1);
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let check = |verifier: &SnsVerifier, now: SystemTime| {
        verify(verifier, NOTIFICATION_2, now)
            .map(drop)
            .map_err(|error| error.kind().clone())
    };
    assert_eq!(check(&verifier, published + day), Ok(()));
    let age = day + second;
    assert_eq!(
        check(&verifier, published + age),
        Err(SnsErrorKind::TooOld { age })
    );
    assert_eq!(check(&verifier, published - minutes(15)), Ok(()));
    let early = published - minutes(15) - second;
    assert_eq!(check(&verifier, early), Err(SnsErrorKind::FromTheFuture));

    let patient = verifier.max_age(2 * day);
    assert_eq!(check(&patient, published + day + second), Ok(()));
}

#[test]
fn version_1_can_be_refused() {
    let web = Arc::new(Web::answering(200, CERTIFICATE));
    let strict = verifier(&web).version_2_only();
    assert!(verify(&strict, NOTIFICATION_2, now()).is_ok());
    let error = verify(&strict, NOTIFICATION_1, now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the message of SNS: the version of its signature is not accepted; set the topic's SignatureVersion to 2"
    );
}
