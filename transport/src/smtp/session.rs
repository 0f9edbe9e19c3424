//! The client's side of a dialogue, as a state machine without a socket.

mod authentication;
mod content;
mod envelope;
mod opening;
mod settings;
mod transmit;
mod verdicts;

pub use settings::{ClientName, PlaintextAuth, SessionSettings};
pub use transmit::Transmit;

use std::time::SystemTime;

use letterhead_mail::{Envelope, Message, Outcome, Phase, ReplyCode, Report, Submission};

use self::authentication::AuthExchange;
use self::content::Content;
use self::verdicts::{Ground, Verdicts};
use super::command::Command;
use super::extension::Extensions;
use super::reply::{ReplyReader, ServerReply};
use crate::endpoint::Security;

/// One connection and one submission, from the greeting to QUIT.
///
/// The driver owns the connection. It asks [`step`](Self::step) what to do, does it, and tells what happened:
/// [`received`](Self::received), [`tls_established`](Self::tls_established), [`connection_lost`](Self::connection_lost)
/// or [`timed_out`](Self::timed_out). Whatever happens, the end is [`Step::Done`] with a row for every recipient.
///
/// ```
/// use letterhead_mail::{DomainName, EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission};
/// use letterhead_transport::Security;
/// use letterhead_transport::smtp::{ClientSession, SessionSettings, Step};
/// use std::time::SystemTime;
///
/// let message = Message::from_bytes("From: a@example.org\r\n\r\nhi\r\n", LineEndings::Strict)?;
/// let envelope = Envelope::new(ReversePath::Null, ["b@example.org".parse::<EmailAddress>()?])?;
/// let submission = Submission::new("1".parse()?, "acme".parse()?, message, envelope);
/// let name: DomainName = "client.example.org".parse()?;
/// let now = SystemTime::UNIX_EPOCH;
///
/// let settings = SessionSettings::new("mx.example.org", name, Security::Plaintext);
/// let mut session = ClientSession::new(settings, &submission, now);
/// let mut server = ["220 mx\r\n", "250 mx\r\n", "250\r\n", "250\r\n", "354\r\n", "250 queued\r\n", "221\r\n"].iter();
/// let report = loop {
///     match session.step(now) {
///         Step::Read => session.received(server.next().expect("a reply for each command").as_bytes()),
///         Step::Write(_) => {}
///         Step::Done(report) => break report,
///         other => panic!("not in the clear: {other:?}"),
///     }
/// };
/// assert!(report.all_accepted());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ClientSession {
    settings: SessionSettings,
    message: Message,
    envelope: Envelope,
    verdicts: Verdicts,
    state: State,
    channel: Channel,
    extensions: Extensions,
    reader: ReplyReader,
    outgoing: Option<Transmit>,
    flow: Flow,
    /// The recipients named to the server, by their places in the envelope.
    named: Vec<usize>,
    started: SystemTime,
    /// When the present wait began; `None` before the first step.
    waiting_since: Option<SystemTime>,
}

/// What the driver has to do next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Write all of it, in one go where possible, reading on meanwhile. Asking for the next step says that it is written.
    Write(Transmit),
    /// Wait for octets, until [`ClientSession::deadline`].
    Read,
    /// Make the TLS handshake, then call [`ClientSession::tls_established`]. Octets that arrived before are not to be
    /// given to the handshake.
    StartTls,
    /// Close the connection: this is what became of every recipient.
    Done(Report),
}

/// Which reply is awaited.
#[derive(Debug)]
enum State {
    Greeting,
    Ehlo,
    Helo,
    StartTls,
    Handshake,
    Auth(AuthExchange),
    Mail,
    /// The reply for the recipient at this place among those named.
    Rcpt(usize),
    Data,
    /// The content is being written; no reply is due.
    Sending(Content),
    Final(Content),
    Quit,
    Done,
}

/// Whether the connection has TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    Clear,
    Tls,
}

/// How the commands of one message are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// Each after the reply to the one before.
    Lockstep,
    /// All at once ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)).
    Pipelined,
}

