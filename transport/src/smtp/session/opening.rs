//! From the greeting to the point where a message may be sent.

use letterhead_mail::report::TlsFailure;
use letterhead_mail::{Outcome, ReplyCode};

use super::verdicts::Ground;
use super::{Channel, ClientSession, State, is_refusal};
use crate::endpoint::Security;
use crate::smtp::command::Command;
use crate::smtp::extension::Extensions;
use crate::smtp::reply::ServerReply;

impl ClientSession {
    pub(super) fn on_greeting(&mut self, reply: &ServerReply) {
        if reply.code() == ReplyCode::SERVICE_READY {
            self.send_ehlo();
        } else {
            self.refused(reply);
        }
    }

    pub(super) fn send_ehlo(&mut self) {
        let command = Command::Ehlo(self.settings.client_name.to_string());
        self.send_command(&command, State::Ehlo);
    }

    pub(super) fn on_ehlo(&mut self, reply: &ServerReply) {
        if reply.code() == ReplyCode::OK {
            self.extensions = Extensions::from_reply(reply);
            self.secure();
        } else if reply.code().is_permanent() && self.may_do_without_extensions() {
            let command = Command::Helo(self.settings.client_name.to_string());
            self.send_command(&command, State::Helo);
        } else {
            self.refused(reply);
        }
    }

    pub(super) fn on_helo(&mut self, reply: &ServerReply) {
        if reply.code() == ReplyCode::OK {
            self.secure();
        } else {
            self.refused(reply);
        }
    }

    pub(super) fn on_starttls(&mut self, reply: &ServerReply) {
        if reply.code() == ReplyCode::SERVICE_READY {
            // Whatever came with the 220 came in the clear, perhaps from someone else, and would be read as if it had
            // come over TLS.
            if self.reader.pending() == 0 {
                self.state = State::Handshake;
            } else {
                let detail = "the server's answer to STARTTLS has octets behind it that TLS does not protect";
                self.tls_failed(TlsFailure::Injected, detail);
            }
        } else if self.settings.security == Security::Opportunistic {
            self.identify();
        } else if is_refusal(reply.code()) {
            self.decide_rest(Outcome::Deferred, &Ground::TlsRefused(reply.to_reply()));
            self.farewell();
        } else {
            self.unexpected(reply);
        }
    }

    /// HELO gives neither TLS nor AUTH, so it is no way out where one of them is required.
    fn may_do_without_extensions(&self) -> bool {
        !self.lacks_required_tls() && self.settings.credentials.is_none()
    }

    /// Whether TLS is required and does not stand yet, so that whatever is read may come from someone else.
    pub(super) fn lacks_required_tls(&self) -> bool {
        self.settings.security == Security::StartTls && self.channel == Channel::Clear
    }

    fn secure(&mut self) {
        if matches!(self.channel, Channel::Tls(_)) {
            return self.identify();
        }
        match (self.settings.security, self.extensions.starttls()) {
            (Security::StartTls | Security::Opportunistic, true) => {
                self.send_command(&Command::StartTls, State::StartTls);
            }
            (Security::StartTls, false) => {
                self.state = State::StartTls;
                let detail = "TLS is required and the server does not offer STARTTLS";
                let ground = Ground::NoTls(TlsFailure::NotOffered, detail.to_owned());
                self.decide_rest(Outcome::Deferred, &ground);
                self.farewell();
            }
            (Security::Opportunistic, false) | (Security::Plaintext | Security::ImplicitTls, _) => {
                self.identify()
            }
        }
    }

    fn identify(&mut self) {
        match self.settings.credentials.clone() {
            Some(credentials) => self.authenticate(&credentials),
            None => self.next_transaction(),
        }
    }
}
