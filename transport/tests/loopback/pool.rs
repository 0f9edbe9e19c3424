//! Connections that are kept: how many, for how long, and until what end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::stepped::Stepped;
use crate::support::{accept, count, first, greet, listen, submission, take_all};
use letterhead_mail::{Clock, NotAttemptedReason, Outcome, Phase, Transport as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

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
    let clock = Stepped::new();
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
    let clock = Stepped::new();
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
    let clock = Stepped::new();
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
async fn a_report_does_not_wait_for_the_answer_to_quit() {
    let (listener, builder) = listen().await;
    let server = tokio::spawn(async move {
        let mut peer = accept(&listener).await;
        greet(&mut peer, "HELP").await;
        peer.hear_message().await;
        peer.say("250 2.0.0 queued\r\n").await;
        // Heard, and not answered.
        assert_eq!(peer.hear().await.unwrap(), "QUIT");
        peer.until_closed().await;
    });
    // No deadline is ever reached on this clock.
    let transport = builder
        .clock(Stepped::new())
        .max_messages_per_connection(count(1))
        .build()
        .unwrap();
    assert!(transport.send(&submission()).await.all_accepted());
    server.await.unwrap();
}
