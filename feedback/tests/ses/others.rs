//! All other types.

use letterhead_feedback::{Event, EventKind};
use serde_json::{Value, json};

use crate::{about, only, read, recipients};

#[test]
fn the_other_types_have_their_kinds() {
    let to = &["joe@example.org", "ann@example.org"];
    let both = vec![
        Some("joe@example.org".into()),
        Some("ann@example.org".into()),
    ];
    let delivery = json!({
        "timestamp": "2026-11-20T08:00:02Z", "recipients": to, "smtpResponse": "250 2.6.0 Taken",
        "reportingMTA": "a1.example.net", "remoteMtaIp": "192.0.2.7", "processingTimeMillis": 7,
    });
    let delay = json!({
        "timestamp": "2026-11-20T08:00:02Z", "delayType": "SpamDetected",
        "delayedRecipients": [
            {"emailAddress": to[0], "status": "4.7.0", "diagnosticCode": "smtp; 421 4.7.0 later"},
            {"emailAddress": to[1], "status": "4.2.2"},
        ],
    });
    for (kind, name, detail, expected, reasons, native) in [
        (
            "Delivery",
            "delivery",
            delivery,
            EventKind::Delivered,
            ["delivered"; 2],
            "Delivery",
        ),
        (
            "Send",
            "send",
            json!({}),
            EventKind::Sent,
            ["unspecified"; 2],
            "Send",
        ),
        (
            "Reject",
            "reject",
            json!({"reason": "Bad content"}),
            EventKind::Rejected,
            ["virus"; 2],
            "Reject/Bad content",
        ),
        (
            "Rendering Failure",
            "failure",
            json!({"templateName": "T", "errorMessage": "no name"}),
            EventKind::Rejected,
            ["rendering-failure"; 2],
            "Rendering Failure",
        ),
        (
            "DeliveryDelay",
            "deliveryDelay",
            delay,
            EventKind::Deferred,
            ["spam", "mailbox-full"],
            "DeliveryDelay/SpamDetected",
        ),
    ] {
        let value = about(to, kind, name, &detail);
        let events = read(&value).events;
        assert_eq!(recipients(&events), both, "{kind}");
        for (event, reason) in events.iter().zip(reasons) {
            assert_eq!(event.kind(), expected, "{kind}");
            assert_eq!(event.reason().as_str(), reason, "{kind}");
            assert_eq!(event.native_kind(), Some(native));
            assert!(
                event
                    .provider_event_id()
                    .unwrap()
                    .starts_with("0100-abc-000000/"),
                "{kind}"
            );
        }
    }
    let failure = about(
        to,
        "Rendering Failure",
        "failure",
        &json!({"templateName": "T", "errorMessage": "no name"}),
    );
    assert_eq!(read(&failure).events[0].diagnostic(), Some("T: no name"));
}

#[test]
fn who_of_several_opened_it_is_not_known() {
    let open =
        json!({"timestamp": "2026-11-20T10:00:00Z", "userAgent": "x", "ipAddress": "192.0.2.1"});
    let one = only(&about(&["joe@example.org"], "Open", "open", &open));
    assert_eq!(one.kind(), EventKind::Opened);
    assert_eq!(one.recipient().unwrap().to_string(), "joe@example.org");
    let several = only(&about(
        &["joe@example.org", "ann@example.org"],
        "Click",
        "click",
        &open,
    ));
    assert_eq!(several.kind(), EventKind::Clicked);
    assert_eq!((several.recipient(), several.candidates().len()), (None, 2));
}

#[test]
fn subscriptions_are_compared_with_what_they_were() {
    let preferences = |all: bool, topics: &[(&str, &str)]| {
        let topic =
            |(name, state): &(&str, &str)| json!({"topicName": name, "subscriptionStatus": state});
        json!({"unsubscribeAll": all, "topicSubscriptionStatus": topics.iter().map(topic).collect::<Vec<_>>()})
    };
    let (out, left) = (EventKind::Unsubscribed, EventKind::Subscribed);
    for (old, new, expected) in [
        (
            preferences(false, &[]),
            preferences(true, &[]),
            vec![(out, "Subscription/OptOut")],
        ),
        (
            preferences(true, &[]),
            preferences(false, &[]),
            vec![(left, "Subscription/OptIn")],
        ),
        (
            preferences(false, &[("a", "OptIn"), ("b", "OptOut"), ("c", "OptIn")]),
            preferences(false, &[("a", "OptOut"), ("b", "OptIn"), ("c", "OptIn")]),
            vec![
                (out, "Subscription/OptOut/a"),
                (left, "Subscription/OptIn/b"),
            ],
        ),
        (
            Value::Null,
            preferences(false, &[("a", "OptOut")]),
            vec![(out, "Subscription/OptOut/a")],
        ),
        (
            preferences(false, &[]),
            preferences(false, &[]),
            vec![(EventKind::Unknown, "Subscription")],
        ),
    ] {
        let detail = json!({"contactList": "l", "source": "UnsubscribeHeader", "timestamp": "2026-11-20T10:00:00Z",
            "oldTopicPreferences": old, "newTopicPreferences": new});
        let events = read(&about(
            &["joe@example.org"],
            "Subscription",
            "subscription",
            &detail,
        ))
        .events;
        let found: Vec<_> = events
            .iter()
            .map(|event| (event.kind(), event.native_kind().unwrap()))
            .collect();
        assert_eq!(found, expected, "{detail}");
        let mut ids: Vec<_> = events.iter().map(Event::id).collect();
        ids.dedup();
        assert_eq!(ids.len(), events.len());
    }
}
