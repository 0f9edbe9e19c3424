//! What senders ask to be told of delivery, and what they are told.

use std::time::Duration;

use letterhead_mail::{
    Envelope, EnvelopeId, LineEndings, Message, Notify, Recipient, ReturnContent, Submission,
};
use letterhead_simulator::Simulator;

use crate::common::{FRONT, address, provider, relay_and_behaviours, send};

const HOME: &str = "bounces@yourcompany.example";

fn asking(to: &str, notify: Notify, content: ReturnContent) -> Submission {
    let text = format!("From: billing@yourcompany.example\r\nTo: {to}\r\n\r\nThe whole of it\r\n");
    let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
    let recipient = Recipient::from(address(to))
        .with_notify(notify)
        .with_original(address("first@named.example"));
    let id: EnvelopeId = "run 7".parse().unwrap();
    let envelope = Envelope::new(address(HOME), [recipient])
        .unwrap()
        .with_id(id)
        .with_return_content(content);
    let (id, tenant) = ("1".parse().unwrap(), "acme".parse().unwrap());
    Submission::new(id, tenant, message, envelope)
}

/// What comes home within a day.
fn told(simulator: &Simulator, submission: &Submission) -> Vec<String> {
    let report = send(simulator, FRONT, submission);
    assert!(report.all_accepted(), "{report}");
    simulator.advance(Duration::from_hours(24));
    let mails = simulator.mails_of(&address(HOME));
    let text = |mail: &letterhead_simulator::StoredMail| {
        String::from_utf8_lossy(mail.message.as_bytes()).into_owned()
    };
    mails.iter().map(text).collect()
}

#[test]
fn success_is_told_by_the_host_that_delivers() {
    let simulator = relay_and_behaviours().build().unwrap();
    let asking = asking(
        "joe@receiver.example",
        Notify::SUCCESS,
        ReturnContent::Headers,
    );
    let [told] = told(&simulator, &asking).try_into().unwrap();
    for field in [
        "Reporting-MTA: dns; mx.receiver.example",
        "Original-Envelope-Id: run 7",
        "Original-Recipient: rfc822; first@named.example",
        "Final-Recipient: rfc822; joe@receiver.example",
        "Action: delivered",
        "Status: 2.1.5",
    ] {
        assert!(told.contains(field), "{field}: {told}");
    }
}

#[test]
fn a_provider_that_sends_under_its_own_name_tells_that_it_handed_mail_on() {
    let simulator = provider(7);
    let asking = asking(
        "joe@receiver.example",
        Notify::SUCCESS,
        ReturnContent::Headers,
    );
    let [told] = told(&simulator, &asking).try_into().unwrap();
    assert!(told.contains("Action: relayed"), "{told}");
    assert!(
        told.contains(&format!("Reporting-MTA: dns; {FRONT}")),
        "{told}"
    );
}

#[test]
fn who_wants_no_reports_gets_none() {
    for notify in [Notify::NEVER, Notify::SUCCESS, Notify::DELAY] {
        let simulator = relay_and_behaviours().build().unwrap();
        let asking = asking("550-5.1.1@sim.example", notify, ReturnContent::Full);
        assert_eq!(told(&simulator, &asking), [""; 0], "{notify}");
        let late = self::asking("bounce@sim.example", Notify::NEVER, ReturnContent::Full);
        assert_eq!(told(&simulator, &late), [""; 0]);
    }
}

#[test]
fn a_failure_brings_as_much_back_as_is_asked_for() {
    for (content, whole) in [(ReturnContent::Full, true), (ReturnContent::Headers, false)] {
        let simulator = relay_and_behaviours().build().unwrap();
        let asking = asking("550-5.1.1@sim.example", Notify::FAILURE, content);
        let [told] = told(&simulator, &asking).try_into().unwrap();
        assert!(told.contains("Action: failed"), "{told}");
        assert_eq!(told.contains("The whole of it"), whole, "{told}");
    }
}

#[test]
fn delay_is_told_once_to_who_asks() {
    let simulator = relay_and_behaviours().build().unwrap();
    let notify = Notify::DELAY.and(Notify::FAILURE);
    let asking = asking("450-4.2.2@sim.example", notify, ReturnContent::Headers);
    let [delay, failure] = told(&simulator, &asking).try_into().unwrap();
    assert!(delay.contains("Action: delayed"), "{delay}");
    assert!(delay.contains("Status: 4.2.2"), "{delay}");
    assert!(delay.contains("Will-Retry-Until: "), "{delay}");
    assert!(failure.contains("Action: failed"), "{failure}");
}
