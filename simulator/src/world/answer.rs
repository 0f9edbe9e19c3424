use std::time::Duration;

use letterhead_transport::smtp::ServerReply;

/// What a host does about a question of a session.
#[derive(Debug)]
pub(crate) struct Answer {
    /// So long after the question.
    pub(crate) wait: Duration,
    /// What it says; `None` where it closes the connection instead.
    pub(crate) reply: Option<ServerReply>,
}

impl From<ServerReply> for Answer {
    fn from(reply: ServerReply) -> Self {
        Self {
            wait: Duration::ZERO,
            reply: Some(reply),
        }
    }
}
