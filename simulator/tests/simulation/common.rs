//! One small internet for the tests: a provider with Amazon SES's profile, and receivers.

use std::time::{Duration, SystemTime};

use letterhead_identity::Profile;
use letterhead_identity::Subject;
use letterhead_mail::{
    BoxFuture, DomainName, EmailAddress, Envelope, LineEndings, Message, Report, ReversePath,
    Submission,
};
use letterhead_simulator::{Front, Password, Receiver, Simulator, SimulatorBuilder};

pub(crate) const FRONT: &str = "smtp.provider.example";
pub(crate) const RECEIVER: &str = "mx.receiver.example";
pub(crate) const HOME: &str = "mx.yourcompany.example";

pub(crate) fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

pub(crate) fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(crate) fn front(profile: &str) -> Front {
    let profile = Profile::built_in(profile).unwrap();
    Front::new(name(FRONT), "192.0.2.10".parse().unwrap(), profile)
        .login("user", Password::new("secret"))
        .region("us-east-1".parse().unwrap())
        .assumed_client("203.0.113.7".parse().unwrap())
}

pub(crate) fn builder(seed: u64) -> SimulatorBuilder {
    let ip = |text: &str| text.parse().unwrap();
    Simulator::builder(start(), seed)
        .receiver(
            Receiver::new(name(RECEIVER), ip("192.0.2.20"))
                .mailbox(address("joe@receiver.example"))
                .mailbox(address("ann@receiver.example")),
        )
        .receiver(
            Receiver::new(name(HOME), ip("192.0.2.30"))
                .domain(name("yourcompany.example"))
                .catch_all(),
        )
}

/// With a relay that leaves the envelope sender as it is, and mailboxes that behave.
pub(crate) fn relay_and_behaviours() -> SimulatorBuilder {
    let profile = Profile::built_in("own-server").unwrap();
    let relay = Front::new(name(FRONT), "192.0.2.10".parse().unwrap(), profile)
        .login("user", Password::new("secret"));
    let sim = Receiver::new(name("mx.sim.example"), "192.0.2.40".parse().unwrap());
    builder(7)
        .receiver(sim.triggers(name("sim.example")))
        .front(relay)
}

/// The internet with a front of Amazon SES, for which `billing@yourcompany.example` is verified.
pub(crate) fn provider(seed: u64) -> Simulator {
    let billing = Subject::Address(address("billing@yourcompany.example"));
    builder(seed)
        .front(front("amazon-ses").verified(billing))
        .build()
        .unwrap()
}

/// Has the customer's domain sign: tokens issued, their aliases published.
pub(crate) fn publish_tokens(simulator: &Simulator, domain: &str) {
    let issued = simulator.front(FRONT).unwrap().issue(&name(domain));
    for token in &issued["dkim-token"] {
        let record =
            format!("{token}._domainkey.{domain}. 300 IN CNAME {token}.dkim.amazonses.com.");
        simulator.dns().publish_zone(record.parse().unwrap());
    }
}

pub(crate) fn publish(simulator: &Simulator, zone: &str) {
    simulator.dns().publish_zone(zone.parse().unwrap());
}

pub(crate) fn submission(sender: &str, from: &str, to: &[&str]) -> Submission {
    let text = format!(
        "From: {from}\r\nTo: {}\r\nSubject: Invoice\r\nMessage-ID: <own@yourcompany.example>\r\n\
         Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n\r\nPlease pay.\r\n",
        to.first().unwrap()
    );
    let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
    submission_of(message, sender, to)
}

pub(crate) fn submission_of(message: Message, sender: &str, to: &[&str]) -> Submission {
    let sender = match sender {
        "" => ReversePath::Null,
        sender => ReversePath::Address(address(sender)),
    };
    let envelope = Envelope::new(sender, to.iter().map(|to| address(to))).unwrap();
    Submission::new(
        "1".parse().unwrap(),
        "acme".parse().unwrap(),
        message,
        envelope,
    )
}

/// Sends through a host without a socket.
pub(crate) fn send(simulator: &Simulator, host: &str, submission: &Submission) -> Report {
    let transport = simulator.transport(host).unwrap();
    ready(transport.send(submission))
}

pub(crate) fn ready<T>(future: BoxFuture<'_, T>) -> T {
    letterhead_dns::block_on_ready(future).expect("a simulation never waits")
}

/// The events as lines, without the time.
pub(crate) fn events(simulator: &Simulator) -> Vec<String> {
    let line = |event: &letterhead_simulator::SimEvent| format!("{} {}", event.host, event.kind);
    simulator.events().iter().map(line).collect()
}
