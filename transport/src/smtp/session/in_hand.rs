use std::time::SystemTime;

use letterhead_mail::{Envelope, Message, Outcome, Phase, Submission};

use super::verdicts::{Ground, Verdicts};

/// The submission in hand, and how far it has come.
#[derive(Debug)]
pub(super) struct InHand {
    pub(super) message: Message,
    pub(super) envelope: Envelope,
    pub(super) verdicts: Verdicts,
    /// The recipients named in the present transaction, by their places in the envelope.
    pub(super) named: Vec<usize>,
    /// Those of them that were too many for it.
    pub(super) too_many: Vec<usize>,
    /// Those of them whom the server took though it had refused the sender.
    pub(super) taken_regardless: Vec<usize>,
    pub(super) flow: Flow,
    pub(super) sent: Sent,
    pub(super) started: SystemTime,
    pub(super) answered: Answered,
}

/// How the commands of one transaction are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) pace: Pace,
    pub(super) content: ContentBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Each after the reply to the one before.
    Lockstep,
    /// All at once ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)).
    Pipelined,
}

/// The command behind which the message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentBy {
    Data,
    /// BDAT, once a recipient was taken.
    Bdat,
    /// BDAT in one flight with MAIL and RCPT: a server that refuses all of them throws the content away.
    EagerBdat,
}

/// How much of the content of the present transaction has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Its last octet has not: no server can have accepted it.
    Incomplete,
    /// All of it may have left.
    Complete,
}

/// Whether the server has said anything since it was given the submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    No,
    Yes,
}

impl InHand {
    pub(super) fn new(submission: &Submission, server: &str, started: SystemTime) -> Self {
        Self {
            message: submission.message.clone(),
            envelope: submission.envelope.clone(),
            verdicts: Verdicts::new(&submission.envelope, server),
            named: Vec::new(),
            too_many: Vec::new(),
            taken_regardless: Vec::new(),
            flow: Flow {
                pace: Pace::Lockstep,
                content: ContentBy::Data,
            },
            sent: Sent::Incomplete,
            started,
            answered: Answered::No,
        }
    }

    /// A server that refused the sender took recipients and a whole message all the same: nobody can say what it will do
    /// with it.
    pub(super) fn doubt_regardless(&mut self, ground: &Ground) {
        for &place in &self.taken_regardless {
            self.verdicts
                .decide(place, Outcome::InDoubt, Phase::Final, ground);
        }
    }
}
