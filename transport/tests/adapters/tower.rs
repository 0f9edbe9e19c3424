//! Transports as services, and services as transports.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use letterhead_mail::{
    BoxFuture, NotAttemptedReason, Outcome, Phase, Report, Submission, Transport,
};
use letterhead_transport::adapter::tower::{ServiceTransport, TransportService};
use tokio::sync::Semaphore;
use tower::Service;
use tower::limit::ConcurrencyLimit;
use tower::load_shed::{LoadShed, error::Overloaded};
use tower::timeout::Timeout;

use crate::support::{Scripted, outcomes, report, submission};

const POSTPONED: Outcome = Outcome::NotAttempted(NotAttemptedReason::Postponed);

/// Begins every attempt, and ends it when it is let through.
#[derive(Debug)]
struct Gate {
    begun: AtomicUsize,
    open: Semaphore,
}

impl Gate {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: AtomicUsize::new(0),
            open: Semaphore::new(0),
        })
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }
}

impl Transport for Gate {
    fn send<'a>(&'a self, _: &'a Submission) -> BoxFuture<'a, Report> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            self.open.acquire().await.unwrap().forget();
            report(&[("r@x.example", Outcome::Accepted)])
        })
    }
}

fn one() -> Submission {
    submission(&["r@x.example"])
}

fn only(report: &Report) -> Outcome {
    assert_eq!(report.rows().len(), 1);
    report.rows()[0].outcome()
}

#[tokio::test]
async fn a_transport_is_a_service_and_a_service_a_transport() {
    let rows = [
        ("b@x.example", Outcome::Accepted),
        ("a@x.example", Outcome::InDoubt),
    ];
    let scripted = Arc::new(Scripted::new(&rows));
    let mut service = TransportService::new(scripted.clone());
    let submission = submission(&["b@x.example", "a@x.example"]);
    let Ok(answer) = service.call(submission.clone()).await;
    assert_eq!(answer, report(&rows));
    let transport: Arc<dyn Transport> = Arc::new(ServiceTransport::new(service));
    assert_eq!(transport.send(&submission).await, report(&rows));
    assert_eq!(scripted.given.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_leaves_the_message_in_doubt() {
    let gate = Gate::new();
    let service = Timeout::new(TransportService::new(gate.clone()), Duration::from_secs(60));
    let transport = ServiceTransport::new(service);
    let report = transport.send(&one()).await;
    let row = &report.rows()[0];
    assert_eq!(
        (row.outcome(), row.phase()),
        (Outcome::InDoubt, Phase::Final)
    );
    assert!(row.text().unwrap().contains("timed out"), "{row}");
    assert_eq!(gate.begun(), 1);
}

#[tokio::test]
async fn a_limit_makes_others_wait_and_dropping_them_loses_no_place() {
    let gate = Gate::new();
    let limited = ConcurrencyLimit::new(TransportService::new(gate.clone()), 1);
    let transport = ServiceTransport::new(limited);
    let (first_one, second_one) = (one(), one());
    let mut first = transport.send(&first_one);
    let mut second = transport.send(&second_one);
    assert!(poll_once(&mut first).await.is_none());
    assert!(poll_once(&mut second).await.is_none());
    assert_eq!(gate.begun(), 1);

    // Dropped before its turn, and dropped in the middle: both leave the place free.
    drop(second);
    drop(first);
    gate.open.add_permits(1);
    assert_eq!(only(&transport.send(&one()).await), Outcome::Accepted);
    assert_eq!(gate.begun(), 2);
}

#[tokio::test]
async fn load_that_is_shed_was_not_sent_where_that_is_known() {
    let gate = Gate::new();
    let limited = ConcurrencyLimit::new(TransportService::new(gate.clone()), 1);
    let shedding = LoadShed::new(limited);
    let knows =
        ServiceTransport::new(shedding.clone()).with_no_call_on(|error| error.is::<Overloaded>());
    let does_not = ServiceTransport::new(shedding);
    let running = one();
    let mut running = knows.send(&running);
    assert!(poll_once(&mut running).await.is_none());
    assert_eq!(only(&knows.send(&one()).await), POSTPONED);
    assert_eq!(only(&does_not.send(&one()).await), Outcome::InDoubt);
    assert_eq!(gate.begun(), 1);
    gate.open.add_permits(1);
    assert_eq!(only(&running.await), Outcome::Accepted);
}

#[tokio::test]
async fn errors_before_the_call_prove_that_nothing_was_sent() {
    let transport = ServiceTransport::new(Broken { ready: false });
    let report = transport
        .send(&submission(&["b@x.example", "a@x.example"]))
        .await;
    let expected = ["b@x.example", "a@x.example"].map(|to| (to.to_owned(), POSTPONED));
    assert_eq!(outcomes(&report), expected);
    assert_eq!(report.rows()[0].detail(), Some("not ready"));

    let transport = ServiceTransport::new(Broken { ready: true });
    let report = transport
        .send(&submission(&["b@x.example", "a@x.example"]))
        .await;
    let expected = ["b@x.example", "a@x.example"].map(|to| (to.to_owned(), Outcome::InDoubt));
    assert_eq!(outcomes(&report), expected);
    assert!(report.rows()[0].detail().unwrap().starts_with("broken"));
}

#[tokio::test]
async fn rows_are_those_of_the_envelope_whatever_the_service_says() {
    let rows = [
        ("z@x.example", Outcome::Accepted),
        ("a@x.example", Outcome::Rejected),
        ("b@x.example", Outcome::Accepted),
        ("b@x.example", Outcome::Rejected),
    ];
    let transport = ServiceTransport::new(tower_answering(&rows));
    let report = transport
        .send(&submission(&["b@x.example", "c@x.example", "a@x.example"]))
        .await;
    assert_eq!(
        outcomes(&report),
        [
            ("b@x.example".to_owned(), Outcome::Accepted),
            ("c@x.example".to_owned(), Outcome::InDoubt),
            ("a@x.example".to_owned(), Outcome::Rejected),
        ]
    );
}

/// The future once, so that it begins.
async fn poll_once<T>(future: &mut BoxFuture<'_, T>) -> Option<T> {
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[derive(Debug, Clone)]
struct Broken {
    ready: bool,
}

impl Service<Submission> for Broken {
    type Response = Report;
    type Error = io::Error;
    type Future = Ready<Result<Report, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(if self.ready {
            Ok(())
        } else {
            Err(io::Error::other("not ready"))
        })
    }

    fn call(&mut self, _: Submission) -> Self::Future {
        assert!(self.ready, "called without being ready");
        ready(Err(io::Error::other("broken")))
    }
}

/// A service that answers with these rows, whatever it is asked.
fn tower_answering(rows: &[(&str, Outcome)]) -> Answering {
    Answering(report(rows))
}

#[derive(Debug, Clone)]
struct Answering(Report);

impl Service<Submission> for Answering {
    type Response = Report;
    type Error = Infallible;
    type Future = Ready<Result<Report, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Submission) -> Self::Future {
        ready(Ok(self.0.clone()))
    }
}
