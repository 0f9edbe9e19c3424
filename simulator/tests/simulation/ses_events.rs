//! What a front with Amazon SES's profile tells over SNS.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use letterhead_dns::RecordType;
use letterhead_dns::zone::Fault;
use letterhead_feedback::{
    Event, EventKind, Permanence, Proof, Provider, Reason, SnsErrorKind, SnsMessage,
    SnsMessageKind, SnsVerifier, SubscriptionRequestKind, read_events,
};
use letterhead_identity::Subject;
use letterhead_mail::{Clock as _, LineEndings, Message};
use letterhead_simulator::provider_events::{
    SesHeaders, SesOverSns, SesPublishing, SnsCertificates, SnsConfirmation,
};
use letterhead_simulator::{
    FeedbackByMail, Front, ProviderNotification, Simulator, VirusCheck, Webhook,
};
use serde_json::Value;

use crate::common::{
    FRONT, address, builder, front, name, ready, send, start, submission, submission_of,
};

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
        simulator.mailbox(&address(RETURN)).len(),
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
    let handle = simulator.front(&name(FRONT)).unwrap();
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
    assert!(simulator.mailbox(&address(to[0])).is_empty());
    handle.unsuppress(&address("JOE@receiver.example"));
    let _ = send(&simulator, FRONT, &submission(RETURN, FROM, &to[..1]));
    assert_eq!(simulator.mailbox(&address(to[0])).len(), 1);
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
fn the_first_request_asks_for_the_subscription() {
    let simulator = simulation(1, ses(over_sns()));
    assert!(simulator.notifications().is_empty());
    assert_eq!(simulator.next_due(), Some(start()));
    simulator.advance(Duration::ZERO);
    let [request] = &simulator.notifications()[..] else {
        panic!("{:?}", simulator.notifications())
    };
    assert_eq!(request.content_type, "text/plain; charset=UTF-8");
    assert_eq!(
        request.header("X-Amz-Sns-Message-Type"),
        Some("SubscriptionConfirmation")
    );
    assert_eq!(request.header("x-amz-sns-topic-arn"), Some(TOPIC));
    assert_eq!(request.header("x-amz-sns-subscription-arn"), None);
    let message = verify(request);
    assert_eq!(message.kind(), SnsMessageKind::SubscriptionConfirmation);
    let subscription = message.subscription().unwrap();
    assert_eq!(subscription.kind(), SubscriptionRequestKind::Subscribe);
    assert_eq!(subscription.topic(), Some(TOPIC));
    let url = subscription.url().unwrap();
    assert!(url.contains(subscription.token().unwrap()), "{url}");
    assert!(url.starts_with("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"));
    simulator.advance(Duration::from_hours(1));
    assert_eq!(simulator.notifications().len(), 1, "it is asked once");
}

#[test]
fn nothing_is_told_before_the_subscription_is_confirmed_where_that_is_awaited() {
    let simulator = simulation(1, ses(over_sns().confirmation(SnsConfirmation::Awaited)));
    let to = ["success@simulator.amazonses.com"];
    assert_eq!(told(&simulator, &to), []);
    let handle = simulator.front(&name(FRONT)).unwrap();
    let refusal = handle
        .confirm_subscription("https://sns.eu-west-1.amazonaws.com/")
        .unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "no subscription of this front is confirmed at https://sns.eu-west-1.amazonaws.com/; take the SubscribeURL of its \
         SubscriptionConfirmation"
    );
    let request = verify(&simulator.notifications()[0]);
    let url = request.subscription().unwrap().url().unwrap().to_owned();
    handle.confirm_subscription(&url).unwrap();
    let kinds: Vec<EventKind> = events(&told(&simulator, &to))
        .iter()
        .map(Event::kind)
        .collect();
    assert_eq!(
        kinds,
        [EventKind::Sent, EventKind::Delivered],
        "what was before is lost"
    );
}

#[test]
fn raw_delivery_has_no_envelope() {
    let simulator = simulation(1, ses(over_sns().raw_delivery()));
    let notifications = told(&simulator, &["bounce@simulator.amazonses.com"]);
    assert_eq!(
        notifications[0].header("x-amz-sns-rawdelivery"),
        Some("true")
    );
    let reading = read_events(Provider::Ses, &notifications[1].body).unwrap();
    assert_eq!(reading.events[0].kind(), HARD);
    let verifier = SnsVerifier::new(Arc::new(SnsCertificates::new()), TOPIC.parse().unwrap());
    let refused = ready(Box::pin(verifier.verify(&notifications[1].body, start())));
    assert_eq!(refused.unwrap_err().kind(), &SnsErrorKind::NotAnEnvelope);
}

