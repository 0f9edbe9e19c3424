//! No body makes a reader panic, and what it gives keeps its promises.

use letterhead_feedback::{Event, Proof, Provider, ProviderReading, read_events};
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use proptest::sample::Index;
use proptest::{collection, prop_assert, prop_assert_eq, prop_oneof};

const SES: &str = r#"{"Type":"Notification","Message":"{\"eventType\":\"Bounce\",\"mail\":{\"messageId\":\"m\",\"destination\":[\"joe@example.org\"]},\"bounce\":{\"bounceType\":\"Permanent\",\"bounceSubType\":\"General\",\"feedbackId\":\"f\",\"bouncedRecipients\":[{\"emailAddress\":\"joe@example.org\",\"status\":\"5.1.1\"}]}}"}"#;
const SES_RAW: &str = r#"{"notificationType":"Complaint","mail":{"timestamp":"2026-11-20T08:00:00Z","messageId":"m"},"complaint":{"complainedRecipients":[{"emailAddress":"joe@example.org"},{"emailAddress":"ann@example.org"}],"timestamp":"2026-11-20T08:00:00Z"}}"#;
const OCI: &str = r#"{"results":[{"data":{"logContent":{"id":"i","time":"2026-11-20T08:00:00Z","data":{"action":"bounce","errorType":"hard","bounceCategory":"bad-mailbox","recipient":"joe@example.org","smtpStatus":"550 5.1.1 x"}}}}]}"#;
const OCI_STREAM: &str = r#"[{"value":"eyJkYXRhIjp7ImFjdGlvbiI6InJlbGF5In19"}]"#;

/// One change to a body.
#[derive(Debug, Clone)]
enum Mutation {
    Replace(Index, u8),
    Remove(Index, usize),
    Insert(Index, String),
    Cut(Index),
}

impl Mutation {
    fn apply(&self, body: &mut Vec<u8>) {
        if body.is_empty() {
            return;
        }
        match self {
            Self::Replace(at, octet) => {
                let at = at.index(body.len());
                body[at] = *octet;
            }
            Self::Remove(at, length) => {
                let start = at.index(body.len());
                let end = (start + length).min(body.len());
                body.drain(start..end);
            }
            Self::Insert(at, text) => {
                let at = at.index(body.len());
                body.splice(at..at, text.bytes());
            }
            Self::Cut(at) => body.truncate(at.index(body.len())),
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let pieces = proptest::sample::select(vec![
        "null", "[]", "{}", "\"", "1e999", "-1", "\\u0000", "\\ud800", "\u{e9}", ",", "}", "[[[[",
    ]);
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, octet)| Mutation::Replace(at, octet)),
        (at(), 1..40_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (at(), pieces).prop_map(|(at, text)| Mutation::Insert(at, text.to_owned())),
        at().prop_map(Mutation::Cut),
    ]
}

/// Any JSON, with the names that are looked for among its keys.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let key = || {
        prop_oneof![
            proptest::sample::select(vec![
                "eventType",
                "notificationType",
                "mail",
                "bounce",
                "complaint",
                "delivery",
                "bouncedRecipients",
                "complainedRecipients",
                "emailAddress",
                "timestamp",
                "Type",
                "Message",
                "Records",
                "Sns",
                "body",
                "detail",
                "data",
                "logContent",
                "results",
                "value",
                "action",
                "recipient",
                "messageId",
                "destination",
            ])
            .prop_map(str::to_owned),
            ".*",
        ]
    };
    let word = proptest::sample::select(vec![
        "Bounce",
        "Complaint",
        "Delivery",
        "Subscription",
        "bounce",
        "accept",
        "Permanent",
        "joe@example.org",
        "2026-11-20T08:00:00Z",
        "{\"eventType\":\"Send\"}",
        "e30=",
    ]);
    let leaf = prop_oneof![
        proptest::strategy::Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        word.prop_map(serde_json::Value::from),
        ".*".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            collection::vec((key(), inner), 0..6)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Value>()),
        ]
    })
}

/// What every event of a reading promises.
fn check(provider: Provider, body: &[u8]) -> Result<(), proptest::test_runner::TestCaseError> {
    let reading = match read_events(provider, body) {
        Ok(reading) => reading,
        Err(error) => {
            prop_assert!(!error.to_string().is_empty());
            return Ok(());
        }
    };
    prop_assert!(reading.events.len() <= ProviderReading::MAX_EVENTS);
    for event in &reading.events {
        prop_assert_eq!(event.proof(), Proof::Unproven);
        prop_assert_eq!(event.provider(), Some(provider));
        prop_assert!(event.raw().is_some_and(|raw| !raw.is_empty()));
        prop_assert!(event.candidates().len() <= Event::MAX_CANDIDATES);
        prop_assert!(event.candidates().is_empty() || event.addressee().is_none());
        let names = [
            event.native_kind(),
            event.provider_event_id(),
            event.remote_mta(),
        ];
        for name in names.into_iter().flatten() {
            prop_assert!(name.chars().count() <= Event::MAX_NAME);
            prop_assert!(!name.contains(char::is_control));
        }
        prop_assert_eq!(event.id(), event.clone().id());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_are_read_or_refused(body in collection::vec(any::<u8>(), 0..300)) {
        for provider in Provider::ALL {
            check(*provider, &body)?;
        }
    }

    #[test]
    fn any_json_is_read_or_refused(value in json()) {
        for provider in Provider::ALL {
            check(*provider, value.to_string().as_bytes())?;
        }
    }

    #[test]
    fn what_was_changed_on_the_way_is_read_or_refused(
        (provider, body) in proptest::sample::select(vec![
            (Provider::Ses, SES), (Provider::Ses, SES_RAW),
            (Provider::Oci, OCI), (Provider::Oci, OCI_STREAM),
        ]),
        mutations in collection::vec(mutation(), 0..6),
    ) {
        let mut body = body.as_bytes().to_vec();
        for mutation in &mutations {
            mutation.apply(&mut body);
        }
        check(provider, &body)?;
    }

    #[test]
    fn a_body_that_breaks_off_is_never_half_read(at in any::<Index>()) {
        for (provider, body) in [(Provider::Ses, SES), (Provider::Ses, SES_RAW), (Provider::Oci, OCI)] {
            let cut = &body.as_bytes()[..at.index(body.len())];
            prop_assert!(read_events(provider, cut).is_err());
        }
    }
}

#[test]
fn the_bodies_themselves_are_read() {
    for (provider, body) in [
        (Provider::Ses, SES),
        (Provider::Ses, SES_RAW),
        (Provider::Oci, OCI),
        (Provider::Oci, OCI_STREAM),
    ] {
        let reading = read_events(provider, body.as_bytes()).unwrap();
        assert_eq!(reading.events.len(), 1, "{body}");
        assert_ne!(
            reading.events[0].kind(),
            letterhead_feedback::EventKind::Unknown
        );
    }
}
