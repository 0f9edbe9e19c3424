//! AUTH ([RFC 4954](https://www.rfc-editor.org/rfc/rfc4954)): PLAIN, LOGIN, OAUTHBEARER and XOAUTH2.

use std::collections::VecDeque;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_mail::{Outcome, Phase, Reply, ReplyCode};
use memchr::memmem;
use zeroize::Zeroizing;

use super::settings::PlaintextAuth;
use super::verdicts::Ground;
use super::{ClientSession, CredentialsTaken, State, Transmit};
use crate::credentials::{Credentials, Secret};
use crate::smtp::command::Command;
use crate::smtp::reply::ServerReply;

/// What is left to say in an exchange, and what was said.
pub(super) struct AuthExchange {
    responses: VecDeque<Zeroizing<String>>,
    said: Vec<Zeroizing<String>>,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// The server asked for more than the mechanism has, and was told to stop.
    Cancelled,
}

impl ClientSession {
    pub(super) fn authenticate(&mut self, credentials: &Credentials) {
        if !self.is_authenticated() && self.settings.plaintext_auth == PlaintextAuth::Never {
            return self.give_up_auth(
                "credentials are sent only over TLS with a verified server, and this connection has none",
            );
        }
        let begun = self
            .begin_exchange(credentials)
            .and_then(AuthExchange::within_limits);
        match begun {
            Ok((line, exchange)) => self.send(Transmit::secret_line(&line), State::Auth(exchange)),
            Err(detail) => self.give_up_auth(detail),
        }
    }

    pub(super) fn on_auth(&mut self, reply: &ServerReply) {
        let State::Auth(exchange) = &mut self.state else {
            return;
        };
        if reply.code() == ReplyCode::AUTHENTICATED && exchange.stage == Stage::Open {
            self.next_transaction();
        } else if reply.code() == ReplyCode::CHALLENGE {
            self.respond();
        } else if exchange.stage == Stage::Cancelled {
            self.give_up_auth("the server asked for more than the AUTH mechanism has to say");
        } else {
            if reply.code().is_permanent() {
                self.credentials = CredentialsTaken::Refused;
            }
            self.refused(reply);
        }
    }

    /// Answers a challenge. What it says does not matter: none of the mechanisms here depends on it.
    fn respond(&mut self) {
        if !self.is_in_step() {
            return;
        }
        let State::Auth(exchange) = &mut self.state else {
            return;
        };
        match (exchange.responses.pop_front(), exchange.stage) {
            (Some(response), _) => {
                self.outgoing = Some(Transmit::secret_line(&response));
                exchange.said.push(response);
            }
            (None, Stage::Open) => {
                exchange.stage = Stage::Cancelled;
                self.outgoing = Some(Transmit::line("*"));
            }
            (None, Stage::Cancelled) => {
                self.abandon("the server goes on asking after AUTH was cancelled".to_owned());
            }
        }
    }

    /// The first line and what follows it.
    fn begin_exchange(
        &self,
        credentials: &Credentials,
    ) -> Result<(Zeroizing<String>, AuthExchange), &'static str> {
        let user = credentials.user();
        match credentials.secret() {
            Secret::Password(password) => {
                let password = password.expose();
                if self.extensions.offers_auth("PLAIN") {
                    if user.contains('\0') || password.contains('\0') {
                        return Err("the credentials hold a NUL, which AUTH PLAIN cannot carry");
                    }
                    let response = encode(&format_secret(&["\0", user, "\0", password]));
                    Ok(AuthExchange::with_initial(
                        "AUTH PLAIN",
                        response,
                        None,
                        password,
                    ))
                } else if self.extensions.offers_auth("LOGIN") {
                    let responses = vec![encode(user), encode(password)];
                    Ok((
                        format_secret(&["AUTH LOGIN"]),
                        AuthExchange::new(responses, password),
                    ))
                } else {
                    Err(
                        "credentials were given and the server offers neither AUTH PLAIN nor AUTH LOGIN",
                    )
                }
            }
            Secret::BearerToken(token) => self.begin_bearer(user, token.expose()),
        }
    }

    /// OAUTHBEARER ([RFC 7628 §3.1](https://www.rfc-editor.org/rfc/rfc7628#section-3.1)), or what was there before it.
    fn begin_bearer(
        &self,
        user: &str,
        token: &str,
    ) -> Result<(Zeroizing<String>, AuthExchange), &'static str> {
        let standard = self.extensions.offers_auth("OAUTHBEARER");
        if !standard && !self.extensions.offers_auth("XOAUTH2") {
            return Err(
                "an access token was given and the server offers neither AUTH OAUTHBEARER nor AUTH XOAUTH2",
            );
        }
        if user.contains('\u{1}') || token.contains('\u{1}') {
            return Err(
                "the credentials hold the character U+0001, which no AUTH mechanism for tokens can carry",
            );
        }
        // A refusal comes as a challenge that wants an answer first: octet 1, or nothing.
        let (command, response, answer) = if standard {
            let user = user.replace('=', "=3D").replace(',', "=2C");
            let response = format_secret(&[
                "n,a=",
                &user,
                ",\u{1}host=",
                &self.settings.server,
                "\u{1}auth=Bearer ",
                token,
                "\u{1}\u{1}",
            ]);
            ("AUTH OAUTHBEARER", response, encode("\u{1}"))
        } else {
            let response =
                format_secret(&["user=", user, "\u{1}auth=Bearer ", token, "\u{1}\u{1}"]);
            ("AUTH XOAUTH2", response, Zeroizing::default())
        };
        let response = encode(&response);
        Ok(AuthExchange::with_initial(
            command,
            response,
            Some(answer),
            token,
        ))
    }

    fn give_up_auth(&mut self, detail: &str) {
        let ground = Ground::Detail(detail.to_owned());
        self.decide_rest_at(Phase::Auth, Outcome::Deferred, &ground);
        self.farewell();
    }
}

