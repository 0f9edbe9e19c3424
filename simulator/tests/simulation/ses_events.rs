//! What a front with Amazon SES's profile tells over SNS.

mod telling;

use std::sync::Arc;
use std::time::Duration;

use letterhead_dns::RecordType;
use letterhead_dns::zone::Fault;
use letterhead_feedback::{
    Event, EventKind, Permanence, Proof, Provider, Reason, SnsMessage, SnsVerifier, read_events,
};
use letterhead_identity::Subject;
use letterhead_mail::{LineEndings, Message};
use letterhead_simulator::provider_events::{
    SesHeaders, SesOverSns, SesPublishing, SnsCertificates,
};
use letterhead_simulator::{Front, ProviderNotification, Simulator, VirusCheck, Webhook};
use serde_json::Value;

use crate::common::{FRONT, address, builder, front, name, send, start, submission, submission_of};

const FROM: &str = "billing@yourcompany.example";
const RETURN: &str = "bounces@yourcompany.example";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:mail";
const TARGET: &str = "https://app.yourcompany.example/hooks/ses";
const HARD: EventKind = EventKind::Bounced(Permanence::Hard);

fn over_sns() -> SesOverSns {
    SesOverSns::new(TOPIC.parse().unwrap())
}

fn ses(form: SesOverSns) -> Front {
    front("amazon-ses")
        .verified(Subject::Address(address(FROM)))
        .webhook(Webhook::ses(TARGET, form))
}

fn simulation(seed: u64, front: Front) -> Simulator {
    builder(seed).front(front).build().unwrap()
}

/// Sends to these, lets everything happen that will, and says what was told after the request to confirm.
fn told(simulator: &Simulator, to: &[&str]) -> Vec<ProviderNotification> {
    let report = send(simulator, FRONT, &submission(RETURN, FROM, to));
    assert!(report.all_accepted(), "{report:?}");
    simulator.advance(Duration::from_hours(24));
    simulator.notifications().split_off(1)
}

fn verify(notification: &ProviderNotification) -> SnsMessage {
    let verifier =
        SnsVerifier::new(Arc::new(SnsCertificates::new()), TOPIC.parse().unwrap()).version_2_only();
    let verified =
        letterhead_dns::block_on_ready(verifier.verify(&notification.body, notification.time));
    verified.unwrap().unwrap()
}

/// The events of what was told, in order: read twice, with and without verifying who sent them.
fn events(notifications: &[ProviderNotification]) -> Vec<Event> {
    let read = |notification: &ProviderNotification| {
        assert_eq!(notification.target, TARGET);
        assert_eq!(notification.host, name(FRONT));
        let message = verify(notification);
        assert_eq!(message.time(), notification.time);
        let proven = message.reading().events;
        let plain = read_events(Provider::Ses, &notification.body)
            .unwrap()
            .events;
        assert_eq!(proven.len(), plain.len());
        for (proven, plain) in proven.iter().zip(&plain) {
            assert_eq!(
                (proven.proof(), plain.proof()),
                (Proof::Provider, Proof::Unproven)
            );
            assert_eq!(proven.kind(), plain.kind());
        }
        proven
    };
    notifications.iter().flat_map(read).collect()
}

/// Kind, native kind and recipient.
fn summary(events: &[Event]) -> Vec<(EventKind, String, String)> {
    let line = |event: &Event| {
        let recipient = event.recipient().map(ToString::to_string);
        let native = event.native_kind().unwrap_or_default().to_owned();
        (event.kind(), native, recipient.unwrap_or_default())
    };
    events.iter().map(line).collect()
}

fn message(notification: &ProviderNotification) -> Value {
    serde_json::from_str(verify(notification).message()).unwrap()
}

fn line(kind: EventKind, native: &str, recipient: &str) -> (EventKind, String, String) {
    (kind, native.to_owned(), recipient.to_owned())
}

