//! The server's side of an SMTP dialogue, without a socket.
//!
//! A [`ServerSession`] is strict: commands out of order, unknown parameters, lines that do not end in CRLF and content
//! that a relay could read differently are refused, each with its reply. Whoever drives it moves octets and answers its
//! [`Question`]s. A [`SessionConfig`] makes it more lenient, or poorer in extensions.

mod asking;
mod awaited;
mod chunk;
mod command;
mod config;
mod content;
mod extension;
mod finding;
mod greeting;
mod input;
mod line_policy;
mod parameters;
mod question;
mod sasl;
mod state;
mod transaction;
mod transcript;

use letterhead_mail::{EnhancedCode, ReplyCode};
use letterhead_transport::smtp::{Command, CommandErrorKind, ServerReply};

use self::asking::Then;
pub use self::awaited::{Awaited, AwaitedInput};
use self::chunk::announces_chunk;
pub use self::config::{AuthOffer, MailNeeds, SessionConfig, TlsOffer};
pub use self::extension::Extension;
pub use self::finding::Finding;
pub use self::greeting::Greeting;
use self::input::{Input, Line};
pub use self::line_policy::LinePolicy;
pub use self::question::{Password, Question, ReceivedMessage};
use self::state::State;
use self::transaction::Transaction;
pub use self::transcript::{Speaker, Transcript, TranscriptLine};
use crate::behaviour::Stage;

/// One connection, from the greeting to the end ([RFC 5321 §3](https://www.rfc-editor.org/rfc/rfc5321#section-3)).
///
/// Call [`step`](Self::step) until it needs input, feed it by [`receive`](Self::receive), and so on. `Debug` shows of
/// what has been received and not used yet only the size.
///
/// ```
/// use letterhead_simulator::session::{ServerSession, ServerStep, SessionConfig};
///
/// let mut session = ServerSession::new(SessionConfig::new("mx.example.org".parse()?));
/// session.receive(b"MAIL FROM:<a@example.com>\r\n");
/// let ServerStep::Write(octets) = session.step() else { panic!("it has something to say") };
/// assert!(octets.starts_with(b"220 mx.example.org"));
/// assert!(octets.ends_with(b"503 5.5.1 send EHLO or HELO first\r\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ServerSession {
    config: SessionConfig,
    input: Input,
    output: Vec<u8>,
    transcript: Transcript,
    state: State,
    service: Service,
    client: Option<Client>,
    protection: Protection,
    user: Option<String>,
    transaction: Option<Transaction>,
    errors: usize,
    /// Pieces of input that have come: lines, contents, handshakes.
    pieces: u64,
}

/// What a session wants from its driver.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerStep {
    /// More octets from the client.
    NeedInput,
    /// These octets go to the client.
    Write(Vec<u8>),
    /// The client's TLS handshake comes now; say [`tls_established`](ServerSession::tls_established) when it is done.
    StartTls,
    /// A decision; [`answer`](ServerSession::answer) it. Until then the same question is asked again.
    Ask(Question),
    /// The connection is to be closed.
    Close,
}

/// Whether the greeting let the client in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Open,
    Refused,
}

/// How the client introduced itself.
#[derive(Debug, Clone)]
struct Client {
    name: String,
    dialect: Dialect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Smtp,
    Esmtp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    Plaintext,
    Tls,
}

impl ServerSession {
    /// A session at its beginning.
    #[must_use]
    pub fn new(config: SessionConfig) -> Self {
        Self {
            config,
            input: Input::default(),
            output: Vec::new(),
            transcript: Transcript::default(),
            state: State::Greeting,
            service: Service::Open,
            client: None,
            protection: Protection::Plaintext,
            user: None,
            transaction: None,
            errors: 0,
            pieces: 0,
        }
    }

    /// Takes octets from the client. What comes between [`ServerStep::StartTls`] and the end of the handshake did not
    /// come through TLS, and is thrown away.
    pub fn receive(&mut self, octets: &[u8]) {
        match self.state {
            State::StartTls | State::Handshake | State::Closing => {}
            _ => self.input.push(octets),
        }
    }

    /// What is to be done next.
    #[must_use]
    pub fn step(&mut self) -> ServerStep {
        loop {
            if self.output.len() > WRITE_AT {
                return self.flush(ServerStep::NeedInput);
            }
            match &mut self.state {
                State::Greeting => self.pause(Stage::Greeting, Then::Greet),
                State::Command => match self.input.line() {
                    None => return self.flush(ServerStep::NeedInput),
                    Some(line) => {
                        self.pieces += 1;
                        self.command_line(line);
                    }
                },
                State::Sasl(_) => match self.input.line() {
                    None => return self.flush(ServerStep::NeedInput),
                    Some(line) => {
                        self.pieces += 1;
                        self.sasl_line(line);
                    }
                },
                State::Content(_) | State::Chunk(_) if self.input.is_empty() => {
                    return self.flush(ServerStep::NeedInput);
                }
                State::Content(_) => self.content(),
                State::Chunk(_) => self.chunk(),
                State::Asked(question, _) => return ServerStep::Ask(question.clone()),
                State::StartTls => {
                    if self.output.is_empty() {
                        self.state = State::Handshake;
                        return ServerStep::StartTls;
                    }
                    return self.flush(ServerStep::NeedInput);
                }
                State::Handshake => return ServerStep::NeedInput,
                State::Closing => return self.flush(ServerStep::Close),
            }
        }
    }

