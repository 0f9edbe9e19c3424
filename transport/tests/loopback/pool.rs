//! Connections that are kept: how many, for how long, and who meets whom.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::support::{Authority, NAME, Peer, accept, endpoint, first, submission, submission_of};
use letterhead_mail::{BoxFuture, Clock, NotAttemptedReason, Outcome, Phase, Transport as _};
use letterhead_transport::{
    Credentials, Retry, RotatingCredentials, Security, SmtpTransport, SmtpTransportBuilder,
    SystemEntropy,
};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

async fn listen() -> (TcpListener, SmtpTransportBuilder) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let builder = SmtpTransport::builder(endpoint(address, Security::Plaintext));
    (listener, builder)
}

fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

async fn greet(peer: &mut Peer, offered: &str) {
    peer.say("220 mx\r\n").await;
    peer.exchange("EHLO", &format!("250-mx\r\n250 {offered}\r\n"))
        .await;
}

/// Takes messages, numbered, until the client says QUIT or goes; how many there were.
async fn take_all(peer: &mut Peer) -> usize {
    let mut taken = 0;
    loop {
        match peer.hear().await.as_deref() {
            Some("DATA") => {
                peer.say("354 go\r\n").await;
                peer.content().await;
                taken += 1;
                peer.say(&format!("250 2.0.0 number {taken}\r\n")).await;
            }
            Some("QUIT") => {
                peer.say("221 bye\r\n").await;
                return taken;
            }
            Some(_) => peer.say("250 ok\r\n").await,
            None => return taken,
        }
    }
}

/// A server that takes everything on every connection, and what each took once it has ended.
fn serve_all(listener: TcpListener) -> (Arc<Server>, JoinHandle<()>) {
    let server = Arc::new(Server::default());
    let ours = Arc::clone(&server);
    let task = tokio::spawn(async move {
        loop {
            let mut peer = accept(&listener).await;
            let ours = Arc::clone(&ours);
            tokio::spawn(async move {
                let open = ours.open.fetch_add(1, Ordering::SeqCst) + 1;
                ours.most_open.fetch_max(open, Ordering::SeqCst);
                greet(&mut peer, "HELP").await;
                let taken = take_all(&mut peer).await;
                ours.open.fetch_sub(1, Ordering::SeqCst);
                ours.ended.lock().unwrap().push((taken, peer.heard));
                ours.changed.notify_waiters();
            });
        }
    });
    (server, task)
}

#[derive(Default)]
struct Server {
    open: AtomicUsize,
    most_open: AtomicUsize,
    ended: Mutex<Vec<(usize, Vec<String>)>>,
    changed: Notify,
}

impl Server {
    /// How many messages each of so many connections took.
    async fn ended(&self, connections: usize) -> Vec<usize> {
        loop {
            let changed = self.changed.notified();
            let ended: Vec<usize> = self.ended.lock().unwrap().iter().map(|end| end.0).collect();
            if ended.len() >= connections {
                return ended;
            }
            changed.await;
        }
    }
}

/// A clock that is set by hand.
#[derive(Debug, Default)]
struct Stepped {
    now: Mutex<Duration>,
    changed: Notify,
}

impl Stepped {
    fn advance(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
        self.changed.notify_waiters();
    }
}

impl Clock for Stepped {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + *self.now.lock().unwrap()
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            loop {
                let changed = self.changed.notified();
                if self.now() >= deadline {
                    return;
                }
                changed.await;
            }
        })
    }
}

#[tokio::test]
async fn a_connection_serves_one_message_after_another_without_a_word_between() {
    let (listener, builder) = listen().await;
    let (server, _task) = serve_all(listener);
    let transport = builder.build().unwrap();
    for number in 1..=3 {
        let report = transport.send(&submission()).await;
        assert_eq!(
            report.rows()[0].text(),
            Some(format!("number {number}").as_str())
        );
        assert_eq!(transport.idle_connections(), 1);
    }
    drop(transport);
    assert_eq!(server.ended(1).await, [3]);
    let heard = server.ended.lock().unwrap()[0].1.join("\n");
    assert!(
        !heard.contains("NOOP") && !heard.contains("RSET"),
        "{heard}"
    );
    assert!(heard.ends_with("QUIT"), "dropping says goodbye");
}

