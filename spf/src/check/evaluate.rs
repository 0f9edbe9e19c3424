//! The evaluation of records ([RFC 7208 §4.3 to §4.6](https://www.rfc-editor.org/rfc/rfc7208#section-4.3)).

use letterhead_dns::RecordType;

use crate::check::log::{Pause, RecordPlace};
use crate::check::policy::{policy_name, result_without};
use crate::check::reason::Reason;
use crate::check::session::{Miss, Session, Stop};
use crate::check::trace::{Lookup, Mismatch, Outcome, Step, Trace};
use crate::limits::MAX_DEPTH;
use crate::record::Record;
use crate::record::domain_spec::DomainSpec;
use crate::record::term::{Modifier, TermKind};
use crate::spf_result::SpfResult;
use crate::text::Text;

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
    /// The record of the domain that is checked.
    pub(crate) fn first(domain: Text) -> Self {
        Self::new(domain, Role::Sender, 0)
    }

    fn new(domain: Text, role: Role, depth: usize) -> Self {
        Self {
            domain,
            validated: None,
            role,
            depth,
        }
    }
}

/// How the evaluation of a record ended, before it is written into its trace.
struct Ending {
    result: SpfResult,
    reason: Reason,
    explanation: Option<String>,
}

impl Ending {
    fn new(result: SpfResult, reason: Reason) -> Self {
        Self {
            result,
            reason,
            explanation: None,
        }
    }
}

/// Why there is no record to evaluate, or none yet.
enum Unfit {
    Ending(Box<Ending>),
    Pause,
}

impl From<Reason> for Unfit {
    fn from(reason: Reason) -> Self {
        Self::Ending(Box::new(Ending::new(result_without(&reason), reason)))
    }
}

impl From<Pause> for Unfit {
    fn from(_: Pause) -> Self {
        Self::Pause
    }
}

