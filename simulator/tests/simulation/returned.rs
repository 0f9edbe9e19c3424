//! What comes back later to the return path of a provider.

use std::time::Duration;

use letterhead_feedback::{EventKind, Permanence, Provider, ReportKind, read_events, read_report};
use letterhead_identity::Subject;
use letterhead_identity::profile::SuppressionCause;
use letterhead_mail::{LineEndings, Message};
use letterhead_simulator::provider_events::SendGridSigning;
use letterhead_simulator::{FeedbackByMail, Front, Receiver, Simulator, Webhook};

use crate::common::{
    FRONT, address, builder, events, front, name, send, submission, submission_of,
};

const FROM: &str = "billing@yourcompany.example";
const RETURN: &str = "bounces@yourcompany.example";

fn simulation(change: impl FnOnce(Front) -> Front) -> Simulator {
    let billing = Subject::Address(address(FROM));
    let faults = Receiver::new(name("mx.sim.example"), "192.0.2.40".parse().unwrap())
        .triggers(name("sim.example"));
    builder(1)
        .receiver(faults)
        .front(change(front("amazon-ses").verified(billing)))
        .build()
        .unwrap()
}

fn submit(simulator: &Simulator, to: &[&str]) {
    let report = send(simulator, FRONT, &submission(RETURN, FROM, to));
    assert!(report.all_accepted(), "{report:?}");
}

fn suppressed(simulator: &Simulator) -> Vec<(String, SuppressionCause)> {
    let list = simulator.front(FRONT).unwrap().suppression_list();
    let list = list.into_iter();
    list.map(|one| (one.address.to_string(), one.cause))
        .collect()
}

/// The mailbox took the message, and a bounce comes half a minute later: the provider hears of it, suppresses the address
/// and writes a report of its own to the customer, whose message it quotes.
#[test]
fn a_late_bounce_reaches_the_list_and_the_customer() {
    let simulator = simulation(|front| front);
    submit(&simulator, &["bounce@sim.example", "joe@receiver.example"]);
    assert!(suppressed(&simulator).is_empty());
    simulator.advance(Duration::from_mins(5));
    assert_eq!(
        suppressed(&simulator),
        [(
            "bounce@sim.example".to_owned(),
            SuppressionCause::HardBounce
        )]
    );
    let mails = simulator.mails_of(&address(RETURN));
    let [bounce] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert!(bounce.envelope.sender().is_null());
    let reading = read_report(bounce.message.as_bytes());
    let [event] = reading.events.as_slice() else {
        panic!("{reading:?}")
    };
    assert_eq!(event.kind(), EventKind::Bounced(Permanence::Hard));
    assert_eq!(event.addressee(), Some(&address("bounce@sim.example")));
    assert_eq!(event.reporting_mta(), Some(FRONT));
    assert_eq!(event.remote_mta(), Some("mx.sim.example"));

    submit(&simulator, &["bounce@sim.example"]);
    assert_eq!(simulator.mails_of(&address("bounce@sim.example")).len(), 1);
}

#[test]
fn a_complaint_of_a_real_recipient_suppresses_it() {
    let simulator = simulation(|front| front);
    submit(&simulator, &["complaint@sim.example"]);
    simulator.advance(Duration::from_hours(3));
    let complained = (
        "complaint@sim.example".to_owned(),
        SuppressionCause::Complaint,
    );
    assert_eq!(suppressed(&simulator), [complained]);
    let mails = simulator.mails_of(&address(RETURN));
    let [complaint] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    let reading = read_report(complaint.message.as_bytes());
    assert_eq!(reading.kind, ReportKind::Feedback);
    assert_eq!(reading.events[0].kind(), EventKind::Complained);
    assert_eq!(
        reading.events[0].addressee(),
        Some(&address("complaint@sim.example"))
    );
}

/// The mailbox simulator's own complaints and bounces leave no trace on the list.
#[test]
fn the_providers_simulated_addresses_are_never_suppressed() {
    let simulator = simulation(|front| front);
    let to = [
        "bounce@simulator.amazonses.com",
        "complaint@simulator.amazonses.com",
    ];
    submit(&simulator, &to);
    simulator.advance(Duration::from_hours(3));
    assert!(suppressed(&simulator).is_empty());
    assert_eq!(simulator.mails_of(&address(RETURN)).len(), 2);
}

