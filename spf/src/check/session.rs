//! One check: what is asked, whom, and how much of the limits is used.

use std::sync::Arc;

use letterhead_dns::{LookupError, Name, RecordData, RecordType, Resolver};

use crate::check::log::{Log, Pause};
use crate::check::query::Query;
use crate::check::reason::Reason;
use crate::check::step::Counts;
use crate::check::trace::{Mismatch, Outcome, Step};
use crate::limits::Limits;
use crate::spf_result::SpfResult;

#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) query: &'a Query,
    pub(crate) resolver: &'a dyn Resolver,
    pub(crate) limits: Limits,
    pub(crate) log: Log,
    pub(crate) lookups: usize,
    pub(crate) void_lookups: usize,
}

/// Why a mechanism gave no match.
pub(crate) enum Miss {
    Mismatch(Mismatch),
    /// Boxed, because it is rare and large.
    Stop(Box<Stop>),
    Pause,
}

/// An error that ends the whole check.
pub(crate) struct Stop {
    pub(crate) result: SpfResult,
    pub(crate) reason: Reason,
}

impl Stop {
    pub(crate) fn permanent(reason: Reason) -> Self {
        Self {
            result: SpfResult::PermError,
            reason,
        }
    }

    pub(crate) fn temporary(reason: Reason) -> Self {
        Self {
            result: SpfResult::TempError,
            reason,
        }
    }
}

impl From<Stop> for Miss {
    fn from(stop: Stop) -> Self {
        Self::Stop(Box::new(stop))
    }
}

impl From<Mismatch> for Miss {
    fn from(mismatch: Mismatch) -> Self {
        Self::Mismatch(mismatch)
    }
}

impl From<Pause> for Miss {
    fn from(_: Pause) -> Self {
        Self::Pause
    }
}

impl<'a> Session<'a> {
    pub(crate) fn new(query: &'a Query, resolver: &'a dyn Resolver, limits: Limits) -> Self {
        Self {
            query,
            resolver,
            limits,
            log: Log::new(),
            lookups: 0,
            void_lookups: 0,
        }
    }

    /// Begins again from the first question.
    pub(crate) fn rewind(&mut self) {
        self.log.rewind();
        self.lookups = 0;
        self.void_lookups = 0;
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
        if inquiry.counted_void || !inquiry.found_nothing {
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

    /// Asks for the step. That nothing was found is an empty answer.
    pub(crate) fn ask(
        &mut self,
        name: Name,
        record_type: RecordType,
        step: &mut Step,
    ) -> Result<Result<Arc<[RecordData]>, LookupError>, Pause> {
        let reply = self.log.ask(self.resolver, name, record_type)?;
        let inquiry = step.inquiry_mut();
        inquiry.asked += 1;
        inquiry.found_nothing |= reply.is_void();
        Ok(match &reply.answer {
            Ok(answer) => Ok(answer.shared_records()),
            Err(error) if error.is_no_such_name() => Ok(Arc::default()),
            Err(error) => Err(error.clone()),
        })
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts::new(self.lookups, self.void_lookups)
    }

    pub(crate) fn push(&self, steps: &mut Vec<Step>, mut step: Step, outcome: Outcome) {
        step.set_outcome(outcome);
        step.set_counts(self.counts());
        steps.push(step);
    }
}
