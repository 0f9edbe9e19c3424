//! Bodies of every shape and of none.

use std::error::Error as _;

use letterhead_feedback::{
    EventKind, Provider, ProviderReading, ProviderReadingErrorKind, read_events,
};

const DELIVERY: &str = r#"{"eventType":"Delivery","mail":{"messageId":"m"},"delivery":{"recipients":["joe@example.org"]}}"#;

#[test]
fn documents_come_alone_in_an_array_and_in_lines() {
    for (body, events) in [
        (DELIVERY.to_owned(), 1),
        (format!("[{DELIVERY},{DELIVERY}]"), 2),
        (format!("{DELIVERY}\r\n{DELIVERY}\n\n{DELIVERY}"), 3),
        (format!("\u{feff}[{DELIVERY}]\n{DELIVERY}"), 2),
        ("[]".to_owned(), 0),
    ] {
        let reading = read_events(Provider::Ses, body.as_bytes()).unwrap();
        assert_eq!(reading.events.len(), events, "{body}");
        assert!(
            reading
                .events
                .iter()
                .all(|event| event.raw() == Some(DELIVERY.as_bytes()))
        );
    }
}

#[test]
fn a_bad_body_is_told_by_its_place() {
    for (body, sentence) in [
        (
            "",
            "the report of ses: it is empty; give the body of the request as it came",
        ),
        (
            " \n",
            "the report of ses: it is empty; give the body of the request as it came",
        ),
        (
            "{\"eventType\":\"Delivery\"}\n{\"eventType\":",
            "the report of ses: line 2, column 13 is not JSON; give the body of the request as it came, all of it",
        ),
        (
            "[{}, 7]",
            "the report of ses: document 1 is not an object with `eventType` or `notificationType`, or such a one in an envelope of SNS (`Message`); is it from another provider?",
        ),
    ] {
        let error = read_events(Provider::Ses, body.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), sentence);
        assert_eq!(error.provider(), Provider::Ses);
    }
    let error = read_events(Provider::Oci, b"{\"a\":tru}").unwrap_err();
    assert!(matches!(
        error.kind(),
        ProviderReadingErrorKind::NotJson { line: 1, .. }
    ));
    assert!(error.source().is_some());
}

#[test]
fn too_long_a_body_is_refused_and_too_many_events_are_counted() {
    let long = vec![b' '; ProviderReading::MAX_INPUT + 1];
    let error = read_events(Provider::Ses, &long).unwrap_err();
    assert!(matches!(
        error.kind(),
        ProviderReadingErrorKind::TooBig { .. }
    ));

    let body = format!("{DELIVERY}\n").repeat(ProviderReading::MAX_EVENTS + 7);
    let reading = read_events(Provider::Ses, body.as_bytes()).unwrap();
    assert_eq!(reading.events.len(), ProviderReading::MAX_EVENTS);
    assert_eq!(reading.omitted, 7);
}

#[test]
fn what_is_too_deep_or_too_wide_is_kept_unread() {
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let wide = format!(
        "{{\"Records\":[{}0]}}",
        "0,".repeat(ProviderReading::MAX_VALUES + 1)
    );
    for strange in [deep, wide] {
        let body = format!("{DELIVERY}\n{{\"a\":{strange}}}");
        let reading = read_events(Provider::Ses, body.as_bytes()).unwrap();
        assert_eq!(reading.events.len(), 2);
        assert_eq!(reading.events[1].kind(), EventKind::Unknown);
        assert_eq!(reading.events[1].raw().unwrap().len(), strange.len() + 6);
    }
}

#[test]
fn what_is_packed_and_not_understood_is_counted_beyond_the_limit() {
    use base64::Engine as _;

    let record = r#"{"data":{"action":"relay"}}"#;
    let packed = format!("{record} {}", "1 ".repeat(ProviderReading::MAX_EVENTS + 5));
    let packed = base64::engine::general_purpose::STANDARD.encode(packed);
    let reading = read_events(
        Provider::Oci,
        format!("{{\"value\":\"{packed}\"}}").as_bytes(),
    )
    .unwrap();
    assert_eq!(reading.events.len(), ProviderReading::MAX_EVENTS);
    assert_eq!(reading.omitted, 6);
    assert_eq!(reading.events[0].raw(), Some(record.as_bytes()));
    assert!(
        reading.events[1..]
            .iter()
            .all(|event| event.raw() == Some(b"1"))
    );
}
