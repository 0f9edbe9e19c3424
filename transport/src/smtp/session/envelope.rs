//! MAIL, RCPT and DATA.

use letterhead_mail::{EmailAddress, NotAttemptedReason, Outcome, Phase, ReplyCode};

use super::content::Content;
use super::verdicts::Ground;
use super::{ClientSession, Flow, State, Transmit, refusal_outcome};
use crate::smtp::command::{Command, ForwardPath, Parameter};
use crate::smtp::extension::SizeLimit;
use crate::smtp::reply::ServerReply;

impl ClientSession {
    /// Sees to it that the server can carry the message, and names sender and recipients.
    pub(super) fn begin_message(&mut self) {
        self.decide_what_cannot_be_carried();
        self.named = self.verdicts.open().map(|(place, _)| place).collect();
        if self.named.is_empty() {
            return self.quit();
        }
        let mail = self.mail_command();
        self.flow = if self.extensions.pipelining() {
            Flow::Pipelined
        } else {
            Flow::Lockstep
        };
        match self.flow {
            Flow::Lockstep => self.send_command(&mail, State::Mail),
            Flow::Pipelined => {
                let mut lines = format!("{mail}\r\n");
                for (_, recipient) in self.verdicts.open() {
                    lines.push_str(&rcpt_command(recipient).to_string());
                    lines.push_str("\r\n");
                }
                lines.push_str("DATA\r\n");
                self.send(Transmit::commands(lines.into_bytes()), State::Mail);
            }
        }
    }

    pub(super) fn on_mail(&mut self, reply: &ServerReply) {
        if reply.code().is_completion() {
            self.expect_rcpt(0);
        } else if reply.code().is_intermediate() {
            self.unexpected(reply);
        } else if self.flow == Flow::Pipelined {
            let outcome = refusal_outcome(reply.code());
            self.verdicts
                .decide_rest(outcome, Phase::Mail, &Ground::Reply(reply.to_reply()));
            // The replies to what was sent along are still to come.
            self.expect_rcpt(0);
        } else {
            self.refused(reply);
        }
    }

    pub(super) fn on_rcpt(&mut self, position: usize, reply: &ServerReply) {
        let Some(&place) = self.named.get(position) else {
            return self.unexpected(reply);
        };
        // Where MAIL was refused the recipient is decided, whatever is said about it here.
        if self.verdicts.is_open(place) {
            if reply.code().is_completion() {
                self.verdicts.take(place);
            } else if reply.code().is_intermediate() {
                return self.unexpected(reply);
            } else {
                let ground = Ground::Reply(reply.to_reply());
                self.verdicts
                    .decide(place, rcpt_outcome(reply), Phase::Rcpt, &ground);
            }
        }
        self.expect_rcpt(position + 1);
    }

    pub(super) fn on_data(&mut self, reply: &ServerReply) {
        if reply.code() == ReplyCode::START_MAIL_INPUT {
            if self.verdicts.any_taken() {
                let content = Transmit::content(self.message.clone());
                self.send(content, State::Sending(Content::Message));
            } else {
                // The server waits for content though it refused everyone: it gets none, and its answer is nobody's.
                self.send(Transmit::line("."), State::Sending(Content::Nothing));
            }
        } else {
            self.refused(reply);
        }
    }

    /// The reply about the recipient at this position is next, or that to DATA.
    fn expect_rcpt(&mut self, position: usize) {
        let recipient = self
            .named
            .get(position)
            .and_then(|&place| self.envelope.recipients().get(place));
        match (self.flow, recipient) {
            (Flow::Pipelined, Some(_)) => self.state = State::Rcpt(position),
            (Flow::Pipelined, None) => self.state = State::Data,
            (Flow::Lockstep, Some(recipient)) => {
                let command = rcpt_command(recipient.address());
                self.send_command(&command, State::Rcpt(position));
            }
            (Flow::Lockstep, None) if self.verdicts.any_taken() => {
                self.send_command(&Command::Data, State::Data)
            }
            (Flow::Lockstep, None) => self.quit(),
        }
    }

    fn mail_command(&self) -> Command {
        let mut parameters = Vec::new();
        if self.extensions.size().is_some() {
            parameters.push(Parameter::size(self.message.len() as u64));
        }
        if !self.message.is_seven_bit() {
            parameters.push(Parameter::body_eight_bit());
        }
        let utf8_recipient = self
            .verdicts
            .open()
            .any(|(_, recipient)| recipient.needs_smtputf8());
        if self.message_needs_smtputf8() || utf8_recipient {
            parameters.push(Parameter::flag("SMTPUTF8"));
        }
        Command::Mail {
            sender: self.envelope.sender().clone(),
            parameters,
        }
    }

    /// Whether the message itself or its sender needs SMTPUTF8, whoever the recipients are.
    fn message_needs_smtputf8(&self) -> bool {
        let sender = self.envelope.sender().address();
        self.message.has_utf8_headers() || sender.is_some_and(EmailAddress::needs_smtputf8)
    }

    fn decide_what_cannot_be_carried(&mut self) {
        const UNSUPPORTED: Outcome = Outcome::NotAttempted(NotAttemptedReason::Unsupported);
        let size = self.message.len() as u64;
        let whole = match self.extensions.size() {
            Some(SizeLimit::Octets(limit)) if size > limit => {
                let detail =
                    format!("5.3.4 the message has {size} octets and the server takes {limit}");
                Some((Outcome::Rejected, detail))
            }
            _ if !self.message.is_seven_bit() && !self.extensions.eight_bit_mime() => {
                let detail =
                    "the message holds 8-bit octets and the server does not offer 8BITMIME";
                Some((UNSUPPORTED, detail.to_owned()))
            }
            _ if self.message_needs_smtputf8() && !self.extensions.smtputf8() => {
                let detail = "the sender or the header holds characters outside ASCII and the server does not offer SMTPUTF8";
                Some((UNSUPPORTED, detail.to_owned()))
            }
            _ => None,
        };
        if let Some((outcome, detail)) = whole {
            self.verdicts
                .decide_rest(outcome, Phase::Local, &Ground::Detail(detail));
        } else if !self.extensions.smtputf8() {
            let ground = Ground::Detail(
                "the address holds characters outside ASCII and the server does not offer SMTPUTF8"
                    .to_owned(),
            );
            let beyond: Vec<usize> = self
                .verdicts
                .open()
                .filter(|(_, recipient)| recipient.needs_smtputf8())
                .map(|(place, _)| place)
                .collect();
            for place in beyond {
                self.verdicts
                    .decide(place, UNSUPPORTED, Phase::Local, &ground);
            }
        }
    }
}

fn rcpt_command(recipient: &EmailAddress) -> Command {
    Command::Rcpt {
        recipient: ForwardPath::from(recipient.clone()),
        parameters: Vec::new(),
    }
}

/// 552 says "too many recipients" where RFC 821 was followed, and is to be taken for 452
/// ([RFC 5321 §4.5.3.1.10](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.10)); an enhanced code that says
/// something else, such as a full mailbox, is believed.
fn rcpt_outcome(reply: &ServerReply) -> Outcome {
    let too_many = reply.code().get() == 552
        && reply
            .enhanced()
            .is_none_or(|enhanced| (enhanced.subject(), enhanced.detail()) == (5, 3));
    if too_many {
        Outcome::Deferred
    } else {
        refusal_outcome(reply.code())
    }
}
