use letterhead_feedback::{EventKind, Permanence, Provider, Reason};

use crate::{at, check, events, only_event, outline};

/// An array as SendGrid posts it.
const BATCH: &str = include_str!("sendgrid.json");

#[test]
fn a_batch_is_read_in_its_order() {
    let events = events(Provider::SendGrid, BATCH);
    let outlines: Vec<String> = events.iter().map(outline).collect();
    assert_eq!(
        outlines,
        [
            "sent unspecified processed",
            "deferred mailbox-full deferred",
            "delivered delivered delivered",
            "bounced-hard user-unknown bounce/bounce/Invalid Address",
            "opened unspecified open",
            "unsubscribed opt-out group_unsubscribe",
        ]
    );
    for event in &events {
        assert_eq!(event.recipient().unwrap().to_string(), "joe@example.org");
        assert_eq!(
            event.message_id(),
            Some("<14c5d75ce93.dfd.64b469@mail.example.com>")
        );
        assert_eq!(
            event.provider_message_id(),
            Some("14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0")
        );
    }
    let bounce = &events[3];
    assert_eq!(bounce.provider_event_id(), Some("Ym91bmNlLTEtMQ"));
    assert_eq!(bounce.time(), Some(at(1_700_000_030)));
    assert_eq!(bounce.status().unwrap().to_string(), "5.1.1");
    assert_eq!(bounce.reply().unwrap().code().get(), 550);
    assert_eq!(
        bounce.diagnostic(),
        Some("550 5.1.1 The account does not exist")
    );
    let raw = std::str::from_utf8(bounce.raw().unwrap()).unwrap();
    assert!(
        raw.starts_with('{') && raw.ends_with('}') && raw.contains("\"bounce\""),
        "{raw}"
    );
    assert!(!raw.contains("processed"), "{raw}");
}

#[test]
fn a_repetition_has_the_same_ids() {
    let (first, second) = (
        events(Provider::SendGrid, BATCH),
        events(Provider::SendGrid, BATCH),
    );
    let mut ids: Vec<_> = first.iter().map(letterhead_feedback::Event::id).collect();
    assert_eq!(
        ids,
        second
            .iter()
            .map(letterhead_feedback::Event::id)
            .collect::<Vec<_>>()
    );
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), first.len());
}

#[test]
fn bounces_are_hard_only_where_the_address_is_dead() {
    check(
        Provider::SendGrid,
        &[
            (
                r#"{"event":"bounce","type":"bounce","bounce_classification":"Invalid Address","status":"5.0.0","reason":"500 unknown recipient"}"#,
                "bounced-hard user-unknown bounce/bounce/Invalid Address",
            ),
            (
                r#"{"event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 no"}"#,
                "bounced-hard user-unknown bounce/bounce",
            ),
            (
                r#"{"event":"bounce","type":"bounce","bounce_classification":"Invalid Address","status":"5.7.1","reason":"550 5.7.1 x"}"#,
                "bounced-soft policy bounce/bounce/Invalid Address",
            ),
            (
                r#"{"event":"bounce","type":"blocked","bounce_classification":"Invalid Address","status":"5.1.1","reason":"550 5.1.1 no"}"#,
                "bounced-soft user-unknown bounce/blocked/Invalid Address",
            ),
            (
                r#"{"event":"bounce","type":"blocked","status":"5.7.1","reason":"550 5.7.1 x"}"#,
                "bounced-soft blocked bounce/blocked",
            ),
            (
                r#"{"event":"bounce","type":"blocked","bounce_classification":"Reputation","status":"5.7.1","reason":"554 5.7.1 x"}"#,
                "bounced-soft bad-reputation bounce/blocked/Reputation",
            ),
            (
                r#"{"event":"bounce","type":"bounce","bounce_classification":"Mailbox Unavailable","status":"5.2.2","reason":"552 5.2.2 full"}"#,
                "bounced-soft mailbox-full bounce/bounce/Mailbox Unavailable",
            ),
            (
                r#"{"event":"bounce","type":"bounce","bounce_classification":"Frequency or Volume Too High","reason":"554 x"}"#,
                "bounced-soft rate-limited bounce/bounce/Frequency or Volume Too High",
            ),
            (
                r#"{"event":"bounce","type":"bounce","bounce_classification":"Content","reason":"554 x"}"#,
                "bounced-soft content-rejected bounce/bounce/Content",
            ),
            (
                r#"{"event":"bounce","type":"blocked","bounce_classification":"Technical","reason":"x"}"#,
                "bounced-soft system bounce/blocked/Technical",
            ),
            (
                r#"{"event":"bounce","type":"expired","bounce_classification":"Unclassified","reason":"x"}"#,
                "bounced-soft unspecified bounce/expired/Unclassified",
            ),
            (
                r#"{"event":"bounce","type":"a-new-one","bounce_classification":"A New One"}"#,
                "bounced-soft unspecified bounce/a-new-one/A New One",
            ),
        ],
    );
}

