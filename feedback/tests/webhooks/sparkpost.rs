use letterhead_feedback::Provider;

use crate::{at, check, events, only_event, outline};

#[test]
fn a_bounce_is_read_with_all_its_fields() {
    let body = r#"[{"msys":{"message_event":{"type":"bounce","bounce_class":"10","campaign_id":"receipts","customer_id":"1",
        "delv_method":"esmtp","error_code":"550","event_id":"92356927693813856","friendly_from":"shop@example.com",
        "ip_address":"192.0.2.25","message_id":"000443ee14578172be22","msg_from":"bounces@example.com","num_retries":"2",
        "raw_rcpt_to":"Joe@example.org","rcpt_to":"joe@example.org","raw_reason":"550 5.1.1 no such user",
        "reason":"550 5.1.1 no such user","rcpt_meta":{"order":"7"},"timestamp":"1454442600","transmission_id":"65832150921904138"}}}]"#;
    let event = only_event(Provider::SparkPost, body);
    assert_eq!(
        outline(&event),
        "bounced-hard user-unknown message_event/bounce/10"
    );
    assert_eq!(event.recipient().unwrap().to_string(), "Joe@example.org");
    assert_eq!(event.provider_event_id(), Some("92356927693813856"));
    assert_eq!(event.provider_message_id(), Some("000443ee14578172be22"));
    assert_eq!(event.time(), Some(at(1_454_442_600)));
    assert_eq!(event.status().unwrap().to_string(), "5.1.1");
    assert_eq!(event.reply().unwrap().code().get(), 550);
    assert_eq!(event.remote_mta(), Some("192.0.2.25"));
}

