//! Whole mails, read.

use std::time::{Duration, SystemTime};

use letterhead_feedback::{
    Event, EventKind, Permanence, Proof, Reading, Reason, ReportKind, read_report,
};

const SEVERAL_RECIPIENTS: &str = include_str!("mails/several_recipients.eml");
const UNICODE_RECIPIENT: &str = include_str!("mails/unicode_recipient.eml");
const ONE_GROUP: &str = include_str!("mails/one_group.eml");
const COMPLAINT: &str = include_str!("mails/complaint.eml");
const ABSENCE: &str = include_str!("mails/absence.eml");
const ORDINARY: &str = include_str!("mails/ordinary.eml");

const HARD: EventKind = EventKind::Bounced(Permanence::Hard);
const SOFT: EventKind = EventKind::Bounced(Permanence::Soft);

fn read(text: &str) -> Reading {
    read_report(text.as_bytes())
}

fn without_raw(mut reading: Reading) -> Reading {
    let events = reading.events.into_iter();
    reading.events = events.map(Event::without_raw).collect();
    reading
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn recipients(reading: &Reading) -> Vec<Option<String>> {
    let recipient = |event: &Event| event.recipient().map(ToString::to_string);
    reading.events.iter().map(recipient).collect()
}

/// A delivery status notification with one recipient group.
fn notification(group: &str) -> String {
    format!(
        "From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n{group}\n\n--b--\n"
    )
}

/// A feedback report with these fields.
fn feedback(fields: &str) -> String {
    format!(
        "From: fbl@x.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\
         Content-Type: message/feedback-report\n\nVersion: 1\n{fields}\n\n--b--\n"
    )
}

#[test]
fn every_recipient_has_its_own_event() {
    let reading = read(SEVERAL_RECIPIENTS);
    assert_eq!(reading.kind, ReportKind::DeliveryStatus);
    assert_eq!(reading.omitted, 0);
    let found: Vec<(String, EventKind, String)> = reading
        .events
        .iter()
        .map(|event| {
            let recipient = event.recipient().unwrap().to_string();
            (recipient, event.kind(), event.status().unwrap().to_string())
        })
        .collect();
    let expected = [
        ("gone@inner.example.org", HARD, "5.1.1"),
        ("slow@example.org", EventKind::Deferred, "4.4.1"),
        ("full@example.org", SOFT, "5.2.2"),
        ("refused@example.org", SOFT, "5.7.1"),
        ("here@example.org", EventKind::Delivered, "2.1.5"),
        ("far@example.org", EventKind::Relayed, "2.1.9"),
        ("team@example.org", EventKind::Expanded, "2.1.5"),
    ];
    let expected =
        expected.map(|(recipient, kind, status)| (recipient.to_owned(), kind, status.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn every_field_of_a_notification_is_kept() {
    let reading = read(SEVERAL_RECIPIENTS);
    let event = &reading.events[0];
    assert_eq!(
        event.original_recipient().unwrap().to_string(),
        "gone@example.org"
    );
    assert_eq!(event.addressee(), event.original_recipient());
    assert_eq!(event.message_id(), Some("<invoice-1@mail.example.com>"));
    assert_eq!(event.original_envelope_id(), Some("batch-7"));
    assert_eq!(event.reporting_mta(), Some("relay.example.net"));
    assert_eq!(event.remote_mta(), Some("mx.example.org"));
    assert_eq!(event.reason(), &Reason::USER_UNKNOWN);
    assert_eq!(event.proof(), Proof::Unproven);
    let reply = event.reply().unwrap();
    assert_eq!(reply.code().get(), 550);
    assert_eq!(reply.enhanced().unwrap().to_string(), "5.1.1");
    assert_eq!(
        event.diagnostic(),
        Some("smtp; 550-5.1.1 The mailbox is gone. 550 5.1.1 Ask the postmaster.")
    );
    // The last attempt, and for a recipient without one the date of the report.
    assert_eq!(event.time(), Some(at(1_772_528_400)));
    assert_eq!(reading.events[1].time(), Some(at(1_772_528_405)));
    assert_eq!(reading.events[1].addressee(), reading.events[1].recipient());
}

#[test]
fn line_ends_of_any_kind_read_the_same() {
    for mail in [
        SEVERAL_RECIPIENTS,
        UNICODE_RECIPIENT,
        ONE_GROUP,
        COMPLAINT,
        ABSENCE,
        ORDINARY,
    ] {
        let expected = without_raw(read(mail));
        for end in ["\r\n", "\r"] {
            assert_eq!(without_raw(read(&mail.replace('\n', end))), expected);
        }
    }
}

#[test]
fn unicode_addresses_are_read_raw_and_escaped() {
    let reading = read(UNICODE_RECIPIENT);
    let expected = [
        Some("j\u{f6}rg@example.org".to_owned()),
        Some("j\u{f6}rn@example.org".to_owned()),
    ];
    assert_eq!(recipients(&reading), expected);
    assert_eq!(
        reading.events[0].diagnostic(),
        Some("smtp; 550 5.1.1 no mailbox of that name")
    );
    // What is returned says more than what is answered.
    assert_eq!(
        reading.events[0].message_id(),
        Some("<u-1@mail.example.com>")
    );
}

#[test]
fn a_report_without_groups_and_fields_is_read_as_far_as_it_goes() {
    let reading = read(ONE_GROUP);
    assert_eq!(reading.kind, ReportKind::DeliveryStatus);
    assert_eq!(
        recipients(&reading),
        [Some("full@example.org".to_owned()), None]
    );
    let event = &reading.events[0];
    assert_eq!(
        (event.kind(), event.reporting_mta()),
        (SOFT, Some("old.example.net"))
    );
    assert_eq!(event.status().unwrap().to_string(), "5.2.2");
    assert_eq!(
        event.reply().unwrap().text(),
        "no room left for this message"
    );
    assert_eq!(event.message_id(), Some("<reminder-2@mail.example.com>"));
    assert_eq!(event.time(), None);
}

#[test]
fn an_address_is_called_dead_only_where_everything_agrees() {
    for (group, kind) in [
        ("Action: failed\nStatus: 5.1.1", HARD),
        (
            "Action: failed\nDiagnostic-Code: smtp; 550 5.1.1 gone",
            HARD,
        ),
        (
            "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 gone",
            HARD,
        ),
        ("Status: 5.1.2", HARD),
        (
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.7.1 blocked",
            SOFT,
        ),
        (
            "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 450 later",
            SOFT,
        ),
        (
            "Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.1.1 gone",
            SOFT,
        ),
        ("Action: failed\nStatus: 4.4.7", SOFT),
        ("Action: failed", SOFT),
        ("Action: expired\nStatus: 4.4.7", SOFT),
        ("Action: delayed\nStatus: 5.1.1", EventKind::Deferred),
        ("Status: 4.2.2", EventKind::Deferred),
        ("Status: 2.0.0", EventKind::Delivered),
        ("Diagnostic-Code: smtp; 550 no", SOFT),
        ("Action: deliverable\nStatus: 2.0.0", EventKind::Unknown),
        ("Remote-MTA: dns; y.example", EventKind::Unknown),
    ] {
        let reading = read(&notification(&format!(
            "Final-Recipient: rfc822; a@x.example\n{group}"
        )));
        assert_eq!(reading.events.len(), 1, "{group}");
        assert_eq!(reading.events[0].kind(), kind, "{group}");
    }
}

#[test]
fn the_reason_is_that_of_the_server_where_it_contradicts_the_reporter() {
    let group = "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n\
                 Diagnostic-Code: smtp; 552 5.2.2 full";
    let reading = read(&notification(group));
    assert_eq!(reading.events[0].status().unwrap().to_string(), "5.2.2");
    assert_eq!(reading.events[0].reason(), &Reason::MAILBOX_FULL);
}

#[test]
fn blank_lines_in_the_wrong_place_do_not_tear_a_recipient_apart() {
    let torn = "Final-Recipient: rfc822; a@x.example\n\nAction: failed\nStatus: 5.1.1\n\n\
                Action: delayed\nFinal-Recipient: rfc822; b@x.example\n\nStatus: 4.4.1\n\n\
                Action: failed\nStatus: 5.2.2";
    let reading = read(&notification(torn));
    let address = |local: &str| Some(format!("{local}@x.example"));
    assert_eq!(recipients(&reading), [address("a"), address("b"), None]);
    let kinds: Vec<EventKind> = reading.events.iter().map(Event::kind).collect();
    assert_eq!(kinds, [HARD, EventKind::Deferred, SOFT]);
}

#[test]
fn a_field_given_twice_counts_once() {
    let group = "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.2.2\nStatus: 5.1.1\nAction: delayed";
    let reading = read(&notification(group));
    assert_eq!(reading.events.len(), 1);
    assert_eq!(reading.events[0].kind(), SOFT);
}

#[test]
fn the_header_names_the_recipient_where_the_report_does_not() {
    let mail = notification("Action: failed\nStatus: 5.1.1");
    let named = format!("X-Failed-Recipients: a@x.example\n{mail}");
    assert_eq!(recipients(&read(&named)), [Some("a@x.example".to_owned())]);
    assert_eq!(recipients(&read(&mail)), [None]);
}

#[test]
fn a_complaint_names_message_and_recipient() {
    let reading = read(COMPLAINT);
    assert_eq!(
        (reading.kind, reading.events.len()),
        (ReportKind::Feedback, 1)
    );
    let event = &reading.events[0];
    assert_eq!(event.kind(), EventKind::Complained);
    assert_eq!(event.reason(), &Reason::FEEDBACK);
    assert_eq!(event.addressee().unwrap().to_string(), "joe@example.org");
    assert_eq!(event.message_id(), Some("<offer-3@mail.example.com>"));
    assert_eq!(event.original_envelope_id(), Some("batch-8"));
    assert_eq!(event.reporting_mta(), Some("mx.provider.example"));
    assert_eq!(event.time(), Some(at(1_772_625_600)));
}

#[test]
fn feedback_types_are_told_apart() {
    for (feedback_type, kind, reason) in [
        ("abuse", EventKind::Complained, "feedback"),
        ("Fraud", EventKind::Complained, "feedback"),
        ("virus", EventKind::Complained, "feedback"),
        ("other", EventKind::Complained, "feedback"),
        ("opt-out", EventKind::Unsubscribed, "opt-out"),
        ("not-spam", EventKind::NotSpam, "feedback"),
        ("auth-failure", EventKind::AuthFailure, "feedback"),
        ("Something-New", EventKind::Unknown, "feedback"),
        ("", EventKind::Unknown, "feedback"),
    ] {
        let reading = read(&feedback(&format!(
            "Feedback-Type: {feedback_type}\nAuth-Failure: dmarc"
        )));
        let event = &reading.events[0];
        assert_eq!(
            (event.kind(), event.reason().as_str()),
            (kind, reason),
            "{feedback_type}"
        );
        assert_eq!(event.native_kind().unwrap_or_default(), feedback_type);
        assert_eq!(event.diagnostic(), Some("dmarc"));
    }
}

#[test]
fn a_redacted_recipient_is_none() {
    for value in ["redacted", "redacted@", "Redacted-1f2e@x.example", "<>", ""] {
        let reading = read(&feedback(&format!(
            "Feedback-Type: abuse\nOriginal-Rcpt-To: {value}"
        )));
        assert_eq!(recipients(&reading), [None], "{value}");
    }
    let several = "Feedback-Type: abuse\nOriginal-Rcpt-To: a@x.example\nOriginal-Rcpt-To: <a@x.example>\n\
                   Original-Rcpt-To: b@x.example";
    let reading = read(&feedback(several));
    assert_eq!(recipients(&reading), [None]);
    let candidates = reading.events[0].candidates().iter();
    let candidates: Vec<String> = candidates.map(ToString::to_string).collect();
    assert_eq!(candidates, ["a@x.example", "b@x.example"]);
}

#[test]
fn an_automatic_answer_is_about_who_it_comes_from() {
    let reading = read(ABSENCE);
    assert_eq!(
        (reading.kind, reading.events.len()),
        (ReportKind::AutoReply, 1)
    );
    let event = &reading.events[0];
    assert_eq!(event.kind(), EventKind::AutoReplied);
    assert_eq!(event.addressee().unwrap().to_string(), "joe@example.org");
    assert_eq!(event.message_id(), Some("<invoice-1@mail.example.com>"));
    assert_eq!(event.diagnostic(), Some("Auto: Urlaub bis M\u{e4}rz"));
}

#[test]
fn rude_automatic_answers_are_recognised_by_their_fields() {
    let answer = ReportKind::AutoReply;
    let ordinary = ReportKind::NotAReport;
    for (header, kind) in [
        ("X-Autoreply: yes", answer),
        ("X-Autorespond: away", answer),
        ("Precedence: auto_reply", answer),
        (
            "In-Reply-To: <1@x>\nSubject: Out of Office: back soon",
            answer,
        ),
        (
            "References: <0@x> <1@x>\nSubject: =?utf-8?B?UsOpcG9uc2UgYXV0b21hdGlxdWU=?= : x",
            answer,
        ),
        ("In-Reply-To: <1@x>\nSubject: Auto reply: Hello", answer),
        ("Subject: Automatic reply: x", answer),
        (
            "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nSubject: Automatic reply: x",
            answer,
        ),
        ("Auto-Submitted: auto-replied (vacation)", answer),
        ("Subject: =?utf-8?B?0JDQstGC0L7QvtGC0LLQtdGCOiB4?=", answer),
        ("X-Mailer: vacation 1.2.7.1", answer),
        ("Auto-Submitted: auto-generated", ordinary),
        ("Auto-Submitted: no\nX-Autoreply: yes", ordinary),
        ("X-Autoreply: no", ordinary),
        ("Precedence: bulk", ordinary),
        ("X-Auto-Response-Suppress: All", ordinary),
        ("Subject: Out of Office: the film", ordinary),
        (
            "In-Reply-To: <1@x>\nSubject: Re: Out of Office: the film",
            ordinary,
        ),
    ] {
        let reading = read(&format!("From: joe@example.org\n{header}\n\nHello\n"));
        assert_eq!(reading.kind, kind, "{header}");
        assert_eq!(
            reading.events.len(),
            usize::from(kind == answer),
            "{header}"
        );
    }
}

#[test]
fn ordinary_mail_and_noise_are_no_report() {
    for mail in [
        ORDINARY,
        "",
        "\n",
        "\r",
        "Hello",
        "From: a@x.example\n\nStatus: 5.1.1\n",
    ] {
        let reading = read(mail);
        assert_eq!(
            (reading.kind, reading.events.len()),
            (ReportKind::NotAReport, 0),
            "{mail}"
        );
    }
}

#[test]
fn a_bounce_that_names_nobody_says_so() {
    for (mail, kind, named) in [
        (
            "From: MAILER-DAEMON@x.example\nAuto-Submitted: auto-replied\n\nNo such user\n",
            ReportKind::TextBounce,
            None,
        ),
        (
            "Return-Path: <>\nFrom: postmaster@x.example\n\nNo such user\n",
            ReportKind::TextBounce,
            None,
        ),
        (
            "From: a@x.example\nX-Failed-Recipients: b@x.example\n\nNo\n",
            ReportKind::TextBounce,
            Some("b@x.example"),
        ),
        (
            "From: postmaster@x.example\n\nPlease call me\n",
            ReportKind::NotAReport,
            None,
        ),
    ] {
        let reading = read(mail);
        assert_eq!(reading.kind, kind, "{mail}");
        let expected = usize::from(kind == ReportKind::TextBounce);
        assert_eq!(reading.events.len(), expected, "{mail}");
        for event in &reading.events {
            let addressee = event.addressee().map(ToString::to_string);
            assert_eq!(addressee.as_deref(), named, "{mail}");
        }
    }
}

#[test]
fn the_addresses_that_a_report_came_to_are_named_once_each_and_bounded() {
    let mail = "Delivered-To: b+1@x.example\nX-Original-To: <b+2@x.example>\nTo: B <b+1@x.example>, c@x.example\n\n";
    let found: Vec<String> = read(mail)
        .delivered_to
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, ["b+1@x.example", "b+2@x.example", "c@x.example"]);
    let many: String = (0..40)
        .map(|number| format!("To: a{number}@x.example\n"))
        .collect();
    assert_eq!(read(&many).delivered_to.len(), 16);
}

#[test]
fn what_a_mail_program_did_with_a_message_is_no_bounce() {
    for (disposition, kind) in [
        (
            "manual-action/MDN-sent-manually; displayed",
            EventKind::Opened,
        ),
        (
            "automatic-action/MDN-sent-automatically; deleted",
            EventKind::Unknown,
        ),
        ("x; failed", EventKind::Unknown),
    ] {
        let reading = read(&format!(
            "From: a@x.example\nAuto-Submitted: auto-replied\nContent-Type: multipart/report; boundary=b\n\n\
             --b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; a@x.example\n\
             Original-Message-ID: <1@y.example>\nDisposition: {disposition}\n--b--\n"
        ));
        assert_eq!(reading.kind, ReportKind::DispositionNotification);
        let event = &reading.events[0];
        assert_eq!(event.kind(), kind, "{disposition}");
        assert_eq!(event.native_kind(), disposition.rsplit(' ').next());
        assert_eq!(event.message_id(), Some("<1@y.example>"));
        assert_eq!(event.addressee().unwrap().to_string(), "a@x.example");
    }
}

#[test]
fn the_number_of_events_is_bounded_and_the_rest_is_counted() {
    let group = "Final-Recipient: rfc822; a@x.example\nAction: failed\n\n";
    let reading = read(&notification(&group.repeat(Reading::MAX_EVENTS + 5)));
    assert_eq!(
        (reading.events.len(), reading.omitted),
        (Reading::MAX_EVENTS, 5)
    );
}

#[test]
fn the_candidates_of_one_complaint_are_bounded() {
    let mut fields = "Feedback-Type: abuse".to_owned();
    for number in 0..105 {
        fields.push_str(&format!("\nOriginal-Rcpt-To: a{number}@x.example"));
    }
    let reading = read(&feedback(&fields));
    assert_eq!((reading.events.len(), reading.omitted), (1, 0));
    assert_eq!(reading.events[0].candidates().len(), Event::MAX_CANDIDATES);
}

#[test]
fn a_huge_returned_message_does_not_hide_the_report() {
    let mut mail = COMPLAINT.replace("--b--\n", "");
    mail.push_str(&"x".repeat(Reading::MAX_INPUT));
    let reading = read(&mail);
    assert_eq!(without_raw(reading), without_raw(read(COMPLAINT)));
}
