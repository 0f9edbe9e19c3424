//! The client's side of a dialogue, as a state machine without a socket.

mod authentication;
mod content;
mod ending;
mod envelope;
mod in_hand;
mod limits;
mod opening;
mod problem;
mod settings;
mod state;
mod transmit;
mod verdicts;

pub use problem::ConnectionProblem;
pub use settings::{Chunking, ClientName, PlaintextAuth, SessionSettings};
pub use transmit::Transmit;

use std::time::SystemTime;

use letterhead_mail::report::{ServerAuthentication, TlsFailure};
use letterhead_mail::{Outcome, Phase, ReplyCode, Report, Submission, TlsFacts};

use self::ending::{is_refusal, refusal_outcome};
use self::in_hand::{Answered, InHand, Sent};
use self::limits::Spent;
use self::state::{
    Channel, ContentInFlight, CredentialsTaken, LastSubmission, Leftover, Rested, State,
};
use self::verdicts::Ground;
use super::command::Command;
use super::extension::Extensions;
use super::reply::{ReplyReader, ServerReply};
use crate::endpoint::Security;

/// One connection, from the greeting to QUIT, and the submissions it carries one after another.
///
/// The driver owns the connection. It [gives the session a submission](Self::submit), asks [`step`](Self::step) what to
/// do, does it, and tells what happened: [`received`](Self::received), [`tls_established`](Self::tls_established),
/// [`connection_lost`](Self::connection_lost) or [`timed_out`](Self::timed_out). Whatever happens, the end of a submission
/// is [`Step::Done`] with a row for every recipient. Behind it the next one may come, or [`quit`](Self::quit).
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
/// let mut session = ClientSession::new(settings);
/// session.submit(&submission, now, now);
/// let mut server = ["220 mx\r\n", "250 mx\r\n", "250\r\n", "250\r\n", "354\r\n", "250 queued\r\n"].iter();
/// let report = loop {
///     match session.step(now) {
///         Step::Read => session.received(server.next().expect("a reply for each command").as_bytes()),
///         Step::Write(_) => {}
///         Step::Done(report) => break report,
///         other => panic!("not in the clear: {other:?}"),
///     }
/// };
/// assert!(report.all_accepted());
/// assert!(session.is_ready(), "the connection takes another submission");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ClientSession {
    settings: SessionSettings,
    state: State,
    channel: Channel,
    extensions: Extensions,
    reader: ReplyReader,
    outgoing: Option<Transmit>,
    in_hand: Option<InHand>,
    spent: Spent,
    /// Whether the server may still have sender and recipients of a transaction that ended without a message.
    leftover: Leftover,
    content_in_flight: ContentInFlight,
    credentials: CredentialsTaken,
    last: LastSubmission,
    /// Why it came to its end with nothing in hand.
    problem: Option<ConnectionProblem>,
    /// How long the connection lay idle before the submission in hand.
    rested: Rested,
    /// When the present wait began; `None` before the first step.
    waiting_since: Option<SystemTime>,
    /// When the last submission came to its end.
    idle_since: Option<SystemTime>,
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
    /// This is what became of every recipient of the submission.
    Done(Report),
    /// Nothing: the connection waits for the next submission, or for [`ClientSession::quit`].
    Idle,
    /// Close the connection.
    Close,
}

impl ClientSession {
    /// How long a connection may be idle for a message to go along with its envelope in one flight. Behind a longer pause
    /// the server has to answer first: a connection that it had closed meanwhile would leave the message in doubt.
    pub const REST: std::time::Duration = std::time::Duration::from_secs(1);

    /// A session on a connection just made.
    #[must_use]
    pub fn new(settings: SessionSettings) -> Self {
        let channel = match settings.security {
            Security::ImplicitTls => Channel::Tls(None),
            Security::StartTls | Security::Opportunistic | Security::Plaintext => Channel::Clear,
        };
        Self {
            state: State::Greeting,
            channel,
            extensions: Extensions::new(),
            reader: ReplyReader::new(settings.line_ends),
            outgoing: None,
            in_hand: None,
            spent: Spent::default(),
            leftover: Leftover::Nothing,
            content_in_flight: ContentInFlight::No,
            credentials: CredentialsTaken::Unknown,
            last: LastSubmission::Dealt,
            problem: None,
            rested: Rested::No,
            waiting_since: None,
            idle_since: None,
            settings,
        }
    }

    /// With what is known of the TLS that stands since before the greeting.
    #[must_use]
    pub fn with_tls(mut self, facts: TlsFacts) -> Self {
        self.channel = Channel::Tls(Some(facts));
        self
    }

