use letterhead_feedback::Provider;

use crate::{at, check, events, only_event, outline};

#[test]
fn events_come_alone_or_grouped() {
    let sent = r#"{"event":"sent","time":1433333949,"MessageID":19421777835146490,"Message_GUID":"1ab23cd4","email":"joe@example.org",
        "mj_campaign_id":7257,"mj_contact_id":4,"customcampaign":"","mj_message_id":"19421777835146490",
        "smtp_reply":"sent (250 2.0.0 OK 1433333948 fa5si855896wjc.199 - gsmtp)","CustomID":"hello","Payload":""}"#;
    let event = only_event(Provider::Mailjet, sent);
    assert_eq!(outline(&event), "delivered delivered sent");
    assert_eq!(event.provider_message_id(), Some("19421777835146490"));
    assert_eq!(event.time(), Some(at(1_433_333_949)));
    assert_eq!(event.status().unwrap().to_string(), "2.0.0");
    assert_eq!(event.reply().unwrap().code().get(), 250);
    assert_eq!(event.recipient().unwrap().to_string(), "joe@example.org");
    assert_eq!(event.raw(), Some(sent.as_bytes()));

    let grouped = format!(r#"[{sent},{{"event":"open","mj_message_id":"7","MessageID":0}}]"#);
    let events = events(Provider::Mailjet, &grouped);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].id(), event.id());
    assert_eq!(events[1].provider_message_id(), Some("7"));
    assert_eq!(
        events[1].raw(),
        Some(&br#"{"event":"open","mj_message_id":"7","MessageID":0}"#[..])
    );
}

#[test]
fn every_error_of_a_bounce_has_its_reason() {
    for (related, error, expected) in [
        ("recipient", "user unknown", "bounced-hard user-unknown"),
        (
            "recipient",
            "mailbox inactive",
            "bounced-soft mailbox-disabled",
        ),
        ("recipient", "quota exceeded", "bounced-soft mailbox-full"),
        ("domain", "invalid domain", "bounced-hard host-unknown"),
        ("domain", "no mail host", "bounced-soft host-unknown"),
        (
            "domain",
            "relay/access denied",
            "bounced-soft relaying-denied",
        ),
        ("domain", "typofix", "bounced-soft bad-address"),
        ("spam", "sender blocked", "bounced-soft sender-rejected"),
        ("spam", "content blocked", "bounced-soft content-rejected"),
        ("spam", "policy issue", "bounced-soft policy"),
        ("system", "system issue", "bounced-soft system"),
        ("system", "protocol issue", "bounced-soft protocol"),
        ("system", "connection issue", "bounced-soft network"),
        (
            "content",
            "error in template language",
            "bounced-soft content-rejected",
        ),
        ("somewhere", "a new error", "bounced-soft unspecified"),
    ] {
        let body = format!(
            r#"{{"event":"bounce","hard_bounce":true,"blocked":false,"error_related_to":"{related}","error":"{error}"}}"#
        );
        let event = only_event(Provider::Mailjet, &body);
        assert_eq!(
            outline(&event),
            format!("{expected} bounce/{related}/{error}")
        );
        let soft = only_event(Provider::Mailjet, &body.replace("true", "false"));
        assert!(
            outline(&soft).starts_with("bounced-soft "),
            "{}",
            outline(&soft)
        );
    }
}

#[test]
fn blocked_is_suppressed_or_rejected() {
    check(
        Provider::Mailjet,
        &[
            (
                r#"{"event":"blocked","error_related_to":"mailjet","error":"preblocked"}"#,
                "suppressed suppressed blocked/mailjet/preblocked",
            ),
            (
                r#"{"event":"blocked","error_related_to":"recipient","error":"user unknown"}"#,
                "suppressed suppressed blocked/recipient/user unknown",
            ),
            (
                r#"{"event":"blocked","error":"spam reporter"}"#,
                "suppressed suppressed blocked/spam reporter",
            ),
            (
                r#"{"event":"blocked","error_related_to":"mailjet","error":"duplicate in campaign"}"#,
                "rejected unspecified blocked/mailjet/duplicate in campaign",
            ),
            (
                r#"{"event":"blocked","error_related_to":"spam","error":"content blocked"}"#,
                "rejected content-rejected blocked/spam/content blocked",
            ),
            (r#"{"event":"blocked"}"#, "rejected unspecified blocked"),
        ],
    );
}

#[test]
fn the_other_kinds_and_the_unknown_ones() {
    check(
        Provider::Mailjet,
        &[
            (
                r#"{"event":"click","url":"https://example.com/"}"#,
                "clicked unspecified click",
            ),
            (
                r#"{"event":"spam","source":"JMRPP"}"#,
                "complained feedback spam/JMRPP",
            ),
            (
                r#"{"event":"unsub","mj_list_id":1}"#,
                "unsubscribed opt-out unsub",
            ),
            (
                r#"{"event":"bounce","hard_bounce":false,"error_related_to":"domain","error":"greylisted"}"#,
                "deferred on-hold bounce/domain/greylisted",
            ),
            (
                r#"{"event":"bounce","hard_bounce":true,"error":"","comment":"550 5.1.1 x"}"#,
                "bounced-hard user-unknown bounce",
            ),
            (
                r#"{"event":"bounce","hard_bounce":true,"error":"user unknown","comment":"550 5.7.1 x"}"#,
                "bounced-soft policy bounce/user unknown",
            ),
            (
                r#"{"event":"something new"}"#,
                "unknown unspecified something new",
            ),
        ],
    );
}
