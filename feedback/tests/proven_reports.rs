//! What is proven is acted on, and what anybody could have written is not.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Applied, Decision, Event, EventKind, Ignored, InMemorySuppressionStore, Proof, Reading,
    ReturnPath, ReturnPathForm, SentMessage, Subscription, SuppressionList, SuppressionPolicy,
    SuppressionReason, SuppressionScope, TokenError, TokenKey, TokenKeys, Unsubscribe, read_report,
};
use letterhead_mail::{EmailAddress, TenantId};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn test_keys() -> TokenKeys {
    TokenKeys::new(&TokenKey::new(3.try_into().unwrap(), [3; 32]))
}

fn paths() -> ReturnPath {
    ReturnPath::new("bounces@m.example".parse().unwrap(), test_keys()).unwrap()
}

fn joe() -> EmailAddress {
    "joe@x.example".parse().unwrap()
}

fn tenant() -> TenantId {
    "acme".parse().unwrap()
}

fn list() -> SuppressionList {
    let store = Arc::new(InMemorySuppressionStore::new());
    SuppressionList::new(store, SuppressionPolicy::default())
}

fn record(list: &SuppressionList, event: &Event, at: SystemTime) -> Decision {
    let decision = block_on_ready(list.record(&tenant(), event, at));
    decision.unwrap().unwrap()
}

fn is_suppressed(list: &SuppressionList, address: &EmailAddress) -> bool {
    let scope = SuppressionScope::new(tenant());
    let found = block_on_ready(list.check(&scope, std::slice::from_ref(address), now()));
    !found.unwrap().unwrap().suppressed.is_empty()
}

