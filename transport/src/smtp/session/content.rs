//! The content of a message and the reply that decides about it.

use letterhead_mail::{Outcome, Phase, ReplyCode};

use super::verdicts::Ground;
use super::{ClientSession, State};
use crate::smtp::reply::ServerReply;

/// What goes behind DATA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Message,
    /// The final dot alone, to a server that refused every recipient and then asked for content.
    Nothing,
}

impl ClientSession {
    /// The final dot may have left.
    pub(super) fn content_written(&mut self, content: Content) {
        self.state = State::Final(content);
        // A reply from before the dot is a refusal; an acceptance from before it answers something else.
        if self.reader.pending() > 0 {
            match self.reader.next_reply() {
                Ok(Some(reply))
                    if reply.code().is_completion() || reply.code().is_intermediate() =>
                {
                    self.unexpected(&reply);
                }
                Ok(Some(reply)) => self.on_reply(&reply),
                Ok(None) => {}
                Err(error) => self.abandon(error.to_string()),
            }
        }
    }

    pub(super) fn on_final(&mut self, content: Content, reply: &ServerReply) {
        match content {
            Content::Nothing => self.quit(),
            // 221 says that the server closes, and nothing about the message.
            Content::Message
                if reply.code().is_completion() && reply.code() != ReplyCode::CLOSING =>
            {
                let ground = Ground::Reply(reply.to_reply());
                self.verdicts
                    .decide_rest(Outcome::Accepted, Phase::Final, &ground);
                self.quit();
            }
            Content::Message => self.refused(reply),
        }
    }
}
