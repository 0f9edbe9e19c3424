//! The suppression list that a provider keeps for a customer, and what goes onto it by itself.

use std::time::Duration;

use letterhead_identity::Subject;
use letterhead_identity::profile::SuppressionCause;
use letterhead_simulator::{Receiver, SimEventKind, Simulator};

use crate::common::{FRONT, address, builder, front, name, send, submission};

const FROM: &str = "billing@yourcompany.example";
const RETURN: &str = "bounces@yourcompany.example";
const DEAD: &str = "nobody@receiver.example";

#[test]
fn a_dead_address_is_suppressed_where_the_provider_does_so() {
    // The second report is about mail that was never sent: some providers throw it away without a word by mail.
    for (profile, is_suppressed, reports) in [
        ("amazon-ses", true, 1),
        ("oci-email-delivery", true, 1),
        ("sendgrid", true, 1),
        ("mailjet", true, 1),
        ("resend", true, 1),
        ("postmark", true, 2),
        ("mailgun", true, 2),
        ("sparkpost", true, 2),
        ("own-server", false, 2),
    ] {
        let simulator = simulation(profile);
        submit(&simulator, DEAD);
        submit(&simulator, DEAD);
        let attempts = refusals(&simulator, DEAD);
        assert_eq!(attempts, if is_suppressed { 1 } else { 2 }, "{profile}");
        let listed = list(&simulator);
        let expected = (address(DEAD), SuppressionCause::HardBounce);
        let expected = is_suppressed.then_some(expected);
        assert_eq!(listed, Vec::from_iter(expected), "{profile}");
        simulator.advance(Duration::from_mins(1));
        let bounces = simulator.mails_of(&address(RETURN));
        assert_eq!(bounces.len(), reports, "{profile}");
    }
}

#[test]
fn only_what_is_said_of_the_address_suppresses_it() {
    for (to, is_suppressed) in [
        ("550-5.1.1@sim.example", true),
        ("550-5.2.1@sim.example", true),
        ("552-5.2.2@sim.example", false),
        ("554-5.6.0@sim.example", false),
        ("550-5.7.1@sim.example", false),
        ("450-4.2.1@sim.example", false),
        ("bounce@simulator.amazonses.com", false),
    ] {
        let simulator = simulation("amazon-ses");
        submit(&simulator, to);
        simulator.advance(Duration::from_hours(24));
        let expected = is_suppressed.then(|| (address(to), SuppressionCause::HardBounce));
        assert_eq!(list(&simulator), Vec::from_iter(expected), "{to}");
        let logged = simulator.events().into_iter().filter(|event| {
            matches!(&event.kind, SimEventKind::Suppressed { recipient, .. } if *recipient == address(to))
        });
        assert_eq!(logged.count(), usize::from(is_suppressed), "{to}");
    }
}

/// Oracle's reply names those whom the message was not sent to.
#[test]
fn a_provider_that_reports_suppression_says_so_in_its_reply() {
    let simulator = simulation("oci-email-delivery");
    submit(&simulator, DEAD);
    let report = send(
        &simulator,
        FRONT,
        &submission(RETURN, FROM, &[DEAD, "joe@receiver.example"]),
    );
    let reply = report.rows()[0]
        .reply()
        .expect("the server spoke")
        .to_string();
    assert!(reply.starts_with("254 "), "{reply}");
    assert!(
        reply.contains("suppressed recipients: nobody@receiver.example; Ok "),
        "{reply}"
    );
    assert_eq!(
        simulator.mails_of(&address("joe@receiver.example")).len(),
        1
    );
    let told = crate::common::events(&simulator).into_iter();
    let told = told.filter(|line| line.contains("discarded what was for nobody@receiver.example"));
    assert_eq!(told.count(), 1);
}

/// Postmark's test address is suppressed as any other; those of Amazon never are.
#[test]
fn simulated_addresses_are_suppressed_where_their_page_says_so() {
    for (profile, to, is_suppressed) in [
        (
            "postmark",
            "hardbounce@bounce-testing.postmarkapp.com",
            true,
        ),
        (
            "postmark",
            "softbounce@bounce-testing.postmarkapp.com",
            false,
        ),
        ("amazon-ses", "bounce@simulator.amazonses.com", false),
        ("resend", "bounced+7@resend.dev", false),
    ] {
        let simulator = simulation(profile);
        submit(&simulator, to);
        assert_eq!(list(&simulator).len(), usize::from(is_suppressed), "{to}");
    }
}

#[test]
fn the_list_can_be_looked_at_and_emptied() {
    let simulator = simulation("amazon-ses");
    let handle = simulator.front(FRONT).expect("the front is there");
    handle.suppress(&address("Joe@receiver.example"));
    submit(&simulator, DEAD);
    submit(&simulator, "joe@receiver.example");
    assert_eq!(
        list(&simulator),
        [
            (address("Joe@receiver.example"), SuppressionCause::Manual),
            (address(DEAD), SuppressionCause::HardBounce),
        ]
    );
    let joe = address("joe@receiver.example");
    assert!(simulator.mails_of(&joe).is_empty());
    handle.clear_suppressions();
    assert!(list(&simulator).is_empty());
    submit(&simulator, "joe@receiver.example");
    assert_eq!(simulator.mails_of(&joe).len(), 1);
}

fn simulation(profile: &str) -> Simulator {
    let billing = Subject::Address(address(FROM));
    let faults = Receiver::new(name("mx.sim.example"), "192.0.2.40".parse().expect("an IP"))
        .triggers(name("sim.example"));
    builder(1)
        .receiver(faults)
        .front(front(profile).verified(billing))
        .build()
        .expect("the hosts differ")
}

fn submit(simulator: &Simulator, to: &str) {
    let report = send(simulator, FRONT, &submission(RETURN, FROM, &[to]));
    assert!(report.all_accepted(), "{report:?}");
}

fn list(simulator: &Simulator) -> Vec<(letterhead_mail::EmailAddress, SuppressionCause)> {
    let handle = simulator.front(FRONT).expect("the front is there");
    let listed = handle.suppression_list().into_iter();
    listed
        .map(|listed| (listed.address, listed.cause))
        .collect()
}

/// How often a receiver was asked to take mail for this address, in vain.
fn refusals(simulator: &Simulator, to: &str) -> usize {
    let refused = |kind: &SimEventKind| matches!(kind, SimEventKind::Rejected { recipient: Some(recipient), .. } if *recipient == address(to));
    let events = simulator.events().into_iter();
    events.filter(|event| refused(&event.kind)).count()
}