impl ClientSession {
    /// A session on a connection just made. `started` is when the attempt began: its total time runs from there.
    #[must_use]
    pub fn new(settings: SessionSettings, submission: &Submission, started: SystemTime) -> Self {
        let channel = match settings.security {
            Security::ImplicitTls => Channel::Tls,
            Security::StartTls | Security::Opportunistic | Security::Plaintext => Channel::Clear,
        };
        Self {
            message: submission.message.clone(),
            envelope: submission.envelope.clone(),
            verdicts: Verdicts::new(&submission.envelope, &settings.server),
            state: State::Greeting,
            channel,
            extensions: Extensions::new(),
            reader: ReplyReader::new(settings.line_ends),
            outgoing: None,
            flow: Flow::Lockstep,
            named: Vec::new(),
            started,
            waiting_since: None,
            settings,
        }
    }

    /// What to do next, at this time.
    pub fn step(&mut self, now: SystemTime) -> Step {
        self.waiting_since.get_or_insert(now);
        loop {
            if let Some(transmit) = self.outgoing.take() {
                self.waiting_since = Some(now);
                return Step::Write(transmit);
            }
            match self.state {
                State::Done => return Step::Done(self.verdicts.report()),
                State::Handshake => return Step::StartTls,
                State::Sending(_) => {
                    self.written();
                    self.waiting_since = Some(now);
                }
                _ => match self.reader.next_reply() {
                    Ok(Some(reply)) => {
                        self.waiting_since = Some(now);
                        self.on_reply(&reply);
                    }
                    Ok(None) => return Step::Read,
                    Err(error) => self.abandon(error.to_string()),
                },
            }
        }
    }

    /// Takes octets that came from the server, whenever they come.
    pub fn received(&mut self, octets: &[u8]) {
        self.reader.feed(octets);
    }

    /// Says that the last octet of the [`Step::Write`] in hand may have left. From here on, if that was the end of the
    /// message, a lost connection leaves its outcome in doubt; until here it proves that nothing was accepted.
    pub fn written(&mut self) {
        if let State::Sending(content) = self.state {
            self.content_written(content);
        }
    }

    /// Says that a part of the [`Step::Write`] in hand was taken by the network, so that the wait for the next begins.
    pub fn wrote_block(&mut self, now: SystemTime) {
        self.waiting_since = Some(now);
    }

    /// Says that the handshake asked for by [`Step::StartTls`] succeeded. What the server offered before is forgotten.
    pub fn tls_established(&mut self) {
        if matches!(self.state, State::Handshake) {
            self.channel = Channel::Tls;
            self.extensions = Extensions::new();
            self.reader = ReplyReader::new(self.settings.line_ends);
            self.send_ehlo();
        }
    }

    /// Says that the connection cannot be used any more, and why, for people: an end of file, a reset, a failed
    /// handshake. What was received before has its say first.
    pub fn connection_lost(&mut self, cause: &str) {
        while self.outgoing.is_none() {
            match (&self.state, self.reader.next_reply()) {
                (State::Handshake | State::Quit | State::Done, _) | (_, Ok(None) | Err(_)) => break,
                // A server that refuses in the middle of the content closes, and the refusal is the better reason.
                (State::Sending(_), Ok(Some(reply))) if is_refusal(reply.code()) => {
                    let outcome = refusal_outcome(reply.code());
                    self.verdicts.decide_rest(
                        outcome,
                        Phase::Body,
                        &Ground::Reply(reply.to_reply()),
                    );
                }
                (State::Sending(_), Ok(Some(_))) => break,
                (_, Ok(Some(reply))) => self.on_reply(&reply),
            }
        }
        self.abandon(cause.to_owned());
    }

    /// Says that [`deadline`](Self::deadline) has passed.
    pub fn timed_out(&mut self) {
        let phase = self.phase();
        self.connection_lost(&format!("timed out at {phase}"));
    }