#[test]
fn what_was_dropped_is_suppressed_or_rejected() {
    check(
        Provider::SendGrid,
        &[
            (
                r#"{"event":"dropped","reason":"Bounced Address"}"#,
                "suppressed suppressed dropped/Bounced Address",
            ),
            (
                r#"{"event":"dropped","reason":"Unsubscribed Address"}"#,
                "suppressed suppressed dropped/Unsubscribed Address",
            ),
            (
                r#"{"event":"dropped","reason":"Spam Reporting Address"}"#,
                "suppressed suppressed dropped/Spam Reporting Address",
            ),
            (
                r#"{"event":"dropped","reason":"Invalid"}"#,
                "suppressed suppressed dropped/Invalid",
            ),
            (
                r#"{"event":"dropped","reason":"Invalid SMTPAPI header"}"#,
                "rejected not-compliant dropped/Invalid SMTPAPI header",
            ),
            (
                r#"{"event":"dropped","reason":"Spam Content (if spam checker app enabled)"}"#,
                "rejected spam dropped/Spam Content (if spam checker app enabled)",
            ),
            (
                r#"{"event":"dropped","reason":"Recipient List over Package Quota"}"#,
                "rejected rate-limited dropped/Recipient List over Package Quota",
            ),
            (
                r#"{"event":"dropped","reason":"A New One"}"#,
                "rejected unspecified dropped/A New One",
            ),
            (r#"{"event":"dropped"}"#, "rejected unspecified dropped"),
        ],
    );
}

#[test]
fn the_other_kinds_and_the_unknown_ones() {
    check(
        Provider::SendGrid,
        &[
            (r#"{"event":"click"}"#, "clicked unspecified click"),
            (
                r#"{"event":"spamreport"}"#,
                "complained feedback spamreport",
            ),
            (
                r#"{"event":"unsubscribe"}"#,
                "unsubscribed opt-out unsubscribe",
            ),
            (
                r#"{"event":"group_resubscribe"}"#,
                "subscribed unspecified group_resubscribe",
            ),
            (
                r#"{"event":"deferred","response":"450 4.7.1 x"}"#,
                "deferred policy deferred",
            ),
            (
                r#"{"event":"account_status_change","type":"compliance_suspend"}"#,
                "unknown unspecified account_status_change",
            ),
            (r#"{"event":7,"sg_event_id":"x"}"#, "unknown unspecified -"),
        ],
    );
}

#[test]
fn fields_of_another_type_are_as_good_as_missing() {
    let event = only_event(
        Provider::SendGrid,
        r#"{"event":"bounce","email":{"a":1},"timestamp":"soon","status":[5],"smtp-id":1,"sg_event_id":null,"reason":false}"#,
    );
    assert_eq!(event.kind(), EventKind::Bounced(Permanence::Soft));
    assert_eq!(event.reason(), &Reason::UNSPECIFIED);
    assert_eq!(
        (event.recipient(), event.time(), event.status()),
        (None, None, None)
    );
    assert_eq!(
        (
            event.message_id(),
            event.provider_event_id(),
            event.diagnostic()
        ),
        (None, None, None)
    );
}
