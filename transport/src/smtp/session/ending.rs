//! How a submission, or the whole dialogue, comes to its end.

use letterhead_mail::{Outcome, Phase, ReplyCode};

use super::ClientSession;
use super::in_hand::Sent;
use super::problem::ConnectionProblem;
use super::state::State;
use super::verdicts::Ground;
use crate::smtp::reply::ServerReply;

impl ClientSession {
    /// The server is going away and says so: nothing that is not yet decided was accepted.
    pub(super) fn closing(&mut self, reply: &ServerReply) {
        let ground = self.ground(reply);
        self.decide_rest(Outcome::Deferred, &ground);
        if let Some(in_hand) = &mut self.in_hand {
            in_hand.sent = Sent::Incomplete;
        }
        self.outgoing = None;
        self.state = State::Closed;
    }

    /// The connection is of no further use. What was sent to its end is in doubt, all else was not accepted.
    pub(super) fn abandon(&mut self, detail: String) {
        let ground = Ground::Detail(detail);
        if let Some(in_hand) = &mut self.in_hand
            && in_hand.sent == Sent::Complete
        {
            in_hand
                .verdicts
                .decide_among(&in_hand.named, Outcome::InDoubt, Phase::Final, &ground);
        }
        self.decide_rest(Outcome::Deferred, &ground);
        self.outgoing = None;
        self.state = State::Closed;
    }

    /// A reply decides about everything that is not decided: 4xx and 5xx as they say, others as nonsense. Before the TLS
    /// that is required, a 5xx only defers: anyone on the way could have written it.
    pub(super) fn refused(&mut self, reply: &ServerReply) {
        if is_refusal(reply.code()) {
            let ground = self.ground(reply);
            let outcome = if self.lacks_required_tls() {
                Outcome::Deferred
            } else {
                refusal_outcome(reply.code())
            };
            self.decide_rest(outcome, &ground);
            self.farewell();
        } else {
            self.unexpected(reply);
        }
    }

    /// A reply that no server may give here.
    pub(super) fn unexpected(&mut self, reply: &ServerReply) {
        let detail = format!(
            "the server answered {} where that code has no meaning",
            reply.code()
        );
        self.abandon(detail);
    }

    /// Everything is decided, and the connection is good for QUIT only.
    pub(super) fn farewell(&mut self) {
        self.rest_in(State::Farewell);
    }

    /// Nothing is awaited any more; a reply that waits all the same shows that replies and commands do not match.
    pub(super) fn rest_in(&mut self, state: State) {
        self.outgoing = None;
        self.state = if self.reader.pending() == 0 {
            state
        } else {
            State::Closed
        };
    }

    pub(super) fn decide_rest(&mut self, outcome: Outcome, ground: &Ground) {
        self.decide_rest_at(self.phase(), outcome, ground);
    }

    pub(super) fn decide_rest_at(&mut self, phase: Phase, outcome: Outcome, ground: &Ground) {
        if let Some(in_hand) = &mut self.in_hand {
            in_hand.verdicts.decide_rest(outcome, phase, ground);
        } else if self.problem.is_none() {
            self.problem = Some(ConnectionProblem::of(phase, ground));
        }
    }

    /// A reply as a row keeps it; within AUTH it could repeat what it was sent.
    pub(super) fn ground(&self, reply: &ServerReply) -> Ground {
        match &self.state {
            State::Auth(exchange) => Ground::Reply(exchange.redacted(reply)),
            _ => Ground::Reply(reply.to_reply()),
        }
    }
}

pub(super) fn is_refusal(code: ReplyCode) -> bool {
    code.is_transient() || code.is_permanent()
}

/// What a 4xx or 5xx says.
pub(super) fn refusal_outcome(code: ReplyCode) -> Outcome {
    if code.is_permanent() {
        Outcome::Rejected
    } else {
        Outcome::Deferred
    }
}