    /// The TLS handshake is done: everything known of the client is forgotten
    /// ([RFC 3207 §4.2](https://www.rfc-editor.org/rfc/rfc3207#section-4.2)). Outside a handshake this does nothing.
    pub fn tls_established(&mut self) {
        if matches!(self.state, State::Handshake) {
            self.input.clear();
            self.client = None;
            self.user = None;
            self.transaction = None;
            self.protection = Protection::Tls;
            self.pieces += 1;
            self.state = State::Command;
        }
    }

    /// The TLS handshake came to nothing, and the session is over. Once TLS stands this does nothing.
    pub fn tls_failed(&mut self) {
        let is_pending = match self.state {
            State::StartTls | State::Handshake => true,
            State::Greeting => self.protection == Protection::Tls,
            _ => false,
        };
        if is_pending {
            let note = b"(there is no TLS: the handshake failed)";
            self.transcript.push(Speaker::Server, note);
            self.close();
        }
    }

    /// The connection is protected from its first octet, as on port 465.
    #[must_use]
    pub fn under_tls(mut self) -> Self {
        self.protection = Protection::Tls;
        self
    }

    /// What was said so far.
    #[must_use]
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    fn command_line(&mut self, line: Line) {
        let (code, enhanced, text, line) = match line {
            Line::Complete(line) => match Command::parse(&line) {
                Ok(command) => return self.read_command(command, &line),
                Err(error) => {
                    self.transcript.push_unreadable(&line);
                    match error.kind() {
                        CommandErrorKind::Unrecognised(_) => {
                            (500, (5, 5, 1), "command not recognised", line)
                        }
                        CommandErrorKind::Syntax(what) => (501, (5, 5, 2), *what, line),
                        _ => (500, (5, 5, 6), "line too long", line),
                    }
                }
            },
            Line::BareLineFeed(line) => (500, (5, 5, 2), "end lines with CR and LF", line),
            Line::TooLong(head) => (500, (5, 5, 6), "line too long", head),
        };
        if announces_chunk(&line) {
            // Its octets would be read as commands.
            self.end_before_chunk(code, enhanced, text);
        } else {
            self.refuse(code, enhanced, text);
        }
    }

    fn read_command(&mut self, command: Command, line: &[u8]) {
        match &command {
            Command::Auth { mechanism, .. } => self.transcript.push_auth(mechanism),
            _ => self.transcript.push(Speaker::Client, line),
        }
        // What stands behind BDAT is its chunk, and what stands behind STARTTLS is refused.
        if !self.input.is_empty()
            && self.hides(Extension::Pipelining)
            && !matches!(command, Command::Bdat { .. } | Command::StartTls)
        {
            self.transcript.find(Finding::UnofferedPipelining);
        }
        self.command(command);
    }

    /// Writes a reply.
    fn say(&mut self, reply: &ServerReply) {
        self.say_as(reply, None);
    }

    /// Writes a reply, in a form of its own where it has one.
    fn say_as(&mut self, reply: &ServerReply, octets: Option<&[u8]>) {
        let octets = match octets {
            Some(octets) => octets.to_vec(),
            None if self.hides(Extension::EnhancedStatusCodes) => {
                without_enhanced(reply).to_bytes()
            }
            None => reply.to_bytes(),
        };
        for line in octets.split(|octet| *octet == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                self.transcript.push(Speaker::Server, line);
            }
        }
        self.output.extend_from_slice(&octets);
    }

    fn reply(&mut self, code: u16, enhanced: (u8, u16, u16), text: &str) {
        self.say(&reply(code, enhanced, text));
    }

    /// A reply to something that the client should not have sent; too many of them end the session.
    fn refuse(&mut self, code: u16, enhanced: (u8, u16, u16), text: &str) {
        self.reply(code, enhanced, text);
        self.count_error();
    }

    fn count_error(&mut self) {
        self.errors += 1;
        if self.errors > self.config.maximum_errors {
            self.reply(421, (4, 7, 0), "too many errors, closing the connection");
            self.close();
        }
    }

    fn close(&mut self) {
        self.input.clear();
        self.state = State::Closing;
    }

    /// What is waiting to be written, otherwise the other step.
    fn flush(&mut self, otherwise: ServerStep) -> ServerStep {
        if self.output.is_empty() {
            otherwise
        } else {
            ServerStep::Write(std::mem::take(&mut self.output))
        }
    }
}

/// A reply out of numbers. A code that SMTP cannot carry becomes a plain failure.
pub(crate) fn reply(code: u16, enhanced: (u8, u16, u16), text: &str) -> ServerReply {
    let code = ReplyCode::new(code).unwrap_or(ReplyCode::NOT_AVAILABLE);
    let (class, subject, detail) = enhanced;
    ServerReply::new(code, EnhancedCode::new(class, subject, detail), text)
}

/// The reply without its enhanced code, which every line repeats.
fn without_enhanced(reply: &ServerReply) -> ServerReply {
    if reply.enhanced().is_none() {
        return reply.clone();
    }
    let text: Vec<&str> = reply.texts().collect();
    ServerReply::new(reply.code(), None, &text.join("\n"))
}

/// Replies to pipelined commands are collected up to this many octets.
const WRITE_AT: usize = 16 * 1024;

#[cfg(test)]
mod tests;
