//! The answers an evaluation was given, for the one after it.

use letterhead_dns::{Answer, LookupError, Name, RecordData, RecordType, Resolver};

use crate::check::bad_target::BadTarget;
use crate::check::deadline::passed;
use crate::text::Text;

/// What one evaluation of a query was told and worked out, in the order in which it asked.
///
/// An evaluation that needs an answer which is not there yet stops, and another begins from the start once the answer is
/// in the log. An evaluation depends on the query, the limits and the answers only, so its nth question is the nth of the
/// one before: nothing is asked twice, and whoever has the log can evaluate once more to see what was done. Domains that
/// are expanded are kept as well, because a sender's long local part makes that slow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// `None` while the evaluation goes over a reply.
    replies: Vec<Option<Result<Answer, LookupError>>>,
    targets: Vec<Result<Text, BadTarget>>,
    next_reply: usize,
    next_target: usize,
    wanted: Option<Question>,
    /// The first reply that is none, because the deadline had passed.
    late_from: Option<usize>,
}

/// A question whose answer is waited for.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) record_type: RecordType,
}

/// A reply that is out of the log.
#[derive(Debug)]
pub(crate) struct Taken {
    place: usize,
    pub(crate) reply: Result<Answer, LookupError>,
}

/// The evaluation stops here, because an answer is not there yet. The log has the question.
#[derive(Debug)]
pub(crate) struct Pause;

impl Log {
    /// A log in which the replies of most checks have room.
    pub(crate) fn new() -> Self {
        Self {
            replies: Vec::with_capacity(12),
            ..Self::default()
        }
    }

    /// Begins again from the first question.
    pub(crate) fn rewind(&mut self) {
        self.next_reply = 0;
        self.next_target = 0;
    }

    /// Finds the answer to the next question, which is the [last](Self::last) one then.
    pub(crate) fn ask(
        &mut self,
        resolver: &dyn Resolver,
        name: &Name,
        record_type: RecordType,
    ) -> Result<(), Pause> {
        if self.next_reply == self.replies.len() {
            let reply = if self.late_from.is_some() {
                Err(passed(name, record_type))
            } else if let Some(reply) = resolver.lookup_now(name, record_type) {
                reply
            } else {
                let name = name.clone();
                self.wanted = Some(Question { name, record_type });
                return Err(Pause);
            };
            self.replies.push(Some(reply));
        }
        self.next_reply += 1;
        Ok(())
    }

    /// The reply to the last question.
    pub(crate) fn last(&self) -> Result<&Result<Answer, LookupError>, Pause> {
        let place = self.next_reply.checked_sub(1).ok_or(Pause)?;
        let reply = self.replies.get(place).ok_or(Pause)?;
        reply.as_ref().ok_or(Pause)
    }

    /// Takes the reply to the last question out, to go over it while more is asked.
    pub(crate) fn take(&mut self) -> Result<Taken, Pause> {
        let place = self.next_reply.checked_sub(1).ok_or(Pause)?;
        let reply = self.replies.get_mut(place).ok_or(Pause)?;
        let reply = reply.take().ok_or(Pause)?;
        Ok(Taken { place, reply })
    }

    /// Puts a reply back where it was, for the next evaluation.
    pub(crate) fn put_back(&mut self, taken: Taken) {
        if let Some(reply) = self.replies.get_mut(taken.place) {
            *reply = Some(taken.reply);
        }
    }

    /// The question that the evaluation stopped for.
    pub(crate) fn take_wanted(&mut self) -> Option<Question> {
        self.wanted.take()
    }

    /// The answer to the question that the evaluation stopped for.
    pub(crate) fn answer(&mut self, reply: Result<Answer, LookupError>) {
        self.replies.push(Some(reply));
    }

    /// From now on every new question fails.
    pub(crate) fn pass_deadline(&mut self) {
        self.late_from = Some(self.replies.len());
    }

    /// Whether the last question was asked when the deadline had passed.
    pub(crate) fn is_past_deadline(&self) -> bool {
        self.late_from.is_some_and(|late| self.next_reply > late)
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
}

/// The records of a reply; none where the name does not exist.
pub(crate) fn found(reply: &Result<Answer, LookupError>) -> Result<&[RecordData], &LookupError> {
    match reply {
        Ok(answer) => Ok(answer.records()),
        Err(error) if error.is_no_such_name() => Ok(&[]),
        Err(error) => Err(error),
    }
}

/// Whether a lookup found nothing: no such name, or no such record there.
pub(crate) fn is_void(reply: &Result<Answer, LookupError>) -> bool {
    found(reply).is_ok_and(<[RecordData]>::is_empty)
}