impl AuthExchange {
    fn new(responses: Vec<Zeroizing<String>>, secret: &str) -> Self {
        Self {
            responses: responses.into(),
            said: vec![format_secret(&[secret])],
            stage: Stage::Open,
        }
    }

    /// An exchange whose first response goes with the command where the line stays short enough, and behind a challenge
    /// where not ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)). `answer` is for a challenge after it.
    fn with_initial(
        command: &str,
        response: Zeroizing<String>,
        answer: Option<Zeroizing<String>>,
        secret: &str,
    ) -> (Zeroizing<String>, Self) {
        let line = format_secret(&[command, " ", &response]);
        let fits = line.len() <= Command::MAX_LINE;
        let mut exchange = Self::new(Vec::new(), secret);
        match answer {
            Some(answer) if fits => {
                exchange.said.push(response);
                exchange.responses.push_back(answer);
            }
            // A server may also overlook the initial response and ask for it.
            None => exchange.responses.push_back(response),
            Some(answer) => exchange.responses.extend([response, answer]),
        }
        (
            if fits {
                line
            } else {
                format_secret(&[command])
            },
            exchange,
        )
    }

    fn within_limits(
        begun: (Zeroizing<String>, Self),
    ) -> Result<(Zeroizing<String>, Self), &'static str> {
        if begun
            .1
            .responses
            .iter()
            .any(|response| response.len() > Command::MAX_AUTH_LINE)
        {
            return Err("the credentials are longer than a line of AUTH may be");
        }
        Ok(begun)
    }

    /// The reply without its text where it repeats what it was sent, or a part of that.
    pub(super) fn redacted(&self, reply: &ServerReply) -> Reply {
        let kept = reply.to_reply();
        // Both as the lines came and as they are kept, where the enhanced code of each is no longer between them.
        let texts = [unspaced(&reply.lines().concat()), unspaced(kept.text())];
        let repeats = |secret: &Zeroizing<String>| {
            let secret = unspaced(secret);
            texts.iter().any(|text| repeats_part(text, &secret))
        };
        if self.said.iter().any(repeats) || self.responses.iter().any(repeats) {
            return Reply::new(
                kept.code(),
                kept.enhanced(),
                "(text withheld: it repeats the credentials)",
            );
        }
        kept
    }
}

/// Only whether it goes on.
impl fmt::Debug for AuthExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthExchange({} responses left)", self.responses.len())
    }
}

/// Text put together in memory that is wiped; the length is known beforehand, so that no copy is left by growing.
fn format_secret(parts: &[&str]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(
        parts.iter().map(|part| part.len()).sum(),
    ));
    for part in parts {
        text.push_str(part);
    }
    text
}

/// Whether `text` holds a short secret, or a piece of a long one.
fn repeats_part(text: &str, secret: &str) -> bool {
    let holds = |piece: &[u8]| memmem::find(text.as_bytes(), piece).is_some();
    if secret.len() < 2 * PIECE {
        !secret.is_empty() && holds(secret.as_bytes())
    } else {
        secret.as_bytes().chunks_exact(PIECE).any(holds)
    }
}

/// Text without what a server may put in where it wraps a line, and what a reply shows as a space.
fn unspaced(text: &str) -> Zeroizing<String> {
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    kept.extend(text.chars().filter(|c| *c != ' ' && !c.is_control()));
    kept
}

fn encode(text: &str) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(text))
}

/// How many octets of a secret are too many to be shown: any run of twice as many, less one, holds a whole piece.
const PIECE: usize = 8;
