//! The report writers, read by this family's reader and by an independent MIME parser.

use letterhead_feedback::{EventKind, Permanence, ReportKind, read_report};
use letterhead_mail::{EnhancedCode, LineEndings, Message, ReturnContent, ReversePath};
use letterhead_simulator::SeededEntropy;
use letterhead_simulator::reports::{
    Action, DeliveryStatusNotification, FeedbackReport, FeedbackType, RecipientStatus,
};
use mail_parser::{MessageParser, MimeHeaders as _};

use crate::common::{address, name, start};

fn original() -> Message {
    let text =
        "From: a@b.example\r\nMessage-ID: <1@b.example>\r\nSubject: x\r\n\r\n--=_fake\r\nbody\r\n";
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}

fn notification() -> DeliveryStatusNotification {
    let code = |subject, detail| EnhancedCode::new(5, subject, detail).unwrap();
    DeliveryStatusNotification::new(name("mx.example"), address("bounces@b.example"))
        .with_arrival(start())
        .with_recipient(
            RecipientStatus::new(address("joe@x.example"), Action::Failed, code(1, 1))
                .with_remote_mta("mx.x.example")
                .with_diagnostic("smtp; 550 5.1.1 no\r\nX-Injected: yes")
                .with_last_attempt(start()),
        )
        .with_recipient(RecipientStatus::new(
            address("\"a b\"@x.example"),
            Action::Failed,
            code(2, 2),
        ))
}

#[test]
fn a_notification_says_who_and_why() {
    let mail = notification()
        .write(&original(), start(), &SeededEntropy::new(1))
        .unwrap();
    let reading = read_report(mail.as_bytes());
    assert_eq!(reading.kind, ReportKind::DeliveryStatus);
    let events: Vec<_> = reading
        .events
        .iter()
        .map(|event| {
            (
                event.recipient().unwrap().to_string(),
                event.kind(),
                event.status().unwrap().to_string(),
            )
        })
        .collect();
    assert_eq!(
        events,
        [
            (
                "joe@x.example".to_owned(),
                EventKind::Bounced(Permanence::Hard),
                "5.1.1".to_owned()
            ),
            (
                "\"a b\"@x.example".to_owned(),
                EventKind::Bounced(Permanence::Soft),
                "5.2.2".to_owned()
            ),
        ]
    );
    let first = &reading.events[0];
    assert_eq!(first.message_id(), Some("<1@b.example>"));
    assert_eq!(first.remote_mta(), Some("mx.x.example"));
    assert_eq!(first.reporting_mta(), Some("mx.example"));
    assert_eq!(first.time(), Some(start()));
    assert_eq!(first.reply().unwrap().code().get(), 550);

    let parsed = MessageParser::new().parse(mail.as_bytes()).unwrap();
    let outer = parsed.content_type().unwrap();
    assert_eq!(
        (outer.ctype(), outer.subtype()),
        ("multipart", Some("report"))
    );
    assert_eq!(outer.attribute("report-type"), Some("delivery-status"));
    let types: Vec<String> = (1..parsed.parts.len())
        .map(|part| parsed.part(part as u32).unwrap().content_type().unwrap())
        .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap()))
        .collect();
    assert_eq!(
        types,
        [
            "text/plain",
            "message/delivery-status",
            "text/rfc822-headers"
        ]
    );
    assert_eq!(
        parsed.subject(),
        Some("Delivery Status Notification (Failure)")
    );
    let text = String::from_utf8_lossy(mail.as_bytes()).into_owned();
    assert!(!text.contains("\r\nX-Injected"), "{text}");
    assert!(!text.contains("\r\nbody"), "only the header comes back");
    assert!(mail.is_seven_bit() && mail.longest_line() < 998);
}

#[test]
fn addresses_outside_ascii_make_it_international() {
    let status = RecipientStatus::new(
        address("jörg@x.example"),
        Action::Failed,
        EnhancedCode::new(5, 1, 1).unwrap(),
    );
    let mail = DeliveryStatusNotification::new(name("mx.example"), address("bounces@b.example"))
        .with_recipient(status)
        .write(&original(), start(), &SeededEntropy::new(1))
        .unwrap();
    let text = String::from_utf8_lossy(mail.as_bytes());
    assert!(
        text.contains("message/global-delivery-status") && text.contains("utf-8; jörg@x.example"),
        "{text}"
    );
    assert!(!mail.has_utf8_headers());
    let reading = read_report(mail.as_bytes());
    assert_eq!(
        reading.events[0].recipient().unwrap().to_string(),
        "jörg@x.example"
    );
}

#[test]
fn delayed_and_delivered_are_no_bounces() {
    for (action, class, kind) in [
        (Action::Delayed, 4, EventKind::Deferred),
        (Action::Delivered, 2, EventKind::Delivered),
    ] {
        let status = RecipientStatus::new(
            address("joe@x.example"),
            action,
            EnhancedCode::new(class, 0, 0).unwrap(),
        );
        let mail =
            DeliveryStatusNotification::new(name("mx.example"), address("bounces@b.example"))
                .with_recipient(status)
                .write(&original(), start(), &SeededEntropy::new(1))
                .unwrap();
        assert_eq!(read_report(mail.as_bytes()).events[0].kind(), kind);
    }
}

