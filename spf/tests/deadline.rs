//! A check that is given up when its time is over.

use std::future::{pending, ready};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use letterhead_dns::{
    Answer, BoxFuture, LookupError, Name, RecordType, Resolver, Zone, block_on_ready,
};
use letterhead_spf::check::reason::Reason;
use letterhead_spf::{Limits, Query, SpfResult, check_host, check_host_until};

/// Answers from a zone until the name that hangs, of which no answer ever comes.
#[derive(Debug)]
struct Hanging {
    zone: Zone,
    name: Name,
    asked: Arc<AtomicUsize>,
}

impl Hanging {
    fn new(zone: &str, name: &str) -> Self {
        Self {
            zone: zone.parse().expect("a zone"),
            name: name.parse().expect("a name"),
            asked: Arc::default(),
        }
    }
}

impl Resolver for Hanging {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if *name == self.name {
            return Box::pin(pending());
        }
        self.zone.lookup(name, record_type)
    }
}

fn query() -> Query {
    let client = IpAddr::from([192, 0, 2, 1]);
    Query::mail_from(client, "ada@example.com", "mail.example.net")
}

#[test]
fn a_lookup_that_hangs_ends_at_the_deadline_with_the_trace_so_far() {
    let resolver = Hanging::new(
        r#"example.com TXT "v=spf1 a:gone.example.net include:slow.example.net -all""#,
        "slow.example.net",
    );
    let (send, deadline) = signal();
    let (query, limits) = (query(), Limits::default());
    let mut check = pin!(check_host_until(&query, &resolver, &limits, deadline));
    let mut context = Context::from_waker(Waker::noop());
    assert!(check.as_mut().poll(&mut context).is_pending());
    assert!(check.as_mut().poll(&mut context).is_pending());
    send.store(1, Ordering::Relaxed);
    let Poll::Ready(verdict) = check.poll(&mut context) else {
        panic!("the deadline has passed");
    };
    assert_eq!(verdict.result, SpfResult::TempError);
    assert!(matches!(
        verdict.decided_by().reason,
        Reason::DeadlinePassed
    ));
    assert_eq!((verdict.lookups, verdict.void_lookups), (2, 1));
    assert_eq!(
        verdict.trace().to_string(),
        r#"example.com: temperror, no decision before the deadline of the check; try again later
  record "v=spf1 a:gone.example.net include:slow.example.net -all"
  a:gone.example.net (gone.example.net): not matched, nothing found [1 lookups, 1 void so far]
    gone.example.net. A: no such name
  include:slow.example.net (slow.example.net): stopped, no decision before the deadline of the check; try again later [2 lookups, 1 void so far]
    slow.example.net: temperror, no decision before the deadline of the check; try again later
      slow.example.net. TXT: temporary failure
"#
    );
}

#[test]
fn what_does_not_count_as_an_error_of_ptr_still_ends_the_check() {
    let resolver = Hanging::new(
        r#"example.com TXT "v=spf1 ptr +all""#,
        "1.2.0.192.in-addr.arpa",
    );
    let (send, deadline) = signal();
    let (query, limits) = (query(), Limits::default());
    let mut check = pin!(check_host_until(&query, &resolver, &limits, deadline));
    let mut context = Context::from_waker(Waker::noop());
    assert!(check.as_mut().poll(&mut context).is_pending());
    send.store(1, Ordering::Relaxed);
    let Poll::Ready(verdict) = check.poll(&mut context) else {
        panic!("the deadline has passed");
    };
    assert_eq!(verdict.result, SpfResult::TempError);
}

#[test]
fn a_deadline_that_passed_before_asks_nothing() {
    let resolver = Hanging::new(r#"example.com TXT "v=spf1 +all""#, "none.example");
    let limits = Limits::default();
    let check = query();
    let check = check_host_until(&check, &resolver, &limits, ready(()));
    let verdict = block_on_ready(check).expect("the deadline is ready");
    assert_eq!(verdict.result, SpfResult::TempError);
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_deadline_in_the_future_changes_nothing() {
    let resolver = Hanging::new(r#"example.com TXT "v=spf1 a mx ~all""#, "none.example");
    let (query, limits) = (query(), Limits::default());
    let with = block_on_ready(check_host_until(&query, &resolver, &limits, pending()));
    let without = block_on_ready(check_host(&query, &resolver, &limits));
    let text = |verdict: Option<letterhead_spf::Verdict>| {
        let verdict = verdict.expect("a zone never waits");
        format!("{verdict}\n{}", verdict.trace())
    };
    assert_eq!(text(with), text(without));
}

/// A future that is ready once the counter is not zero.
fn signal() -> (Arc<AtomicUsize>, impl Future<Output = ()> + Send) {
    let sent = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&sent);
    let future = std::future::poll_fn(move |_| match seen.load(Ordering::Relaxed) {
        0 => Poll::Pending,
        _ => Poll::Ready(()),
    });
    (sent, future)
}