/// A bounce to this address about this recipient.
fn bounce(to: &str, recipient: &str) -> Reading {
    let mail = format!(
        "From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    );
    read_report(mail.as_bytes())
}

/// The events of a report, proven as far as it goes.
fn proven(reading: Reading, sent: &[SentMessage], at: SystemTime) -> Vec<Event> {
    match paths().mailing(&reading.delivered_to, sent, at) {
        Ok(mailing) => mailing.prove(reading.events),
        Err(_) => reading.events,
    }
}

fn return_path(form: ReturnPathForm) -> EmailAddress {
    let issued = paths().form(form);
    let issued = issued.for_recipient(&"s-1".parse().unwrap(), &joe(), now());
    issued.unwrap().address
}

#[test]
fn a_forged_bounce_suppresses_nobody_and_is_shown() {
    let path = return_path(ReturnPathForm::WhatFits).to_string();
    let forged = [
        "bounces@m.example".to_owned(),
        "bounces+joe=x.example@m.example".to_owned(),
        path.replace('a', "b").replace('c', "d"),
        path.replace("m.example", "n.example"),
    ];
    let list = list();
    for to in forged {
        let events = proven(bounce(&to, "joe@x.example"), &[], now());
        assert_eq!(events.len(), 1, "{to}");
        assert_eq!(events[0].proof(), Proof::Unproven, "{to}");
        let decision = record(&list, &events[0], now());
        assert_eq!(decision, Decision::Ignored(Ignored::NotProven), "{to}");
    }
    // An old address out of an old message.
    let late = proven(bounce(&path, "joe@x.example"), &[], now() + 40 * DAY);
    assert_eq!(late[0].proof(), Proof::Unproven);
    assert!(!is_suppressed(&list, &joe()));
}

#[test]
fn whoever_has_a_return_path_can_suppress_its_recipient_only() {
    let list = list();
    let path = return_path(ReturnPathForm::WhatFits).to_string();
    let events = proven(bounce(&path, "victim@x.example"), &[], now());
    assert_eq!(
        record(&list, &events[0], now()),
        Decision::Suppressed(SuppressionReason::HardBounce)
    );
    assert!(is_suppressed(&list, &joe()));
    assert!(!is_suppressed(&list, &"victim@x.example".parse().unwrap()));
}

#[test]
fn a_bounce_to_an_opaque_return_path_is_that_of_the_message_in_the_log() {
    let path = return_path(ReturnPathForm::Opaque)
        .to_string()
        .to_uppercase();
    let sent = SentMessage::new(
        tenant(),
        "s-1".parse().unwrap(),
        Vec::new(),
        vec!["ann@x.example".parse().unwrap(), joe()],
        now(),
    );
    let unknown = proven(bounce(&path, "joe@forward.example"), &[], now() + 7 * DAY);
    assert_eq!(unknown[0].proof(), Proof::Unproven);
    let known = proven(
        bounce(&path, "joe@forward.example"),
        &[sent],
        now() + 7 * DAY,
    );
    assert_eq!(known[0].proof(), Proof::ReturnPath);
    assert_eq!(known[0].addressee(), Some(&joe()));
    assert_eq!(known[0].submission().unwrap().as_str(), "s-1");
    let forwarded = known[0].recipient().map(ToString::to_string);
    assert_eq!(forwarded.as_deref(), Some("joe@forward.example"));
}

#[test]
fn a_complaint_that_quotes_the_return_path_is_proven_by_it() {
    let path = return_path(ReturnPathForm::WhatFits);
    let complaint = |from: &str| {
        format!(
            "From: fbl@isp.example\r\nTo: abuse@m.example\r\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n\
             --b\r\nContent-Type: message/feedback-report\r\n\r\n\
             Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\nOriginal-Mail-From: <{from}>\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: news@m.example\r\n\r\n--b--\r\n"
        )
    };
    let report = complaint(&path.to_string());
    let token = paths().find_in(report.as_bytes(), now() + DAY).unwrap();
    let mailing = token.mailing_among(&[]).unwrap();
    let events = mailing.prove(read_report(report.as_bytes()).events);
    assert_eq!(events[0].kind(), EventKind::Complained);
    assert_eq!(events[0].proof(), Proof::Token);
    assert_eq!(events[0].addressee(), Some(&joe()));

    let forged = complaint("bounces+joe=x.example@m.example");
    let found = paths().find_in(forged.as_bytes(), now());
    assert_eq!(found, Err(TokenError::NotOurs));
}

#[test]
fn unsubscribing_again_changes_nothing_and_after_subscribing_again_it_counts() {
    let list = list();
    let unsubscribe = Unsubscribe::new("https://m.example/u/", test_keys()).unwrap();
    let subscription = Subscription::new(tenant(), joe());
    let fields = unsubscribe.fields(&subscription, now()).unwrap();
    let post = |at| {
        let event = unsubscribe.post(fields.token(), None, b"List-Unsubscribe=One-Click", at);
        record(&list, &event.unwrap(), at)
    };
    assert_eq!(
        unsubscribe.subscription(fields.token(), now()),
        Ok(subscription)
    );
    assert!(!is_suppressed(&list, &joe()), "looking is not asking");

    assert_eq!(
        post(now()),
        Decision::Suppressed(SuppressionReason::Unsubscribe)
    );
    for at in [now(), now() + Duration::from_secs(60)] {
        assert_eq!(post(at), Decision::Ignored(Ignored::AlreadyKnown));
    }
    // A day later it is another wish; the newest is kept.
    assert_eq!(
        post(now() + DAY),
        Decision::Suppressed(SuppressionReason::Unsubscribe)
    );
    let lifted = block_on_ready(list.remove(
        &SuppressionScope::new(tenant()),
        &joe(),
        "asked for it",
        now() + 2 * DAY,
    ));
    assert_eq!(lifted.unwrap().unwrap(), Applied::Done);
    assert!(!is_suppressed(&list, &joe()));
    assert_eq!(
        post(now() + 3 * DAY),
        Decision::Suppressed(SuppressionReason::Unsubscribe)
    );
    assert!(is_suppressed(&list, &joe()));
}