#[tokio::test]
async fn there_are_never_more_connections_than_that() {
    let (listener, builder) = listen().await;
    let (server, _task) = serve_all(listener);
    let transport = Arc::new(builder.max_connections(count(3)).build().unwrap());
    let mut sends = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let transport = Arc::clone(&transport);
        sends.spawn(async move { transport.send(&submission()).await.all_accepted() });
    }
    while let Some(accepted) = sends.join_next().await {
        assert!(accepted.unwrap());
    }
    assert_eq!(server.most_open.load(Ordering::SeqCst), 3);
    transport.close().await;
    let taken = server.ended(3).await;
    assert_eq!(taken.iter().sum::<usize>(), 40);
}

#[tokio::test]
async fn a_connection_ends_after_so_many_messages_or_so_much_time() {
    let (listener, builder) = listen().await;
    let (server, _task) = serve_all(listener);
    let clock = Arc::new(Stepped::default());
    let transport = builder
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .max_messages_per_connection(count(2))
        .max_connection_age(Duration::from_secs(60))
        .max_idle_time(Duration::from_secs(10))
        .build()
        .unwrap();
    let send = async || assert!(transport.send(&submission()).await.all_accepted());
    // Two messages make a connection full.
    send().await;
    send().await;
    assert_eq!(server.ended(1).await, [2]);
    // Ten seconds idle end one.
    send().await;
    clock.advance(Duration::from_secs(10));
    send().await;
    assert_eq!(server.ended(2).await, [2, 1]);
    // What would be full or too old is not kept.
    clock.advance(Duration::from_secs(9));
    send().await;
    assert_eq!(server.ended(3).await, [2, 1, 2]);
}

