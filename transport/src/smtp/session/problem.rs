use std::fmt;

use letterhead_mail::report::TlsFailure;
use letterhead_mail::{Phase, Reply};

use super::verdicts::Ground;

/// Why no message could be sent over a connection, whatever the message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionProblem {
    /// How far it had come: [`Connect`](Phase::Connect), [`Tls`](Phase::Tls), [`Auth`](Phase::Auth), ...
    pub phase: Phase,
    /// What the server said, if it was its word.
    pub reply: Option<Reply>,
    /// What was found here, if not.
    pub detail: Option<String>,
    /// What was wrong with TLS, if that was it.
    pub tls_failure: Option<TlsFailure>,
}

impl ConnectionProblem {
    /// Something that was found here.
    pub(crate) fn found(phase: Phase, detail: String, tls_failure: Option<TlsFailure>) -> Self {
        Self {
            phase,
            reply: None,
            detail: Some(detail),
            tls_failure,
        }
    }

    pub(super) fn of(phase: Phase, ground: &Ground) -> Self {
        match ground {
            Ground::Reply(reply) => Self {
                phase,
                reply: Some(reply.clone()),
                detail: None,
                tls_failure: None,
            },
            Ground::TlsRefused(reply) => Self {
                phase,
                reply: Some(reply.clone()),
                detail: None,
                tls_failure: Some(TlsFailure::Refused),
            },
            Ground::Detail(detail) | Ground::Found(_, detail) => {
                Self::found(phase, detail.clone(), None)
            }
            Ground::NoTls(failure, detail) => Self::found(phase, detail.clone(), Some(*failure)),
        }
    }
}

/// `at auth: 535 5.7.8 wrong password`.
impl fmt::Display for ConnectionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}", self.phase)?;
        if let Some(reply) = &self.reply {
            write!(f, ": {reply}")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConnectionProblem {}
