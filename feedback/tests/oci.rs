//! What OCI Email Delivery writes into its logs.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use letterhead_feedback::{
    Event, EventKind, Permanence, Provider, ProviderReading, Reason, read_events,
};
use serde_json::{Value, json};

const HARD: EventKind = EventKind::Bounced(Permanence::Hard);
const SOFT: EventKind = EventKind::Bounced(Permanence::Soft);

/// A record with these fields beside those that every one has.
fn record(category: &str, fields: &[(&str, &str)]) -> Value {
    let mut value = json!({
        "id": "11111111-2222-3333-4444-555555555555",
        "type": format!("com.oraclecloud.emaildelivery.emaildomain.{category}"),
        "source": "example.com",
        "specversion": "1.0",
        "time": "2026-11-20T08:00:00.500Z",
        "oracle": {"logid": "ocid1.log.oc1", "tenantid": "ocid1.tenancy.oc1"},
        "data": {"recipient": "joe@example.org", "sender": "news@example.com", "messageId": "7@mail.example.com"},
    });
    for (name, text) in fields {
        if !text.is_empty() {
            value["data"][*name] = json!(text);
        }
    }
    value
}

fn read(body: &str) -> ProviderReading {
    read_events(Provider::Oci, body.as_bytes()).unwrap()
}

fn only(value: &Value) -> Event {
    let mut events = read(&value.to_string()).events;
    assert_eq!(events.len(), 1, "{value}");
    events.remove(0)
}

/// Kind and reason of a record with these fields.
fn judged(category: &str, fields: &[(&str, &str)]) -> (EventKind, Reason) {
    let event = only(&record(category, fields));
    (event.kind(), event.reason().clone())
}

#[test]
fn a_record_keeps_everything_it_says() {
    let value = record(
        "outboundrelayed",
        &[
            ("action", "bounce"),
            ("errorType", "Hard bounce"),
            ("bounceCategory", "bad-mailbox"),
            ("smtpStatus", "550 5.1.1 no such user"),
            ("recipientMailServer", "mx.example.org"),
        ],
    );
    let event = only(&value);
    assert_eq!(event.kind(), HARD);
    assert_eq!(event.native_kind(), Some("bounce/Hard bounce/bad-mailbox"));
    assert_eq!(event.provider(), Some(Provider::Oci));
    assert_eq!(
        event.provider_event_id(),
        Some("11111111-2222-3333-4444-555555555555")
    );
    assert_eq!(event.message_id(), Some("<7@mail.example.com>"));
    assert_eq!(event.provider_message_id(), Some("7@mail.example.com"));
    assert_eq!(event.recipient().unwrap().to_string(), "joe@example.org");
    assert_eq!(event.status().unwrap().to_string(), "5.1.1");
    assert_eq!(event.reply().unwrap().code().get(), 550);
    assert_eq!(event.remote_mta(), Some("mx.example.org"));
    assert_eq!(event.diagnostic(), Some("550 5.1.1 no such user"));
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_161_600_500);
    assert_eq!(event.time(), Some(at));
    assert_eq!(event.raw(), Some(value.to_string().as_bytes()));
}

#[test]
fn what_was_handed_in_was_taken_or_not() {
    for (error, status, kind, reason) in [
        (
            "",
            "250 2.1.5 joe@example.org Ok",
            EventKind::Sent,
            Reason::UNSPECIFIED,
        ),
        (
            "Recipient suppressed",
            "",
            EventKind::Suppressed,
            Reason::SUPPRESSED,
        ),
        (
            "Recepient suppressed",
            "",
            EventKind::Suppressed,
            Reason::SUPPRESSED,
        ),
        (
            "Invalid Recipient",
            "550 5.1.3 bad syntax",
            HARD,
            Reason::BAD_ADDRESS,
        ),
        ("Invalid Recipient", "", SOFT, Reason::BAD_ADDRESS),
        (
            "Daily Limit reached",
            "",
            EventKind::Rejected,
            Reason::RATE_LIMITED,
        ),
        (
            "Sender Rate Limit reached",
            "",
            EventKind::Rejected,
            Reason::RATE_LIMITED,
        ),
        (
            "Byte limit exceeded",
            "",
            EventKind::Rejected,
            Reason::MESSAGE_TOO_BIG,
        ),
        (
            "Authorization failure",
            "535 no",
            EventKind::Rejected,
            Reason::SECURITY,
        ),
        (
            "Message parse error",
            "",
            EventKind::Rejected,
            Reason::NOT_COMPLIANT,
        ),
        ("Reset", "", EventKind::Unknown, Reason::PROTOCOL),
        ("Disconnected", "", EventKind::Unknown, Reason::PROTOCOL),
        ("Brand new", "", EventKind::Unknown, Reason::UNSPECIFIED),
    ] {
        let fields = [
            ("action", "accept"),
            ("errorType", error),
            ("smtpStatus", status),
        ];
        let found = judged("outboundaccepted", &fields);
        assert_eq!(found, (kind, reason), "{error}");
    }
}