#[test]
fn the_mailbox_simulator_tells_what_amazons_does() {
    let simulator = simulation(1, ses(over_sns()));
    let to = [
        "success+a@simulator.amazonses.com",
        "bounce+b@simulator.amazonses.com",
        "complaint+c@simulator.amazonses.com",
        "ooto+d@simulator.amazonses.com",
        "suppressionlist+e@simulator.amazonses.com",
        "Bounce+f@simulator.amazonses.com",
        "complaint+g@simulator.amazonses.com",
    ];
    let notifications = told(&simulator, &to);
    let events = events(&notifications);
    let sent = to.map(|to| line(EventKind::Sent, "Send", to));
    let delivered = [0, 2, 3, 6].map(|at| line(EventKind::Delivered, "Delivery", to[at]));
    let after = [
        line(HARD, "Bounce/Permanent/General", to[1]),
        line(HARD, "Bounce/Permanent/General", to[5]),
        line(EventKind::Suppressed, "Bounce/Permanent/Suppressed", to[4]),
        line(EventKind::AutoReplied, "Bounce/Transient/General", to[3]),
        line(EventKind::Complained, "Complaint/abuse", to[2]),
        line(EventKind::Complained, "Complaint/abuse", to[6]),
    ];
    let expected = [&sent[..], &delivered, &after].concat();
    assert_eq!(summary(&events), expected);
    // One message of all that bounced, and of all that were delivered.
    let bounces: Vec<usize> = notifications
        .iter()
        .map(|told| {
            message(told)["bounce"]["bouncedRecipients"]
                .as_array()
                .map_or(0, Vec::len)
        })
        .collect();
    assert_eq!(bounces, [0, 0, 2, 1, 1, 0, 0]);
    let after: Vec<Duration> = notifications
        .iter()
        .map(|told| told.time.duration_since(start()).unwrap())
        .collect();
    assert_eq!(
        after,
        [0, 0, 30, 30, 30, 7200, 7200].map(Duration::from_secs)
    );
    let bounce = &events[11];
    assert_eq!(bounce.status().unwrap().to_string(), "5.1.1");
    assert_eq!(bounce.diagnostic(), Some("smtp; 550 5.1.1 user unknown"));
    let ids: std::collections::BTreeSet<_> =
        events.iter().map(|event| event.id().to_string()).collect();
    assert_eq!(ids.len(), events.len(), "every event has an id of its own");
}

#[test]
fn every_event_names_the_message_as_the_reply_did() {
    let simulator = simulation(1, ses(over_sns()));
    let one = submission(RETURN, FROM, &["bounce@simulator.amazonses.com"]);
    let report = send(&simulator, FRONT, &one);
    let id = report.rows()[0].queue_id().unwrap().to_owned();
    simulator.advance(Duration::from_hours(1));
    let events = events(&simulator.notifications()[1..]);
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!(event.provider_message_id(), Some(id.as_str()));
        assert_eq!(event.message_id(), Some("<own@yourcompany.example>"));
        assert_eq!(
            event.addressee(),
            Some(&address("bounce@simulator.amazonses.com"))
        );
    }
}

#[test]
fn what_real_receivers_say_is_told_with_their_words() {
    let simulator = simulation(1, ses(over_sns()));
    let to = [
        "joe@receiver.example",
        "nobody@receiver.example",
        "x@nowhere.example",
    ];
    let notifications = told(&simulator, &to);
    let events = events(&notifications).split_off(3);
    assert_eq!(
        summary(&events),
        [
            line(EventKind::Delivered, "Delivery", to[0]),
            line(HARD, "Bounce/Permanent/General", to[1]),
            line(HARD, "Bounce/Permanent/General", to[2]),
        ]
    );
    assert_eq!(events[0].remote_mta(), Some("192.0.2.20"));
    assert!(
        events[0].diagnostic().unwrap().starts_with("250 2.0.0"),
        "{:?}",
        events[0]
    );
    assert_eq!(events[0].reporting_mta(), Some(FRONT));
    let statuses = [1, 2].map(|at: usize| events[at].status().unwrap().to_string());
    assert_eq!(statuses, ["5.1.1", "5.1.2"]);
    assert_eq!(events[1].reason(), &Reason::USER_UNKNOWN);
    assert_eq!(events[2].reason(), &Reason::HOST_UNKNOWN);
    let delivery = &message(&notifications[1])["delivery"];
    assert_eq!(delivery["processingTimeMillis"], 0);
    assert_eq!(
        simulator.mails_of(&address(RETURN)).len(),
        1,
        "a mail comes too"
    );
}

