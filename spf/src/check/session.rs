//! One check: what is asked, whom, and how much of the limits is used.

use letterhead_dns::{Answer, LookupError, Name, RecordType, Resolver};

use crate::check::frame::Frame;
use crate::check::log::{Log, Pause, is_void};
use crate::check::outcome::{Mismatch, Outcome};
use crate::check::query::Query;
use crate::check::reason::Reason;
use crate::check::recorder::Recorder;
use crate::check::step::Counts;
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
    /// What the domain says of a fail.
    pub(crate) explanation: Option<String>,
    /// Writes the trace, where one is wanted.
    pub(crate) recorder: Option<Recorder>,
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
    pub(crate) fn new(
        query: &'a Query,
        resolver: &'a dyn Resolver,
        limits: Limits,
        log: Log,
    ) -> Self {
        Self {
            query,
            resolver,
            limits,
            log,
            lookups: 0,
            void_lookups: 0,
            explanation: None,
            recorder: None,
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
    pub(crate) fn count_void(&mut self, frame: &mut Frame<'_>) -> Result<(), Stop> {
        if frame.counted_void || !frame.found_nothing {
            return Ok(());
        }
        frame.counted_void = true;
        self.void_lookups += 1;
        let limit = self.limits.void_lookups();
        if self.void_lookups > limit {
            return Err(Stop::permanent(Reason::TooManyVoidLookups { limit }));
        }
        Ok(())
    }

    /// Asks for the term that is evaluated.
    pub(crate) fn ask(
        &mut self,
        name: &Name,
        record_type: RecordType,
        frame: &mut Frame<'_>,
    ) -> Result<&Result<Answer, LookupError>, Pause> {
        self.log.ask(self.resolver, name, record_type)?;
        let reply = self.log.last()?;
        frame.found_nothing |= is_void(reply);
        if let Some(recorder) = &mut self.recorder {
            recorder.asked(name, record_type, reply);
        }
        Ok(reply)
    }

    /// Begins with another term of the record.
    pub(crate) fn begin(&mut self, term: usize, frame: &mut Frame<'_>) {
        frame.begin(term);
        self.note(|recorder| recorder.begin(term));
    }

    /// Ends with the term.
    pub(crate) fn end(&mut self, outcome: impl FnOnce() -> Outcome) {
        let counts = self.counts();
        self.note(|recorder| recorder.end(outcome(), counts));
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            lookups: self.lookups,
            void_lookups: self.void_lookups,
        }
    }

    /// Writes into the trace, where one is wanted.
    #[inline]
    pub(crate) fn note(&mut self, write: impl FnOnce(&mut Recorder)) {
        if let Some(recorder) = &mut self.recorder {
            write(recorder);
        }
    }
}
