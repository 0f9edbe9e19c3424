//! The server's side of an SMTP dialogue, without a socket.
//!
//! A [`ServerSession`] is strict: commands out of order, unknown parameters, lines that do not end in CRLF and content
//! that a relay could read differently are refused, each with its reply. Whoever drives it moves octets and answers its
//! [`Question`]s. A [`SessionConfig`] makes it more lenient, or poorer in extensions.

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
mod transaction;
mod transcript;

use std::fmt;

use letterhead_mail::{EnhancedCode, ReplyCode};
use letterhead_transport::smtp::{Command, CommandErrorKind, DataReader, ServerReply};

pub use self::awaited::{Awaited, AwaitedInput};
use self::chunk::{Chunk, announces_chunk};
pub use self::config::{AuthOffer, MailNeeds, SessionConfig, TlsOffer};
pub use self::extension::Extension;
pub use self::finding::Finding;
pub use self::greeting::Greeting;
use self::input::{Input, Line};
pub use self::line_policy::LinePolicy;
pub use self::question::{Password, Question, ReceivedMessage};
use self::sasl::Sasl;
use self::transaction::Transaction;
pub use self::transcript::{Speaker, Transcript, TranscriptLine};

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
    stage: Stage,
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

enum Stage {
    Greeting,
    Command,
    Sasl(Sasl),
    Content(DataReader),
    Chunk(Box<Chunk>),
    Asked(Question),
    StartTls,
    Handshake,
    Closing,
}

/// Of a message that is being read, only the size.
impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Greeting => f.write_str("Greeting"),
            Self::Command => f.write_str("Command"),
            Self::Sasl(exchange) => f.debug_tuple("Sasl").field(exchange).finish(),
            Self::Content(reader) => write!(f, "Content({} octets)", reader.size()),
            Self::Chunk(chunk) => write!(f, "Chunk({} octets)", chunk.size()),
            Self::Asked(question) => f.debug_tuple("Asked").field(question).finish(),
            Self::StartTls => f.write_str("StartTls"),
            Self::Handshake => f.write_str("Handshake"),
            Self::Closing => f.write_str("Closing"),
        }
    }
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
            stage: Stage::Greeting,
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
        match self.stage {
            Stage::StartTls | Stage::Handshake | Stage::Closing => {}
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
            match &mut self.stage {
                Stage::Greeting => self.greet(),
                Stage::Command => match self.input.line() {
                    None => return self.flush(ServerStep::NeedInput),
                    Some(line) => {
                        self.pieces += 1;
                        self.command_line(line);
                    }
                },
                Stage::Sasl(_) => match self.input.line() {
                    None => return self.flush(ServerStep::NeedInput),
                    Some(line) => {
                        self.pieces += 1;
                        self.sasl_line(line);
                    }
                },
                Stage::Content(_) | Stage::Chunk(_) if self.input.is_empty() => {
                    return self.flush(ServerStep::NeedInput);
                }
                Stage::Content(_) => self.content(),
                Stage::Chunk(_) => self.chunk(),
                Stage::Asked(question) => return ServerStep::Ask(question.clone()),
                Stage::StartTls => {
                    if self.output.is_empty() {
                        self.stage = Stage::Handshake;
                        return ServerStep::StartTls;
                    }
                    return self.flush(ServerStep::NeedInput);
                }
                Stage::Handshake => return ServerStep::NeedInput,
                Stage::Closing => return self.flush(ServerStep::Close),
            }
        }
    }

    /// Answers the last [`Question`]: 2xx is yes, anything else no, and the client gets this very reply. Without an open
    /// question this does nothing.
    pub fn answer(&mut self, reply: &ServerReply) {
        let question = match std::mem::replace(&mut self.stage, Stage::Command) {
            Stage::Asked(question) => question,
            other => {
                self.stage = other;
                return;
            }
        };
        let code = reply.code();
        self.say(reply);
        match question {
            Question::Authenticate { user, .. } if code.is_completion() => self.user = Some(user),
            Question::Sender { .. } if !code.is_completion() => self.transaction = None,
            Question::Recipient { .. } if code.is_completion() => {
                if let Some(transaction) = &mut self.transaction {
                    transaction.take_candidate();
                }
            }
            Question::Authenticate { .. } => self.count_error(),
            Question::Sender { .. } | Question::Recipient { .. } | Question::Message(_) => {}
        }
        if code == ReplyCode::NOT_AVAILABLE {
            self.close();
        }
    }

    /// Closes the connection instead of answering the last [`Question`]; what was said before is still written. Without
    /// an open question this does nothing.
    pub fn hang_up(&mut self) {
        if matches!(self.stage, Stage::Asked(_)) {
            self.transcript.push(
                Speaker::Server,
                b"(the connection is closed without an answer)",
            );
            self.close();
        }
    }

    /// The TLS handshake is done: everything known of the client is forgotten
    /// ([RFC 3207 §4.2](https://www.rfc-editor.org/rfc/rfc3207#section-4.2)). Outside a handshake this does nothing.
    pub fn tls_established(&mut self) {
        if matches!(self.stage, Stage::Handshake) {
            self.input.clear();
            self.client = None;
            self.user = None;
            self.transaction = None;
            self.protection = Protection::Tls;
            self.pieces += 1;
            self.stage = Stage::Command;
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

    fn greet(&mut self) {
        self.stage = Stage::Command;
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
        let octets = if self.hides(Extension::EnhancedStatusCodes) {
            without_enhanced(reply).to_bytes()
        } else {
            reply.to_bytes()
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

    fn ask(&mut self, question: Question) {
        self.stage = Stage::Asked(question);
    }

    fn close(&mut self) {
        self.input.clear();
        self.stage = Stage::Closing;
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
