//! `check_host()` ([RFC 7208 §4](https://www.rfc-editor.org/rfc/rfc7208#section-4)).

pub mod bad_target;
pub mod deadline;
mod ending;
pub(crate) mod expand;
mod explain;
mod mechanism;
pub mod query;
pub mod reason;
pub mod trace;
pub mod verdict;

use std::pin::pin;
use std::sync::Arc;

use letterhead_dns::{BoxFuture, LookupError, Name, RecordData, RecordType, Resolver};

use crate::check::deadline::Deadline;
use crate::check::ending::{Ending, Evaluated};
use crate::check::query::{DomainProblem, Query, query_name};
use crate::check::reason::Reason;
use crate::check::trace::{Lookup, Mismatch, Outcome, Step, Trace};
use crate::check::verdict::{Decision, Verdict};
use crate::limits::{Limits, MAX_DEPTH};
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::select::{Selection, select};
use crate::record::term::{Modifier, TermKind};
use crate::spf_result::SpfResult;
use crate::text::Text;

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
/// The deadline is whatever the runtime has for a timer, so this crate needs none. It is polled before each lookup and
/// while one waits; a lookup under way is dropped.
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

async fn check<'a>(
    query: &'a Query,
    resolver: &'a dyn Resolver,
    limits: &Limits,
    deadline: Deadline<'a>,
) -> Verdict {
    let mut session = Session {
        deadline,
        query,
        resolver,
        limits: *limits,
        lookups: 0,
        void_lookups: 0,
    };
    let mut evaluated = match query.domain() {
        Ok(domain) => {
            let frame = Frame::new(domain.into(), Role::Sender, 0);
            session.evaluate(frame).await
        }
        Err(problem) => {
            let trace = Box::new(Trace::new(query.domain_text().into()));
            Ending::new(SpfResult::None, Reason::BadDomain(problem)).conclude(trace)
        }
    };
    Verdict {
        result: evaluated.trace.result,
        identity: query.identity(),
        domain: query.domain_text().to_owned(),
        decided_by: evaluated.take_decision(),
        explanation: evaluated.explanation,
        lookups: session.lookups,
        void_lookups: session.void_lookups,
        trace: *evaluated.trace,
    }
}

/// One check: what is asked, whom, and how much of the limits is used.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) query: &'a Query,
    pub(crate) resolver: &'a dyn Resolver,
    pub(crate) limits: Limits,
    deadline: Deadline<'a>,
    lookups: usize,
    void_lookups: usize,
}

/// The evaluation of one record.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) domain: Text,
    /// What `%{p}` is here, once it was needed.
    pub(crate) validated: Option<String>,
    role: Role,
    depth: usize,
}

/// For whom a record speaks: explanations of an included record are not used
/// ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Sender,
    Included,
}

impl Frame {
    fn new(domain: Text, role: Role, depth: usize) -> Self {
        Self {
            domain,
            validated: None,
            role,
            depth,
        }
    }
}

/// Why a mechanism gave no match.
pub(crate) enum Miss {
    Mismatch(Mismatch),
    Stop(Stop),
}

/// An error that ends the whole check.
pub(crate) struct Stop {
    result: SpfResult,
    reason: Reason,
    /// Where it arose, when that is in another record.
    origin: Option<Box<Decision>>,
}

impl Stop {
    pub(crate) fn permanent(reason: Reason) -> Self {
        Self {
            result: SpfResult::PermError,
            reason,
            origin: None,
        }
    }

    pub(crate) fn temporary(reason: Reason) -> Self {
        Self {
            result: SpfResult::TempError,
            ..Self::permanent(reason)
        }
    }
}