#[test]
fn delays_are_told_each_time_and_the_delivery_with_its_age() {
    let simulator = simulation(1, ses(over_sns()));
    let dmarc = "_dmarc.yourcompany.example".parse().unwrap();
    simulator
        .dns()
        .set_fault(dmarc, RecordType::TXT, Fault::ServFail);
    let one = submission(RETURN, FROM, &["joe@receiver.example"]);
    assert!(send(&simulator, FRONT, &one).all_accepted());
    simulator.advance(Duration::from_mins(5));
    let dmarc = "_dmarc.yourcompany.example".parse().unwrap();
    simulator.dns().clear_fault(&dmarc, RecordType::TXT);
    simulator.advance(Duration::from_mins(15));
    let notifications = simulator.notifications().split_off(1);
    let delay = || {
        line(
            EventKind::Deferred,
            "DeliveryDelay/General",
            "joe@receiver.example",
        )
    };
    assert_eq!(
        summary(&events(&notifications))[1..],
        [
            delay(),
            delay(),
            line(EventKind::Delivered, "Delivery", "joe@receiver.example"),
        ]
    );
    let [_, first, _, last] = &notifications[..] else {
        panic!("{notifications:?}")
    };
    let delay = &message(first)["deliveryDelay"];
    assert_eq!(delay["timestamp"], "2027-01-15T08:00:00.000Z");
    assert_eq!(delay["expirationTime"], "2027-01-15T21:20:00.000Z");
    assert_eq!(delay["delayedRecipients"][0]["status"], "4.7.0");
    assert_eq!(message(last)["delivery"]["processingTimeMillis"], 1_200_000);
}

#[test]
fn what_expires_is_a_bounce_that_passes() {
    let simulator = simulation(1, ses(over_sns()));
    let dmarc = "_dmarc.yourcompany.example".parse().unwrap();
    simulator
        .dns()
        .set_fault(dmarc, RecordType::TXT, Fault::ServFail);
    let events = events(&told(&simulator, &["joe@receiver.example"]));
    let last = events.last().unwrap();
    assert_eq!(last.kind(), EventKind::Bounced(Permanence::Soft));
    assert_eq!(last.native_kind(), Some("Bounce/Transient/General"));
    assert_eq!(last.status().unwrap().to_string(), "4.4.7");
    let delays = events
        .iter()
        .filter(|event| event.kind() == EventKind::Deferred);
    assert_eq!(delays.count(), 5);
}

#[test]
fn the_customers_own_list_is_told_apart() {
    let simulator = simulation(
        1,
        ses(over_sns()).suppressed(address("Joe@receiver.example")),
    );
    let handle = simulator.front(FRONT).unwrap();
    handle.suppress(&address("bounce@simulator.amazonses.com"));
    let to = ["joe@receiver.example", "bounce@simulator.amazonses.com"];
    let events = events(&told(&simulator, &to)).split_off(2);
    assert_eq!(
        summary(&events),
        [
            line(HARD, "Bounce/Permanent/General", to[1]),
            line(
                EventKind::Suppressed,
                "Bounce/Permanent/OnAccountSuppressionList",
                to[0]
            ),
        ]
    );
    assert!(simulator.mails_of(&address(to[0])).is_empty());
    handle.unsuppress(&address("JOE@receiver.example"));
    let _ = send(&simulator, FRONT, &submission(RETURN, FROM, &to[..1]));
    assert_eq!(simulator.mails_of(&address(to[0])).len(), 1);
}

#[test]
fn notifications_of_an_identity_have_their_own_shape() {
    for (headers, has_headers) in [(SesHeaders::Included, true), (SesHeaders::LeftOut, false)] {
        let form = over_sns()
            .publishing(SesPublishing::Notifications)
            .headers(headers);
        let simulator = simulation(1, ses(form));
        let to = [
            "success@simulator.amazonses.com",
            "bounce@simulator.amazonses.com",
        ];
        let notifications = told(&simulator, &to);
        let kinds: Vec<EventKind> = events(&notifications).iter().map(Event::kind).collect();
        assert_eq!(
            kinds,
            [EventKind::Delivered, HARD],
            "nothing tells of sending"
        );
        let message = message(&notifications[0]);
        assert_eq!(message["notificationType"], "Delivery");
        assert_eq!(message["eventType"], Value::Null);
        let mail = &message["mail"];
        assert_eq!(mail["source"], RETURN);
        assert_eq!(mail["sourceIp"], "203.0.113.7");
        assert_eq!(mail["callerIdentity"], "user");
        assert_eq!(mail["tags"], Value::Null);
        assert_eq!(mail["headers"].is_array(), has_headers);
        assert_eq!(mail["commonHeaders"]["subject"] == "Invoice", has_headers);
    }
}