    /// Takes a submission in hand. `started` is when the attempt began: its total time runs from there. One that is in
    /// hand already goes on, and the new one is not taken: a driver waits for [`Step::Done`].
    ///
    /// On a connection that can carry no more, every row says so.
    pub fn submit(&mut self, submission: &Submission, started: SystemTime, now: SystemTime) {
        if self.in_hand.is_some() {
            return;
        }
        let mut in_hand = InHand::new(submission, &self.settings.server, started);
        if let Channel::Tls(facts) = &self.channel {
            in_hand.verdicts.set_tls(facts.clone());
        }
        self.in_hand = Some(in_hand);
        self.waiting_since = None;
        self.rested = match self.idle_since.map(|since| now.duration_since(since)) {
            Some(Ok(rest)) if rest < Self::REST => Rested::No,
            // Also where the clock was set back.
            Some(_) => Rested::Yes,
            None => Rested::No,
        };
        match self.state {
            State::Ready => self.begin_transaction(),
            State::Farewell | State::Quit | State::Closed => self.decide_rest(
                Outcome::Deferred,
                &Ground::Detail("the connection takes no further message".to_owned()),
            ),
            _ => {}
        }
    }

    /// What to do next, at this time.
    pub fn step(&mut self, now: SystemTime) -> Step {
        self.waiting_since.get_or_insert(now);
        loop {
            if let Some(transmit) = self.outgoing.take() {
                self.waiting_since = Some(now);
                if transmit.has_content() {
                    self.content_in_flight = ContentInFlight::Yes;
                }
                return Step::Write(transmit);
            }
            if self.content_in_flight == ContentInFlight::Yes
                || matches!(self.state, State::Sending(_))
            {
                self.written();
                self.waiting_since = Some(now);
                continue;
            }
            match self.state {
                State::Handshake => return Step::StartTls,
                State::Ready | State::Farewell | State::Closed if self.in_hand.is_some() => {
                    self.idle_since = Some(now);
                    if let Some(in_hand) = self.in_hand.take() {
                        let untouched = matches!(self.state, State::Closed)
                            && in_hand.answered == Answered::No
                            && in_hand.sent == Sent::Incomplete;
                        self.last = if untouched {
                            LastSubmission::LostUntouched
                        } else {
                            LastSubmission::Dealt
                        };
                        return Step::Done(in_hand.verdicts.into_report());
                    }
                }
                State::Ready | State::Farewell => return Step::Idle,
                State::Closed => return Step::Close,
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

    /// Whether the connection takes another submission.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.state, State::Ready)
            && self.in_hand.is_none()
            && self.reader.pending() == 0
            && self.spent.allows_more(self.extensions.limits())
    }

    /// Why no submission can be sent, found out while none was in hand: by a driver that steps on from the greeting until
    /// [`Step::Idle`] or [`Step::Close`] before it has anything to send. `None` where all is well, and where a submission was
    /// in hand, whose report says it.
    #[must_use]
    pub fn problem(&self) -> Option<&ConnectionProblem> {
        self.problem.as_ref()
    }

    /// Says goodbye where the dialogue is in order; the connection is to be closed where not. Nothing happens while a
    /// submission is in hand.
    pub fn quit(&mut self) {
        if self.in_hand.is_some() {
            return;
        }
        match self.state {
            State::Ready | State::Farewell if self.reader.pending() == 0 => {
                self.outgoing = Some(Transmit::line(&Command::Quit.to_string()));
                self.waiting_since = None;
                self.state = State::Quit;
            }
            State::Quit => {}
            _ => self.state = State::Closed,
        }
    }

    /// Whether the server refused the credentials for good.
    #[must_use]
    pub fn credentials_refused(&self) -> bool {
        self.credentials == CredentialsTaken::Refused
    }

    /// Whether the connection was lost before the server said anything about the last submission, and before all of it had
    /// left: it can be given to another connection without a doubt. So it is with a connection that lay idle and that the
    /// server closed meanwhile.
    #[must_use]
    pub fn lost_untouched(&self) -> bool {
        self.last == LastSubmission::LostUntouched
    }

    /// What the server offered in its last answer to EHLO.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// What is known of the TLS connection.
    #[must_use]
    pub fn tls(&self) -> Option<&TlsFacts> {
        match &self.channel {
            Channel::Clear => None,
            Channel::Tls(facts) => facts.as_ref(),
        }
    }

    /// Takes octets that came from the server, whenever they come.
    pub fn received(&mut self, octets: &[u8]) {
        self.reader.feed(octets);
    }

    /// Whether the server has said so much without being asked that nothing more of it is taken.
    pub(crate) fn is_flooded(&self) -> bool {
        self.reader.has_overflowed()
    }

    /// Says that the last octet of the [`Step::Write`] in hand may have left. From here on, if that was the end of the
    /// message, a lost connection leaves its outcome in doubt; until here it proves that nothing was accepted.
    pub fn written(&mut self) {
        if self.content_in_flight == ContentInFlight::Yes {
            self.content_in_flight = ContentInFlight::No;
            if let Some(in_hand) = &mut self.in_hand {
                in_hand.sent = Sent::Complete;
            }
            self.flight_written();
        }
        if let State::Sending(content) = self.state {
            self.content_written(content);
        }
    }

    /// Says that a part of the [`Step::Write`] in hand was taken by the network, so that the wait for the next begins.
    pub fn wrote_block(&mut self, now: SystemTime) {
        self.waiting_since = Some(now);
    }

    /// Says that the handshake asked for by [`Step::StartTls`] succeeded, and what is known of the connection. What the
    /// server offered before is forgotten.
    pub fn tls_established(&mut self, facts: Option<TlsFacts>) {
        if matches!(self.state, State::Handshake) {
            if let Some(in_hand) = &mut self.in_hand {
                in_hand.verdicts.set_tls(facts.clone());
            }
            self.channel = Channel::Tls(facts);
            self.extensions = Extensions::new();
            self.reader = ReplyReader::new(self.settings.line_ends);
            self.send_ehlo();
        }
    }

    /// Says that the connection cannot be used any more, and why, for people: an end of file, a reset. What was received
    /// before has its say first.
    pub fn connection_lost(&mut self, cause: &str) {
        while self.outgoing.is_none() {
            match (&self.state, self.reader.next_reply()) {
                (
                    State::Handshake | State::Ready | State::Farewell | State::Quit | State::Closed,
                    _,
                )
                | (_, Ok(None) | Err(_)) => break,
                // A server that refuses in the middle of the content closes, and the refusal is the better reason.
                (State::Sending(_), Ok(Some(reply))) if is_refusal(reply.code()) => {
                    let outcome = refusal_outcome(reply.code());
                    if let Some(in_hand) = &mut self.in_hand {
                        let ground = Ground::Reply(reply.to_reply());
                        in_hand.verdicts.decide_among(
                            &in_hand.named,
                            outcome,
                            Phase::Body,
                            &ground,
                        );
                    }
                }
                (State::Sending(_), Ok(Some(_))) => break,
                (_, Ok(Some(reply))) => self.on_reply(&reply),
            }
        }
        self.abandon(cause.to_owned());
    }

    /// Says that the TLS handshake failed, how, and why, for people.
    pub fn tls_failed(&mut self, failure: TlsFailure, cause: &str) {
        self.decide_rest(Outcome::Deferred, &Ground::NoTls(failure, cause.to_owned()));
        self.state = State::Closed;
    }

    /// Says that [`deadline`](Self::deadline) has passed.
    pub fn timed_out(&mut self) {
        let cause = format!("timed out at {}", self.phase());
        match self.state {
            State::Handshake => self.tls_failed(TlsFailure::Handshake, &cause),
            _ => self.connection_lost(&cause),
        }
    }

    /// When to give up what the last step asked for.
    #[must_use]
    pub fn deadline(&self) -> Option<SystemTime> {
        let timeouts = &self.settings.timeouts;
        let wait = match self.state {
            State::Quit => timeouts.quit(),
            State::StartTls => timeouts.command(),
            _ if self.content_in_flight == ContentInFlight::Yes => timeouts.of(Phase::Body),
            _ => timeouts.of(self.phase()),
        };
        let started = self.in_hand.as_ref().map(|in_hand| in_hand.started);
        let since = self.waiting_since.or(started);
        let phase_end = since.and_then(|since| since.checked_add(wait));
        let total_end = started.and_then(|started| started.checked_add(timeouts.total()));
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
            State::Rset | State::Mail | State::Ready => Phase::Mail,
            State::Rcpt(_) => Phase::Rcpt,
            State::Data => Phase::Data,
            State::Sending(_) => Phase::Body,
            State::Final(_) | State::Farewell | State::Quit | State::Closed => Phase::Final,
        }
    }

    fn on_reply(&mut self, reply: &ServerReply) {
        let goes_away = reply.code() == ReplyCode::NOT_AVAILABLE;
        if let Some(in_hand) = &mut self.in_hand
            && !goes_away
        {
            in_hand.answered = Answered::Yes;
        }
        if goes_away && !matches!(self.state, State::Quit) {
            return self.closing(reply);
        }
        match self.state {
            State::Greeting => self.on_greeting(reply),
            State::Ehlo => self.on_ehlo(reply),
            State::Helo => self.on_helo(reply),
            State::StartTls => self.on_starttls(reply),
            State::Auth(_) => self.on_auth(reply),
            State::Rset => self.on_rset(reply),
            State::Mail => self.on_mail(reply),
            State::Rcpt(position) => self.on_rcpt(position, reply),
            State::Data => self.on_data(reply),
            State::Final(content) => self.on_final(content, reply),
            State::Quit => self.state = State::Closed,
            // `step` reads no reply in these.
            State::Handshake
            | State::Sending(_)
            | State::Ready
            | State::Farewell
            | State::Closed => {}
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

    /// Whether the connection is private and it was checked who the server is. What is not known was checked by whoever
    /// made the connection.
    fn is_authenticated(&self) -> bool {
        match &self.channel {
            Channel::Clear => false,
            Channel::Tls(facts) => facts
                .as_ref()
                .is_none_or(|facts| facts.server() == ServerAuthentication::Verified),
        }
    }
}

#[cfg(test)]
mod tests;
