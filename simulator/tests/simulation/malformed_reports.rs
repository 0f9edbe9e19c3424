//! Reports written against the rules, which the reader must make sense of nevertheless.

use std::time::Duration;

use letterhead_feedback::{EventKind, Permanence, Reading, ReportKind, read_report};
use letterhead_mail::{
    EmailAddress, EnhancedCode, LineEndings, Message, Submission, Transport as _,
};
use letterhead_simulator::reports::{
    Action, DeliveryStatusNotification, Malformation, RecipientStatus,
};
use letterhead_simulator::{Receiver, SeededEntropy, Simulator};
use letterhead_transport::{Endpoint, Security, SmtpTransport};
use mail_parser::MessageParser;

use crate::common::{address, builder, name, send, start, submission};

const SIM: &str = "mx.sim.example";

const HARD: EventKind = EventKind::Bounced(Permanence::Hard);

fn original() -> Message {
    let text = "From: a@b.example\r\nTo: joe@x.example\r\nMessage-ID: <1@b.example>\r\n\
                Subject: Invoice\r\n\r\nPlease pay.\r\n";
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}

fn status(to: &str, action: Action, class: u8, said: &str) -> RecipientStatus {
    let code = match class {
        5 => EnhancedCode::new(5, 1, 1),
        2 => EnhancedCode::new(2, 1, 5),
        class => EnhancedCode::new(class, 4, 7),
    };
    RecipientStatus::new(address(to), action, code.unwrap()).with_diagnostic(said)
}

fn failed(to: &str) -> RecipientStatus {
    status(to, Action::Failed, 5, "smtp; 550 5.1.1 user unknown")
}

fn notification() -> DeliveryStatusNotification {
    DeliveryStatusNotification::new(name("mx.example"), address("bounces@b.example"))
}

fn write(notification: &DeliveryStatusNotification, malformation: Malformation) -> Message {
    let entropy = SeededEntropy::new(1);
    notification
        .write_malformed(malformation, &original(), start(), &entropy)
        .unwrap()
}

fn read(notification: &DeliveryStatusNotification, malformation: Malformation) -> Reading {
    read_report(write(notification, malformation).as_bytes())
}

fn found(reading: &Reading) -> Vec<(EventKind, Option<EmailAddress>)> {
    let event = |event: &letterhead_feedback::Event| (event.kind(), event.addressee().cloned());
    reading.events.iter().map(event).collect()
}

#[test]
fn who_bounced_is_known_whatever_is_wrong() {
    let joe = notification().with_recipient(failed("joe@x.example"));
    for malformation in Malformation::ALL {
        let reading = read(&joe, malformation);
        let expected = [(HARD, Some(address("joe@x.example")))];
        assert_eq!(found(&reading), expected, "{malformation:?}");
        let id = reading.events[0].message_id();
        assert_eq!(id, Some("<1@b.example>"), "{malformation:?}");
        let kind = match malformation {
            Malformation::PlainText | Malformation::NoStatusPart => ReportKind::TextBounce,
            _ => ReportKind::DeliveryStatus,
        };
        assert_eq!(reading.kind, kind, "{malformation:?}");
    }
}

#[test]
fn every_fault_is_there_and_the_rest_is_whole() {
    let joe = notification().with_recipient(failed("joe@x.example"));
    for (malformation, parts, present, absent) in [
        (
            Malformation::PlainText,
            1,
            "<joe@x.example>:\r\n",
            "MIME-Version",
        ),
        (
            Malformation::NoFinalRecipient,
            4,
            "Action: failed",
            "Final-Recipient",
        ),
        (Malformation::StatusWithComment, 4, "Status: 5.1.1 (", "\t"),
        (
            Malformation::EncodedReturn,
            4,
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n",
            "Please pay",
        ),
        (
            Malformation::GroupsRunTogether,
            4,
            "Reporting-MTA: dns; mx.example\r\nFinal-Recipient",
            "\t",
        ),
        (Malformation::WordsOfFailure, 4, "Undelivered Mail", "\t"),
        (
            Malformation::NoStatusPart,
            3,
            "report-type=delivery-status",
            "Action:",
        ),
    ] {
        let mail = write(&joe, malformation);
        let text = String::from_utf8(mail.as_bytes().to_vec()).unwrap();
        assert!(text.contains(present), "{malformation:?}: {text}");
        assert!(!text.contains(absent), "{malformation:?}: {text}");
        let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert_eq!(parsed.parts.len(), parts, "{malformation:?}");
        assert_eq!(mail, write(&joe, malformation));
    }
}

