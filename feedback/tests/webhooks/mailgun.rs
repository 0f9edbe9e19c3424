use letterhead_feedback::{EventKind, Provider};

use crate::{HARD, check, events, only_event, outline};

const FAILED: &str = include_str!("mailgun.json");

#[test]
fn a_failure_is_read_with_all_its_fields() {
    let event = only_event(Provider::Mailgun, FAILED);
    assert_eq!(
        outline(&event),
        "bounced-hard user-unknown failed/permanent/bounce"
    );
    assert_eq!(event.kind(), EventKind::Bounced(HARD));
    assert_eq!(event.recipient().unwrap().to_string(), "Joe@example.org");
    assert_eq!(
        event.message_id(),
        Some("<20130503192659.13651.20287@mail.example.com>")
    );
    assert_eq!(event.provider_event_id(), Some("G9Bn5sl1TC6nu79C8C0bwg"));
    assert_eq!(event.remote_mta(), Some("mx.example.org"));
    assert_eq!(event.status().unwrap().to_string(), "5.1.1");
    assert_eq!(event.reply().unwrap().code().get(), 550);
    assert_eq!(event.diagnostic(), Some("5.1.1 The address does not exist"));
    let since = event
        .time()
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(since.as_millis(), 1_521_233_195_375);
    assert_eq!(event.raw(), Some(FAILED.trim().as_bytes()));
}

#[test]
fn the_token_plays_no_part_in_the_id() {
    let again = FAILED.replace("a8ce0edb", "b9df1fec");
    assert_eq!(
        only_event(Provider::Mailgun, FAILED).id(),
        only_event(Provider::Mailgun, &again).id()
    );
}

#[test]
fn failures_are_told_apart_by_severity_cause_and_code() {
    check(
        Provider::Mailgun,
        &[
            (
                r#"{"event-data":{"event":"failed","severity":"temporary","reason":"generic","delivery-status":{"code":452,"enhanced-code":"4.2.2","message":"4.2.2 over quota"}}}"#,
                "deferred mailbox-full failed/temporary/generic",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"temporary","reason":"espblock","delivery-status":{"code":421,"message":"x"}}}"#,
                "deferred blocked failed/temporary/espblock",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"suppress-bounce","delivery-status":{"code":605,"message":"","description":"Not delivering to previously bounced address"}}}"#,
                "suppressed suppressed failed/permanent/suppress-bounce",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"suppress-unsubscribe","delivery-status":{"code":606}}}"#,
                "suppressed suppressed failed/permanent/suppress-unsubscribe",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"suppress-complaint"}}"#,
                "suppressed suppressed failed/permanent/suppress-complaint",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"generic","delivery-status":{"code":607}}}"#,
                "suppressed suppressed failed/permanent/generic",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"code":550,"enhanced-code":"5.7.26","message":"550 5.7.26 x","bounce-type":"hard"}}}"#,
                "bounced-soft authentication-failure failed/permanent/bounce",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"code":550,"bounce-code":"5.1.1","message":"no such user"}}}"#,
                "bounced-hard user-unknown failed/permanent/bounce",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"code":550,"enhanced-code":"5.1.1","bounce-type":"soft"}}}"#,
                "bounced-soft user-unknown failed/permanent/bounce",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"old","delivery-status":{"code":602,"message":"Too old"}}}"#,
                "bounced-soft expired failed/permanent/old",
            ),
            (
                r#"{"event-data":{"event":"failed","severity":"permanent","reason":"generic","delivery-status":{"code":498,"message":"No MX for example.org"}}}"#,
                "bounced-soft host-unknown failed/permanent/generic",
            ),
            (
                r#"{"event-data":{"event":"failed","reason":"bounce","delivery-status":{"code":450}}}"#,
                "deferred unspecified failed/bounce",
            ),
            (
                r#"{"event-data":{"event":"failed","delivery-status":{"code":"554","message":"554 x"}}}"#,
                "bounced-soft unspecified failed",
            ),
            (
                r#"{"event-data":{"event":"failed"}}"#,
                "unknown unspecified failed",
            ),
        ],
    );
}

#[test]
fn the_other_kinds_and_the_unknown_ones() {
    check(
        Provider::Mailgun,
        &[
            (
                r#"{"event-data":{"event":"accepted"}}"#,
                "sent unspecified accepted",
            ),
            (
                r#"{"event-data":{"event":"delivered","delivery-status":{"code":250,"message":"OK"}}}"#,
                "delivered delivered delivered",
            ),
            (
                r#"{"event-data":{"event":"complained"}}"#,
                "complained feedback complained",
            ),
            (
                r#"{"event-data":{"event":"unsubscribed"}}"#,
                "unsubscribed opt-out unsubscribed",
            ),
            (
                r#"{"event-data":{"event":"rejected","reject":{"reason":"Sandbox subdomains are for test purposes only","description":""}}}"#,
                "rejected unspecified rejected/Sandbox subdomains are for test purposes only",
            ),
            (
                r#"{"event-data":{"event":"opened"}}"#,
                "opened unspecified opened",
            ),
            (
                r#"{"event-data":{"event":"clicked"}}"#,
                "clicked unspecified clicked",
            ),
            (
                r#"{"event-data":{"event":"stored"}}"#,
                "unknown unspecified stored",
            ),
            (
                r#"{"event-data":{"event":"list_member_uploaded"}}"#,
                "unknown unspecified list_member_uploaded",
            ),
            (r#"{"event-data":{}}"#, "unknown unspecified -"),
            (r#"{"event-data":"none"}"#, "unknown unspecified -"),
        ],
    );
}

#[test]
fn a_rejection_names_its_recipient_in_the_header_if_there_is_one_only() {
    let of = |to: &str| {
        let body = format!(
            r#"{{"event-data":{{"event":"rejected","message":{{"headers":{{"to":"{to}"}}}}}}}}"#
        );
        let event = only_event(Provider::Mailgun, &body);
        event.recipient().map(ToString::to_string)
    };
    assert_eq!(
        of("Joe <joe@example.org>").as_deref(),
        Some("joe@example.org")
    );
    assert_eq!(of("joe@example.org, ann@example.org"), None);
}

#[test]
fn what_the_events_api_lists_is_read_without_the_wrapping() {
    let lines = "{\"event\":\"delivered\",\"id\":\"a\",\"recipient\":\"joe@example.org\"}\n{\"event\":\"opened\",\"id\":\"b\"}\n";
    let events = events(Provider::Mailgun, lines);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].kind(), EventKind::Delivered);
    assert_eq!(events[1].provider_event_id(), Some("b"));
}