impl From<Stop> for Miss {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Mismatch> for Miss {
    fn from(mismatch: Mismatch) -> Self {
        Self::Mismatch(mismatch)
    }
}

impl Session<'_> {
    /// Evaluates the record of the frame's domain. Boxed, because records lead to records.
    fn evaluate(&mut self, mut frame: Frame) -> BoxFuture<'_, Evaluated> {
        Box::pin(async move {
            let mut trace = Box::new(Trace::new(frame.domain.clone()));
            let ending = match self.fetch(&mut trace).await {
                Ok(record) => {
                    let ending = self.terms(&record, &mut frame, &mut trace).await;
                    trace.record = Some(record);
                    ending
                }
                Err(ending) => ending,
            };
            ending.conclude(trace)
        })
    }

    /// Looks up and selects the record
    /// ([RFC 7208 §4.3 to §4.5](https://www.rfc-editor.org/rfc/rfc7208#section-4.3)).
    async fn fetch(&mut self, trace: &mut Trace) -> Result<Record, Ending> {
        let bad = |problem| Ending::new(SpfResult::None, Reason::BadDomain(problem));
        let name = query_name(&trace.domain).map_err(bad)?;
        if name.label_count() < 2 {
            return Err(bad(DomainProblem::SingleLabel));
        }
        let lookup = trace
            .lookup
            .insert(self.lookup(name, RecordType::TXT).await);
        let selection = match &lookup.answer {
            Ok(answer) => select(answer.texts()),
            Err(error) if error.is_no_such_name() => Selection::None,
            Err(error) => {
                let reason = Reason::of_lookup(error.clone());
                return Err(Ending::new(SpfResult::TempError, reason));
            }
        };
        match selection {
            Selection::One(record) => Ok(record),
            Selection::None => Err(Ending::new(SpfResult::None, Reason::NoRecord)),
            Selection::Invalid(error) => {
                Err(Ending::new(SpfResult::PermError, Reason::Syntax(error)))
            }
            Selection::Several(count) => Err(Ending::new(
                SpfResult::PermError,
                Reason::SeveralRecords(count),
            )),
        }
    }

    /// Evaluates the terms ([RFC 7208 §4.6](https://www.rfc-editor.org/rfc/rfc7208#section-4.6)).
    async fn terms(&mut self, record: &Record, frame: &mut Frame, trace: &mut Trace) -> Ending {
        trace.steps.reserve_exact(record.terms().len());
        for (index, term) in record.terms().iter().enumerate() {
            let Some(directive) = term.directive() else {
                continue;
            };
            // Most terms are networks that do not match. They need no future, and are written where they stay.
            if let Some(mismatch) = self.network_mismatch(directive.mechanism()) {
                trace.steps.push(Step {
                    lookups_so_far: self.lookups,
                    void_lookups_so_far: self.void_lookups,
                    ..Step::new(index, Outcome::NotMatched(mismatch))
                });
                continue;
            }
            let mut step = Step::new(index, Outcome::Matched);
            let matched = self.matches(directive.mechanism(), frame, &mut step).await;
            match matched {
                Ok(()) => {
                    self.push(trace, step, Outcome::Matched);
                    let result = directive.qualifier().result();
                    let mut ending = Ending::new(result, Reason::Matched).at(index);
                    if result == SpfResult::Fail && frame.role == Role::Sender {
                        ending.explanation = Box::pin(self.explain(record, frame, trace)).await;
                    }
                    return ending;
                }
                // A failing lookup of `ptr` is no match, but one that was given up leaves no time for the rest.
                Err(Miss::Mismatch(_)) if self.deadline.has_passed() => {
                    let stop = Stop::temporary(Reason::DeadlinePassed);
                    return self.stop(trace, step, stop);
                }
                Err(Miss::Mismatch(mismatch)) => {
                    self.push(trace, step, Outcome::NotMatched(mismatch));
                }
                Err(Miss::Stop(stop)) => return self.stop(trace, step, stop),
            }
        }
        if record.all().is_none() {
            for (index, term) in record.terms().iter().enumerate() {
                if let TermKind::Modifier(Modifier::Redirect(domain)) = term.kind() {
                    return Box::pin(self.redirect(index, domain, frame, trace)).await;
                }
            }
        }
        Ending::new(SpfResult::Neutral, Reason::NoMatch)
    }

    /// `redirect` ([RFC 7208 §6.1](https://www.rfc-editor.org/rfc/rfc7208#section-6.1)).
    async fn redirect(
        &mut self,
        index: usize,
        domain: &DomainSpec,
        frame: &mut Frame,
        trace: &mut Trace,
    ) -> Ending {
        let mut step = Step::new(index, Outcome::Matched);
        let mut evaluated = match self.follow(domain, frame, frame.role, &mut step).await {
            Ok(evaluated) => evaluated,
            Err(Miss::Mismatch(Mismatch::BadTarget(problem))) => {
                let stop = Stop::permanent(Reason::BadTarget(problem));
                return self.stop(trace, step, stop);
            }
            Err(Miss::Mismatch(mismatch)) => {
                // Following a record has no other mismatch; were there one, nothing has matched.
                self.push(trace, step, Outcome::NotMatched(mismatch));
                return Ending::new(SpfResult::Neutral, Reason::NoMatch);
            }
            Err(Miss::Stop(stop)) => return self.stop(trace, step, stop),
        };
        let result = evaluated.trace.result;
        let reason = evaluated.trace.reason.clone();
        let decision = evaluated.take_decision();
        step.inquiry_mut().nested = Some(evaluated.trace);
        if result == SpfResult::None {
            let stop = Stop::permanent(no_record_at(&step));
            return self.stop(trace, step, stop);
        }
        self.push(trace, step, Outcome::Followed(result));
        Ending {
            origin: Some(Box::new(decision)),
            explanation: evaluated.explanation,
            ..Ending::new(result, reason).at(index)
        }
    }

    /// `include` ([RFC 7208 §5.2](https://www.rfc-editor.org/rfc/rfc7208#section-5.2)).
    pub(crate) async fn include(
        &mut self,
        domain: &DomainSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        let mut evaluated = self.follow(domain, frame, Role::Included, step).await?;
        let result = evaluated.trace.result;
        let included = match result {
            SpfResult::Pass => Ok(()),
            SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => {
                Err(Mismatch::Included(result).into())
            }
            SpfResult::TempError | SpfResult::PermError => Err(Miss::Stop(Stop {
                result,
                reason: evaluated.trace.reason.clone(),
                origin: Some(Box::new(evaluated.take_decision())),
            })),
            SpfResult::None => Err(Stop::permanent(no_record_at(step)).into()),
        };
        step.inquiry_mut().nested = Some(evaluated.trace);
        included
    }

    /// Evaluates the record that a term of this one names.
    async fn follow(
        &mut self,
        domain: &DomainSpec,
        frame: &mut Frame,
        role: Role,
        step: &mut Step,
    ) -> Result<Evaluated, Miss> {
        self.count_lookup()?;
        let depth = frame.depth + 1;
        if depth > MAX_DEPTH {
            let reason = Reason::TooDeep { limit: MAX_DEPTH };
            return Err(Stop::permanent(reason).into());
        }
        let target = self.target(Some(domain), frame, step).await?;
        let evaluated = self.evaluate(Frame::new(target, role, depth)).await;
        if evaluated.trace.lookup().is_some_and(Lookup::is_void) {
            // Where there is no record the result is permerror in any case, for a reason that says more than the limit.
            self.void_lookups += 1;
        }
        Ok(evaluated)
    }

    /// Counts a term that causes lookups
    /// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    pub(crate) fn count_lookup(&mut self) -> Result<(), Stop> {
        self.lookups += 1;
        let limit = self.limits.lookups();
        if self.lookups > limit {
            return Err(Stop::permanent(Reason::TooManyLookups { limit }));
        }
        Ok(())
    }

    /// Counts the term once as soon as one of its lookups found nothing.
    pub(crate) fn count_void(&mut self, step: &mut Step) -> Result<(), Stop> {
        let inquiry = step.inquiry_mut();
        if inquiry.counted_void || !inquiry.lookups.iter().any(Lookup::is_void) {
            return Ok(());
        }
        inquiry.counted_void = true;
        self.void_lookups += 1;
        let limit = self.limits.void_lookups();
        if self.void_lookups > limit {
            return Err(Stop::permanent(Reason::TooManyVoidLookups { limit }));
        }
        Ok(())
    }

    /// Asks, and writes question and answer into the step. That nothing was found is an empty answer.
    pub(crate) async fn ask(
        &mut self,
        name: Name,
        record_type: RecordType,
        step: &mut Step,
    ) -> Result<Arc<[RecordData]>, LookupError> {
        let lookup = self.lookup(name, record_type).await;
        let records = match &lookup.answer {
            Ok(answer) => Ok(answer.shared_records()),
            Err(error) if error.is_no_such_name() => Ok(Arc::default()),
            Err(error) => Err(error.clone()),
        };
        step.inquiry_mut().lookups.push(lookup);
        records
    }

    pub(crate) async fn lookup(&mut self, name: Name, record_type: RecordType) -> Lookup {
        let answer = self
            .deadline
            .lookup(self.resolver, &name, record_type)
            .await;
        Lookup {
            name,
            record_type,
            answer,
        }
    }

    pub(crate) fn push(&self, trace: &mut Trace, mut step: Step, outcome: Outcome) {
        step.outcome = outcome;
        step.lookups_so_far = self.lookups;
        step.void_lookups_so_far = self.void_lookups;
        trace.steps.push(step);
    }

    fn stop(&self, trace: &mut Trace, step: Step, stop: Stop) -> Ending {
        let index = step.term;
        self.push(trace, step, Outcome::Stopped(stop.reason.clone()));
        Ending {
            origin: stop.origin,
            ..Ending::new(stop.result, stop.reason).at(index)
        }
    }
}

fn no_record_at(step: &Step) -> Reason {
    Reason::NoRecordAtTarget {
        target: step.target().unwrap_or_default().to_owned(),
    }
}
