//! Complaints: whom they are about, in a format and without one.

use letterhead_feedback::{EventKind, Reading, Reason, ReportKind, read_report};

/// A mail that attaches the message it is about.
fn attached(header: &str, report: &str, returned: &str) -> Reading {
    let mail = format!(
        "{header}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
         Content-Type: text/plain\n\nSee below.\n\n{report}--b\nContent-Type: message/rfc822\n\n\
         {returned}Message-ID: <1@mail.example.com>\nSubject: news\n\nhello\n\n--b--\n"
    );
    read_report(mail.as_bytes())
}

const ABUSE: &str =
    "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n";

fn addressee(reading: &Reading) -> Option<String> {
    let event = reading.events.first()?;
    assert_eq!(reading.kind, ReportKind::Feedback);
    assert_eq!(event.kind(), EventKind::Complained);
    assert_eq!(event.reason(), &Reason::FEEDBACK);
    assert_eq!(event.native_kind(), Some("abuse"));
    assert_eq!(event.message_id(), Some("<1@mail.example.com>"));
    event.addressee().map(ToString::to_string)
}

#[test]
fn a_report_without_a_recipient_is_about_whom_the_message_went_to() {
    for (returned, expected) in [
        ("To: Joe <joe@y.example>\n", Some("joe@y.example")),
        (
            "X-Apparently-To: joe@y.example; Thu, 29 Apr 2027 23:34:45 +0000\nTo: list@x.example\n",
            Some("joe@y.example"),
        ),
        (
            "Delivered-To: joe@y.example\nTo: list@x.example\n",
            Some("joe@y.example"),
        ),
        ("To: a@y.example, b@y.example\n", None),
        ("To: redacted@y.example\n", None),
        ("To: undisclosed-recipients:;\n", None),
        ("", None),
    ] {
        let reading = attached("From: fbl@y.example", ABUSE, returned);
        assert_eq!(addressee(&reading).as_deref(), expected, "{returned}");
    }
}

#[test]
fn a_complaint_in_no_format_is_known_by_its_author_or_by_what_it_adds_to_the_message() {
    let to = "To: joe@hotmail.example\n";
    for (header, returned) in [
        (
            "From: staff@hotmail.com\nSubject: complaint about message from 192.0.2.1",
            to,
        ),
        (
            "From: feedback@somewhere.example\nSubject: x",
            "X-HmXmrOriginalRecipient: joe@hotmail.example\n",
        ),
        (
            "From: 7001@reports.spamcop.net\nSubject: [SpamCop (192.0.2.1) id:7001]news",
            to,
        ),
    ] {
        let reading = attached(header, "", returned);
        assert_eq!(
            addressee(&reading).as_deref(),
            Some("joe@hotmail.example"),
            "{header}"
        );
    }
}

#[test]
fn a_forwarded_message_is_no_complaint() {
    for header in [
        "From: joe@y.example\nSubject: Fwd: news",
        "From: joe@hotmail.com\nSubject: a complaint about message from 192.0.2.1",
        "From: joe@y.example\nSubject: complaint about message from 192.0.2.1",
    ] {
        let reading = attached(header, "", "To: ann@x.example\n");
        assert_eq!(reading.kind, ReportKind::NotAReport, "{header}");
    }
}