#[test]
fn a_test_of_the_address_holds_no_event() {
    assert!(events(Provider::SparkPost, r#"[{"msys":{}}]"#).is_empty());
    assert!(events(Provider::SparkPost, r#"{"msys":{}}"#).is_empty());
    let mixed = r#"[{"msys":{}},{"msys":{"track_event":{"type":"open"}}}]"#;
    assert_eq!(events(Provider::SparkPost, mixed).len(), 1);
}

#[test]
fn every_bounce_class_has_its_kind_and_reason() {
    for (class, expected) in [
        ("1", "bounced-soft unspecified"),
        ("10", "bounced-hard user-unknown"),
        ("20", "bounced-soft unspecified"),
        ("21", "bounced-soft network"),
        ("22", "bounced-soft mailbox-full"),
        ("23", "bounced-soft message-too-big"),
        ("24", "bounced-soft expired"),
        ("25", "rejected policy"),
        ("26", "suppressed suppressed"),
        ("30", "bounced-soft unspecified"),
        ("40", "bounced-soft unspecified"),
        ("50", "bounced-soft blocked"),
        ("51", "bounced-soft bad-reputation"),
        ("52", "bounced-soft spam"),
        ("53", "bounced-soft content-rejected"),
        ("54", "bounced-soft relaying-denied"),
        ("60", "auto-replied vacation"),
        ("70", "bounced-soft on-hold"),
        ("80", "subscribed unspecified"),
        ("90", "unsubscribed opt-out"),
        ("100", "auto-replied filtered"),
        ("777", "bounced-soft unspecified"),
    ] {
        for kind in ["bounce", "out_of_band"] {
            let body = format!(
                r#"{{"msys":{{"message_event":{{"type":"{kind}","bounce_class":"{class}","error_code":"550"}}}}}}"#
            );
            let event = only_event(Provider::SparkPost, &body);
            assert_eq!(
                outline(&event),
                format!("{expected} message_event/{kind}/{class}")
            );
        }
    }
}

#[test]
fn what_the_server_said_outweighs_the_class() {
    let bounce = |class: &str, words: &str| {
        let body = format!(
            r#"{{"msys":{{"message_event":{{"type":"bounce","bounce_class":{class},"error_code":"550","raw_reason":"{words}"}}}}}}"#
        );
        let outline = outline(&only_event(Provider::SparkPost, &body));
        let (outcome, _) = outline.split_once(" message_event/").unwrap();
        outcome.to_owned()
    };
    for (class, words, expected) in [
        ("\"10\"", "550 5.7.1 x", "bounced-soft policy"),
        ("10", "5.4.1 x", "bounced-hard user-unknown"),
        ("\"10\"", "552 5.2.2 full", "bounced-soft mailbox-full"),
        ("\"1\"", "550 5.1.1 x", "bounced-hard user-unknown"),
        ("\"30\"", "550 5.1.1 x", "bounced-hard user-unknown"),
        ("\"50\"", "550 5.1.1 x", "bounced-soft user-unknown"),
        ("\"1\"", "x", "bounced-soft unspecified"),
    ] {
        assert_eq!(bounce(class, words), expected, "{class} {words}");
    }
}

#[test]
fn the_other_kinds_and_the_unknown_ones() {
    check(
        Provider::SparkPost,
        &[
            (
                r#"{"msys":{"message_event":{"type":"injection"}}}"#,
                "sent unspecified message_event/injection",
            ),
            (
                r#"{"msys":{"message_event":{"type":"delivery","ip_address":"192.0.2.1"}}}"#,
                "delivered delivered message_event/delivery",
            ),
            (
                r#"{"msys":{"message_event":{"type":"delay","bounce_class":"22","error_code":"452","raw_reason":"452 4.2.2 full"}}}"#,
                "deferred mailbox-full message_event/delay/22",
            ),
            (
                r#"{"msys":{"message_event":{"type":"policy_rejection","bounce_class":"25","error_code":"550","raw_reason":"550 5.7.1 x"}}}"#,
                "rejected policy message_event/policy_rejection/25",
            ),
            (
                r#"{"msys":{"message_event":{"type":"policy_rejection","error_code":"554","raw_reason":"554 5.7.1 recipient address suppressed due to customer policy"}}}"#,
                "suppressed suppressed message_event/policy_rejection",
            ),
            (
                r#"{"msys":{"gen_event":{"type":"generation_failure","raw_reason":"x"}}}"#,
                "rejected unspecified gen_event/generation_failure",
            ),
            (
                r#"{"msys":{"gen_event":{"type":"generation_rejection"}}}"#,
                "rejected unspecified gen_event/generation_rejection",
            ),
            (
                r#"{"msys":{"message_event":{"type":"spam_complaint","fbtype":"abuse"}}}"#,
                "complained feedback message_event/spam_complaint/abuse",
            ),
            (
                r#"{"msys":{"message_event":{"type":"spam_complaint","fbtype":"not-spam"}}}"#,
                "not-spam feedback message_event/spam_complaint/not-spam",
            ),
            (
                r#"{"msys":{"unsubscribe_event":{"type":"list_unsubscribe"}}}"#,
                "unsubscribed opt-out unsubscribe_event/list_unsubscribe",
            ),
            (
                r#"{"msys":{"unsubscribe_event":{"type":"link_unsubscribe"}}}"#,
                "unsubscribed opt-out unsubscribe_event/link_unsubscribe",
            ),
            (
                r#"{"msys":{"track_event":{"type":"initial_open"}}}"#,
                "opened unspecified track_event/initial_open",
            ),
            (
                r#"{"msys":{"track_event":{"type":"click"}}}"#,
                "clicked unspecified track_event/click",
            ),
            (
                r#"{"msys":{"relay_event":{"type":"relay_injection"}}}"#,
                "unknown unspecified relay_event/relay_injection",
            ),
            (
                r#"{"msys":{"ab_test_event":{"type":"ab_test_completed"}}}"#,
                "unknown unspecified ab_test_event/ab_test_completed",
            ),
            (
                r#"{"msys":{"relay_message":"text"}}"#,
                "unknown unspecified relay_message",
            ),
        ],
    );
    let reader = only_event(
        Provider::SparkPost,
        r#"{"msys":{"track_event":{"type":"click","ip_address":"198.51.100.7"}}}"#,
    );
    assert_eq!(reader.remote_mta(), None);
}