#[test]
fn a_changed_envelope_is_not_believed() {
    let simulator = simulation(1, ses(over_sns()));
    let told = told(&simulator, &["bounce@simulator.amazonses.com"]).remove(1);
    let forged = told.text().replace("bounce@simulator", "victim@simulator");
    assert_ne!(forged, told.text());
    let verifier = SnsVerifier::new(Arc::new(SnsCertificates::new()), TOPIC.parse().unwrap());
    let refused = ready(Box::pin(verifier.verify(forged.as_bytes(), told.time)));
    assert_eq!(refused.unwrap_err().kind(), &SnsErrorKind::Signature);
}

#[test]
fn a_message_without_return_path_is_told_of_all_the_same() {
    let simulator = simulation(1, ses(over_sns()));
    let to = ["bounce@simulator.amazonses.com", "nobody@receiver.example"];
    assert!(send(&simulator, FRONT, &submission("", FROM, &to)).all_accepted());
    simulator.advance(Duration::from_hours(24));
    let events = events(&simulator.notifications()[1..]);
    let bounced = events.iter().filter(|event| event.kind() == HARD);
    assert_eq!(bounced.count(), 2);
    assert!(simulator.mailboxes().is_empty());
}

#[test]
fn feedback_by_mail_can_be_switched_off() {
    let front = ses(over_sns()).feedback_by_mail(FeedbackByMail::NotSent);
    let simulator = simulation(1, front);
    let to = [
        "bounce@simulator.amazonses.com",
        "complaint@simulator.amazonses.com",
        "nobody@receiver.example",
    ];
    let kinds: Vec<EventKind> = events(&told(&simulator, &to))
        .iter()
        .map(Event::kind)
        .collect();
    assert_eq!(
        kinds[3..],
        [EventKind::Delivered, HARD, HARD, EventKind::Complained]
    );
    assert!(simulator.mailboxes().is_empty());
}

#[test]
fn a_sink_is_given_everything_when_it_is_told_and_may_send_and_wait() {
    let seen: Arc<Mutex<Vec<(SystemTime, String)>>> = Arc::default();
    let world: Arc<Mutex<Option<Simulator>>> = Arc::default();
    let (seen_by_sink, world_of_sink) = (Arc::clone(&seen), Arc::clone(&world));
    let webhook = Webhook::ses(TARGET, over_sns()).sink(move |told: &ProviderNotification| {
        let simulator = world_of_sink.lock().unwrap().clone().unwrap();
        assert_eq!(simulator.clock().now(), told.time);
        let text = told.text();
        seen_by_sink.lock().unwrap().push((told.time, text.clone()));
        if text.contains("Permanent") {
            let next = submission(RETURN, FROM, &["joe@receiver.example"]);
            assert!(send(&simulator, FRONT, &next).all_accepted());
            simulator.advance(Duration::from_hours(1));
        }
    });
    let billing = Subject::Address(address(FROM));
    let simulator = simulation(1, front("amazon-ses").verified(billing).webhook(webhook));
    *world.lock().unwrap() = Some(simulator.clone());
    let to = ["bounce@simulator.amazonses.com"];
    assert!(send(&simulator, FRONT, &submission(RETURN, FROM, &to)).all_accepted());
    simulator.advance(Duration::from_mins(1));
    let told: Vec<_> = simulator
        .notifications()
        .iter()
        .map(|told| (told.time, told.text()))
        .collect();
    assert_eq!(*seen.lock().unwrap(), told);
    assert_eq!(told.len(), 5, "request, send, bounce; send, delivery");
    assert_eq!(simulator.clock().now(), start() + Duration::from_secs(3630));
    *world.lock().unwrap() = None;
}

#[test]
fn the_same_seed_tells_the_same_and_telling_changes_nothing_else() {
    let run = |seed, is_told: bool| {
        let plain = front("amazon-ses").verified(Subject::Address(address(FROM)));
        let simulator = simulation(seed, if is_told { ses(over_sns()) } else { plain });
        let to = ["bounce@simulator.amazonses.com", "joe@receiver.example"];
        let _ = send(&simulator, FRONT, &submission(RETURN, FROM, &to));
        simulator.advance(Duration::from_hours(3));
        let mails: Vec<Vec<u8>> = simulator
            .mailboxes()
            .iter()
            .flat_map(|mailbox| simulator.mailbox(mailbox))
            .map(|mail| mail.message.as_bytes().to_vec())
            .collect();
        (simulator.notifications(), mails)
    };
    assert_eq!(run(1, true), run(1, true));
    assert_ne!(run(1, true).0, run(2, true).0);
    assert_eq!(run(1, false).0, []);
    assert_eq!(run(1, true).1, run(1, false).1);
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
    assert_eq!(simulator.mailbox(&address("joe@receiver.example")).len(), 1);
    let discarded = crate::common::events(&simulator);
    let discarded = discarded
        .iter()
        .filter(|line| line.contains("it has a virus"));
    assert_eq!(discarded.count(), 2);
}