#[test]
fn webhooks_hear_of_what_comes_late() {
    let webhook = Webhook::sendgrid("https://app.example/hook", SendGridSigning::Off);
    let simulator = simulation(|_| {
        front("sendgrid")
            .verified(Subject::Domain(name("yourcompany.example")))
            .feedback_by_mail(FeedbackByMail::NotSent)
            .webhook(webhook)
    });
    // A polite machine answers only what names it.
    let to = [
        "autoreply@sim.example",
        "bounce@sim.example",
        "complaint@sim.example",
    ];
    submit(&simulator, &to);
    simulator.advance(Duration::from_hours(3));
    let told = simulator.notifications();
    let read = |told: &letterhead_simulator::ProviderNotification| {
        read_events(Provider::SendGrid, &told.body).unwrap().events
    };
    let kinds: Vec<(EventKind, String)> = told
        .iter()
        .flat_map(read)
        .filter(|event| !matches!(event.kind(), EventKind::Sent | EventKind::Delivered))
        .map(|event| (event.kind(), event.addressee().unwrap().to_string()))
        .collect();
    assert_eq!(
        kinds,
        [
            (
                EventKind::Bounced(Permanence::Hard),
                "bounce@sim.example".to_owned()
            ),
            (EventKind::Complained, "complaint@sim.example".to_owned()),
        ]
    );
    assert!(simulator.mails_of(&address(RETURN)).is_empty());
    let dropped = events(&simulator)
        .into_iter()
        .filter(|line| line.contains("sends no reports by mail"));
    assert_eq!(dropped.count(), 1, "the machine's answer");
}

/// An answer of a machine, and a bounce that nobody can read, go on to the customer as they came.
#[test]
fn what_the_provider_cannot_use_goes_on_as_it_came() {
    let simulator = simulation(|front| front);
    submit(&simulator, &["autoreply@sim.example"]);
    simulator.advance(Duration::from_mins(5));
    let mails = simulator.mails_of(&address(RETURN));
    let [answer] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(
        read_report(answer.message.as_bytes()).kind,
        ReportKind::AutoReply
    );
    assert!(suppressed(&simulator).is_empty());
}

/// Nobody else can have the front take mail: not with a null sender, nor by an id that is not there. Who knows the
/// return path of a message can report about it, at any of the provider's hosts.
#[test]
fn only_reports_about_what_was_sent_are_taken_without_a_login() {
    let other = Front::of("amazon-ses").unwrap();
    let billing = Subject::Address(address(FROM));
    let simulator = builder(1)
        .front(front("amazon-ses").verified(billing))
        .front(other)
        .build()
        .unwrap();
    let joe = "joe@receiver.example";
    let report = send(&simulator, FRONT, &submission(RETURN, FROM, &[joe]));
    let reply = report.rows()[0].reply().unwrap().text().to_owned();
    let id = reply.split(' ').next_back().unwrap();
    let bounce = format!(
        "From: MAILER-DAEMON@mx.example.org\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n\
         Final-Recipient: rfc822; {joe}\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    );
    let bounce = Message::from_bytes(bounce, LineEndings::Normalise).unwrap();
    let own = format!("{id}-000000@amazonses.com");
    let elsewhere = format!("{id}-000000@receiver.example");
    for (sender, to, reply) in [
        ("", joe, Some("530")),
        ("", "0000-000000@amazonses.com", Some("530")),
        ("", "nobody@amazonses.com", Some("530")),
        ("", &elsewhere, Some("530")),
        ("mallory@evil.example", joe, Some("530")),
        ("mallory@evil.example", &own, Some("530")),
        ("", &own, None),
    ] {
        let forged = submission_of(bounce.clone(), sender, &[to]);
        let report = send(&simulator, "smtp.amazon-ses.example", &forged);
        let said = report.rows()[0].reply().unwrap().code().to_string();
        assert_eq!(said, reply.unwrap_or("250"), "{sender} {to}: {report:?}");
        assert_eq!(suppressed(&simulator).len(), usize::from(reply.is_none()));
    }
}

/// A receiver tries its reports again as it was told: with none of the waits, the first refusal is the last.
#[test]
fn a_receiver_tries_its_reports_as_often_as_it_was_told() {
    for (waits, attempts) in [(vec![], 1), (vec![60; 3], 3)] {
        let waits: Vec<Duration> = waits.into_iter().map(Duration::from_secs).collect();
        let faults = Receiver::new(name("mx.sim.example"), "192.0.2.40".parse().unwrap())
            .triggers(name("sim.example"))
            .retry_after(waits);
        let relay = front("own-server").verified(Subject::Domain(name("sim.example")));
        let simulator = builder(1).receiver(faults).front(relay).build().unwrap();
        // Its return path takes the third attempt.
        let text = submission("defer-2@sim.example", FROM, &["bounce@sim.example"]);
        assert!(send(&simulator, FRONT, &text).all_accepted());
        simulator.advance(Duration::from_hours(1));
        let deferred = events(&simulator);
        let lines = deferred.iter();
        let refused = lines
            .filter(|line| line.contains("deferred defer-2@"))
            .count();
        assert_eq!(refused, attempts.min(2), "{deferred:#?}");
        let got = simulator.mails_of(&address("defer-2@sim.example")).len();
        assert_eq!(got, usize::from(attempts > 2), "{deferred:#?}");
    }
}
