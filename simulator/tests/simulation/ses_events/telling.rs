//! When and to whom Amazon SES's events are told, and what is around them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use letterhead_feedback::{
    Event, EventKind, Provider, SnsErrorKind, SnsMessageKind, SnsVerifier, SubscriptionRequestKind,
    read_events,
};
use letterhead_identity::Subject;
use letterhead_mail::{Clock as _, LineEndings, Message, Transport as _};
use letterhead_simulator::provider_events::{SnsCertificates, SnsConfirmation};
use letterhead_simulator::{FeedbackByMail, ProviderNotification, Simulator, Webhook};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::prop_assert_eq;

use super::{FROM, HARD, RETURN, TARGET, TOPIC, events, over_sns, ses, simulation, told, verify};
use crate::common::{FRONT, address, front, ready, send, start, submission, submission_of};
use crate::doors::smtp;

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
    let handle = simulator.front(FRONT).unwrap();
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
            .flat_map(|mailbox| simulator.mails_of(mailbox))
            .map(|mail| mail.message.as_bytes().to_vec())
            .collect();
        (simulator.notifications(), mails)
    };
    assert_eq!(run(1, true), run(1, true));
    assert_ne!(run(1, true).0, run(2, true).0);
    assert_eq!(run(1, false).0, []);
    assert_eq!(run(1, true).1, run(1, false).1);
}

#[tokio::test]
async fn through_a_socket_the_same_is_told() {
    let (inside, outside) = (
        simulation(7, ses(over_sns())),
        simulation(7, ses(over_sns())),
    );
    let to = [
        "bounce@simulator.amazonses.com",
        "joe@receiver.example",
        "nobody@receiver.example",
    ];
    let one = submission(RETURN, FROM, &to);
    let served = outside.serve().await.unwrap();
    assert!(
        smtp(&served, FRONT, "secret")
            .send(&one)
            .await
            .all_accepted()
    );
    assert!(send(&inside, FRONT, &one).all_accepted());
    for simulator in [&inside, &outside] {
        simulator.advance(Duration::from_hours(1));
    }
    assert_eq!(inside.notifications().len(), 5);
    assert_eq!(inside.notifications(), outside.notifications());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever stands in the message, what is told of it is signed and read.
    #[test]
    fn any_message_is_told_of(
        subject in "[^\\r\\n\0]{0,200}",
        tags in "[ -~]{0,80}",
        to in "[ -~]{0,80}",
        octets in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let simulator = simulation(1, ses(over_sns()));
        let mut text = format!(
            "From: {FROM}\r\nTo: {to}\r\nSubject: {subject}\r\nX-SES-MESSAGE-TAGS: {tags}\r\nX-Octets: "
        )
        .into_bytes();
        text.extend(octets.iter().filter(|octet| !b"\r\n\0".contains(octet)));
        text.extend(b"\r\n\r\nText.\r\n");
        let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
        let one = submission_of(message, RETURN, &["success@simulator.amazonses.com"]);
        let report = send(&simulator, FRONT, &one);
        let expected = match report.all_accepted() {
            true => vec![EventKind::Sent, EventKind::Delivered],
            // The front itself refuses a header that it cannot read.
            false => Vec::new(),
        };
        simulator.advance(Duration::ZERO);
        let kinds: Vec<EventKind> =
            events(&simulator.notifications()[1..]).iter().map(Event::kind).collect();
        prop_assert_eq!(kinds, expected);
    }
}
