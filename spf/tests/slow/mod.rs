//! A resolver whose answers have to be waited for, and checks over it.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use letterhead_dns::{Answer, BoxFuture, LookupError, Name, RecordType, Resolver};
use letterhead_spf::check::trace::Outcome;
use letterhead_spf::{Limits, Query, Trace, Verdict, check_host};

/// Which answers of a [`Slow`] resolver have to be waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Waits {
    Never,
    Always,
    EverySecond,
}

/// Gives the answers of another resolver, some at the second poll only, and notes what it is asked.
#[derive(Debug)]
pub(crate) struct Slow<'a> {
    below: &'a dyn Resolver,
    waits: Waits,
    asked: Mutex<Vec<(Name, RecordType)>>,
}

impl<'a> Slow<'a> {
    pub(crate) fn new(below: &'a dyn Resolver, waits: Waits) -> Self {
        Self {
            below,
            waits,
            asked: Mutex::default(),
        }
    }

    pub(crate) fn asked(&self) -> Vec<(Name, RecordType)> {
        self.asked.lock().expect("no test panics here").clone()
    }

    fn note(&self, name: &Name, record_type: RecordType) {
        let mut asked = self.asked.lock().expect("no test panics here");
        asked.push((name.clone(), record_type));
    }
}

impl Resolver for Slow<'_> {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        self.note(name, record_type);
        let mut polled = false;
        let mut answer = self.below.lookup(name, record_type);
        Box::pin(std::future::poll_fn(move |context| {
            if polled {
                return answer.as_mut().poll(context);
            }
            polled = true;
            Poll::Pending
        }))
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        match self.waits {
            Waits::Always => return None,
            Waits::EverySecond if self.asked().len() % 2 == 1 => return None,
            Waits::EverySecond | Waits::Never => {}
        }
        let answer = self.below.lookup_now(name, record_type)?;
        self.note(name, record_type);
        Some(answer)
    }
}

/// Polls until it is ready.
pub(crate) fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Checks again over answers that are waited for, and panics where anything but the way of the answers differs: what
/// the verdict says, what the trace says, and what was asked.
pub(crate) fn agrees_with_waiting(
    verdict: &Verdict,
    query: &Query,
    resolver: &dyn Resolver,
    limits: &Limits,
) {
    agrees_with_its_trace(verdict);
    let mut wanted = Vec::new();
    questions(verdict.trace(), &mut wanted);
    for waits in [Waits::Never, Waits::EverySecond, Waits::Always] {
        let slow = Slow::new(resolver, waits);
        let waited = wait_for(check_host(query, &slow, limits));
        assert_eq!(verdict.to_string(), waited.to_string(), "{waits:?}");
        assert_eq!(verdict.explanation, waited.explanation, "{waits:?}");
        assert_eq!(
            verdict.trace().to_string(),
            waited.trace().to_string(),
            "{waits:?}"
        );
        assert_eq!(format!("{verdict:?}"), format!("{waited:?}"), "{waits:?}");
        assert_eq!(wanted, slow.asked(), "{waits:?}");
    }
}

/// The trace is made after the check, and has to come to the same.
fn agrees_with_its_trace(verdict: &Verdict) {
    let trace = verdict.trace();
    assert_eq!(trace.result(), verdict.result);
    assert_eq!(trace.domain(), verdict.domain());
    let counts = trace.steps().last().map_or((0, 0), |step| {
        (step.lookups_so_far(), step.void_lookups_so_far())
    });
    assert_eq!(counts, (verdict.lookups, verdict.void_lookups), "{trace}");
    let explained = explained(trace);
    assert_eq!(explained, verdict.explanation.as_deref(), "{trace}");
}

/// What `exp` gave, in the record that decides.
fn explained(trace: &Trace) -> Option<&str> {
    let last = trace.steps().last()?;
    match last.outcome() {
        Outcome::Explained(text) => Some(text),
        Outcome::Followed(_) => explained(last.nested()?),
        _ => None,
    }
}

/// The questions of a trace in the order in which they were asked.
fn questions(trace: &Trace, into: &mut Vec<(Name, RecordType)>) {
    into.extend(
        trace
            .lookup()
            .map(|lookup| (lookup.name.clone(), lookup.record_type)),
    );
    for step in trace.steps() {
        let own = step.lookups().iter();
        into.extend(own.map(|lookup| (lookup.name.clone(), lookup.record_type)));
        if let Some(nested) = step.nested() {
            questions(nested, into);
        }
    }
}
