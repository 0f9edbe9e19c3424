//! Ten thousand sends through servers that fail in every way at random, with futures dropped at random: what was reported,
//! held against what was accepted.

mod server;

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use letterhead_mail::{
    EmailAddress, Envelope, LineEndings, Message, Outcome, Report, Submission, Transport as _,
};
use letterhead_transport::{Endpoint, Security, SmtpTransport, Timeouts};

use self::server::{Ledger, Random, Server};

/// What became of one send.
enum Ended {
    Reported(Report),
    /// The future was dropped after so many polls.
    Dropped,
}

const SENDS: u64 = 10_000;
const SENDERS: u64 = 16;
const SEED: u64 = 2_026;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_reported_is_what_was_accepted() {
    let ledger = Ledger::default();
    let server = Server::start(SEED, ledger.clone()).await;
    let wait = Duration::from_millis(150);
    let timeouts = Timeouts::default()
        .with_connect(wait)
        .with_greeting(wait)
        .with_command(wait)
        .with_data(wait)
        .with_block(wait)
        .with_completion(wait)
        .with_quit(wait)
        .with_total(Duration::from_secs(2));
    let endpoint = Endpoint::new("127.0.0.1", server.port(), Security::Plaintext).unwrap();
    let transport = Arc::new(
        SmtpTransport::builder(endpoint)
            .timeouts(timeouts)
            .max_connections(NonZeroU32::new(6).unwrap())
            .max_messages_per_connection(NonZeroU32::new(25).unwrap())
            .build()
            .unwrap(),
    );
    let ended: Arc<Mutex<HashMap<u64, Ended>>> = Arc::default();
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..SENDERS {
        let (transport, ended) = (Arc::clone(&transport), Arc::clone(&ended));
        senders.spawn(async move {
            let mut random = Random::new(SEED + 1 + sender);
            for number in (sender..SENDS).step_by(usize::try_from(SENDERS).unwrap()) {
                let submission = submission(number, &mut random);
                let polls = random.one_in(8).then(|| random.below(12));
                let end = send(&transport, &submission, polls).await;
                ended.lock().unwrap().insert(number, end);
            }
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender.unwrap();
    }
    transport.close().await;
    server.stop().await;
    judge(&ended.lock().unwrap(), &ledger);
}

/// Sends, or drops the future after so many polls.
async fn send(transport: &SmtpTransport, submission: &Submission, polls: Option<u64>) -> Ended {
    let mut sending = pin!(transport.send(submission));
    let mut polled = 0;
    poll_fn(|context| {
        if polls.is_some_and(|polls| polled >= polls) {
            return Poll::Ready(Ended::Dropped);
        }
        polled += 1;
        sending.as_mut().poll(context).map(Ended::Reported)
    })
    .await
}

/// One to four recipients, and now and then a message that does not fit into the buffers of a connection.
fn submission(number: u64, random: &mut Random) -> Submission {
    let lines = if random.one_in(40) {
        40_000
    } else {
        random.below(60)
    };
    let mut text = format!("Message-ID: <{number}@x.example>\r\nFrom: s@x.example\r\n\r\n");
    for line in 0..lines {
        text.push_str(if line % 7 == 0 {
            ".a line that begins with a dot\r\n"
        } else {
            "a line\r\n"
        });
    }
    let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
    let recipients = (0..=random.below(4)).map(|recipient| {
        format!("r{recipient}@x.example")
            .parse::<EmailAddress>()
            .unwrap()
    });
    let sender: EmailAddress = "s@x.example".parse().unwrap();
    let envelope = Envelope::new(sender, recipients).unwrap();
    Submission::new(
        number.to_string().parse().unwrap(),
        "tenant".parse().unwrap(),
        message,
        envelope,
    )
}

fn judge(ended: &HashMap<u64, Ended>, ledger: &Ledger) {
    let accepted = ledger.accepted();
    let mut counts: HashMap<&str, u64> = HashMap::new();
    assert_eq!(ended.len() as u64, SENDS);
    for (key, times) in &accepted {
        assert_eq!(*times, 1, "{key:?} was accepted more than once");
        if let Ended::Reported(report) = &ended[&key.0] {
            let row = report.row(&key.1.parse().unwrap()).unwrap();
            assert!(
                matches!(row.outcome(), Outcome::Accepted | Outcome::InDoubt),
                "{key:?} was accepted and reported as: {row}"
            );
        }
    }
    for (number, end) in ended {
        let Ended::Reported(report) = end else {
            *counts.entry("dropped").or_default() += 1;
            continue;
        };
        for row in report.rows() {
            let name = match row.outcome() {
                Outcome::Accepted => "accepted",
                Outcome::Deferred => "deferred",
                Outcome::Rejected => "rejected",
                Outcome::InDoubt => "in doubt",
                Outcome::NotAttempted(_) => "not attempted",
            };
            *counts.entry(name).or_default() += 1;
            let key = (*number, row.recipient().to_string());
            if row.outcome() == Outcome::Accepted {
                assert!(
                    accepted.contains_key(&key),
                    "{key:?} was not accepted: {row}"
                );
            }
        }
    }
    println!(
        "{counts:?}; the servers accepted {} of them",
        accepted.len()
    );
    // The faults are neither so many that nothing gets through, nor so few that nothing is tried.
    for (name, least) in [
        ("accepted", 4_000),
        ("deferred", 1_000),
        ("rejected", 100),
        ("in doubt", 50),
        ("dropped", 300),
    ] {
        let count = counts.get(name).copied().unwrap_or_default();
        assert!(count >= least, "only {count} {name}: {counts:?}");
    }
    assert!(
        ledger.mangled() == 0,
        "a message did not arrive as it was sent"
    );
}