#[test]
fn several_recipients_with_different_actions_are_kept_apart() {
    let mixed = notification()
        .with_recipient(failed("joe@x.example"))
        .with_recipient(status(
            "ann@x.example",
            Action::Delayed,
            4,
            "smtp; 451 4.4.7 later",
        ))
        .with_recipient(status(
            "bob@x.example",
            Action::Delivered,
            2,
            "smtp; 250 2.1.5 ok",
        ));
    let expected = [
        (HARD, Some(address("joe@x.example"))),
        (EventKind::Deferred, Some(address("ann@x.example"))),
        (EventKind::Delivered, Some(address("bob@x.example"))),
    ];
    for malformation in [
        Malformation::StatusWithComment,
        Malformation::EncodedReturn,
        Malformation::GroupsRunTogether,
        Malformation::WordsOfFailure,
    ] {
        assert_eq!(
            found(&read(&mixed, malformation)),
            expected,
            "{malformation:?}"
        );
    }
}

#[test]
fn a_delay_in_the_words_of_a_failure_is_a_delay() {
    let late = status(
        "joe@x.example",
        Action::Delayed,
        4,
        "smtp; 451 4.4.7 try again",
    );
    let reading = read(
        &notification().with_recipient(late),
        Malformation::WordsOfFailure,
    );
    assert_eq!(
        found(&reading),
        [(EventKind::Deferred, Some(address("joe@x.example")))]
    );
}

#[test]
fn the_original_recipient_stands_in_for_a_missing_final_one() {
    let joe = failed("joe@x.example").with_original_recipient(address("info@b.example").into());
    let reading = read(
        &notification().with_recipient(joe),
        Malformation::NoFinalRecipient,
    );
    assert_eq!(found(&reading), [(HARD, Some(address("info@b.example")))]);
}

#[test]
fn words_name_several_recipients() {
    let both = notification()
        .with_recipient(failed("joe@x.example"))
        .with_recipient(failed("ann@x.example"));
    for malformation in [Malformation::PlainText, Malformation::NoStatusPart] {
        let reading = read(&both, malformation);
        let expected = [
            (HARD, Some(address("joe@x.example"))),
            (HARD, Some(address("ann@x.example"))),
        ];
        assert_eq!(found(&reading), expected, "{malformation:?}");
    }
}

/// Mailboxes that bounce what they took, each in a way of its own.
fn bouncing() -> Simulator {
    let sim = Receiver::new(name(SIM), "192.0.2.40".parse().unwrap());
    let sim = sim.triggers(name("sim.example"));
    builder(7).receiver(sim).build().unwrap()
}

fn to_malformed(malformation: Malformation) -> Submission {
    let to = format!("malformed-{malformation}@sim.example");
    let home = "bounces@yourcompany.example";
    submission(home, home, &[&to])
}

fn come_home(simulator: &Simulator) -> Vec<Message> {
    let home = simulator.mails_of(&address("bounces@yourcompany.example"));
    home.into_iter().map(|mail| mail.message).collect()
}

#[tokio::test]
async fn a_word_asks_for_each_fault_through_both_doors() {
    let (in_memory, on_socket) = (bouncing(), bouncing());
    let served = on_socket.serve().await.unwrap();
    let port = served.address(&name(SIM)).unwrap().port();
    for malformation in Malformation::ALL {
        assert_eq!(malformation.to_string().parse(), Ok(malformation));
        let submission = to_malformed(malformation);
        assert!(send(&in_memory, SIM, &submission).all_accepted());
        let endpoint = Endpoint::new("127.0.0.1", port, Security::Plaintext).unwrap();
        let transport = SmtpTransport::builder(endpoint).build().unwrap();
        assert!(transport.send(&submission).await.all_accepted());
        for simulator in [&in_memory, &on_socket] {
            simulator.advance(Duration::from_mins(1));
        }
    }
    for simulator in [&in_memory, &on_socket] {
        let mails = come_home(simulator);
        assert_eq!(mails.len(), Malformation::ALL.len());
        for (mail, malformation) in mails.iter().zip(Malformation::ALL) {
            let to = format!("malformed-{malformation}@sim.example");
            let reading = read_report(mail.as_bytes());
            assert_eq!(
                found(&reading),
                [(HARD, Some(address(&to)))],
                "{malformation}"
            );
        }
    }
}
