use std::time::Duration;

use letterhead_mail::AuthenticationResults;
use letterhead_transport::smtp::ServerReply;

use crate::behaviour::{Act, RawReply};
use crate::session::ServerSession;

/// What a host does about a question of a session.
#[derive(Debug)]
pub(crate) struct Answer {
    /// So long after the question.
    pub(crate) wait: Duration,
    pub(crate) said: Said,
    /// What was found out about a message before.
    pub(crate) found: Option<AuthenticationResults>,
}

/// What a host says.
#[derive(Debug)]
pub(crate) enum Said {
    /// What the session says by itself; of a question that it cannot decide, nothing.
    Usual,
    Reply(ServerReply),
    Raw(RawReply),
    /// It closes the connection instead.
    Nothing,
}

impl Answer {
    /// The session goes on as it does by itself.
    pub(crate) fn usual() -> Self {
        Self {
            wait: Duration::ZERO,
            said: Said::Usual,
            found: None,
        }
    }

    /// So much later.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.wait = self.wait.saturating_add(wait);
        self
    }

    /// Tells the session.
    pub(crate) fn give(&self, session: &mut ServerSession) {
        match &self.said {
            Said::Usual => session.proceed(),
            Said::Reply(reply) => session.answer(reply),
            Said::Raw(reply) => session.answer_raw(reply),
            Said::Nothing => session.hang_up(),
        }
    }

    /// What is done, with what is done otherwise: a yes is only said where that is one too.
    pub(crate) fn of(act: Option<Act>, wait: Duration, otherwise: impl FnOnce() -> Self) -> Self {
        let said = match act {
            None => return otherwise().after(wait),
            Some(Act::TakeAndHangUp) => {
                let answer = otherwise().after(wait);
                return match answer.said.is_yes() {
                    true => Self {
                        said: Said::Nothing,
                        ..answer
                    },
                    false => answer,
                };
            }
            Some(Act::HangUp | Act::Wait(_)) => Said::Nothing,
            Some(Act::Answer(reply)) => Said::Reply(reply),
            Some(Act::Raw(reply)) => Said::Raw(reply),
        };
        if !said.is_yes() {
            return Self {
                wait,
                said,
                found: None,
            };
        }
        let answer = otherwise().after(wait);
        match answer.said.is_yes() {
            true => Self { said, ..answer },
            false => answer,
        }
    }
}

impl Said {
    /// What it means, where it is not the session's.
    pub(crate) fn meant(&self) -> Option<&ServerReply> {
        match self {
            Self::Reply(reply) => Some(reply),
            Self::Raw(reply) => Some(reply.meant()),
            Self::Usual | Self::Nothing => None,
        }
    }

    /// Whether it leaves the session to go on.
    pub(crate) fn is_yes(&self) -> bool {
        match self {
            Self::Usual => true,
            Self::Reply(_) | Self::Raw(_) => self
                .meant()
                .is_some_and(|reply| reply.code().is_completion()),
            Self::Nothing => false,
        }
    }
}

impl From<ServerReply> for Answer {
    fn from(reply: ServerReply) -> Self {
        Self {
            wait: Duration::ZERO,
            said: Said::Reply(reply),
            found: None,
        }
    }
}
