//! No octets make a reader panic, and what it gives keeps its promises.

use std::time::SystemTime;

use letterhead_feedback::{
    Event, MailgunKey, Proof, Provider, ProviderReading, ProviderReadingErrorKind, SendGridKey,
    WebhookSecret, read_events,
};
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use proptest::sample::{Index, select};
use proptest::{collection, prop_assert, prop_assert_eq, prop_oneof};

use crate::authentication::KEY;

const FIVE: [Provider; 5] = [
    Provider::SendGrid,
    Provider::Mailgun,
    Provider::Postmark,
    Provider::Mailjet,
    Provider::SparkPost,
];

const BODIES: [&str; 5] = [
    include_str!("sendgrid.json"),
    include_str!("mailgun.json"),
    r#"{"RecordType":"Bounce","ID":42,"Type":"HardBounce","TypeCode":1,"Email":"joe@example.org","MessageID":"883953f4","Details":"smtp;550 5.1.1 x","BouncedAt":"2019-11-05T16:33:54.9070259Z"}"#,
    r#"[{"event":"bounce","time":1430812195,"MessageID":13792286917004336,"email":"joe@example.org","hard_bounce":true,"error_related_to":"recipient","error":"user unknown"}]"#,
    r#"[{"msys":{"message_event":{"type":"bounce","bounce_class":"10","event_id":"1","rcpt_to":"joe@example.org","raw_reason":"550 5.1.1 x","timestamp":"1454442600"}}}]"#,
];