#[test]
fn a_complaint_returns_the_whole_message() {
    let report = |feedback_type| {
        FeedbackReport::new(
            name("fbl.example"),
            address("bounces@b.example"),
            feedback_type,
        )
        .with_original_sender(ReversePath::Address(address("v@b.example")))
        .with_original_recipient(address("joe@x.example"))
        .with_arrival(start())
        .with_source("192.0.2.1".parse().unwrap())
        .write(&original(), start(), &SeededEntropy::new(1))
        .unwrap()
    };
    for (feedback_type, kind) in [
        (FeedbackType::Abuse, EventKind::Complained),
        (FeedbackType::Fraud, EventKind::Complained),
        (FeedbackType::NotSpam, EventKind::NotSpam),
    ] {
        let reading = read_report(report(feedback_type).as_bytes());
        assert_eq!(reading.kind, ReportKind::Feedback);
        let event = &reading.events[0];
        assert_eq!(event.kind(), kind);
        assert_eq!(event.message_id(), Some("<1@b.example>"));
        assert_eq!(event.addressee().unwrap().to_string(), "joe@x.example");
    }
    let mail = report(FeedbackType::Abuse);
    let parsed = MessageParser::new().parse(mail.as_bytes()).unwrap();
    let returned = parsed
        .attachments()
        .find_map(|part| part.message())
        .expect("a message is attached");
    assert_eq!(returned.raw_message(), original().as_bytes());
}

#[test]
fn the_same_arguments_give_the_same_octets() {
    let write = |seed| {
        notification()
            .write(&original(), start(), &SeededEntropy::new(seed))
            .unwrap()
    };
    assert_eq!(write(1), write(1));
    assert_ne!(write(1), write(2));
}

proptest::proptest! {
    #[test]
    fn nothing_that_a_server_said_becomes_a_field_or_a_long_line(said in "\\PC{0,40}([\r\n]{1,3}[A-Za-z-]{1,20}: x)?.{0,900}") {
        let status = RecipientStatus::new(address("joe@x.example"), Action::Failed, EnhancedCode::new(5, 1, 1).unwrap())
            .with_remote_mta(&*said)
            .with_diagnostic(format!("smtp; 550 {said}"));
        let mail = DeliveryStatusNotification::new(name("mx.example"), address("bounces@b.example"))
            .with_recipient(status)
            .write(&original(), start(), &SeededEntropy::new(1))
            .unwrap();
        proptest::prop_assert!(mail.longest_line() <= 998);
        let reading = read_report(mail.as_bytes());
        proptest::prop_assert_eq!(reading.events.len(), 1);
        proptest::prop_assert_eq!(reading.events[0].recipient(), Some(&address("joe@x.example")));
        proptest::prop_assert_eq!(reading.events[0].status().unwrap().to_string(), "5.1.1");
        proptest::prop_assert_eq!(reading.events[0].message_id(), Some("<1@b.example>"));
    }
}

#[test]
fn a_notification_gives_back_what_the_dsn_extension_asked_for() {
    let code = |class| EnhancedCode::new(class, 4, 7).unwrap();
    let until = start() + std::time::Duration::from_secs(3600);
    let status = |to: &str, action, class| {
        RecipientStatus::new(address(to), action, code(class))
            .with_original_recipient(address("first@b.example").into())
            .with_will_retry_until(until)
    };
    let notification = DeliveryStatusNotification::new(name("mx.example"), address("r@b.example"))
        .with_envelope_id("send+1 = a".parse().unwrap())
        .with_return_content(ReturnContent::Full)
        .with_recipient(status("d@x.example", Action::Delayed, 4))
        .with_recipient(status("r@x.example", Action::Relayed, 2))
        .with_recipient(status("e@x.example", Action::Expanded, 2));
    let write = |notification: &DeliveryStatusNotification| {
        let entropy = SeededEntropy::new(1);
        let mail = notification.write(&original(), start(), &entropy).unwrap();
        String::from_utf8(mail.as_bytes().to_vec()).unwrap()
    };
    let mail = write(&notification);
    assert!(mail.contains("Subject: Delivery Status Notification (Delay)\r\n"));
    assert_eq!(
        mail.matches("Will-Retry-Until: Fri, 15 Jan 2027 09:00:00 +0000\r\n")
            .count(),
        1
    );
    assert!(mail.contains("Content-Type: text/rfc822-headers\r\n"));
    let reading = read_report(mail.as_bytes());
    let kinds: Vec<_> = reading.events.iter().map(|event| event.kind()).collect();
    assert_eq!(
        kinds,
        [EventKind::Deferred, EventKind::Relayed, EventKind::Expanded]
    );
    for event in &reading.events {
        assert_eq!(event.original_envelope_id(), Some("send+1 = a"));
        assert_eq!(
            event.original_recipient(),
            Some(&address("first@b.example"))
        );
    }

    let failed = notification.with_recipient(status("f@x.example", Action::Failed, 5));
    let mail = write(&failed);
    assert!(mail.contains("Content-Type: message/rfc822\r\n") && mail.contains("\r\nbody\r\n"));
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    assert_eq!(parsed.attachment_count(), 2);
}

#[test]
fn an_original_recipient_outside_ascii_makes_the_notification_international() {
    let code = EnhancedCode::new(5, 1, 1).unwrap();
    let status = RecipientStatus::new(address("joe@x.example"), Action::Failed, code)
        .with_original_recipient(address("jörg@x.example").into());
    let mail = DeliveryStatusNotification::new(name("mx.example"), address("r@b.example"))
        .with_recipient(status)
        .write(&original(), start(), &SeededEntropy::new(1))
        .unwrap();
    let text = String::from_utf8(mail.as_bytes().to_vec()).unwrap();
    assert!(text.contains("message/global-delivery-status"));
    assert!(text.contains("Original-Recipient: utf-8; jörg@x.example\r\n"));
    let reading = read_report(mail.as_bytes());
    assert_eq!(
        reading.events[0].original_recipient(),
        Some(&address("jörg@x.example"))
    );
}
