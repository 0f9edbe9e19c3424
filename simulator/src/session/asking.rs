//! What a session asks before it goes on, and what becomes of the answers.

use letterhead_mail::ReplyCode;
use letterhead_transport::smtp::{BdatLast, DataReader, ServerReply};

use super::chunk::Chunk;
use super::greeting::Greeting;
use super::sasl::Sasl;
use super::state::State;
use super::{Dialect, Question, ServerSession, Service, Speaker};
use crate::behaviour::{RawReply, Stage};

/// What a session does by itself, once a [`Question::Proceed`] lets it.
#[derive(Debug)]
pub(super) enum Then {
    /// Nothing: what it has asked decides.
    AsAnswered,
    Greet,
    Introduce(String, Dialect),
    StartTls,
    Data,
    /// The first chunk of a message has come.
    BeginChunks(Box<Chunk>),
    /// A chunk has come, and is not the last.
    TakeChunk(Box<Chunk>),
    Reset,
    Quit,
}

impl ServerSession {
    /// Answers the last [`Question`]: 2xx is yes, anything else no, and the client gets this very reply. Without an open
    /// question this does nothing.
    pub fn answer(&mut self, reply: &ServerReply) {
        self.settle(reply, None);
    }

    /// As [`answer`](Self::answer), in a form of its own.
    pub fn answer_raw(&mut self, reply: &RawReply) {
        self.settle(reply.meant(), Some(reply.octets()));
    }

    /// Answers a [`Question::Proceed`]: the session goes on as it does by itself. Where another question is open, or none,
    /// this does nothing.
    pub fn proceed(&mut self) {
        match std::mem::replace(&mut self.state, State::Command) {
            State::Asked(Question::Proceed { .. }, then) => self.go_on(then),
            other => self.state = other,
        }
    }

    /// Closes the connection instead of answering the last [`Question`]; what was said before is still written. Without
    /// an open question this does nothing.
    pub fn hang_up(&mut self) {
        if matches!(self.state, State::Asked(..)) {
            self.transcript.push(
                Speaker::Server,
                b"(the connection is closed without an answer)",
            );
            self.close();
        }
    }

    /// Asks something that only an answer decides.
    pub(super) fn ask(&mut self, question: Question) {
        self.state = State::Asked(question, Then::AsAnswered);
    }

    /// Goes on, after asking where that is wanted.
    pub(super) fn pause(&mut self, stage: Stage, then: Then) {
        if !self.config.asked.contains(stage) {
            return self.go_on(then);
        }
        let (sender, recipients) = match &self.transaction {
            Some(transaction) => (
                Some(transaction.sender.clone()),
                transaction.addresses().cloned().collect(),
            ),
            None => (None, Vec::new()),
        };
        let question = Question::Proceed {
            stage,
            sender,
            recipients,
        };
        self.state = State::Asked(question, then);
    }

    fn go_on(&mut self, then: Then) {
        self.state = State::Command;
        match then {
            Then::AsAnswered => {}
            Then::Greet => self.greet(),
            Then::Introduce(name, dialect) => {
                self.introduce(name, dialect);
                let host = self.config.host.to_string();
                let reply = match dialect {
                    Dialect::Esmtp => self.extensions().to_ehlo_reply(&host),
                    Dialect::Smtp => ServerReply::new(ReplyCode::OK, None, &host),
                };
                self.say(&reply);
            }
            Then::StartTls => self.begin_tls(),
            Then::Data => {
                let text = "end with a dot on a line by itself";
                self.say(&ServerReply::new(ReplyCode::START_MAIL_INPUT, None, text));
                self.begin_content();
            }
            Then::BeginChunks(chunk) => self.read_chunk(chunk),
            Then::TakeChunk(chunk) => {
                let text = format!("{} octets so far", chunk.taken());
                self.take_chunk(*chunk);
                self.reply(250, (2, 0, 0), &text);
            }
            Then::Reset => {
                self.transaction = None;
                self.reply(250, (2, 0, 0), "reset");
            }
            Then::Quit => {
                self.reply(221, (2, 0, 0), "bye");
                self.close();
            }
        }
    }

