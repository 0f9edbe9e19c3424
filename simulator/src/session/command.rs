//! Commands and their order.

use letterhead_mail::ReversePath;
use letterhead_transport::smtp::Command;

use super::asking::Then;
use super::transaction::Chunks;
use super::transaction::Refusal;
use super::{Client, Dialect, Extension, MailNeeds, Protection, ServerSession, Service, TlsOffer};
use crate::behaviour::Stage;

impl ServerSession {
    pub(super) fn command(&mut self, command: Command) {
        if !self.is_open_for_mail() && !matches!(command, Command::Quit | Command::Bdat { .. }) {
            return self.refuse(503, (5, 5, 1), "there is no service here; send QUIT");
        }
        match command {
            Command::Ehlo(name) => {
                self.pause(Stage::Ehlo, Then::Introduce(name, Dialect::Esmtp));
            }
            Command::Helo(name) => {
                self.pause(Stage::Helo, Then::Introduce(name, Dialect::Smtp));
            }
            Command::Mail { sender, parameters } => self.mail(sender, &parameters),
            Command::Rcpt {
                recipient,
                parameters,
            } => self.rcpt(recipient, &parameters),
            Command::Data => self.data(),
            Command::Rset => self.pause(Stage::Reset, Then::Reset),
            Command::Noop(_) => self.reply(250, (2, 0, 0), "fine"),
            Command::Vrfy(_) => self.reply(252, (2, 5, 2), "send mail to find out"),
            Command::Help => {
                let text = "see https://www.rfc-editor.org/rfc/rfc5321";
                self.reply(214, (2, 0, 0), text);
            }
            Command::Quit => self.pause(Stage::Quit, Then::Quit),
            Command::StartTls => self.start_tls(),
            Command::Auth { mechanism, initial } => self.auth(&mechanism, initial),
            Command::Bdat { size, last } => self.bdat(size, last),
            _ => self.refuse(502, (5, 5, 1), "command not implemented"),
        }
    }

    /// EHLO and HELO end a transaction too ([RFC 5321 §4.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.4)).
    pub(super) fn introduce(&mut self, name: String, dialect: Dialect) {
        self.transaction = None;
        self.client = Some(Client { name, dialect });
    }

    /// Whether the greeting has not turned the client away.
    pub(super) fn is_open_for_mail(&self) -> bool {
        self.service == Service::Open
    }

    /// Whether the client has said EHLO.
    pub(super) fn is_esmtp(&self) -> bool {
        let client = self.client.as_ref();
        client.is_some_and(|client| client.dialect == Dialect::Esmtp)
    }

    /// What the client still has to do before MAIL.
    pub(super) fn missing_before_mail(&self, sender: &ReversePath) -> Option<Refusal> {
        if self.client.is_none() {
            return Some((503, (5, 5, 1), "send EHLO or HELO first"));
        }
        match self.config.mail_needs {
            MailNeeds::AuthenticationUnlessReport if sender.is_null() => None,
            MailNeeds::Authentication | MailNeeds::AuthenticationUnlessReport
                if self.user.is_none() =>
            {
                Some(if self.offers(Extension::Auth) {
                    (530, (5, 7, 0), "authentication required")
                } else {
                    (530, (5, 7, 0), "must issue a STARTTLS command first")
                })
            }
            MailNeeds::Authentication
            | MailNeeds::AuthenticationUnlessReport
            | MailNeeds::Greeting => None,
        }
    }

    fn start_tls(&mut self) {
        if self.hides(Extension::StartTls) {
            return self.refuse(500, (5, 5, 1), "command not recognised");
        }
        if self.protection == Protection::Tls {
            return self.refuse(503, (5, 5, 1), "TLS is already in use");
        }
        if self.config.tls == TlsOffer::None {
            return self.refuse(502, (5, 5, 1), "STARTTLS is not offered");
        }
        self.pause(Stage::StartTls, Then::StartTls);
    }

    fn data(&mut self) {
        match &self.transaction {
            None => self.refuse(503, (5, 5, 1), "send MAIL first"),
            Some(transaction) if !matches!(transaction.chunks, Chunks::None) => {
                self.refuse(
                    503,
                    (5, 5, 1),
                    "the message has begun by BDAT; end it so, or send RSET",
                );
            }
            Some(transaction) if transaction.recipients.is_empty() => {
                self.refuse(503, (5, 5, 1), "no valid recipients");
            }
            Some(_) => self.pause(Stage::Data, Then::Data),
        }
    }
}