#[tokio::test]
async fn maintenance_ends_idle_connections_at_their_time() {
    let (listener, builder) = listen().await;
    let (server, _task) = serve_all(listener);
    let clock = Arc::new(Stepped::default());
    let transport = Arc::new(
        builder
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .build()
            .unwrap(),
    );
    let maintained = Arc::clone(&transport);
    let maintenance = tokio::spawn(async move { maintained.maintain().await });
    assert!(transport.send(&submission()).await.all_accepted());
    tokio::task::yield_now().await;
    clock.advance(Duration::from_secs(30));
    assert_eq!(server.ended(1).await, [1]);
    assert_eq!(transport.idle_connections(), 0);
    transport.close().await;
    maintenance.await.unwrap();
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_not_used_again() {
    // Closed at once, closed with a word, closed only when the next message begins, and refused then.
    for end in [
        "",
        "421 4.4.2 idle\r\n",
        "on MAIL",
        "421 4.3.2 going\r\n on MAIL",
    ] {
        let (listener, builder) = listen().await;
        let server = tokio::spawn(async move {
            let mut peer = accept(&listener).await;
            greet(&mut peer, "PIPELINING").await;
            for (command, answer) in [
                ("MAIL", "250\r\n"),
                ("RCPT", "250\r\n"),
                ("DATA", "354\r\n"),
            ] {
                peer.exchange(command, answer).await;
            }
            peer.content().await;
            peer.say("250 2.0.0 first\r\n").await;
            if let Some(word) = end.strip_suffix("on MAIL") {
                peer.hear().await.unwrap();
                peer.say(word.trim_start()).await;
            } else {
                peer.say(end).await;
            }
            peer.shut_down().await;
            drop(peer);
            let mut next = accept(&listener).await;
            greet(&mut next, "HELP").await;
            take_all(&mut next).await
        });
        let transport = builder.build().unwrap();
        assert!(transport.send(&submission()).await.all_accepted());
        let report = transport.send(&submission()).await;
        assert!(report.all_accepted(), "{end:?}: {report}");
        assert_eq!(report.rows()[0].text(), Some("number 1"));
        drop(transport);
        assert_eq!(server.await.unwrap(), 1);
    }
}

#[tokio::test]
async fn nobody_meets_a_connection_that_was_given_up() {
    // The send is dropped when the server has heard this; its answer to the next would be wrong by one.
    for heard in ["EHLO", "MAIL", "RCPT", "DATA", "."] {
        let (listener, builder) = listen().await;
        let (reached, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, gone) = (Arc::clone(&reached), Arc::clone(&dropped));
        let server = tokio::spawn(async move {
            let mut peer = accept(&listener).await;
            peer.say("220 mx\r\n").await;
            loop {
                let line = peer.hear().await.unwrap();
                if line.starts_with(heard) {
                    break;
                }
                match line.as_str() {
                    "DATA" => peer.say("354 go\r\n").await,
                    _ if line.starts_with("EHLO") => peer.say("250 mx\r\n").await,
                    _ if line.contains(':') && !line.starts_with("From:") => {
                        peer.say("250 ok\r\n").await;
                    }
                    _ => {}
                }
            }
            told.notify_one();
            gone.notified().await;
            peer.say("250 2.0.0 too late\r\n").await;
            let mut next = accept(&listener).await;
            greet(&mut next, "HELP").await;
            take_all(&mut next).await;
        });
        let transport = builder.max_connections(count(1)).build().unwrap();
        let one = submission();
        tokio::select! {
            report = transport.send(&one) => panic!("{report}"),
            () = reached.notified() => {}
        }
        dropped.notify_one();
        assert_eq!(transport.idle_connections(), 0);
        let report = transport.send(&submission()).await;
        assert_eq!(report.rows()[0].text(), Some("number 1"), "{heard}");
        drop(transport);
        server.await.unwrap();
    }
}

#[tokio::test]
async fn closing_waits_for_what_is_being_sent_and_takes_nothing_more() {
    let (listener, builder) = listen().await;
    let go_on = Arc::new(Notify::new());
    let waited = Arc::clone(&go_on);
    let reached = Arc::new(Notify::new());
    let told = Arc::clone(&reached);
    let server = tokio::spawn(async move {
        let mut peer = accept(&listener).await;
        greet(&mut peer, "HELP").await;
        peer.exchange("MAIL", "250\r\n").await;
        told.notify_one();
        waited.notified().await;
        let taken = take_all(&mut peer).await;
        (taken, peer.heard)
    });
    let transport = Arc::new(builder.build().unwrap());
    let sending = Arc::clone(&transport);
    let sending = tokio::spawn(async move { sending.send(&submission()).await });
    reached.notified().await;
    let closing = Arc::clone(&transport);
    let closing = tokio::spawn(async move { closing.close().await });
    tokio::task::yield_now().await;
    let late = transport.send(&submission()).await;
    let postponed = Outcome::NotAttempted(NotAttemptedReason::Postponed);
    assert_eq!(first(&late), (postponed, Phase::Local));
    assert!(!closing.is_finished());
    go_on.notify_one();
    closing.await.unwrap();
    assert!(sending.await.unwrap().all_accepted());
    let (taken, heard) = server.await.unwrap();
    assert_eq!(taken, 1);
    assert_eq!(heard.last().unwrap(), "QUIT");
}

#[tokio::test]
async fn whoever_waits_too_long_for_a_connection_is_deferred() {
    let (listener, builder) = listen().await;
    let clock = Arc::new(Stepped::default());
    let silent = tokio::spawn(async move {
        let _held = accept(&listener).await;
        std::future::pending::<()>().await;
    });
    let transport = Arc::new(
        builder
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .max_connections(count(1))
            .build()
            .unwrap(),
    );
    let both: Vec<_> = (0..2)
        .map(|_| {
            let transport = Arc::clone(&transport);
            tokio::spawn(async move { transport.send(&submission()).await })
        })
        .collect();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    // Longer than the whole attempt may take.
    clock.advance(Duration::from_secs(3_600));
    let mut phases = Vec::new();
    for send in both {
        let report = send.await.unwrap();
        assert_eq!(report.rows()[0].outcome(), Outcome::Deferred);
        phases.push(report.rows()[0].phase());
    }
    phases.sort();
    assert!(phases.contains(&Phase::Connect), "{phases:?}");
    silent.abort();
}

#[tokio::test]
async fn refused_credentials_are_replaced_once() {
    let authority = Authority::new();
    let config = authority.server(NAME);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut users = Vec::new();
        for answer in ["535 5.7.8 no\r\n", "235 ok\r\n"] {
            let mut peer = accept(&listener).await;
            assert!(peer.secure(&config).await);
            greet(&mut peer, "AUTH PLAIN").await;
            let line = peer.hear().await.unwrap();
            users.push(line);
            peer.say(answer).await;
            take_all(&mut peer).await;
        }
        users
    });
    let both = RotatingCredentials::new(
        Credentials::new("new", "n3w".into()),
        Credentials::new("old", "0ld".into()),
    );
    let transport = SmtpTransport::builder(endpoint(address, Security::ImplicitTls))
        .tls(authority.trusted())
        .credentials(both)
        .build()
        .unwrap();
    let report = transport.send(&submission()).await;
    assert!(report.all_accepted(), "{report}");
    let tls = report.rows()[0].tls().unwrap();
    assert_eq!(tls.protocol(), "TLSv1.3");
    assert!(tls.cipher_suite().starts_with("TLS13_"), "{tls}");
    drop(transport);
    // "\0new\0n3w" and "\0old\0" in base64.
    assert_eq!(
        server.await.unwrap(),
        ["AUTH PLAIN AG5ldwBuM3c=", "AUTH PLAIN AG9sZAAwbGQ="]
    );
}

