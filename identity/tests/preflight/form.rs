//! Fields that are there and do not hold what they should.

use letterhead_dns::Severity;
use letterhead_identity::PreflightRequest;
use letterhead_identity::preflight::Code;
use letterhead_mail::{LineEndings, Message};

use crate::support::{ask, built_in, message, now, of_code, own_domain, zone};

/// What is said of the field, with how bad it is.
fn told(message: &Message, code: Code, field: Option<&str>) -> Vec<Severity> {
    let profile = built_in("own-server");
    let identity = own_domain(&profile, "example.org");
    let request = PreflightRequest::new(&profile, &identity, message, now());
    let found = ask(&request, &zone(""));
    let findings = of_code(&found, code).into_iter();
    let about = findings.filter(|finding| finding.about.as_deref() == field);
    about.map(|finding| finding.severity).collect()
}

#[test]
fn a_date_is_read_before_servers_do() {
    let dated = |date: &str| {
        let text = format!(
            "From: a@example.org\nTo: bob@example.net\nSubject: Hello\nDate: {date}\nMessage-ID: <1@example.org>\n\nHello\n"
        );
        let message = Message::from_bytes(text, LineEndings::Normalise).unwrap();
        told(&message, Code::FieldUnreadable, Some("Date"))
    };
    for right in [
        "Sun, 22 Nov 2026 09:00:00 +0000",
        "22 Nov 2026 09:00 -0330",
        "Fri, 1 jan 2027 23:59:60 GMT",
        "Sun, 22 Nov 2026 09:00:00 +0000 (UTC)",
    ] {
        assert!(dated(right).is_empty(), "{right}");
    }
    for wrong in [
        "yesterday",
        "",
        "2026-11-22T09:00:00Z",
        "Sun, 32 Nov 2026 09:00:00 +0000",
        "Sun, 22 Foo 2026 09:00:00 +0000",
        "Sun, 22 Nov 2026 24:00:00 +0000",
        "Sun, 22 Nov 2026 +9:00 +0000",
        "Sun, 22 Nov 2026 09:00:00",
        "Sun, 22 Nov 2026 09:00:00 +00",
    ] {
        assert_eq!(dated(wrong), [Severity::Error], "{wrong}");
    }
}

#[test]
fn several_authors_are_told_also_with_a_sender() {
    let several = "a@example.org, b@example.org";
    let with_sender = message(several, "Sender: a@example.org\n");
    assert_eq!(
        told(&with_sender, Code::From, Some("From")),
        [Severity::Warning]
    );
    assert!(told(&with_sender, Code::FieldMissing, Some("Sender")).is_empty());
    let without = message(several, "");
    assert_eq!(
        told(&without, Code::FieldMissing, Some("Sender")),
        [Severity::Error]
    );
    assert!(told(&message("a@example.org", ""), Code::From, Some("From")).is_empty());
}

#[test]
fn a_header_that_needs_smtputf8_is_told() {
    let accented = message("a@example.org", "Comments: Grüße\n");
    assert_eq!(
        told(&accented, Code::FieldUnreadable, None),
        [Severity::Warning]
    );
    assert!(told(&message("a@example.org", ""), Code::FieldUnreadable, None).is_empty());
}
