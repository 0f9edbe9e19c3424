//! Receivers that ask of senders what large mailbox providers ask.

use letterhead_identity::ReceiverPolicy;
use letterhead_mail::{LineEndings, Message};
use letterhead_simulator::{Receiver, Simulator};

use crate::common::{name, publish, send, start, submission_of};

const MX: &str = "mx.big.example";

/// A sender at 203.0.113.5, which has a name, and whom SPF lets send.
const SENDER: &str = "yourcompany.example. 300 IN TXT \"v=spf1 ip4:203.0.113.5 -all\"\n\
    _dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=none\"\n\
    out.yourcompany.example. 300 IN A 203.0.113.5\n\
    5.113.0.203.in-addr.arpa. 300 IN PTR out.yourcompany.example.\n";

fn world(policy: ReceiverPolicy) -> Simulator {
    let receiver = Receiver::new(name(MX), "192.0.2.60".parse().unwrap())
        .domain(name("big.example"))
        .catch_all()
        .assumed_client("203.0.113.5".parse().unwrap())
        .policy(policy);
    let simulator = Simulator::builder(start(), 1)
        .receiver(receiver)
        .build()
        .unwrap();
    publish(&simulator, SENDER);
    simulator
}

fn google() -> ReceiverPolicy {
    ReceiverPolicy::built_in("google").unwrap()
}

/// The policy with `from` messages a day in place of Google's 5,000.
fn small() -> ReceiverPolicy {
    let own = include_str!("../../../identity/receivers/google.toml");
    let text = own.replace("from = 5000", "from = 3");
    assert_ne!(text, own);
    ReceiverPolicy::from_toml(&text).unwrap()
}

fn said(simulator: &Simulator, fields: &str) -> String {
    let text = format!("To: ada@big.example\r\n{fields}\r\nHello\r\n");
    let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
    let mail = submission_of(message, "bounces@yourcompany.example", &["ada@big.example"]);
    let report = send(simulator, MX, &mail);
    let reply = report.rows()[0].reply().unwrap().to_string();
    reply
        .split_whitespace()
        .take(2)
        .collect::<Vec<_>>()
        .join(" ")
}

const DATE: &str = "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n";
const FROM: &str = "From: billing@yourcompany.example\r\n";

#[test]
fn who_meets_the_rules_is_taken() {
    let simulator = world(google());
    assert_eq!(said(&simulator, &format!("{FROM}{DATE}")), "250 2.0.0");
}

#[test]
fn each_rule_for_everybody_has_its_refusal() {
    let whole = format!("{FROM}{DATE}");
    for (change, fields, told) in [
        ("", FROM.to_owned(), "550 5.6.0"),
        (
            "",
            format!("{whole}Subject: a\r\nSubject: b\r\n"),
            "550 5.6.0",
        ),
        (
            "",
            format!("From: somebody@gmail.com\r\n{DATE}"),
            "550 5.7.1",
        ),
        ("5.113.0.203.in-addr.arpa", whole.clone(), "550 5.7.25"),
        ("out.yourcompany.example", whole.clone(), "550 5.7.25"),
        ("yourcompany.example", whole.clone(), "550 5.7.26"),
    ] {
        let simulator = world(google());
        if !change.is_empty() {
            let gone = change.parse().unwrap();
            for record_type in simulator
                .dns()
                .snapshot()
                .records()
                .map(|record| record.data.record_type())
            {
                simulator.dns().remove(&gone, record_type);
            }
        }
        assert_eq!(
            said(&simulator, &fields),
            told,
            "without {change:?}: {fields}"
        );
    }
}

#[test]
fn who_sends_much_has_to_sign() {
    let simulator = world(small());
    let mail = format!("{FROM}{DATE}");
    assert_eq!(said(&simulator, &mail), "250 2.0.0");
    assert_eq!(said(&simulator, &mail), "250 2.0.0");
    assert_eq!(said(&simulator, &mail), "550 5.7.30");
    // It counts for all that the domain's owner sends, and for good.
    simulator.advance(std::time::Duration::from_hours(72));
    let below = "From: a@news.yourcompany.example\r\n";
    assert_eq!(said(&simulator, &format!("{below}{DATE}")), "550 5.7.30");
    let other = said(&simulator, &format!("From: a@other.example\r\n{DATE}"));
    assert_eq!(other, "250 2.0.0", "another domain is counted by itself");
}

#[test]
fn microsoft_says_it_in_its_own_words() {
    let own = include_str!("../../../identity/receivers/microsoft.toml");
    let text = own.replace("from = 5000", "from = 1");
    assert_ne!(text, own);
    let simulator = world(ReceiverPolicy::from_toml(&text).unwrap());
    assert_eq!(said(&simulator, &format!("{FROM}{DATE}")), "550 5.7.515");
}
