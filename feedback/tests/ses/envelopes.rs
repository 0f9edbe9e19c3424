//! What SNS, SQS, Lambda and the event bus put around a notification.

use letterhead_feedback::{EventKind, SubscriptionRequestKind};
use serde_json::json;

use crate::{bounce, only, read};

#[test]
fn envelopes_are_opened() {
    let bounce = bounce(
        "Permanent",
        "NoEmail",
        &json!([{"emailAddress": "joe@example.org"}]),
    );
    let sns = json!({"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": bounce.to_string()});
    let plain = only(&bounce);
    for wrapped in [
        sns.clone(),
        json!({"Records": [{"EventSource": "aws:sns", "Sns": sns}]}),
        json!({"Records": [{"messageId": "m", "body": sns.to_string()}]}),
        json!({"Records": [{"messageId": "m", "body": bounce.to_string()}]}),
        json!({"Messages": [], "Body": sns.to_string()}),
    ] {
        let event = only(&wrapped);
        assert_eq!(event, plain, "{wrapped}");
    }
    let bridge = json!({"detail-type": "Email Bounced", "source": "aws.ses", "detail": bounce});
    assert_eq!(only(&bridge).id(), plain.id());

    let greeting =
        json!({"Type": "Notification", "Message": "Successfully validated SNS topic for events."});
    let event = only(&greeting);
    assert_eq!(event.kind(), EventKind::Unknown);
    assert_eq!(
        event.diagnostic(),
        Some("Successfully validated SNS topic for events.")
    );
    let text =
        json!({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have it."});
    let event = only(&json!({"Type": "Notification", "Message": text.to_string()}));
    assert_eq!(event.native_kind(), Some("AmazonSnsSubscriptionSucceeded"));
    assert_eq!(event.diagnostic(), Some("You have it."));
}

#[test]
fn requests_to_subscribe_are_reported() {
    for (name, kind) in [
        (
            "SubscriptionConfirmation",
            SubscriptionRequestKind::Subscribe,
        ),
        (
            "UnsubscribeConfirmation",
            SubscriptionRequestKind::Unsubscribe,
        ),
    ] {
        let value = json!({"Type": name, "TopicArn": "arn:t", "Token": "secret", "Message": "You have",
            "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"});
        let reading = read(&value);
        assert!(reading.events.is_empty());
        let request = reading.subscription.unwrap();
        assert_eq!(request.kind(), kind);
        assert_eq!(request.topic(), Some("arn:t"));
        assert_eq!(request.token(), Some("secret"));
        assert!(request.url().unwrap().starts_with("https://sns."));
        assert!(!format!("{request:?}").contains("secret"));
    }
}
