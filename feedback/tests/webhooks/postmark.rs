use letterhead_feedback::{Event, Provider};

use crate::{check, only_event, outline};

fn bounce(kind: &str, code: u32, details: &str) -> Event {
    let body = format!(
        r#"{{"RecordType":"Bounce","ID":692560173,"Type":"{kind}","TypeCode":{code},"Name":"x","Tag":"receipts",
        "MessageID":"2c1b63fe-43f2-4db5-91b0-8bdfa44a9316","ServerID":23,"MessageStream":"outbound",
        "Description":"In other words","Details":"{details}","Email":"joe@example.org","From":"shop@example.com",
        "BouncedAt":"2019-11-05T16:33:54.9070259Z","Inactive":true,"CanActivate":true,"Metadata":{{"order":"7"}}}}"#
    );
    only_event(Provider::Postmark, &body)
}

#[test]
fn a_bounce_is_read_with_all_its_fields() {
    let event = bounce("HardBounce", 1, "smtp;550 5.1.1 no such user");
    assert_eq!(
        outline(&event),
        "bounced-hard user-unknown Bounce/HardBounce"
    );
    assert_eq!(event.recipient().unwrap().to_string(), "joe@example.org");
    assert_eq!(event.provider_event_id(), Some("692560173"));
    assert_eq!(
        event.provider_message_id(),
        Some("2c1b63fe-43f2-4db5-91b0-8bdfa44a9316")
    );
    assert_eq!(event.status().unwrap().to_string(), "5.1.1");
    assert_eq!(event.reply().unwrap().code().get(), 550);
    let since = event
        .time()
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(since.as_nanos(), 1_572_971_634_907_025_900);
    let raw = String::from_utf8(event.raw().unwrap().to_vec()).unwrap();
    assert!(raw.contains(r#""Metadata":{"order":"7"}"#), "{raw}");
}

#[test]
fn every_bounce_type_has_its_kind_by_name_and_by_code() {
    for (name, code, expected) in [
        ("HardBounce", 1, "bounced-hard user-unknown"),
        ("Transient", 2, "deferred on-hold"),
        ("Unsubscribe", 16, "unsubscribed opt-out"),
        ("Subscribe", 32, "subscribed unspecified"),
        ("AutoResponder", 64, "auto-replied vacation"),
        ("AddressChange", 128, "auto-replied moved"),
        ("DnsError", 256, "deferred network"),
        ("SpamNotification", 512, "bounced-soft spam"),
        ("OpenRelayTest", 1_024, "unknown unspecified"),
        ("Unknown", 2_048, "unknown unspecified"),
        ("SoftBounce", 4_096, "bounced-soft mailbox"),
        ("VirusNotification", 8_192, "bounced-soft virus"),
        ("ChallengeVerification", 16_384, "auto-replied filtered"),
        ("BadEmailAddress", 100_000, "bounced-hard bad-address"),
        ("SpamComplaint", 100_001, "complained feedback"),
        ("ManuallyDeactivated", 100_002, "suppressed suppressed"),
        ("Unconfirmed", 100_003, "suppressed suppressed"),
        ("Blocked", 100_006, "bounced-soft blocked"),
        ("SMTPApiError", 100_007, "rejected not-compliant"),
        ("InboundError", 100_008, "unknown unspecified"),
        (
            "DMARCPolicy",
            100_009,
            "bounced-soft authentication-failure",
        ),
        (
            "TemplateRenderingFailed",
            100_010,
            "rejected content-rejected",
        ),
    ] {
        let named = bounce(name, 0, "");
        assert_eq!(outline(&named), format!("{expected} Bounce/{name}"));
        let coded = bounce("", code, "");
        assert_eq!(outline(&coded), format!("{expected} Bounce"), "{name}");
    }
}

#[test]
fn what_the_server_said_outweighs_a_hard_type_and_decides_an_unknown_one() {
    for (kind, details, expected) in [
        ("HardBounce", "smtp;550 5.7.1 x", "bounced-soft policy"),
        (
            "HardBounce",
            "smtp;552 5.2.2 full",
            "bounced-soft mailbox-full",
        ),
        (
            "HardBounce",
            "smtp;450 4.1.1 x",
            "bounced-soft user-unknown",
        ),
        (
            "HardBounce",
            "smtp;550 5.1.2 x",
            "bounced-hard host-unknown",
        ),
        (
            "SoftBounce",
            "smtp;550 5.1.1 x",
            "bounced-soft user-unknown",
        ),
        ("Unknown", "smtp;550 5.1.1 x", "bounced-hard user-unknown"),
        ("Unknown", "smtp;451 4.3.0 x", "deferred system"),
        ("ANewType", "smtp;550 5.7.1 x", "bounced-soft policy"),
        ("ANewType", "x", "unknown unspecified"),
    ] {
        let event = bounce(kind, 77, details);
        assert_eq!(
            outline(&event),
            format!("{expected} Bounce/{kind}"),
            "{details}"
        );
    }
}

#[test]
fn changes_of_the_suppression_list_are_told_apart_by_who_made_them() {
    let change = |on: &str, reason: &str, origin: &str| {
        let body = format!(
            r#"{{"RecordType":"SubscriptionChange","MessageID":null,"ServerID":1,"MessageStream":"outbound",
            "ChangedAt":"2020-02-01T10:53:34.416071Z","Recipient":"joe@example.org","Origin":{origin},
            "SuppressSending":{on},"SuppressionReason":{reason},"Tag":null,"Metadata":{{}}}}"#
        );
        let event = only_event(Provider::Postmark, &body);
        assert!(event.time().is_some());
        assert_eq!(event.recipient().unwrap().to_string(), "joe@example.org");
        outline(&event)
    };
    for (on, reason, origin, expected) in [
        (
            "true",
            "\"ManualSuppression\"",
            "\"Recipient\"",
            "unsubscribed opt-out SubscriptionChange/ManualSuppression/Recipient",
        ),
        (
            "true",
            "\"ManualSuppression\"",
            "\"Customer\"",
            "suppressed suppressed SubscriptionChange/ManualSuppression/Customer",
        ),
        (
            "true",
            "\"HardBounce\"",
            "\"Recipient\"",
            "suppressed suppressed SubscriptionChange/HardBounce/Recipient",
        ),
        (
            "true",
            "\"SpamComplaint\"",
            "\"Recipient\"",
            "suppressed suppressed SubscriptionChange/SpamComplaint/Recipient",
        ),
        (
            "false",
            "null",
            "\"Recipient\"",
            "subscribed unspecified SubscriptionChange/reactivated/Recipient",
        ),
        (
            "false",
            "null",
            "\"Customer\"",
            "unknown unspecified SubscriptionChange/reactivated/Customer",
        ),
        (
            "false",
            "null",
            "null",
            "subscribed unspecified SubscriptionChange/reactivated",
        ),
        (
            "null",
            "\"HardBounce\"",
            "\"Admin\"",
            "unknown unspecified SubscriptionChange/HardBounce/Admin",
        ),
    ] {
        assert_eq!(change(on, reason, origin), expected);
    }
}

