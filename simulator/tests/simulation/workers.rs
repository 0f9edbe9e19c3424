//! Time goes on for what waits on the clock, and applications are handed what came for them once.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use letterhead_identity::Subject;
use letterhead_mail::{Clock as _, EmailAddress, Outcome, Submission, Transport};
use letterhead_simulator::behaviour::{Act, Behaviour, Stage, When};
use letterhead_simulator::{LoopbackHttp, SimEventKind, Simulator, VirtualClock, Webhook};
use letterhead_transport::{Endpoint, RootCertificates, Security, SmtpTransport, TlsSettings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::common::{
    FRONT, RECEIVER, address, builder, front, name, relay_and_behaviours, send, start, submission,
};

const FROM: &str = "billing@yourcompany.example";
const JOE: &str = "joe@receiver.example";
const HOUR: Duration = Duration::from_hours(1);

/// As an application has it: every hour it tries what is left.
async fn worker(
    transport: Arc<dyn Transport>,
    clock: VirtualClock,
    mail: Submission,
    tries: Arc<Mutex<Vec<SystemTime>>>,
) {
    loop {
        clock.sleep_until(clock.now() + HOUR).await;
        tries.lock().unwrap().push(clock.now());
        let report = transport.send(&mail).await;
        if report
            .rows()
            .iter()
            .all(|row| row.outcome() == Outcome::Accepted)
        {
            return;
        }
    }
}

/// Takes nothing for six hours.
fn away() -> Simulator {
    let simulator = builder(1).build().unwrap();
    let hours = When::Within(6 * HOUR);
    let away = Behaviour::new().rule(
        Stage::Recipient,
        hours,
        Act::answer(451, (4, 7, 1), "later"),
    );
    simulator.inject(Subject::Address(address(JOE)), away);
    simulator
}

async fn over_sockets(simulator: &Simulator) -> (letterhead_simulator::Served, Arc<dyn Transport>) {
    let served = simulator.serve().await.unwrap();
    let at = served.address(&name(RECEIVER)).unwrap();
    let endpoint = Endpoint::new(RECEIVER, 25, Security::StartTls).unwrap();
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes()).unwrap();
    let transport = SmtpTransport::builder(endpoint.address(at))
        .tls(TlsSettings::with_roots(&roots).unwrap())
        .build()
        .unwrap();
    (served, Arc::new(transport))
}

#[tokio::test]
async fn a_worker_over_sockets_tries_every_hour_of_the_day() {
    let simulator = away();
    let (_served, transport) = over_sockets(&simulator).await;
    let tries = Arc::default();
    let mail = submission(FROM, FROM, &[JOE]);
    let clock = simulator.clock().clone();
    tokio::spawn(worker(transport, clock, mail, Arc::clone(&tries)));
    // The first try begins the six hours.
    simulator.advance_with(6 * HOUR, 1).await.unwrap();
    let hourly: Vec<SystemTime> = (1..=6).map(|hour| start() + hour * HOUR).collect();
    assert_eq!(*tries.lock().unwrap(), hourly);
    simulator.mailbox(JOE).expect_none();
    assert_eq!(simulator.clock().now(), start() + 6 * HOUR);
    assert_eq!(simulator.clock().next_wake(), Some(start() + 7 * HOUR));
}

