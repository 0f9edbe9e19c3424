//! Mailboxes that put off, refuse, hang up, fill up and complain, through both doors.

use std::time::Duration;

use letterhead_mail::{Outcome, Phase, Report, Submission, Transport as _};
use letterhead_simulator::behaviour::{Act, Behaviour, Stage, When};
use letterhead_simulator::{Receiver, SimEventKind, Simulator};
use letterhead_transport::{Endpoint, Security, SmtpTransport};

use crate::common::{address, builder, events, name, send, submission};

const SIM: &str = "mx.sim.example";

fn receiver() -> Receiver {
    Receiver::new(name(SIM), "192.0.2.40".parse().unwrap()).triggers(name("sim.example"))
}

fn world() -> Simulator {
    builder(7).receiver(receiver()).build().unwrap()
}

fn to(word: &str) -> Submission {
    let recipient = format!("{word}@sim.example");
    submission(
        "bounces@yourcompany.example",
        "billing@yourcompany.example",
        &[&recipient],
    )
}

type Told = (Outcome, Phase, Option<u16>);

fn row(report: &Report) -> Told {
    let row = &report.rows()[0];
    let code = row.reply().map(|reply| reply.code().get());
    (row.outcome(), row.phase(), code)
}

/// Each word, and what a sender is told of one attempt after the other.
const WORDS: [(&str, &[Told]); 9] = [
    (
        "450-4.2.2-ada",
        &[(Outcome::Deferred, Phase::Rcpt, Some(450))],
    ),
    ("550-5.1.1", &[(Outcome::Rejected, Phase::Rcpt, Some(550))]),
    (
        "dot-554-5.6.0",
        &[(Outcome::Rejected, Phase::Final, Some(554))],
    ),
    (
        "defer-2+invoice-7",
        &[
            (Outcome::Deferred, Phase::Rcpt, Some(451)),
            (Outcome::Deferred, Phase::Rcpt, Some(451)),
            (Outcome::Accepted, Phase::Final, Some(250)),
        ],
    ),
    (
        "full-after-1",
        &[
            (Outcome::Accepted, Phase::Final, Some(250)),
            (Outcome::Deferred, Phase::Rcpt, Some(452)),
        ],
    ),
    (
        "dies-after-1",
        &[
            (Outcome::Accepted, Phase::Final, Some(250)),
            (Outcome::Rejected, Phase::Rcpt, Some(550)),
        ],
    ),
    // The recipient and all of the message go in one flight, by BDAT.
    ("drop-at-rcpt", &[(Outcome::InDoubt, Phase::Final, None)]),
    ("drop-at-dot", &[(Outcome::InDoubt, Phase::Final, None)]),
    ("drop-after-dot", &[(Outcome::InDoubt, Phase::Final, None)]),
];

fn kept(simulator: &Simulator) -> Vec<(String, usize)> {
    let mailboxes = simulator.mailboxes();
    let kept = |mailbox| (format!("{mailbox}"), simulator.mails_of(mailbox).len());
    mailboxes.iter().map(kept).collect()
}

fn words_in_memory() -> Simulator {
    let simulator = world();
    for (word, told) in WORDS {
        for told in told {
            let report = send(&simulator, SIM, &to(word));
            assert_eq!(row(&report), *told, "{word}: {report}");
        }
    }
    simulator
}

#[tokio::test]
async fn every_word_does_the_same_through_both_doors() {
    let in_memory = words_in_memory();
    let on_socket = world();
    let served = on_socket.serve().await.unwrap();
    let port = served.address(&name(SIM)).unwrap().port();
    for (word, told) in WORDS {
        for told in told {
            let endpoint = Endpoint::new("127.0.0.1", port, Security::Plaintext).unwrap();
            let transport = SmtpTransport::builder(endpoint).build().unwrap();
            let report = transport.send(&to(word)).await;
            assert_eq!(row(&report), *told, "{word}: {report}");
        }
    }
    assert_eq!(events(&on_socket), events(&in_memory));
    assert_eq!(kept(&on_socket), kept(&in_memory));
    let kept_by = |word: &str| {
        in_memory
            .mails_of(&address(&format!("{word}@sim.example")))
            .len()
    };
    assert_eq!(kept_by("drop-after-dot"), 1, "in doubt, and there");
    assert_eq!(kept_by("drop-at-dot"), 0, "in doubt, and not there");
    assert_eq!(kept_by("defer-2"), 1, "the label makes no other mailbox");
}

#[test]
fn an_unknown_word_is_an_unknown_user() {
    let simulator = world();
    let report = send(&simulator, SIM, &to("defer-soon"));
    assert_eq!(row(&report), (Outcome::Rejected, Phase::Rcpt, Some(550)));
    assert_eq!(report.rows()[0].enhanced().unwrap().to_string(), "5.1.1");
}