impl Session<'_> {
    /// Evaluates the record of the frame's domain; gives its trace, and its explanation of a fail.
    pub(crate) fn evaluate(&mut self, mut frame: Frame) -> Result<(Trace, Option<String>), Pause> {
        let place = self.log.place();
        let mut steps = Vec::new();
        let ending = match self.fetch(&frame.domain) {
            Ok((record_place, record)) => {
                let ending = self.terms(&record, &mut frame, &mut steps);
                self.log.keep(record_place, record);
                ending?
            }
            Err(Unfit::Ending(ending)) => *ending,
            Err(Unfit::Pause) => return Err(Pause),
        };
        let trace = Trace {
            asked: self.log.place() > place,
            steps,
            ..Trace::new(frame.domain, ending.result, ending.reason)
        };
        Ok((trace, ending.explanation))
    }

    /// Looks up and selects the record
    /// ([RFC 7208 §4.3 to §4.5](https://www.rfc-editor.org/rfc/rfc7208#section-4.3)).
    fn fetch(&mut self, domain: &str) -> Result<(RecordPlace, Record), Unfit> {
        let name = policy_name(domain)?;
        self.log.ask(self.resolver, name, RecordType::TXT)?;
        let (place, known) = self.log.take_record();
        let record = match known {
            Some(record) => record,
            None => self.log.last()?.policy()?,
        };
        Ok((place, record))
    }

    /// Evaluates the terms ([RFC 7208 §4.6](https://www.rfc-editor.org/rfc/rfc7208#section-4.6)).
    fn terms(
        &mut self,
        record: &Record,
        frame: &mut Frame,
        steps: &mut Vec<Step>,
    ) -> Result<Ending, Pause> {
        steps.reserve_exact(record.terms().len());
        for (index, term) in record.terms().iter().enumerate() {
            let Some(directive) = term.directive() else {
                continue;
            };
            // Most terms are networks that do not match.
            if let Some(mismatch) = self.network_mismatch(directive.mechanism()) {
                let step = Step::elsewhere(index, mismatch, self.counts());
                steps.push(step);
                continue;
            }
            let mut step = Step::new(index);
            match self.matches(directive.mechanism(), frame, &mut step) {
                Ok(()) => {
                    self.push(steps, step, Outcome::Matched);
                    let result = directive.qualifier().result();
                    let mut ending = Ending::new(result, Reason::Matched);
                    if result == SpfResult::Fail && frame.role == Role::Sender {
                        ending.explanation = self.explain(record, frame, steps)?;
                    }
                    return Ok(ending);
                }
                // A failing lookup of `ptr` is no match, but one that was given up leaves no time for the rest.
                Err(Miss::Mismatch(_)) if self.log.is_past_deadline() => {
                    let stop = Stop::temporary(Reason::DeadlinePassed);
                    return Ok(self.stop(steps, step, stop));
                }
                Err(Miss::Mismatch(mismatch)) => {
                    self.push(steps, step, Outcome::NotMatched(mismatch));
                }
                Err(Miss::Stop(stop)) => return Ok(self.stop(steps, step, *stop)),
                Err(Miss::Pause) => return Err(Pause),
            }
        }
        if record.all().is_none() {
            for (index, term) in record.terms().iter().enumerate() {
                if let TermKind::Modifier(Modifier::Redirect(domain)) = term.kind() {
                    return self.redirect(index, domain, frame, steps);
                }
            }
        }
        Ok(Ending::new(SpfResult::Neutral, Reason::NoMatch))
    }

    /// `redirect` ([RFC 7208 §6.1](https://www.rfc-editor.org/rfc/rfc7208#section-6.1)).
    fn redirect(
        &mut self,
        index: usize,
        domain: &DomainSpec,
        frame: &mut Frame,
        steps: &mut Vec<Step>,
    ) -> Result<Ending, Pause> {
        let mut step = Step::new(index);
        let explanation = match self.follow(domain, frame, frame.role, &mut step) {
            Ok(explanation) => explanation,
            Err(Miss::Mismatch(Mismatch::BadTarget(problem))) => {
                let stop = Stop::permanent(Reason::BadTarget(problem));
                return Ok(self.stop(steps, step, stop));
            }
            Err(Miss::Mismatch(mismatch)) => {
                // Following a record has no other mismatch; were there one, nothing has matched.
                self.push(steps, step, Outcome::NotMatched(mismatch));
                return Ok(Ending::new(SpfResult::Neutral, Reason::NoMatch));
            }
            Err(Miss::Stop(stop)) => return Ok(self.stop(steps, step, *stop)),
            Err(Miss::Pause) => return Err(Pause),
        };
        let (result, reason) = match step.nested() {
            Some(nested) if nested.result != SpfResult::None => {
                (nested.result, nested.reason.clone())
            }
            _ => {
                let stop = Stop::permanent(no_record_at(&step));
                return Ok(self.stop(steps, step, stop));
            }
        };
        self.push(steps, step, Outcome::Followed(result));
        Ok(Ending {
            result,
            reason,
            explanation,
        })
    }

    /// `include` ([RFC 7208 §5.2](https://www.rfc-editor.org/rfc/rfc7208#section-5.2)).
    pub(crate) fn include(
        &mut self,
        domain: &DomainSpec,
        frame: &mut Frame,
        step: &mut Step,
    ) -> Result<(), Miss> {
        self.follow(domain, frame, Role::Included, step)?;
        let Some(nested) = step.nested() else {
            return Err(Stop::permanent(no_record_at(step)).into());
        };
        let result = nested.result;
        match result {
            SpfResult::Pass => Ok(()),
            SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => {
                Err(Mismatch::Included(result).into())
            }
            SpfResult::TempError | SpfResult::PermError => {
                let reason = nested.reason.clone();
                Err(Stop { result, reason }.into())
            }
            SpfResult::None => Err(Stop::permanent(no_record_at(step)).into()),
        }
    }

    /// Evaluates the record that a term of this one names, below the step.
    fn follow(
        &mut self,
        domain: &DomainSpec,
        frame: &mut Frame,
        role: Role,
        step: &mut Step,
    ) -> Result<Option<String>, Miss> {
        self.count_lookup()?;
        let depth = frame.depth + 1;
        if depth > MAX_DEPTH {
            let reason = Reason::TooDeep { limit: MAX_DEPTH };
            return Err(Stop::permanent(reason).into());
        }
        let target = self.target(domain, frame, step)?.clone();
        let place = self.log.place();
        let (trace, explanation) = self.evaluate(Frame::new(target, role, depth))?;
        let reply = self.log.reply(place).filter(|_| trace.asked);
        if reply.is_some_and(Lookup::is_void) {
            // Where there is no record the result is permerror in any case, for a reason that says more than the limit.
            self.void_lookups += 1;
        }
        step.inquiry_mut().nested = Some(trace);
        Ok(explanation)
    }

    fn stop(&self, steps: &mut Vec<Step>, step: Step, stop: Stop) -> Ending {
        self.push(steps, step, Outcome::Stopped(stop.reason.clone()));
        Ending::new(stop.result, stop.reason)
    }
}

fn no_record_at(step: &Step) -> Reason {
    Reason::NoRecordAtTarget {
        target: step.target().unwrap_or_default().to_owned(),
    }
}