#[tokio::test]
async fn what_is_awaited_runs_to_its_end() {
    for door in ["memory", "sockets"] {
        let simulator = away();
        let (_served, sockets) = over_sockets(&simulator).await;
        let transport = match door {
            "memory" => simulator.transport(RECEIVER).unwrap(),
            _ => sockets,
        };
        let tries = Arc::default();
        let mail = submission(FROM, FROM, &[JOE]);
        let clock = simulator.clock().clone();
        let work = worker(transport, clock, mail, Arc::clone(&tries));
        simulator.run(tokio::spawn(work)).await.unwrap();
        assert_eq!(simulator.clock().now(), start() + 7 * HOUR, "{door}");
        assert_eq!(tries.lock().unwrap().len(), 7, "{door}");
        simulator.mailbox(JOE).expect_one();
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_has_ended_is_told_and_not_waited_for_forever() {
    let simulator = away();
    let clock = simulator.clock().clone();
    tokio::spawn(async move { clock.sleep_until(clock.now() + HOUR).await });
    let error = simulator.advance_with(24 * HOUR, 1).await.unwrap_err();
    assert_eq!((error.asleep, error.workers), (0, 1));
    assert_eq!(error.at, start() + HOUR);
    assert!(error.to_string().contains("0 of 1"), "{error}");
}

/// Answers every request so, and keeps them.
async fn application(answer: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let requests: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !is_whole(&request) {
                let length = stream.read_buf(&mut request).await.unwrap();
                assert!(length > 0, "the request breaks off");
            }
            log.lock()
                .unwrap()
                .push(String::from_utf8(request).unwrap());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (at, requests)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    length.unwrap().parse::<usize>().unwrap() == body.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_posts_to_an_application_that_listens() {
    for (answer, problem) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", None),
        (
            "HTTP/1.1 500 Internal Server Error\r\n\r\n",
            Some("answered 500"),
        ),
        ("nonsense\r\n", Some("no status line")),
    ] {
        let (at, requests) = application(answer).await;
        let url = "https://app.yourcompany.example/hooks/mailgun?a=b#c";
        let webhook = Webhook::mailgun(url, "key")
            .header(&"X-Secret".parse().unwrap(), "secret")
            .sink(LoopbackHttp::new(at).unwrap());
        let billing = Subject::Address(address(FROM));
        let front = front("mailgun").verified(billing).webhook(webhook);
        let simulator = builder(1).front(front).build().unwrap();
        assert!(send(&simulator, FRONT, &submission(FROM, FROM, &[JOE])).all_accepted());
        simulator.advance(HOUR);
        let requests = requests.lock().unwrap().clone();
        assert_eq!(requests.len(), simulator.notifications().len());
        let first = requests.first().unwrap();
        assert!(
            first.starts_with(
                "POST /hooks/mailgun?a=b HTTP/1.1\r\nHost: app.yourcompany.example\r\n"
            ),
            "{first}"
        );
        assert!(first.contains("\r\nX-Secret: secret\r\n"), "{first}");
        let (_, body) = first.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, simulator.notifications()[0].text());
        let events = simulator.events();
        let not_taken = events.iter().filter_map(|event| match &event.kind {
            SimEventKind::NotificationNotTaken { target, reason } => Some((target, reason)),
            _ => None,
        });
        let not_taken: Vec<_> = not_taken.collect();
        match problem {
            None => assert!(not_taken.is_empty(), "{not_taken:?}"),
            Some(problem) => {
                assert_eq!(not_taken.len(), requests.len());
                assert!(not_taken[0].1.contains(problem), "{}", not_taken[0].1);
                assert_eq!(not_taken[0].0, url);
            }
        }
    }
}

#[test]
fn what_came_is_handed_out_once() {
    let webhook = Webhook::mailgun("/hooks", "key");
    let billing = Subject::Address(address(FROM));
    let front = front("mailgun").verified(billing).webhook(webhook);
    let simulator = builder(1).front(front).build().unwrap();
    let sent = |to: &str| {
        assert!(send(&simulator, FRONT, &submission(FROM, FROM, &[to])).all_accepted());
        simulator.advance(HOUR);
        simulator.take_notifications()
    };
    let (first, second) = (sent(JOE), sent("ann@receiver.example"));
    assert!(!first.is_empty() && first.len() == second.len());
    assert!(first.iter().all(|told| told.text().contains(JOE)));
    assert!(second.iter().all(|told| !told.text().contains(JOE)));
    assert!(simulator.take_notifications().is_empty());
    assert_eq!(simulator.notifications(), [first, second].concat());
}

#[test]
fn returned_mail_is_fetched_once() {
    let simulator = relay_and_behaviours().build().unwrap();
    let home: EmailAddress = address("bounces@yourcompany.example");
    for _ in 0..2 {
        let from = home.to_string();
        let mail = submission(&from, &from, &["bounce@sim.example"]);
        assert!(send(&simulator, FRONT, &mail).all_accepted());
        simulator.advance(HOUR);
        assert_eq!(simulator.take_mails(&home).len(), 1);
        assert!(simulator.take_mails(&home).is_empty());
    }
    assert!(simulator.mails_of(&home).is_empty());
}
