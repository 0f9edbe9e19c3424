//! The answers an evaluation was given, for the one after it.

use std::vec;

use letterhead_dns::{Answer, LookupError, Name, RecordType, Resolver};

use crate::check::bad_target::BadTarget;
use crate::check::deadline::passed;
use crate::check::trace::Lookup;
use crate::record::Record;
use crate::text::Text;

/// What one evaluation of a query was told and worked out, in the order in which it asked.
///
/// An evaluation that needs an answer which is not there yet stops, and another begins from the start once the answer is
/// in the log. An evaluation depends on the query and the answers only, so its nth question is the nth of the one before:
/// nothing is asked twice. What is costly to work out is kept as well: records that are read, and domains that are
/// expanded, which a sender's long local part makes slow.
#[derive(Debug)]
pub(crate) struct Log {
    replies: Vec<Lookup>,
    /// For each evaluation of a domain that asked, the record it read, unless there is none or it is being evaluated.
    records: Vec<Option<Record>>,
    targets: Vec<Result<Text, BadTarget>>,
    next_reply: usize,
    next_record: usize,
    next_target: usize,
    wanted: Option<Question>,
    /// The first reply that is none, because the deadline had passed.
    late_from: Option<usize>,
}

/// A question whose answer is waited for.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) record_type: RecordType,
}

/// The evaluation stops here, because an answer is not there yet. The log has the question.
#[derive(Debug)]
pub(crate) struct Pause;

impl Log {
    /// A log in which the replies of most checks have room.
    pub(crate) fn new() -> Self {
        Self {
            replies: Vec::with_capacity(12),
            records: Vec::new(),
            targets: Vec::new(),
            next_reply: 0,
            next_record: 0,
            next_target: 0,
            wanted: None,
            late_from: None,
        }
    }

    /// Begins again from the first question.
    pub(crate) fn rewind(&mut self) {
        self.next_reply = 0;
        self.next_record = 0;
        self.next_target = 0;
    }

    /// The answer to the next question.
    pub(crate) fn ask(
        &mut self,
        resolver: &dyn Resolver,
        name: Name,
        record_type: RecordType,
    ) -> Result<&Lookup, Pause> {
        let place = self.next_reply;
        if place == self.replies.len() {
            let answer = if self.late_from.is_some() {
                Err(passed(&name, record_type))
            } else if let Some(answer) = resolver.lookup_now(&name, record_type) {
                answer
            } else {
                self.wanted = Some(Question { name, record_type });
                return Err(Pause);
            };
            self.replies.push(Lookup {
                name,
                record_type,
                answer,
            });
        }
        self.next_reply = place + 1;
        self.replies.get(place).ok_or(Pause)
    }

    /// The reply to the last question.
    pub(crate) fn last(&self) -> Result<&Lookup, Pause> {
        let place = self.next_reply.checked_sub(1).ok_or(Pause)?;
        self.replies.get(place).ok_or(Pause)
    }

    /// The question that the evaluation stopped for.
    pub(crate) fn take_wanted(&mut self) -> Option<Question> {
        self.wanted.take()
    }

    pub(crate) fn answer(&mut self, question: Question, answer: Result<Answer, LookupError>) {
        self.replies.push(Lookup {
            name: question.name,
            record_type: question.record_type,
            answer,
        });
    }

    /// From now on every new question fails.
    pub(crate) fn pass_deadline(&mut self) {
        self.late_from = Some(self.replies.len());
    }

    /// Whether the last question was asked when the deadline had passed.
    pub(crate) fn is_past_deadline(&self) -> bool {
        self.late_from.is_some_and(|late| self.next_reply > late)
    }

    /// The place of the next reply.
    pub(crate) fn place(&self) -> usize {
        self.next_reply
    }

    pub(crate) fn reply(&self, place: usize) -> Option<&Lookup> {
        self.replies.get(place)
    }

    /// The record that was read from the reply before, where that is known, and where to keep it afterwards.
    pub(crate) fn take_record(&mut self) -> (RecordPlace, Option<Record>) {
        let place = self.next_record;
        self.next_record = place + 1;
        if place == self.records.len() {
            self.records.push(None);
        }
        let record = self.records.get_mut(place).and_then(Option::take);
        (RecordPlace(place), record)
    }

    /// Keeps a record that was evaluated.
    pub(crate) fn keep(&mut self, place: RecordPlace, record: Record) {
        if let Some(kept) = self.records.get_mut(place.0) {
            *kept = Some(record);
        }
    }

    /// The next domain that was expanded, or what `expand` makes of it.
    pub(crate) fn target(
        &mut self,
        expand: impl FnOnce() -> Result<Text, BadTarget>,
    ) -> Result<Text, BadTarget> {
        let place = self.next_target;
        self.next_target = place + 1;
        if let Some(known) = self.targets.get(place) {
            return known.clone();
        }
        let target = expand();
        self.targets.push(target.clone());
        target
    }

    /// The replies, in the order of the questions, and the records, in the order of theirs.
    pub(crate) fn take(&mut self) -> (vec::IntoIter<Lookup>, vec::IntoIter<Option<Record>>) {
        let replies = std::mem::take(&mut self.replies);
        let records = std::mem::take(&mut self.records);
        (replies.into_iter(), records.into_iter())
    }
}

/// Where in the log a record is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordPlace(usize);
