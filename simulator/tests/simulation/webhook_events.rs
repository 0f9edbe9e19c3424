//! What fronts with the other providers' profiles tell.

use std::time::Duration;

use letterhead_feedback::{
    Event, EventKind, MailgunKey, Permanence, Proof, Provider, SendGridKey, WebhookError,
    read_events,
};
use letterhead_identity::Subject;
use letterhead_mail::{Clock as _, LineEndings, Message};
use letterhead_simulator::provider_events::SendGridSigning;
use letterhead_simulator::{ProviderNotification, Simulator, VirusCheck, Webhook};

use crate::common::{FRONT, address, builder, front, send, submission, submission_of};

const FROM: &str = "billing@yourcompany.example";
const HARD: EventKind = EventKind::Bounced(Permanence::Hard);
const SOFT: EventKind = EventKind::Bounced(Permanence::Soft);
const JOE: &str = "joe@receiver.example";
const NOBODY: &str = "nobody@receiver.example";
const NOWHERE: &str = "x@nowhere.example";
const ANN: &str = "ann@receiver.example";

fn simulation(profile: &str, webhook: Webhook) -> Simulator {
    let front = front(profile)
        .verified(Subject::Address(address(FROM)))
        .suppressed(address(ANN))
        .virus_check(VirusCheck::EicarTestFile)
        .webhook(webhook.header(&"X-Secret".parse().unwrap(), "se\ncret"));
    builder(1).front(front).build().unwrap()
}

fn told(simulator: &Simulator, more: &[&str]) -> Vec<ProviderNotification> {
    let to = [&[JOE, NOBODY, NOWHERE, ANN][..], more].concat();
    assert!(send(simulator, FRONT, &submission(FROM, FROM, &to)).all_accepted());
    simulator.advance(Duration::from_hours(24));
    let notifications = simulator.notifications();
    for told in &notifications {
        assert_eq!(told.content_type, "application/json");
        assert_eq!(told.header("x-secret"), Some("se cret"));
    }
    notifications
}

fn events(provider: Provider, notifications: &[ProviderNotification]) -> Vec<Event> {
    let read = |told: &ProviderNotification| read_events(provider, &told.body).unwrap().events;
    notifications.iter().flat_map(read).collect()
}

/// Kind, native kind and recipient of each, and whether ids tell the events apart.
fn check(events: &[Event], expected: &[(EventKind, &str, &str)]) {
    let lines: Vec<_> = events
        .iter()
        .map(|event| {
            let native = event.native_kind().unwrap();
            (event.kind(), native, event.recipient().unwrap().to_string())
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, native, to)| (*kind, *native, (*to).to_owned()))
        .collect();
    assert_eq!(lines, expected);
    let ids: std::collections::BTreeSet<_> =
        events.iter().map(|event| event.id().to_string()).collect();
    assert_eq!(ids.len(), events.len());
    for event in events {
        assert!(
            event
                .time()
                .is_some_and(|time| time >= crate::common::start())
        );
    }
}

/// What is said of a message that waits, and in the end of one that nobody took.
fn of_waiting(profile: &str, provider: Provider, webhook: Webhook) -> Vec<EventKind> {
    let simulator = simulation(profile, webhook);
    simulator.dns().set_fault(
        "_dmarc.yourcompany.example".parse().unwrap(),
        letterhead_dns::RecordType::TXT,
        letterhead_dns::zone::Fault::ServFail,
    );
    assert!(send(&simulator, FRONT, &submission(FROM, FROM, &[JOE])).all_accepted());
    simulator.advance(Duration::from_hours(24));
    let events = events(provider, &simulator.notifications());
    let mut kinds: Vec<EventKind> = events.iter().map(Event::kind).collect();
    kinds.dedup();
    kinds
}