/// A text in place of another, so that the JSON often stays JSON.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        collection::vec(any::<u8>(), 0..8),
        select(vec![
            "null",
            "[]",
            "{}",
            "[[[[",
            "{\"a\":",
            "1e999",
            "-1",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"\u{e9}\u{1f4a9}\"",
            "\"\"",
            ",",
            "\"",
            "\"x\",",
            "}",
            "]",
            "99999999999999999999999",
            "true",
            "\"550 5.1.1\"",
            "\"smtp;550-5.1.1\"",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

/// Octets cut out at a place and others put there.
fn change() -> impl Strategy<Value = (Index, usize, Vec<u8>)> {
    (any::<Index>(), 0..40_usize, piece())
}

/// The document with the value of one member replaced.
fn with_member(body: &str, at: &Index, replacement: &str) -> String {
    let colons: Vec<usize> = body.match_indices(':').map(|(at, _)| at + 1).collect();
    let from = colons[at.index(colons.len())];
    let length = body[from..].find([',', '}', '\n']).unwrap_or(0);
    format!("{}{replacement}{}", &body[..from], &body[from + length..])
}

fn check(provider: Provider, reading: &ProviderReading) {
    assert!(reading.events.len() <= ProviderReading::MAX_EVENTS);
    for event in &reading.events {
        assert_eq!(event.provider(), Some(provider));
        assert_eq!(event.proof(), Proof::Unproven);
        for text in [
            event.native_kind(),
            event.provider_event_id(),
            event.provider_message_id(),
            event.remote_mta(),
        ] {
            let length = text.map_or(0, |text| text.chars().count());
            assert!(length <= Event::MAX_NAME, "{text:?}");
            assert!(
                !text.is_some_and(|text| text.contains(char::is_control)),
                "{text:?}"
            );
        }
        assert!(
            event
                .diagnostic()
                .is_none_or(|text| text.chars().count() <= Event::MAX_DIAGNOSTIC)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn mutated_bodies_are_read_or_refused(which in 0..5_usize, reader in 0..5_usize, changes in collection::vec(change(), 1..5)) {
        let mut body = BODIES[which].as_bytes().to_vec();
        for (at, length, piece) in &changes {
            let start = at.index(body.len().max(1)).min(body.len());
            let end = (start + length).min(body.len());
            body.splice(start..end, piece.iter().copied());
        }
        for provider in [FIVE[which], FIVE[reader]] {
            match read_events(provider, &body) {
                Ok(reading) => {
                    check(provider, &reading);
                    let again = read_events(provider, &body);
                    prop_assert_eq!(reading, again.unwrap());
                }
                Err(error) => {
                    prop_assert_eq!(error.provider(), provider);
                    if let ProviderReadingErrorKind::NotJson { line, column } = error.kind() {
                        prop_assert!(*line >= 1 && *column >= 1);
                        prop_assert!(*line <= body.iter().filter(|octet| **octet == b'\n').count() + 1);
                    }
                }
            }
        }
    }

    /// Whatever one field holds, the others are read.
    #[test]
    fn a_member_of_any_value_fails_nothing(which in 0..5_usize, at in any::<Index>(), value in select(vec![
        "null", "[]", "{}", "0", "-1.5", "true", "\"\"", "\"x\"", "\"550 5.7.1 no\"", "[{\"a\":\"b\"}]", "\"\\u0000\"",
    ])) {
        let body = with_member(BODIES[which], &at, value);
        // Where the cut leaves JSON.
        if serde_json::from_str::<serde_json::Value>(&body).is_ok() {
            match read_events(FIVE[which], body.as_bytes()) {
                Ok(reading) => check(FIVE[which], &reading),
                Err(error) => {
                    let is_other = matches!(error.kind(), ProviderReadingErrorKind::NotThisProvider { .. });
                    prop_assert!(is_other, "{}: {}", error, body);
                }
            }
        }
    }
}

proptest! {
    /// What nobody signed is refused, whatever it looks like.
    #[test]
    fn nothing_passes_by_chance(
        signature in prop_oneof!["\\PC{0,40}", "[A-Za-z0-9+/]{96}={0,2}", "[0-9a-f]{64}"],
        timestamp in prop_oneof!["\\PC{0,12}", "[0-9]{0,20}"],
        authorization in prop_oneof!["\\PC{0,20}", "(Basic|Bearer) [A-Za-z0-9+/]{0,24}={0,2}"],
    ) {
        let now = SystemTime::UNIX_EPOCH;
        let sendgrid: SendGridKey = KEY.parse().unwrap();
        prop_assert!(sendgrid.verify(&signature, &timestamp, b"[]", now).is_err());
        let mailgun: MailgunKey = "k1".parse().unwrap();
        let guard = MailgunKey::replay_guard(10);
        let block = serde_json::json!({"timestamp": &timestamp, "token": &authorization, "signature": &signature});
        let body = serde_json::json!({"signature": block, "event-data": {"event": "delivered"}}).to_string();
        prop_assert!(mailgun.verify(body.as_bytes(), &guard, now).is_err());
        prop_assert!(guard.is_empty());
        for secret in [WebhookSecret::basic("hooks", "tr0ub4dor"), WebhookSecret::bearer("tr0ub4dor")] {
            prop_assert!(secret.unwrap().verify(Some(&authorization), b"[]", Provider::SparkPost).is_err());
        }
        let _ = signature.parse::<SendGridKey>();
    }
}

#[test]
fn what_is_of_no_shape_is_an_error_with_its_place() {
    for provider in FIVE {
        for (body, named) in [
            ("", "it is empty"),
            ("{\"event\":\n  nonsense}", "line 2, column 4 is not JSON"),
            ("[{\"a\":1}]", "document 1 is not an object with"),
            ("7", "document 1 is not an object with"),
        ] {
            let error = read_events(provider, body.as_bytes())
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(named) && error.contains(provider.as_str()),
                "{body}: {error}"
            );
        }
        assert!(read_events(provider, b"[]").unwrap().events.is_empty());
    }
}

#[test]
fn what_is_unknown_in_a_batch_does_not_fail_the_rest() {
    for (provider, body) in FIVE.into_iter().zip(BODIES) {
        let known = read_events(provider, body.as_bytes()).unwrap().events;
        let batch = format!(
            "[7,{{\"other\":true}},{}]",
            body.trim().trim_matches(['[', ']'])
        );
        let events = read_events(provider, batch.as_bytes()).unwrap().events;
        assert_eq!(events.len(), known.len() + 2, "{provider}");
        for (event, known) in events[2..].iter().zip(&known) {
            assert_eq!(event.id(), known.id());
        }
    }
}

#[test]
fn events_beyond_the_most_are_counted() {
    let many = "{\"event\":\"open\"},".repeat(10_005);
    let body = format!("[{}]", many.trim_end_matches(','));
    let reading = read_events(Provider::SendGrid, body.as_bytes()).unwrap();
    assert_eq!((reading.events.len(), reading.omitted), (10_000, 5));
}
