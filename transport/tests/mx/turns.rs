//! How many attempts go on at once.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::stepped::Stepped;
use crate::support::{End, Hosts, Script, eventually, rows, submission};
use letterhead_mail::{Clock, Transport as _};
use letterhead_transport::mx::MxTransport;
use tokio::sync::Semaphore;

const ZONE: &str = "
a.example MX 10 one.host
b.example MX 10 two.host
one.host  A 127.0.0.2
two.host  A 127.0.0.3
";

/// Two hosts that keep every message waiting at the gate, and a transport with one turn a domain.
async fn gated(clock: Arc<dyn Clock>) -> (Hosts, Arc<Semaphore>, Arc<MxTransport>) {
    let gate = Arc::new(Semaphore::new(0));
    let script = Script {
        end: End::Gate(Arc::clone(&gate)),
        ..Script::default()
    };
    let hosts = Hosts::start([Some(script.clone()), Some(script)]).await;
    let transport = hosts
        .transport(ZONE)
        .attempts_per_domain(NonZeroUsize::MIN)
        .clock(clock)
        .build()
        .unwrap();
    (hosts, gate, Arc::new(transport))
}

#[tokio::test]
async fn a_domain_waits_its_turn_and_others_do_not() {
    let (hosts, gate, transport) = gated(Stepped::new()).await;
    let send = |to: &'static str| {
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { rows(&transport.send(&submission(&[to])).await) })
    };
    let first = send("1@a.example");
    eventually(|| hosts.heard_of(&["message"]).len() == 1).await;
    let second = send("2@a.example");
    let other = send("3@b.example");
    eventually(|| hosts.heard_of(&["message"]).len() == 2).await;
    assert_eq!(hosts.heard_of(&["message"]), ["2 message", "3 message"]);
    gate.add_permits(3);
    assert_eq!(
        first.await.unwrap(),
        ["1@a.example accepted final 2.0.0 one.host"]
    );
    assert_eq!(
        second.await.unwrap(),
        ["2@a.example accepted final 2.0.0 one.host"]
    );
    assert_eq!(
        other.await.unwrap(),
        ["3@b.example accepted final 2.0.0 two.host"]
    );
}

#[tokio::test]
async fn an_attempt_that_is_dropped_gives_its_turn_back() {
    let (hosts, gate, transport) = gated(Stepped::new()).await;
    let given_up = {
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { transport.send(&submission(&["1@a.example"])).await })
    };
    eventually(|| hosts.heard_of(&["message"]).len() == 1).await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    gate.add_permits(2);
    let report = transport.send(&submission(&["2@a.example"])).await;
    assert_eq!(rows(&report), ["2@a.example accepted final 2.0.0 one.host"]);
}

#[tokio::test]
async fn the_domains_of_one_message_go_at_once() {
    let (hosts, gate, transport) = gated(Stepped::new()).await;
    let sent = {
        let transport = Arc::clone(&transport);
        let both = submission(&["1@a.example", "2@b.example"]);
        tokio::spawn(async move { transport.send(&both).await })
    };
    eventually(|| hosts.heard_of(&["message"]).len() == 2).await;
    gate.add_permits(2);
    assert!(sent.await.unwrap().all_accepted());
}

#[tokio::test]
async fn who_does_not_get_a_turn_in_time_is_put_off() {
    let clock = Stepped::new();
    let (hosts, gate, transport) = gated(Arc::<Stepped>::clone(&clock)).await;
    let first = {
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { transport.send(&submission(&["1@a.example"])).await })
    };
    eventually(|| hosts.heard_of(&["message"]).len() == 1).await;
    // The first has been at it for a while, and the second comes.
    clock.advance(Duration::from_secs(5 * 60));
    let mut second = {
        let transport = Arc::clone(&transport);
        Box::pin(async move { transport.send(&submission(&["2@a.example"])).await })
    };
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(second.as_mut().poll(&mut context).is_pending());
    gate.add_permits(1);
    let first = first.await.unwrap();
    assert!(first.all_accepted());
    let third = {
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { transport.send(&submission(&["3@a.example"])).await })
    };
    // The second is next in line, and does not take its turn; the third stands behind it until both are over.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(30 * 60));
    let third = third.await.unwrap();
    assert_eq!(
        third.rows()[0].to_string(),
        "3@a.example not attempted (postponed) at local: others to a.example took all the time there was"
    );
    drop(second);
}

#[tokio::test]
async fn closing_waits_for_what_is_being_sent_and_takes_nothing_more() {
    let (hosts, gate, transport) = gated(Stepped::new()).await;
    let sent = {
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { transport.send(&submission(&["1@a.example"])).await })
    };
    eventually(|| hosts.heard_of(&["message"]).len() == 1).await;
    let closing = {
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { transport.close().await })
    };
    tokio::task::yield_now().await;
    let late = transport.send(&submission(&["2@a.example"])).await;
    assert_eq!(
        late.rows()[0].to_string(),
        "2@a.example not attempted (postponed) at local: the transport was closed"
    );
    assert!(!closing.is_finished());
    gate.add_permits(1);
    closing.await.unwrap();
    assert!(sent.await.unwrap().all_accepted());
}
