//! AUTH ([RFC 4954](https://www.rfc-editor.org/rfc/rfc4954)): PLAIN, LOGIN and XOAUTH2.

use std::collections::VecDeque;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_mail::{Outcome, Phase, Reply, ReplyCode};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::settings::PlaintextAuth;
use super::verdicts::Ground;
use super::{Channel, ClientSession, State, Transmit};
use crate::credentials::{Credentials, Secret};
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
        if self.channel == Channel::Clear && self.settings.plaintext_auth == PlaintextAuth::Never {
            return self.give_up_auth(
                "the connection has no TLS, and credentials are not sent without it",
            );
        }
        let (line, exchange) = match self.begin_exchange(credentials) {
            Ok(begun) => begun,
            Err(detail) => return self.give_up_auth(detail),
        };
        self.send(Transmit::line(&line), State::Auth(exchange));
    }

    pub(super) fn on_auth(&mut self, reply: &ServerReply) {
        let State::Auth(exchange) = &mut self.state else {
            return;
        };
        if reply.code() == ReplyCode::AUTHENTICATED && exchange.stage == Stage::Open {
            self.begin_message();
        } else if reply.code() == ReplyCode::CHALLENGE {
            self.respond();
        } else if exchange.stage == Stage::Cancelled {
            self.give_up_auth("the server asked for more than the AUTH mechanism has to say");
        } else {
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
                self.outgoing = Some(Transmit::line(&response));
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
                let password = password.expose_secret();
                if self.extensions.offers_auth("PLAIN") {
                    if user.contains('\0') || password.contains('\0') {
                        return Err("the credentials hold a NUL, which AUTH PLAIN cannot carry");
                    }
                    let response = encode(&format_secret(&["\0", user, "\0", password]));
                    let line = format_secret(&["AUTH PLAIN ", &response]);
                    // A server may overlook the initial response and ask for it.
                    let exchange = AuthExchange::new(
                        vec![response.clone()],
                        vec![response, format_secret(&[password])],
                    );
                    Ok((line, exchange))
                } else if self.extensions.offers_auth("LOGIN") {
                    let responses = vec![encode(user), encode(password)];
                    let exchange = AuthExchange::new(responses, vec![format_secret(&[password])]);
                    Ok((format_secret(&["AUTH LOGIN"]), exchange))
                } else {
                    Err(
                        "credentials were given and the server offers neither AUTH PLAIN nor AUTH LOGIN",
                    )
                }
            }
            Secret::BearerToken(token) => {
                let token = token.expose_secret();
                if !self.extensions.offers_auth("XOAUTH2") {
                    return Err(
                        "an access token was given and the server does not offer AUTH XOAUTH2",
                    );
                }
                if user.contains('\u{1}') || token.contains('\u{1}') {
                    return Err(
                        "the credentials hold the character U+0001, which AUTH XOAUTH2 cannot carry",
                    );
                }
                let text =
                    format_secret(&["user=", user, "\u{1}auth=Bearer ", token, "\u{1}\u{1}"]);
                let response = encode(&text);
                let line = format_secret(&["AUTH XOAUTH2 ", &response]);
                // A refusal comes as a challenge that wants an empty answer first.
                let exchange = AuthExchange::new(
                    vec![Zeroizing::default()],
                    vec![response, format_secret(&[token])],
                );
                Ok((line, exchange))
            }
        }
    }

    fn give_up_auth(&mut self, detail: &str) {
        let ground = Ground::Detail(detail.to_owned());
        self.verdicts
            .decide_rest(Outcome::Deferred, Phase::Auth, &ground);
        self.quit();
    }
}

impl AuthExchange {
    fn new(responses: Vec<Zeroizing<String>>, said: Vec<Zeroizing<String>>) -> Self {
        Self {
            responses: responses.into(),
            said,
            stage: Stage::Open,
        }
    }

    /// The reply without its text where it repeats what it was sent.
    pub(super) fn redacted(&self, reply: &ServerReply) -> Reply {
        let kept = reply.to_reply();
        let repeats = |secret: &Zeroizing<String>| {
            !secret.is_empty()
                && reply
                    .lines()
                    .iter()
                    .any(|line| line.contains(secret.as_str()))
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

fn encode(text: &str) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(text))
}