    fn greet(&mut self) {
        match self.config.greeting.clone() {
            Greeting::Standard => {
                let greeting = format!("{} ESMTP simulated by letterhead", self.config.host);
                self.say(&ServerReply::new(ReplyCode::SERVICE_READY, None, &greeting));
            }
            Greeting::Banner(reply) => self.say(&reply),
            Greeting::HangUp(reply) => {
                self.say(&reply);
                self.close();
            }
            Greeting::Refuse(reply) => {
                self.say(&reply);
                self.service = Service::Refused;
            }
        }
    }

    fn begin_tls(&mut self) {
        // Whatever stands behind the command came in the clear, perhaps from somebody else: it must not run under TLS.
        if !self.input.is_empty() {
            self.input.clear();
            return self.refuse(
                501,
                (5, 5, 2),
                "nothing may follow STARTTLS before the handshake",
            );
        }
        self.reply(220, (2, 0, 0), "ready to start TLS");
        self.state = State::StartTls;
    }

    fn begin_content(&mut self) {
        self.state = State::Content(DataReader::new(Some(self.config.maximum_octets)));
    }

    fn settle(&mut self, reply: &ServerReply, octets: Option<&[u8]>) {
        let (question, then) = match std::mem::replace(&mut self.state, State::Command) {
            State::Asked(question, then) => (question, then),
            other => {
                self.state = other;
                return;
            }
        };
        let code = reply.code();
        let is_refusal = code.is_transient() || code.is_permanent();
        if let Then::BeginChunks(chunk) = then {
            // The reply that a chunk has is that to its octets; DATA's would be one too many.
            if !is_refusal {
                return self.go_on(Then::BeginChunks(chunk));
            }
            self.say_as(reply, octets);
            self.chunk_is_refused(chunk.last());
        } else {
            self.say_as(reply, octets);
            self.follow(question, then, code);
        }
        if code == ReplyCode::NOT_AVAILABLE {
            self.close();
        }
    }

    /// What comes of an answer.
    fn follow(&mut self, question: Question, then: Then, code: ReplyCode) {
        let is_yes = code.is_completion();
        match then {
            Then::AsAnswered => self.decided(question, code),
            Then::Greet if !is_yes => self.service = Service::Refused,
            Then::Introduce(name, dialect) if is_yes => self.introduce(name, dialect),
            Then::StartTls if is_yes => {
                self.input.clear();
                self.state = State::StartTls;
            }
            Then::Data if code == ReplyCode::START_MAIL_INPUT => self.begin_content(),
            Then::TakeChunk(chunk) if is_yes => self.take_chunk(*chunk),
            Then::TakeChunk(_) | Then::BeginChunks(_) => self.chunk_is_refused(BdatLast::More),
            Then::Reset if is_yes => self.transaction = None,
            Then::Quit => self.close(),
            Then::Greet | Then::Introduce(..) | Then::StartTls | Then::Data | Then::Reset => {}
        }
    }

    fn decided(&mut self, question: Question, code: ReplyCode) {
        match question {
            Question::Authenticate { user, .. } if code.is_completion() => self.user = Some(user),
            // Whatever the client says to that, it is asked for once more.
            Question::Authenticate { user, password } if code == ReplyCode::CHALLENGE => {
                self.state = State::Sasl(Sasl::Over { user, password });
            }
            Question::Sender { .. } if !code.is_completion() => self.transaction = None,
            Question::Recipient { .. } if code.is_completion() => {
                if let Some(transaction) = &mut self.transaction {
                    transaction.take_candidate();
                }
            }
            Question::Authenticate { .. } => self.count_error(),
            Question::Sender { .. }
            | Question::Recipient { .. }
            | Question::Message(_)
            | Question::Proceed { .. } => {}
        }
    }
}