#[test]
fn hard_is_a_dead_address_and_nothing_else() {
    for (error, category, status, kind, reason) in [
        ("hard", "bad-mailbox", "", HARD, Reason::USER_UNKNOWN),
        ("hard", "bad-domain", "", HARD, Reason::HOST_UNKNOWN),
        ("Hard bounce", "", "", HARD, Reason::UNSPECIFIED),
        (
            "hard",
            "bad-mailbox",
            "550 xyzzy",
            HARD,
            Reason::USER_UNKNOWN,
        ),
        ("hard", "", "550 xyzzy", SOFT, Reason::UNSPECIFIED),
        ("hard", "", "550 5.1.10 null mx", HARD, Reason::NOT_ACCEPTED),
        ("hard", "bad-mailbox", "550 5.7.1 no", SOFT, Reason::POLICY),
        ("hard", "spam-related", "550 5.7.1 no", SOFT, Reason::SPAM),
        ("hard", "spam-block", "", SOFT, Reason::BLOCKED),
        (
            "hard",
            "inactive-mailbox",
            "550 5.2.1 off",
            SOFT,
            Reason::MAILBOX_DISABLED,
        ),
        (
            "hard",
            "quota-issues",
            "552 5.2.2 full",
            SOFT,
            Reason::MAILBOX_FULL,
        ),
        (
            "Soft bounce",
            "bad-mailbox",
            "550 5.1.1 x",
            SOFT,
            Reason::USER_UNKNOWN,
        ),
        ("Soft bounce", "message-expired", "", SOFT, Reason::EXPIRED),
        ("Soft bounce", "brand-new", "", SOFT, Reason::UNSPECIFIED),
        ("", "", "", SOFT, Reason::UNSPECIFIED),
    ] {
        let fields = [
            ("action", "bounce"),
            ("errorType", error),
            ("bounceCategory", category),
            ("smtpStatus", status),
        ];
        let found = judged("outboundrelayed", &fields);
        assert_eq!(found, (kind, reason), "{error} {category} {status}");
    }
}

#[test]
fn the_other_actions_have_their_kinds() {
    for (action, error, status, kind) in [
        ("relay", "", "250 2.0.0 taken", EventKind::Delivered),
        ("relay", "", "", EventKind::Delivered),
        ("relay", "", "451 4.3.0 later", EventKind::Deferred),
        ("relay", "new", "550 5.1.1 x", HARD),
        ("relay", "new", "", EventKind::Unknown),
        ("complaint", "", "", EventKind::Complained),
        ("open", "", "", EventKind::Opened),
        ("click", "", "", EventKind::Clicked),
        ("unsubscribe", "", "", EventKind::Unsubscribed),
        ("brand-new", "", "", EventKind::Unknown),
    ] {
        let fields = [
            ("action", action),
            ("errorType", error),
            ("smtpStatus", status),
        ];
        let (found, _) = judged("outboundrelayed", &fields);
        assert_eq!(found, kind, "{action} {error}");
    }
}

#[test]
fn records_are_found_in_what_they_come_in() {
    let value = record("outboundrelayed", &[("action", "relay")]);
    let plain = only(&value);
    let encoded = base64::engine::general_purpose::STANDARD.encode(value.to_string());
    for wrapped in [
        json!({"logContent": value}),
        json!({"datetime": 1_795_161_600_500_u64, "data": {"logContent": value}}),
        json!({"results": [{"data": {"logContent": value}}]}),
        json!({"data": {"results": [{"data": {"logContent": value}}]}}),
        json!({"stream": "s", "partition": "0", "key": null, "value": encoded, "offset": 1}),
        json!([value]),
    ] {
        let event = only(&wrapped);
        assert_eq!(
            event.without_raw(),
            plain.clone().without_raw(),
            "{wrapped}"
        );
    }
    let two = format!("{value}\n[{value}]");
    let encoded = base64::engine::general_purpose::STANDARD.encode(two);
    let reading = read(&json!([{"value": encoded}]).to_string());
    assert_eq!(reading.events.len(), 2);
    assert_eq!(reading.events[0], plain);
}

#[test]
fn what_is_strange_among_records_is_kept() {
    let value = record("outboundrelayed", &[("action", "relay")]);
    let reading = read(&format!("{value}\n{{\"hello\":1}}\n[7,{value}]"));
    let kinds: Vec<_> = reading.events.iter().map(Event::kind).collect();
    let (delivered, unknown) = (EventKind::Delivered, EventKind::Unknown);
    assert_eq!(kinds, [delivered, unknown, unknown, delivered]);
    assert_eq!(reading.events[1].raw(), Some(&b"{\"hello\":1}"[..]));
    assert_eq!(reading.events[2].raw(), Some(&b"7"[..]));

    let within = json!({"results": [{"data": {"logContent": value}}, {"odd": 1}]});
    let reading = read(&within.to_string());
    assert_eq!(reading.events.len(), 2);
    assert_eq!(reading.events[1].raw(), Some(&b"{\"odd\":1}"[..]));
}

#[test]
fn without_an_id_the_message_names_the_event() {
    let mut value = record("outboundrelayed", &[("action", "relay")]);
    value.as_object_mut().unwrap().remove("id");
    let first = only(&value);
    assert_eq!(
        first.provider_event_id(),
        Some("7@mail.example.com/relay/1795161600500000000")
    );
    value["time"] = json!("2026-11-20T09:00:00.500+01:00");
    assert_eq!(only(&value).id(), first.id());
    value["time"] = json!("2026-11-20T09:00:00.500Z");
    assert_ne!(only(&value).id(), first.id());
}
