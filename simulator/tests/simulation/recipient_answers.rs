//! Machines that answer, and read receipts.

use std::time::Duration;

use letterhead_feedback::{Event, EventKind, read_report};
use letterhead_mail::{LineEndings, Message, Submission};
use letterhead_simulator::{ReportKind, SimEventKind, Simulator};

use crate::common::{FRONT, address, builder, name, provider, send, submission, submission_of};

const SIM: &str = "mx.sim.example";
const HOME: &str = "bounces@yourcompany.example";
const FROM: &str = "billing@yourcompany.example";

fn world() -> Simulator {
    let receiver = letterhead_simulator::Receiver::new(name(SIM), "192.0.2.40".parse().unwrap());
    builder(7)
        .receiver(receiver.triggers(name("sim.example")))
        .build()
        .unwrap()
}

fn to(recipient: &str) -> Submission {
    submission(HOME, FROM, &[recipient])
}

fn take(simulator: &Simulator, submission: &Submission) {
    let report = send(simulator, SIM, submission);
    assert!(report.all_accepted(), "{report}");
}

fn kinds(simulator: &Simulator, mailbox: &str) -> Vec<EventKind> {
    let mails = simulator.mails_of(&address(mailbox));
    let read = |mail: &letterhead_simulator::StoredMail| {
        let events = read_report(mail.message.as_bytes()).events;
        events.iter().map(Event::kind).collect::<Vec<_>>()
    };
    mails.iter().flat_map(read).collect()
}

fn reasons(simulator: &Simulator) -> Vec<(ReportKind, String)> {
    let dropped = |event: letterhead_simulator::SimEvent| match event.kind {
        SimEventKind::ReportDropped { report, reason, .. } => Some((report, reason)),
        _ => None,
    };
    simulator.events().into_iter().filter_map(dropped).collect()
}

#[test]
fn a_polite_machine_answers_a_sender_once_in_seven_days() {
    let simulator = world();
    for days in [0, 1, 8] {
        simulator.advance(Duration::from_hours(24 * days));
        take(&simulator, &to("autoreply+1@sim.example"));
    }
    simulator.advance(Duration::from_mins(1));
    assert_eq!(kinds(&simulator, HOME), [EventKind::AutoReplied; 2]);
    let kept_back: Vec<_> = reasons(&simulator)
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(kept_back, [ReportKind::AutoReply]);
}

#[test]
fn a_rude_machine_answers_the_author_each_time_but_never_without_a_return_path() {
    let simulator = world();
    for _ in 0..2 {
        take(&simulator, &to("autoreply-rude@sim.example"));
    }
    take(
        &simulator,
        &submission("", FROM, &["autoreply-rude@sim.example"]),
    );
    simulator.advance(Duration::from_mins(1));
    assert_eq!(kinds(&simulator, FROM), [EventKind::AutoReplied; 2]);
    assert!(simulator.mails_of(&address(HOME)).is_empty());
    assert_eq!(reasons(&simulator).len(), 1);
}

#[test]
fn a_receipt_comes_where_it_is_asked_for() {
    let simulator = world();
    take(&simulator, &to("receipt@sim.example"));
    assert_eq!(reasons(&simulator).len(), 1, "nobody asked");
    let text = format!(
        "From: {FROM}\r\nTo: receipt@sim.example\r\nDisposition-Notification-To: {HOME}\r\n\r\nHello\r\n"
    );
    let asking = Message::from_bytes(text, LineEndings::Strict).unwrap();
    take(
        &simulator,
        &submission_of(asking, HOME, &["receipt@sim.example"]),
    );
    simulator.advance(Duration::from_mins(1));
    let receipt = &simulator.mails_of(&address(HOME))[0].message;
    let text = String::from_utf8_lossy(receipt.as_bytes()).into_owned();
    assert!(
        text.contains("report-type=disposition-notification"),
        "{text}"
    );
    assert!(text.contains("; displayed"), "{text}");
}

#[test]
fn the_simulator_of_a_provider_answers_every_time() {
    let simulator = provider(3);
    for _ in 0..2 {
        let report = send(&simulator, FRONT, &to("ooto+7@simulator.amazonses.com"));
        assert!(report.all_accepted(), "{report}");
    }
    simulator.advance(Duration::from_mins(1));
    assert_eq!(kinds(&simulator, HOME), [EventKind::AutoReplied; 2]);
}