#[test]
fn events_have_headers_and_tags() {
    let simulator = simulation(1, ses(over_sns().configuration_set("bulk")));
    let filler = format!("X-Filler: {}\r\n", "x".repeat(900));
    let text = format!(
        "From: Billing <{FROM}>\r\nTo: Joe <joe@receiver.example>, ann@receiver.example\r\n\
         X-SES-MESSAGE-TAGS: campaign=may, bad tag=1, run=7\r\nSubject: Invoice\r\n{}\r\nPay.\r\n",
        filler.repeat(12)
    );
    let text = Message::from_bytes(text, LineEndings::Strict).unwrap();
    let one = submission_of(text, RETURN, &["success@simulator.amazonses.com"]);
    assert!(send(&simulator, FRONT, &one).all_accepted());
    let message = message(&simulator.notifications()[1]);
    let mail = &message["mail"];
    assert_eq!(mail["source"], FROM);
    assert_eq!(
        mail["sourceArn"],
        "arn:aws:ses:eu-west-1:123456789012:identity/billing@yourcompany.example"
    );
    assert_eq!(mail["sendingAccountId"], "123456789012");
    assert_eq!(mail["headersTruncated"], true);
    assert_eq!(mail["headers"].as_array().unwrap().len(), 15);
    let people = &mail["commonHeaders"];
    assert_eq!(people["to"].as_array().unwrap().len(), 2);
    assert_eq!(people["returnPath"], RETURN);
    let tags = &mail["tags"];
    for (tag, value) in [
        ("campaign", "may"),
        ("run", "7"),
        ("ses:configuration-set", "bulk"),
        ("ses:from-domain", "yourcompany.example"),
        ("ses:caller-identity", "user"),
        ("ses:source-ip", "203.0.113.7"),
        ("ses:outgoing-ip", "192.0.2.10"),
    ] {
        assert_eq!(tags[tag][0], value, "{tag}");
    }
    assert_eq!(tags.as_object().unwrap().len(), 8, "{tags}");
}

#[test]
fn a_virus_is_taken_and_rejected() {
    let simulator = simulation(1, ses(over_sns()).virus_check(VirusCheck::EicarTestFile));
    let test_file = [
        "X5O!P%@AP[4\\PZX54(P^)7CC)7}",
        "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    ]
    .concat();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &test_file);
    let (head, tail) = encoded.split_at(76);
    let bodies = [test_file, format!("{head}\r\n{tail}"), "clean".to_owned()];
    for (body, kind) in
        bodies
            .iter()
            .zip([EventKind::Rejected, EventKind::Rejected, EventKind::Sent])
    {
        let before = simulator.notifications().len().max(1);
        let text = format!("From: {FROM}\r\n\r\n{body}\r\n");
        let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
        let one = submission_of(message, RETURN, &["joe@receiver.example"]);
        assert!(send(&simulator, FRONT, &one).all_accepted());
        simulator.advance(Duration::from_hours(1));
        let events = events(&simulator.notifications()[before..]);
        assert_eq!(events[0].kind(), kind, "{body}");
        assert_eq!(events.len(), if kind == EventKind::Sent { 2 } else { 1 });
        assert_eq!(
            events[0].recipient(),
            Some(&address("joe@receiver.example"))
        );
    }
    assert_eq!(
        simulator.mails_of(&address("joe@receiver.example")).len(),
        1
    );
    let discarded = crate::common::events(&simulator);
    let discarded = discarded
        .iter()
        .filter(|line| line.contains("it has a virus"));
    assert_eq!(discarded.count(), 2);
}
