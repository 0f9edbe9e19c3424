//! `check_host()` ([RFC 7208 §4](https://www.rfc-editor.org/rfc/rfc7208#section-4)).

pub mod bad_target;
pub mod deadline;
pub mod decision;
mod evaluate;
pub(crate) mod expand;
pub(crate) mod explain;
mod frame;
mod log;
pub(crate) mod lookup;
mod mechanism;
pub(crate) mod outcome;
pub(crate) mod policy;
pub mod query;
pub mod reason;
mod recorder;
mod session;
mod step;
pub mod trace;
pub mod verdict;

use std::pin::pin;

use letterhead_dns::Resolver;

use crate::check::deadline::Deadline;
use crate::check::frame::Subject;
use crate::check::log::{Log, Pause};
use crate::check::query::Query;
use crate::check::session::Session;
use crate::check::verdict::Verdict;
use crate::limits::Limits;

/// Evaluates the policy of the query's domain for its client
/// ([RFC 7208 §4](https://www.rfc-editor.org/rfc/rfc7208#section-4)).
///
/// It always comes to a verdict. Failures of the resolver other than "no such name" give temperror, malformed answers
/// among them: the RFC makes every response code but 0 and 3 temporary. Lookups are made one after another, in the
/// order of the terms, and none is made that the result does not need.
///
/// Where the RFC leaves room: a term counts once towards the void limit, however many of its lookups find nothing;
/// `%{p}` counts as one lookup in each record that uses it, but not in explanations; a mechanism whose domain is
/// malformed after expansion does not match, and an `include` or `redirect` of that kind is a permerror; the names of
/// a client that `ptr` cannot match are not looked up.
pub async fn check_host(query: &Query, resolver: &dyn Resolver, limits: &Limits) -> Verdict {
    check(query, resolver, limits, Deadline::Never).await
}

/// [`check_host`], given up when `deadline` is ready: then the result is temperror, with everything evaluated so far in
/// the trace. [RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4) asks for at least 20 seconds.
///
/// The deadline is whatever the runtime has for a timer, so this crate needs none. It is polled before the first lookup,
/// and before and during each one that waits, which is dropped then. Answers that are there at once
/// ([`Resolver::lookup_now`]) are taken without polling it in between.
///
/// ```
/// use letterhead_dns::{Zone, block_on_ready};
/// use letterhead_spf::{Limits, Query, SpfResult, check_host_until};
///
/// let zone: Zone = "example.org TXT \"v=spf1 -all\"".parse()?;
/// let query = Query::mail_from("192.0.2.7".parse()?, "ada@example.org", "mail.example.org");
/// let limits = Limits::default();
/// // With tokio: `tokio::time::sleep(Duration::from_secs(20))`. This one has passed already.
/// let check = check_host_until(&query, &zone, &limits, std::future::ready(()));
/// let verdict = block_on_ready(check).expect("ready at once");
/// assert_eq!(verdict.result, SpfResult::TempError);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn check_host_until(
    query: &Query,
    resolver: &dyn Resolver,
    limits: &Limits,
    deadline: impl Future<Output = ()> + Send,
) -> Verdict {
    let deadline = pin!(deadline);
    check(query, resolver, limits, Deadline::Until(deadline)).await
}

/// Evaluates from the start whenever another answer is there, until none is missing. Going over what is known costs
/// microseconds for each answer that was waited for, and the evaluation itself can do without futures, which cost more
/// where nothing waits. The limits bound how often that is; with limits of many thousands it is the square that counts.
async fn check(
    query: &Query,
    resolver: &dyn Resolver,
    limits: &Limits,
    mut deadline: Deadline<'_>,
) -> Verdict {
    let is_late = deadline.has_passed().await;
    let mut session = Session::new(query, resolver, *limits, Log::new());
    if is_late {
        session.log.pass_deadline();
    }
    if let Ok(verdict) = session.run() {
        return verdict;
    }
    // Boxed, so that a check that never waits is a small future.
    let mut session = Box::new(session);
    loop {
        session.wait(&mut deadline).await;
        if let Ok(verdict) = session.run() {
            return verdict;
        }
    }
}

impl Session<'_> {
    /// Evaluates from the start, as far as the answers go.
    fn run(&mut self) -> Result<Verdict, Pause> {
        self.rewind();
        let ending = self.evaluate(&Subject::first(self.query))?;
        Ok(Verdict::new(ending.result, self))
    }

    /// Gets the answer that the evaluation stopped for.
    async fn wait(&mut self, deadline: &mut Deadline<'_>) {
        let Some(question) = self.log.take_wanted() else {
            return;
        };
        let lookup = deadline.lookup(self.resolver, &question.name, question.record_type);
        match lookup.await {
            Some(answer) => self.log.answer(answer),
            // The question comes again, and is answered with that.
            None => self.log.pass_deadline(),
        }
    }
}