/// What is said of a message with the test file for scanners.
fn of_a_virus(profile: &str, provider: Provider, webhook: Webhook) -> Vec<EventKind> {
    let simulator = simulation(profile, webhook);
    let test_file = [
        "X5O!P%@AP[4\\PZX54(P^)7CC)7}",
        "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    ];
    let text = format!("From: {FROM}\r\n\r\n{}\r\n", test_file.concat());
    let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
    assert!(send(&simulator, FRONT, &submission_of(message, FROM, &[JOE])).all_accepted());
    simulator.advance(Duration::from_hours(24));
    assert!(simulator.mailboxes().is_empty());
    let events = events(provider, &simulator.notifications());
    events.iter().map(Event::kind).collect()
}

#[test]
fn postmarks_webhooks_are_one_for_each_recipient() {
    let webhook = || Webhook::postmark("https://app.example/");
    let simulator = simulation("postmark", webhook());
    let tests = [
        "Hard_Bounce+1@bounce-testing.postmarkapp.com",
        "softbounce@bounce-testing.postmarkapp.com",
        "autoresponder@bounce-testing.postmarkapp.com",
        "dmarc-policy@bounce-testing.postmarkapp.com",
        "whatever@bounce-testing.postmarkapp.com",
    ];
    let notifications = told(&simulator, &tests);
    let events = events(Provider::Postmark, &notifications);
    assert_eq!(notifications.len(), events.len());
    check(
        &events,
        &[
            (EventKind::Delivered, "Delivery", tests[2]),
            (EventKind::Delivered, "Delivery", JOE),
            (HARD, "Bounce/HardBounce", tests[0]),
            (SOFT, "Bounce/SoftBounce", tests[1]),
            (SOFT, "Bounce/DMARCPolicy", tests[3]),
            (HARD, "Bounce/HardBounce", tests[4]),
            (EventKind::Rejected, "Bounce/SMTPApiError", ANN),
            (EventKind::AutoReplied, "Bounce/AutoResponder", tests[2]),
            (HARD, "Bounce/HardBounce", NOBODY),
            (HARD, "Bounce/HardBounce", NOWHERE),
        ],
    );
    assert_eq!(events[8].status().unwrap().to_string(), "5.1.1");
    let waiting = of_waiting("postmark", Provider::Postmark, webhook());
    assert_eq!(waiting, [EventKind::Deferred, SOFT]);
    assert_eq!(
        of_a_virus("postmark", Provider::Postmark, webhook()),
        [SOFT]
    );
}

#[test]
fn mailguns_webhooks_are_signed_with_the_key() {
    let webhook = || Webhook::mailgun("https://app.example/", "a key");
    let simulator = simulation("mailgun", webhook());
    let notifications = told(&simulator, &[]);
    let (key, guard) = (
        "a key".parse::<MailgunKey>().unwrap(),
        MailgunKey::replay_guard(100),
    );
    let mut events = Vec::new();
    for told in &notifications {
        let reading = key.verify(&told.body, &guard, told.time).unwrap();
        events.extend(reading.events);
        let other: MailgunKey = "another".parse().unwrap();
        let refused = other.verify(&told.body, &MailgunKey::replay_guard(1), told.time);
        assert!(
            matches!(refused, Err(WebhookError::WrongSignature { .. })),
            "{refused:?}"
        );
    }
    assert!(events.iter().all(|event| event.proof() == Proof::Provider));
    check(
        &events,
        &[
            (EventKind::Sent, "accepted", JOE),
            (EventKind::Sent, "accepted", NOBODY),
            (EventKind::Sent, "accepted", NOWHERE),
            (EventKind::Sent, "accepted", ANN),
            (EventKind::Delivered, "delivered", JOE),
            (
                EventKind::Suppressed,
                "failed/permanent/suppress-bounce",
                ANN,
            ),
            (HARD, "failed/permanent/bounce", NOBODY),
            (HARD, "failed/permanent/bounce", NOWHERE),
        ],
    );
    let id = simulator.mails_of(&address(JOE))[0].message.message_id();
    assert!(
        events
            .iter()
            .all(|event| event.message_id() == id.as_deref())
    );
    assert_eq!(events[4].remote_mta(), Some("mx.receiver.example"));
    let waiting = of_waiting("mailgun", Provider::Mailgun, webhook());
    assert_eq!(waiting, [EventKind::Sent, EventKind::Deferred, SOFT]);
    assert_eq!(
        of_a_virus("mailgun", Provider::Mailgun, webhook()),
        [EventKind::Rejected]
    );
    assert!(!format!("{:?}", webhook()).contains("a key"));
}

#[test]
fn sparkposts_events_come_together() {
    let webhook = || Webhook::sparkpost("https://app.example/");
    let simulator = simulation("sparkpost", webhook());
    let sinks = [
        "x@gmail.com.sink.sparkpostmail.com",
        "x@oob.bouncy-sink.trymsys.net",
        "x@fbl.bouncy-sink.trymsys.net",
    ];
    let notifications = told(&simulator, &sinks);
    let events = events(Provider::SparkPost, &notifications);
    assert_eq!(notifications.len(), 7);
    let sent = [JOE, NOBODY, NOWHERE, ANN, sinks[0], sinks[1], sinks[2]]
        .map(|to| (EventKind::Sent, "message_event/injection", to));
    let after = [
        (EventKind::Delivered, "message_event/delivery", sinks[0]),
        (EventKind::Delivered, "message_event/delivery", sinks[2]),
        (EventKind::Delivered, "message_event/delivery", JOE),
        (HARD, "message_event/out_of_band/10", sinks[1]),
        (
            EventKind::Suppressed,
            "message_event/policy_rejection/25",
            ANN,
        ),
        (HARD, "message_event/bounce/10", NOBODY),
        (SOFT, "message_event/bounce/21", NOWHERE),
        (
            EventKind::Complained,
            "message_event/spam_complaint/abuse",
            sinks[2],
        ),
    ];
    check(&events, &[&sent[..], &after].concat());
    assert_eq!(events[9].remote_mta(), Some("192.0.2.20"));
    let waiting = of_waiting("sparkpost", Provider::SparkPost, webhook());
    assert_eq!(waiting, [EventKind::Sent, EventKind::Deferred, SOFT]);
    assert_eq!(
        of_a_virus("sparkpost", Provider::SparkPost, webhook()),
        [EventKind::Rejected]
    );
}

#[test]
fn mailjets_events_are_grouped() {
    let webhook = || Webhook::mailjet("https://app.example/");
    let simulator = simulation("mailjet", webhook());
    let notifications = told(&simulator, &[]);
    assert_eq!(notifications.len(), 3);
    let events = events(Provider::Mailjet, &notifications);
    check(
        &events,
        &[
            (EventKind::Delivered, "sent", JOE),
            (EventKind::Suppressed, "blocked/recipient/preblocked", ANN),
            (HARD, "bounce/recipient/user unknown", NOBODY),
            (HARD, "bounce/domain/invalid domain", NOWHERE),
        ],
    );
    let ids: std::collections::BTreeSet<_> =
        events.iter().map(Event::provider_message_id).collect();
    assert_eq!(ids.len(), 1, "all are of one message: {ids:?}");
    let waiting = of_waiting("mailjet", Provider::Mailjet, webhook());
    assert_eq!(waiting, [SOFT]);
    assert_eq!(
        of_a_virus("mailjet", Provider::Mailjet, webhook()),
        [EventKind::Rejected]
    );
}

#[test]
fn sendgrids_webhooks_are_signed_where_that_is_switched_on() {
    let webhook = |signing| Webhook::sendgrid("https://app.example/", signing);
    let simulator = simulation("sendgrid", webhook(SendGridSigning::TestKey));
    let sink = "x@sink.sendgrid.net";
    let notifications = told(&simulator, &[sink]);
    let key: SendGridKey = SendGridSigning::PUBLIC_KEY.parse().unwrap();
    let mut events = Vec::new();
    for told in &notifications {
        let field = |name| told.header(name).unwrap();
        let (signature, time) = (
            field(SendGridKey::SIGNATURE_HEADER),
            field(SendGridKey::TIMESTAMP_HEADER),
        );
        let reading = key.verify(signature, time, &told.body, told.time).unwrap();
        events.extend(reading.events);
        let changed = [&told.body[..], b" "].concat();
        let refused = key.verify(signature, time, &changed, told.time);
        assert!(
            matches!(refused, Err(WebhookError::WrongSignature { .. })),
            "{refused:?}"
        );
    }
    let sent = [JOE, NOBODY, NOWHERE, ANN, sink].map(|to| (EventKind::Sent, "processed", to));
    let after = [
        (EventKind::Delivered, "delivered", sink),
        (EventKind::Delivered, "delivered", JOE),
        (EventKind::Suppressed, "dropped/Bounced Address", ANN),
        (HARD, "bounce/bounce/Invalid Address", NOBODY),
        (SOFT, "bounce/bounce/Technical Failure", NOWHERE),
    ];
    check(&events, &[&sent[..], &after].concat());
    let webhook = || webhook(SendGridSigning::Off);
    let plain = simulation("sendgrid", webhook());
    let plain = told(&plain, &[sink]);
    assert!(
        plain
            .iter()
            .all(|told| told.header(SendGridKey::SIGNATURE_HEADER).is_none())
    );
    let bodies = |notifications: &[ProviderNotification]| {
        notifications
            .iter()
            .map(|told| told.body.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        bodies(&plain),
        bodies(&notifications),
        "only the signature differs"
    );
    let waiting = of_waiting("sendgrid", Provider::SendGrid, webhook());
    assert_eq!(waiting, [EventKind::Sent, EventKind::Deferred, SOFT]);
    assert_eq!(of_a_virus("sendgrid", Provider::SendGrid, webhook()), []);
}

#[test]
fn several_webhooks_are_told_the_same_each_in_its_form() {
    let front = front("mailgun")
        .verified(Subject::Address(address(FROM)))
        .webhook(Webhook::mailgun("https://app.example/1", "one"))
        .webhook(Webhook::mailgun("https://app.example/2", "two"));
    let simulator = builder(1).front(front).build().unwrap();
    assert!(send(&simulator, FRONT, &submission(FROM, FROM, &[JOE])).all_accepted());
    let targets: Vec<String> = simulator
        .notifications()
        .into_iter()
        .map(|told| told.target)
        .collect();
    assert_eq!(
        targets,
        ["https://app.example/1", "https://app.example/2"].repeat(2)
    );
    assert_eq!(simulator.clock().now(), crate::common::start());
}