#[test]
fn greylisting_yields_as_time_passes() {
    let simulator = world();
    let send = || row(&send(&simulator, SIM, &to("greylist-10m")));
    assert_eq!(send(), (Outcome::Deferred, Phase::Rcpt, Some(451)));
    simulator.advance(Duration::from_mins(9));
    assert_eq!(send().0, Outcome::Deferred);
    simulator.advance(Duration::from_mins(1));
    assert_eq!(send(), (Outcome::Accepted, Phase::Final, Some(250)));
}

#[test]
fn a_client_in_memory_runs_out_of_patience() {
    let simulator = world();
    let patient = send(&simulator, SIM, &to("slow-2s"));
    assert_eq!(row(&patient), (Outcome::Accepted, Phase::Final, Some(250)));
    // A client waits ten minutes for the answer to the end of the data.
    let late = send(&simulator, SIM, &to("slow-11m"));
    assert_eq!(row(&late), (Outcome::InDoubt, Phase::Final, None));
    assert_eq!(
        simulator.mails_of(&address("slow-11m@sim.example")).len(),
        1
    );
}

#[tokio::test]
async fn a_slow_answer_takes_its_time_on_a_socket() {
    let simulator = world();
    let served = simulator.serve().await.unwrap();
    let port = served.address(&name(SIM)).unwrap().port();
    let endpoint = Endpoint::new("127.0.0.1", port, Security::Plaintext).unwrap();
    let transport = SmtpTransport::builder(endpoint).build().unwrap();
    let submission = to("slow-9m");
    let impatient = tokio::time::timeout(Duration::from_millis(100), transport.send(&submission));
    assert!(impatient.await.is_err());
}

#[test]
fn bounces_and_complaints_come_back_later_by_mail() {
    let simulator = world();
    for word in ["bounce-5.2.1", "complaint+invoice-7"] {
        assert!(send(&simulator, SIM, &to(word)).all_accepted());
    }
    let home = address("bounces@yourcompany.example");
    assert!(simulator.mails_of(&home).is_empty());
    simulator.advance(Duration::from_secs(30));
    let bounce = simulator.mails_of(&home)[0].message.clone();
    let text = String::from_utf8_lossy(bounce.as_bytes()).into_owned();
    assert!(text.contains("Status: 5.2.1"), "{text}");
    assert!(
        text.contains("Reporting-MTA: dns; mx.sim.example"),
        "{text}"
    );
    simulator.advance(Duration::from_hours(2));
    let complaint = simulator.mails_of(&home)[1].message.clone();
    let text = String::from_utf8_lossy(complaint.as_bytes()).into_owned();
    assert!(
        text.contains("Original-Rcpt-To: <complaint+invoice-7@sim.example>"),
        "{text}"
    );
}

#[test]
fn nothing_comes_back_to_a_null_sender() {
    let simulator = world();
    let bounce = submission("", "billing@yourcompany.example", &["bounce@sim.example"]);
    assert!(send(&simulator, SIM, &bounce).all_accepted());
    simulator.advance(Duration::from_hours(1));
    let dropped = simulator
        .events()
        .into_iter()
        .filter(|event| matches!(event.kind, SimEventKind::ReportDropped { .. }));
    assert_eq!(dropped.count(), 1);
}

#[test]
fn rules_of_a_mailbox_go_before_those_of_its_domain() {
    let refuse = |text| {
        Behaviour::new().rule(
            Stage::Recipient,
            When::Always,
            Act::answer(550, (5, 7, 1), text),
        )
    };
    let receiver = receiver()
        .domain_behaves(name("sim.example"), refuse("nobody"))
        .behaves(address("ada@sim.example"), refuse("not ada"))
        .mailbox(address("joe@sim.example"));
    let simulator = builder(7).receiver(receiver).build().unwrap();
    let said = |word| {
        let report = send(&simulator, SIM, &to(word));
        report.rows()[0].reply().unwrap().to_string()
    };
    assert_eq!(said("ada+label"), "550 5.7.1 not ada");
    assert_eq!(said("joe"), "550 5.7.1 nobody");
    assert_eq!(said("450"), "450 as the address asks");
}

#[test]
fn a_rule_of_the_caller_sees_the_message() {
    let behaviour = Behaviour::new().decide(|attempt| {
        let subject = attempt.message?.header("Subject")?.unfolded();
        subject
            .contains("Invoice")
            .then(|| Act::answer(552, (5, 3, 4), "no invoices"))
    });
    let receiver = receiver().behaves(address("ada@sim.example"), behaviour);
    let simulator = builder(7).receiver(receiver).build().unwrap();
    let report = send(&simulator, SIM, &to("ada"));
    assert_eq!(row(&report), (Outcome::Rejected, Phase::Final, Some(552)));
    assert!(kept(&simulator).is_empty());
}