    /// When to give up what the last step asked for.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        let timeouts = &self.settings.timeouts;
        let wait = match self.state {
            State::Quit => timeouts.quit(),
            State::StartTls => timeouts.command(),
            _ => timeouts.of(self.phase()),
        };
        let phase_end = self.waiting_since.unwrap_or(self.started).checked_add(wait);
        let total_end = self.started.checked_add(timeouts.total());
        match (phase_end, total_end) {
            (Some(phase_end), Some(total_end)) => Some(phase_end.min(total_end)),
            (one, other) => one.or(other),
        }
    }

    /// How far the dialogue has come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.state {
            State::Greeting => Phase::Greeting,
            State::Ehlo | State::Helo => Phase::Ehlo,
            State::StartTls | State::Handshake => Phase::Tls,
            State::Auth(_) => Phase::Auth,
            State::Mail => Phase::Mail,
            State::Rcpt(_) => Phase::Rcpt,
            State::Data => Phase::Data,
            State::Sending(_) => Phase::Body,
            State::Final(_) | State::Quit | State::Done => Phase::Final,
        }
    }

    fn on_reply(&mut self, reply: &ServerReply) {
        if reply.code() == ReplyCode::NOT_AVAILABLE && !matches!(self.state, State::Quit) {
            return self.closing(reply);
        }
        match self.state {
            State::Greeting => self.on_greeting(reply),
            State::Ehlo => self.on_ehlo(reply),
            State::Helo => self.on_helo(reply),
            State::StartTls => self.on_starttls(reply),
            State::Auth(_) => self.on_auth(reply),
            State::Mail => self.on_mail(reply),
            State::Rcpt(position) => self.on_rcpt(position, reply),
            State::Data => self.on_data(reply),
            State::Final(content) => self.on_final(content, reply),
            State::Quit => self.state = State::Done,
            // `step` reads no reply in these.
            State::Handshake | State::Sending(_) | State::Done => {}
        }
    }

    /// Queues commands, and with them the state in which their reply is awaited.
    fn send(&mut self, transmit: Transmit, next: State) {
        if self.is_in_step() {
            self.outgoing = Some(transmit);
            self.state = next;
        }
    }

    /// Whether nothing waits to be read where something is to be sent. Octets that wait answer nothing that was asked:
    /// replies and commands no longer match, every later reply would be taken for another, and the session ends.
    fn is_in_step(&mut self) -> bool {
        if self.reader.pending() == 0 {
            return true;
        }
        match self.reader.next_reply() {
            Ok(Some(reply)) if reply.code() == ReplyCode::NOT_AVAILABLE => self.closing(&reply),
            _ => self.abandon(
                "the server sent a reply before the command that it would answer".to_owned(),
            ),
        }
        false
    }

    fn send_command(&mut self, command: &Command, next: State) {
        self.send(Transmit::line(&command.to_string()), next);
    }

    /// The server is going away and says so: nothing that is not yet decided was accepted.
    fn closing(&mut self, reply: &ServerReply) {
        let ground = self.ground(reply);
        self.verdicts
            .decide_rest(Outcome::Deferred, self.phase(), &ground);
        self.state = State::Done;
    }

    /// The connection is of no further use. What was sent to its end is in doubt, all else was not accepted.
    fn abandon(&mut self, detail: String) {
        let outcome = match self.state {
            State::Final(Content::Message) => Outcome::InDoubt,
            _ => Outcome::Deferred,
        };
        self.verdicts
            .decide_rest(outcome, self.phase(), &Ground::Detail(detail));
        self.outgoing = None;
        self.state = State::Done;
    }

    /// A reply decides about everything that is not decided: 4xx and 5xx as they say, others as nonsense. Before the TLS
    /// that is required, a 5xx only defers: anyone on the way could have written it.
    fn refused(&mut self, reply: &ServerReply) {
        if is_refusal(reply.code()) {
            let ground = self.ground(reply);
            let outcome = if self.lacks_required_tls() {
                Outcome::Deferred
            } else {
                refusal_outcome(reply.code())
            };
            self.verdicts.decide_rest(outcome, self.phase(), &ground);
            self.quit();
        } else {
            self.unexpected(reply);
        }
    }

    /// A reply that no server may give here.
    fn unexpected(&mut self, reply: &ServerReply) {
        let detail = format!(
            "the server answered {} where that code has no meaning",
            reply.code()
        );
        self.abandon(detail);
    }

    /// Nothing is left to decide.
    fn quit(&mut self) {
        self.outgoing = None;
        if self.reader.pending() == 0 {
            self.send_command(&Command::Quit, State::Quit);
        } else {
            self.state = State::Done;
        }
    }

    /// A reply as a row keeps it; within AUTH it could repeat what it was sent.
    fn ground(&self, reply: &ServerReply) -> Ground {
        match &self.state {
            State::Auth(exchange) => Ground::Reply(exchange.redacted(reply)),
            _ => Ground::Reply(reply.to_reply()),
        }
    }
}

fn is_refusal(code: ReplyCode) -> bool {
    code.is_transient() || code.is_permanent()
}

/// What a 4xx or 5xx says.
fn refusal_outcome(code: ReplyCode) -> Outcome {
    if code.is_permanent() {
        Outcome::Rejected
    } else {
        Outcome::Deferred
    }
}

#[cfg(test)]
mod tests;