#[test]
fn the_other_records_and_the_unknown_ones() {
    check(
        Provider::Postmark,
        &[
            (
                r#"{"RecordType":"Delivery","MessageID":"883953f4","Recipient":"joe@example.org","DeliveredAt":"2014-08-01T13:28:10.2735393-04:00","Details":"smtp;250 2.0.0 OK"}"#,
                "delivered delivered Delivery",
            ),
            (
                r#"{"RecordType":"SpamComplaint","ID":42,"Type":"SpamComplaint","TypeCode":100001,"Email":"joe@example.org"}"#,
                "complained feedback SpamComplaint/SpamComplaint",
            ),
            (
                r#"{"RecordType":"Open","FirstOpen":true}"#,
                "opened unspecified Open",
            ),
            (
                r#"{"RecordType":"Click","OriginalLink":"https://example.com/"}"#,
                "clicked unspecified Click",
            ),
            (
                r#"{"RecordType":"Inbound","FromFull":{}}"#,
                "unknown unspecified Inbound",
            ),
            (
                r#"{"RecordType":"SomethingNew"}"#,
                "unknown unspecified SomethingNew",
            ),
            (
                r#"{"ID":42,"Type":"HardBounce","TypeCode":1,"Email":"joe@example.org"}"#,
                "bounced-hard user-unknown Bounce/HardBounce",
            ),
        ],
    );
}