#[tokio::test]
async fn what_one_connection_cannot_take_goes_over_another() {
    let (listener, builder) = listen().await;
    let server = tokio::spawn(async move {
        let mut taken = Vec::new();
        for _ in 0..2 {
            let mut peer = accept(&listener).await;
            greet(&mut peer, "LIMITS RCPTMAX=1 MAILMAX=1").await;
            taken.push(take_all(&mut peer).await);
        }
        taken
    });
    let transport = builder.build().unwrap();
    let two = submission_of(
        "From: s@x.example\r\n\r\nhi\r\n",
        &["a@x.example", "b@x.example"],
    );
    let report = transport.send(&two).await;
    assert!(report.all_accepted(), "{report}");
    drop(transport);
    assert_eq!(server.await.unwrap(), [1, 1]);
}

#[tokio::test]
async fn a_greylisted_recipient_is_accepted_on_another_try() {
    let (listener, builder) = listen().await;
    let clock = Arc::new(Stepped::default());
    let told = Arc::new(Notify::new());
    let telling = Arc::clone(&told);
    let watch = Arc::clone(&clock);
    let server = tokio::spawn(async move {
        let mut peer = accept(&listener).await;
        greet(&mut peer, "PIPELINING").await;
        peer.exchange("MAIL", "250\r\n").await;
        let greylisted = "451 4.7.1 Greylisted, try again in 300 seconds\r\n";
        peer.exchange("RCPT", greylisted).await;
        peer.exchange("DATA", "503 5.5.1 nobody\r\n").await;
        let refused = watch.now();
        telling.notify_one();
        peer.exchange("RSET", "250\r\n").await;
        let waited = watch.now().duration_since(refused).unwrap();
        (waited, take_all(&mut peer).await)
    });
    // Only the pause between the tries is on the clock that is set by hand.
    let smtp = builder.build().unwrap();
    let retry = Retry::new(
        Arc::new(smtp),
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(SystemEntropy::new()),
    )
    .max_total(Duration::from_secs(86_400_000))
    .max_wait(Duration::from_secs(400));
    let sending = tokio::spawn(async move { retry.send(&submission()).await });
    told.notified().await;
    // The wait begins once the refusal has been read.
    while !sending.is_finished() {
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(1));
    }
    let report = sending.await.unwrap();
    assert!(report.all_accepted(), "{report}");
    let (waited, taken) = server.await.unwrap();
    assert!(
        waited >= Duration::from_secs(300),
        "no sooner than asked for"
    );
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn a_connection_that_has_seen_its_domains_makes_room_for_another() {
    let (listener, builder) = listen().await;
    let server = tokio::spawn(async move {
        let mut taken = Vec::new();
        for _ in 0..3 {
            let mut peer = accept(&listener).await;
            greet(&mut peer, "LIMITS RCPTDOMAINMAX=1").await;
            taken.push(take_all(&mut peer).await);
        }
        taken
    });
    let transport = builder.max_connections(count(1)).build().unwrap();
    let message = "From: s@x.example\r\n\r\nhi\r\n";
    for recipients in [
        &["a@x.example", "b@y.example"][..],
        &["c@y.example"],
        &["d@z.example"],
    ] {
        let report = transport.send(&submission_of(message, recipients)).await;
        assert!(report.all_accepted(), "{report}");
    }
    drop(transport);
    assert_eq!(server.await.unwrap(), [1, 2, 1]);
}

#[tokio::test]
async fn a_report_does_not_wait_for_the_answer_to_quit() {
    let (listener, builder) = listen().await;
    let server = tokio::spawn(async move {
        let mut peer = accept(&listener).await;
        greet(&mut peer, "HELP").await;
        for (command, answer) in [
            ("MAIL", "250\r\n"),
            ("RCPT", "250\r\n"),
            ("DATA", "354\r\n"),
        ] {
            peer.exchange(command, answer).await;
        }
        peer.content().await;
        peer.say("250 2.0.0 queued\r\n").await;
        // Heard, and not answered.
        assert_eq!(peer.hear().await.unwrap(), "QUIT");
        peer.until_closed().await;
    });
    // No deadline is ever reached on this clock.
    let transport = builder
        .clock(Arc::new(Stepped::default()))
        .max_messages_per_connection(count(1))
        .build()
        .unwrap();
    assert!(transport.send(&submission()).await.all_accepted());
    server.await.unwrap();
}
