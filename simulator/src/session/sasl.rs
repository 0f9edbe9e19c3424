//! AUTH PLAIN and AUTH LOGIN.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_mail::ReplyCode;
use letterhead_transport::smtp::ServerReply;

use super::input::Line;
use super::{Extension, Password, Question, ServerSession, Speaker, State};

/// What the next line of the exchange is.
#[derive(Debug)]
pub(super) enum Sasl {
    /// The only message of PLAIN ([RFC 4616](https://www.rfc-editor.org/rfc/rfc4616)).
    Plain,
    /// The user name of LOGIN.
    LoginUser,
    /// The password of LOGIN.
    LoginPassword { user: String },
    /// A further line, which changes nothing: the host asks on and on.
    Over { user: String, password: Password },
}

impl ServerSession {
    pub(super) fn auth(&mut self, mechanism: &str, initial: Option<String>) {
        if self.hides(Extension::Auth) {
            return self.refuse(500, (5, 5, 1), "command not recognised");
        }
        if !self.is_esmtp() {
            return self.refuse(503, (5, 5, 1), "send EHLO first");
        }
        if self.user.is_some() {
            return self.refuse(503, (5, 5, 1), "already authenticated");
        }
        if self.transaction.is_some() {
            return self.refuse(503, (5, 5, 1), "not during a transaction");
        }
        if !self.offers(Extension::Auth) {
            return if self.offers(Extension::StartTls) {
                self.refuse(538, (5, 7, 11), "encryption required; use STARTTLS first")
            } else {
                self.refuse(502, (5, 5, 1), "AUTH is not offered")
            };
        }
        let exchange = match mechanism {
            "PLAIN" => Sasl::Plain,
            "LOGIN" => Sasl::LoginUser,
            _ => return self.refuse(504, (5, 5, 4), "mechanism not offered"),
        };
        match initial {
            Some(response) if response == "=" => self.sasl_response(exchange, b""),
            Some(response) => self.sasl_response(exchange, response.as_bytes()),
            None => self.challenge(exchange),
        }
    }

    pub(super) fn sasl_line(&mut self, line: Line) {
        let State::Sasl(exchange) = std::mem::replace(&mut self.state, State::Command) else {
            return;
        };
        self.transcript.push(Speaker::Client, b"(credentials)");
        match line {
            Line::Complete(line) if line == b"*" => {
                self.refuse(501, (5, 7, 0), "authentication cancelled");
            }
            Line::Complete(line) => self.sasl_response(exchange, &line),
            Line::BareLineFeed(_) => self.refuse(500, (5, 5, 2), "end lines with CR and LF"),
            Line::TooLong(_) => {
                self.refuse(500, (5, 5, 6), "authentication exchange line too long")
            }
        }
    }

    fn sasl_response(&mut self, exchange: Sasl, response: &[u8]) {
        let decoded = STANDARD
            .decode(response)
            .ok()
            .and_then(|octets| String::from_utf8(octets).ok());
        let Some(text) = decoded else {
            return self.refuse(501, (5, 5, 2), "that is not base64");
        };
        match exchange {
            Sasl::Plain => {
                let mut fields = text.split('\0');
                match (fields.next(), fields.next(), fields.next(), fields.next()) {
                    // Acting for somebody else is not offered.
                    (Some(acting_for), Some(user), Some(password), None)
                        if !user.is_empty() && (acting_for.is_empty() || acting_for == user) =>
                    {
                        self.ask(Question::Authenticate {
                            user: user.to_owned(),
                            password: Password::new(password),
                        });
                    }
                    _ => self.refuse(501, (5, 5, 2), "PLAIN is NUL, user, NUL, password"),
                }
            }
            Sasl::LoginUser => self.challenge(Sasl::LoginPassword { user: text }),
            Sasl::LoginPassword { user } => self.ask(Question::Authenticate {
                user,
                password: Password::new(text),
            }),
            Sasl::Over { user, password } => self.ask(Question::Authenticate { user, password }),
        }
    }

    fn challenge(&mut self, exchange: Sasl) {
        let prompt = match &exchange {
            Sasl::Plain | Sasl::Over { .. } => String::new(),
            Sasl::LoginUser => STANDARD.encode("Username:"),
            Sasl::LoginPassword { .. } => STANDARD.encode("Password:"),
        };
        let mut reply = Vec::new();
        ServerReply::new(ReplyCode::CHALLENGE, None, &prompt).write_to(&mut reply);
        // A challenge is `334`, a space and base64, the space also where the base64 is empty (RFC 4954 §4).
        if prompt.is_empty() {
            reply = b"334 \r\n".to_vec();
        }
        self.transcript
            .push(Speaker::Server, reply.trim_ascii_end());
        self.output.extend_from_slice(&reply);
        self.state = State::Sasl(exchange);
    }
}
