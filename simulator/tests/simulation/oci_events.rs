//! What a front with the profile of Oracle's Email Delivery writes into its logs.

use std::time::Duration;

use letterhead_feedback::{Event, EventKind, Permanence, Provider, Reason, read_events};
use letterhead_simulator::provider_events::OciLogs;
use letterhead_simulator::{ProviderNotification, Simulator, Webhook};
use serde_json::Value;

use crate::common::{FRONT, address, builder, front, send, submission};

const FROM: &str = "billing@yourcompany.example";
const HARD: EventKind = EventKind::Bounced(Permanence::Hard);

fn simulation() -> Simulator {
    let logs = Webhook::oci_logs(
        "stream:mail",
        OciLogs::new().compartment("ocid1.compartment.oc1..x"),
    );
    let front = front("oci-email-delivery")
        .verified(letterhead_identity::Subject::Address(address(FROM)))
        .suppressed(address("ann@receiver.example"))
        .webhook(logs);
    builder(1).front(front).build().unwrap()
}

fn told(simulator: &Simulator, to: &[&str]) -> Vec<ProviderNotification> {
    assert!(send(simulator, FRONT, &submission(FROM, FROM, to)).all_accepted());
    simulator.advance(Duration::from_hours(24));
    simulator.notifications()
}

fn events(notifications: &[ProviderNotification]) -> Vec<Event> {
    let read = |told: &ProviderNotification| {
        assert_eq!(told.content_type, "application/json");
        read_events(Provider::Oci, &told.body).unwrap().events
    };
    notifications.iter().flat_map(read).collect()
}

#[test]
fn records_tell_what_became_of_every_recipient() {
    let simulator = simulation();
    let to = [
        "joe@receiver.example",
        "nobody@receiver.example",
        "x@nowhere.example",
        "ann@receiver.example",
        "anyone@email-blackhole.com",
    ];
    let notifications = told(&simulator, &to);
    let events = events(&notifications);
    let lines: Vec<_> = events
        .iter()
        .map(|event| {
            let recipient = event.recipient().unwrap().to_string();
            (event.kind(), event.native_kind().unwrap(), recipient)
        })
        .collect();
    let line = |kind, native, to: &str| (kind, native, to.to_owned());
    let mut expected = to.map(|to| line(EventKind::Sent, "accept", to)).to_vec();
    expected.extend([
        line(EventKind::Delivered, "relay", to[4]),
        line(EventKind::Delivered, "relay", to[0]),
        line(EventKind::Suppressed, "accept/Recipient suppressed", to[3]),
        line(HARD, "bounce/hard/bad-mailbox", to[1]),
        line(HARD, "bounce/hard/bad-domain", to[2]),
    ]);
    assert_eq!(lines, expected);
    assert_eq!(
        events[6].remote_mta(),
        Some("mx.receiver.example (192.0.2.20)")
    );
    assert_eq!(
        events[6]
            .diagnostic()
            .map(|words| words.starts_with("250 2.0.0")),
        Some(true)
    );
    assert_eq!(events[8].status().unwrap().to_string(), "5.1.1");
    assert_eq!(events[8].reason(), &Reason::USER_UNKNOWN);
    assert_eq!(events[9].reason(), &Reason::HOST_UNKNOWN);
    let id = simulator.mails_of(&address(to[0]))[0].message.message_id();
    for event in &events {
        assert_eq!(
            event.message_id(),
            id.as_deref(),
            "the id that recipients see"
        );
    }
    let ids: std::collections::BTreeSet<_> = events.iter().map(Event::provider_event_id).collect();
    assert_eq!(ids.len(), events.len());
}

#[test]
fn a_record_has_the_frame_of_a_log_entry() {
    let simulator = simulation();
    let notifications = told(&simulator, &["joe@receiver.example"]);
    let [accepted, relayed] = &notifications[..] else {
        panic!("{notifications:?}")
    };
    assert_eq!(accepted.target, "stream:mail");
    let record = |told: &ProviderNotification| {
        let body: Value = serde_json::from_slice(&told.body).unwrap();
        body[0].clone()
    };
    let (accepted, relayed) = (record(accepted), record(relayed));
    let category = "com.oraclecloud.emaildelivery.emaildomain";
    assert_eq!(accepted["type"], format!("{category}.outboundaccepted"));
    assert_eq!(relayed["type"], format!("{category}.outboundrelayed"));
    assert_eq!(relayed["source"], "yourcompany.example");
    assert_eq!(relayed["time"], "2027-01-15T08:00:00.000Z");
    assert_eq!(
        relayed["oracle"]["compartmentid"],
        "ocid1.compartment.oc1..x"
    );
    assert_eq!(relayed["data"]["sender"], FROM);
    assert_eq!(relayed["data"]["internalProcessingDurationInMs"], 0);
}

#[test]
fn what_is_delayed_is_not_logged_and_what_expires_is_a_soft_bounce() {
    let simulator = simulation();
    simulator.dns().set_fault(
        "_dmarc.yourcompany.example".parse().unwrap(),
        letterhead_dns::RecordType::TXT,
        letterhead_dns::zone::Fault::ServFail,
    );
    let events = events(&told(&simulator, &["joe@receiver.example"]));
    let kinds: Vec<EventKind> = events.iter().map(Event::kind).collect();
    assert_eq!(
        kinds,
        [EventKind::Sent, EventKind::Bounced(Permanence::Soft)]
    );
    assert_eq!(events[1].native_kind(), Some("bounce/soft/message-expired"));
    assert_eq!(events[1].status().unwrap().to_string(), "4.4.7");
}
