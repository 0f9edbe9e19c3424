//! The content of a message and the reply that decides about it.

use letterhead_mail::{Outcome, Phase, ReplyCode};

use super::in_hand::Sent;
use super::verdicts::Ground;
use super::{ClientSession, Leftover, State, is_refusal, refusal_outcome};
use crate::smtp::reply::ServerReply;

/// What goes behind DATA or BDAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Message,
    /// The final dot alone, to a server that refused every recipient and then asked for content; or a chunk that was sent
    /// along with recipients who were all refused.
    Nothing,
}

impl ClientSession {
    /// The last octet of a chunk may have left, and with it that of the commands before it: what came meanwhile answers
    /// those.
    pub(super) fn flight_written(&mut self) {
        while let State::Rset | State::Mail | State::Rcpt(_) = self.state {
            match self.reader.next_reply() {
                Ok(Some(reply)) => self.on_reply(&reply),
                Ok(None) => return,
                Err(error) => return self.abandon(error.to_string()),
            }
        }
        if let State::Final(content) = self.state {
            self.content_written(content);
        }
    }

    /// The end of the content may have left.
    pub(super) fn content_written(&mut self, content: Content) {
        self.state = State::Final(content);
        // A reply from before the end is a refusal; an acceptance from before it answers something else.
        if self.reader.pending() > 0 {
            match self.reader.next_reply() {
                Ok(Some(reply))
                    if reply.code().is_completion() || reply.code().is_intermediate() =>
                {
                    self.unexpected(&reply);
                }
                Ok(Some(reply)) => self.on_reply(&reply),
                Ok(None) if self.reader.has_begun_refusal() => {}
                Ok(None) => self
                    .abandon("the server began to answer before the end of the message".to_owned()),
                Err(error) => self.abandon(error.to_string()),
            }
        }
    }

    pub(super) fn on_final(&mut self, content: Content, reply: &ServerReply) {
        match content {
            // Whatever is said of content without recipients, it is nobody's. What is left of the transaction goes with RSET.
            Content::Nothing => {
                if let Some(in_hand) = &mut self.in_hand
                    && in_hand.sent == Sent::Complete
                    && !is_refusal(reply.code())
                {
                    in_hand.doubt_regardless(&Ground::Reply(reply.to_reply()));
                }
                self.leftover = Leftover::Transaction;
                self.next_transaction();
            }
            // 221 says that the server closes, and nothing about the message.
            Content::Message
                if reply.code().is_completion() && reply.code() != ReplyCode::CLOSING =>
            {
                self.on_acceptance(reply);
            }
            Content::Message if is_refusal(reply.code()) => {
                self.decide_named(
                    refusal_outcome(reply.code()),
                    Phase::Final,
                    &Ground::Reply(reply.to_reply()),
                );
                // RFC 3030 §2 has a failed BDAT leave the transaction behind; after DATA this does nothing.
                self.leftover = Leftover::Transaction;
                self.next_transaction();
            }
            Content::Message => self.unexpected(reply),
        }
    }

    fn on_acceptance(&mut self, reply: &ServerReply) {
        let Some(in_hand) = &mut self.in_hand else {
            return;
        };
        if in_hand.sent == Sent::Incomplete {
            return self.unexpected(reply);
        }
        in_hand.verdicts.decide_among(
            &in_hand.named,
            Outcome::Accepted,
            Phase::Final,
            &Ground::Reply(reply.to_reply()),
        );
        // The server takes more of them in another transaction.
        for place in std::mem::take(&mut in_hand.too_many) {
            in_hand.verdicts.reopen(place);
        }
        self.next_transaction();
    }

    /// Decides about the recipients of the present transaction.
    pub(super) fn decide_named(&mut self, outcome: Outcome, phase: Phase, ground: &Ground) {
        if let Some(in_hand) = &mut self.in_hand {
            in_hand
                .verdicts
                .decide_among(&in_hand.named, outcome, phase, ground);
        }
    }

    /// Nothing is on its way: on to the recipients who are not decided, if there are any.
    pub(super) fn next_transaction(&mut self) {
        self.rest_in(State::Ready);
        let more = self
            .in_hand
            .as_ref()
            .is_some_and(|in_hand| in_hand.verdicts.open().next().is_some());
        if !more {
            return;
        }
        if matches!(self.state, State::Ready) {
            self.begin_transaction();
        } else {
            // Says why: what waits to be read answers nothing.
            self.state = State::Mail;
            self.is_in_step();
        }
    }
}
