//! MAIL, RCPT and what begins the content.

use letterhead_mail::{
    EmailAddress, EnhancedCode, NotAttemptedReason, Outcome, Phase, Recipient, ReplyCode,
    TlsRequirement,
};

use super::content::Content;
use super::in_hand::{ContentBy, Flow, InHand, Pace, Sent};
use super::settings::Chunking;
use super::verdicts::Ground;
use super::{ClientSession, Leftover, Rested, State, Transmit, refusal_outcome};
use crate::smtp::command::{BdatLast, Command, ForwardPath, Parameter};
use crate::smtp::extension::{Extensions, SizeLimit};
use crate::smtp::reply::ServerReply;

impl ClientSession {
    /// Sees to it that the server can carry the message, and names sender and recipients.
    pub(super) fn begin_transaction(&mut self) {
        let flow = self.flow();
        let hops = if self.is_authenticated() && self.extensions.requiretls() {
            EveryHop::Promised
        } else {
            EveryHop::NotPromised
        };
        let limits = self.extensions.limits();
        let most = [limits.recipients, self.settings.max_recipients];
        let most = most.into_iter().flatten().min();
        let most = most.map_or(MAX_RECIPIENTS, std::num::NonZero::get);
        let Some(in_hand) = &mut self.in_hand else {
            return;
        };
        in_hand.decide_what_cannot_be_carried(&self.extensions, hops);
        in_hand.flow = flow;
        in_hand.sent = Sent::Incomplete;
        in_hand.too_many.clear();
        in_hand.taken_regardless.clear();
        let spent = &mut self.spent;
        in_hand.named = if spent.allows_more(limits) {
            in_hand
                .verdicts
                .open()
                .filter(|(_, recipient)| spent.allows_domain_of(recipient, limits))
                .map(|(place, _)| place)
                .take(most)
                .collect()
        } else {
            Vec::new()
        };
        if in_hand.named.is_empty() {
            let ground = Ground::Detail(
                "the server takes no more of this on one connection; another one has to be made"
                    .to_owned(),
            );
            let cancelled = Outcome::NotAttempted(NotAttemptedReason::Cancelled);
            in_hand
                .verdicts
                .decide_rest(cancelled, Phase::Mail, &ground);
            return self.rest_in(State::Ready);
        }
        self.spent.begin_transaction();
        let reset = std::mem::replace(&mut self.leftover, Leftover::Nothing);
        match (flow.pace, reset) {
            (Pace::Lockstep, Leftover::Transaction) => {
                self.send_command(&Command::Rset, State::Rset)
            }
            (Pace::Lockstep, Leftover::Nothing) => self.send_mail(),
            (Pace::Pipelined, reset) => self.send_flight(reset),
        }
    }

    pub(super) fn on_rset(&mut self, reply: &ServerReply) {
        let pipelined = self
            .in_hand
            .as_ref()
            .is_some_and(|in_hand| in_hand.flow.pace == Pace::Pipelined);
        if !reply.code().is_completion() {
            self.unexpected(reply);
        } else if pipelined {
            self.state = State::Mail;
        } else {
            self.send_mail();
        }
    }

    pub(super) fn on_mail(&mut self, reply: &ServerReply) {
        let pipelined = self
            .in_hand
            .as_ref()
            .is_some_and(|in_hand| in_hand.flow.pace == Pace::Pipelined);
        if reply.code().is_completion() {
            self.expect_rcpt(0);
        } else if reply.code().is_intermediate() {
            self.unexpected(reply);
        } else {
            let outcome = refusal_outcome(reply.code());
            // A refused sender is refused for every recipient, those of a later transaction included.
            self.decide_rest(outcome, &Ground::Reply(reply.to_reply()));
            if pipelined {
                // The replies to what was sent along are still to come.
                self.expect_rcpt(0);
            } else {
                self.next_transaction();
            }
        }
    }

    pub(super) fn on_rcpt(&mut self, position: usize, reply: &ServerReply) {
        let Some(in_hand) = &mut self.in_hand else {
            return;
        };
        let Some(&place) = in_hand.named.get(position) else {
            return self.unexpected(reply);
        };
        // Where MAIL was refused the recipient is decided, whatever is said about it here; unless the message, which is on
        // its way, is accepted in the end.
        if !in_hand.verdicts.is_open(place) && reply.code().is_completion() {
            in_hand.taken_regardless.push(place);
        }
        if in_hand.verdicts.is_open(place) {
            if reply.code().is_completion() {
                in_hand.verdicts.take(place);
            } else if reply.code().is_intermediate() {
                return self.unexpected(reply);
            } else {
                if is_one_too_many(reply) && in_hand.verdicts.any_taken() {
                    in_hand.too_many.push(place);
                }
                let ground = Ground::Reply(reply.to_reply());
                in_hand
                    .verdicts
                    .decide(place, rcpt_outcome(reply), Phase::Rcpt, &ground);
            }
        }
        self.expect_rcpt(position + 1);
    }

    pub(super) fn on_data(&mut self, reply: &ServerReply) {
        if reply.code() == ReplyCode::START_MAIL_INPUT {
            if self.reader.pending() > 0 {
                return self.answered_at_once();
            }
            let Some(in_hand) = &self.in_hand else {
                return;
            };
            if in_hand.verdicts.any_taken() {
                let content = Transmit::content(in_hand.message.clone());
                self.send(content, State::Sending(Content::Message));
            } else {
                // The server waits for content though it refused everyone: it gets none, and its answer is nobody's.
                self.send(Transmit::line("."), State::Sending(Content::Nothing));
            }
        } else if super::is_refusal(reply.code()) {
            let ground = Ground::Reply(reply.to_reply());
            self.decide_named(refusal_outcome(reply.code()), Phase::Data, &ground);
            self.leftover = Leftover::Transaction;
            self.next_transaction();
        } else {
            self.unexpected(reply);
        }
    }

    /// The server awaits content and has said something behind that already: there is no way back to commands. A refusal is
    /// the better reason.
    fn answered_at_once(&mut self) {
        match self.reader.next_reply() {
            Ok(Some(reply)) if reply.code() == ReplyCode::NOT_AVAILABLE => self.closing(&reply),
            Ok(Some(reply)) if super::is_refusal(reply.code()) => {
                let ground = Ground::Reply(reply.to_reply());
                self.decide_named(refusal_outcome(reply.code()), Phase::Data, &ground);
                self.abandon("the server refused the content before it had come".to_owned());
            }
            _ => self.abandon("the server sent a reply before the content".to_owned()),
        }
    }

    /// How the next message goes.
    fn flow(&self) -> Flow {
        let pace = if self.extensions.pipelining() {
            Pace::Pipelined
        } else {
            Pace::Lockstep
        };
        let size = self
            .in_hand
            .as_ref()
            .map_or(0, |in_hand| in_hand.message.len());
        let content = match (self.settings.chunking, pace) {
            (Chunking::Never, _) => ContentBy::Data,
            _ if !self.extensions.chunking() => ContentBy::Data,
            (_, Pace::Pipelined) if size <= MAX_EAGER && self.rested == Rested::No => {
                ContentBy::EagerBdat
            }
            _ => ContentBy::Bdat,
        };
        Flow { pace, content }
    }

    fn send_mail(&mut self) {
        if let Some(in_hand) = &self.in_hand {
            let mail = in_hand.mail_command(&self.extensions);
            self.send_command(&mail, State::Mail);
        }
    }

    /// Everything that need not wait for an answer, in one write.
    fn send_flight(&mut self, reset: Leftover) {
        let Some(in_hand) = &self.in_hand else {
            return;
        };
        let mut lines = String::with_capacity(LINE * (3 + in_hand.named.len()));
        if reset == Leftover::Transaction {
            push_line(&mut lines, &Command::Rset);
        }
        push_line(&mut lines, &in_hand.mail_command(&self.extensions));
        for recipient in in_hand.named_recipients() {
            push_line(&mut lines, &rcpt_command(recipient, &self.extensions));
        }
        let transmit = match in_hand.flow.content {
            ContentBy::Data => {
                push_line(&mut lines, &Command::Data);
                Transmit::commands(lines.into_bytes())
            }
            ContentBy::Bdat => Transmit::commands(lines.into_bytes()),
            ContentBy::EagerBdat => {
                push_line(&mut lines, &in_hand.bdat_command());
                Transmit::chunk(lines.into_bytes(), in_hand.message.clone())
            }
        };
        let next = match reset {
            Leftover::Transaction => State::Rset,
            Leftover::Nothing => State::Mail,
        };
        self.send(transmit, next);
    }

    /// The reply about the recipient at this position is next, or what follows the last.
    fn expect_rcpt(&mut self, position: usize) {
        let Some(in_hand) = &self.in_hand else {
            return;
        };
        if let Some(recipient) = in_hand.recipient(position) {
            match in_hand.flow.pace {
                Pace::Pipelined => self.state = State::Rcpt(position),
                Pace::Lockstep => {
                    let command = rcpt_command(recipient, &self.extensions);
                    self.send_command(&command, State::Rcpt(position));
                }
            }
            return;
        }
        let any_taken = in_hand.verdicts.any_taken();
        match (in_hand.flow.content, in_hand.flow.pace) {
            (ContentBy::EagerBdat, _) => {
                let content = if any_taken {
                    Content::Message
                } else {
                    Content::Nothing
                };
                self.state = State::Final(content);
            }
            (ContentBy::Data, Pace::Pipelined) => self.state = State::Data,
            (ContentBy::Data, Pace::Lockstep) if any_taken => {
                self.send_command(&Command::Data, State::Data);
            }
            (ContentBy::Bdat, _) if any_taken => {
                let mut line = String::new();
                push_line(&mut line, &in_hand.bdat_command());
                let chunk = Transmit::chunk(line.into_bytes(), in_hand.message.clone());
                self.send(chunk, State::Final(Content::Message));
            }
            (ContentBy::Data | ContentBy::Bdat, _) => {
                self.leftover = Leftover::Transaction;
                self.next_transaction();
            }
        }
    }
}

/// Whether a server that was verified promises TLS on every hop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EveryHop {
    Promised,
    NotPromised,
}

impl InHand {
    fn named_recipients(&self) -> impl Iterator<Item = &Recipient> {
        let recipients = self.envelope.recipients();
        self.named
            .iter()
            .filter_map(move |&place| recipients.get(place))
    }

    /// The recipient at this position among those named.
    fn recipient(&self, position: usize) -> Option<&Recipient> {
        let place = self.named.get(position)?;
        self.envelope.recipients().get(*place)
    }

    fn bdat_command(&self) -> Command {
        Command::Bdat {
            size: self.message.len() as u64,
            last: BdatLast::Last,
        }
    }

    fn mail_command(&self, offered: &Extensions) -> Command {
        let mut parameters = Vec::new();
        if offered.size().is_some() {
            parameters.push(Parameter::size(self.message.len() as u64));
        }
        if !self.message.is_seven_bit() {
            parameters.push(Parameter::body_eight_bit());
        }
        let utf8_recipient = self
            .named_recipients()
            .any(|recipient| recipient.address().needs_smtputf8());
        if self.message_needs_smtputf8() || utf8_recipient {
            parameters.push(Parameter::flag("SMTPUTF8"));
        }
        if self.envelope.tls() == TlsRequirement::EveryHop {
            parameters.push(Parameter::flag("REQUIRETLS"));
        }
        if offered.dsn() {
            if let Some(content) = self.envelope.return_content() {
                parameters.push(Parameter::written("RET", content.to_string()));
            }
            if let Some(id) = self.envelope.id() {
                parameters.push(Parameter::written("ENVID", id.to_xtext()));
            }
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

    fn decide_what_cannot_be_carried(&mut self, offered: &Extensions, hops: EveryHop) {
        let size = self.message.len() as u64;
        let whole = match offered.size() {
            Some(SizeLimit::Octets(limit)) if size > limit => {
                let detail = format!("the message has {size} octets and the server takes {limit}");
                Some((Outcome::Rejected, (3, 4), detail))
            }
            _ if !self.message.is_seven_bit() && !offered.eight_bit_mime() => {
                let detail =
                    "the message holds 8-bit octets and the server does not offer 8BITMIME";
                Some((UNSUPPORTED, (6, 3), detail.to_owned()))
            }
            _ if self.message_needs_smtputf8() && !offered.smtputf8() => {
                let detail = "the sender or the header holds characters outside ASCII and the server does not offer SMTPUTF8";
                Some((UNSUPPORTED, (6, 7), detail.to_owned()))
            }
            _ if self.envelope.tls() == TlsRequirement::EveryHop
                && hops == EveryHop::NotPromised =>
            {
                let detail = "TLS is required on every hop, and the server does not promise it or was not verified";
                Some((UNSUPPORTED, (7, 30), detail.to_owned()))
            }
            _ => None,
        };
        if let Some((outcome, code, detail)) = whole {
            self.verdicts
                .decide_rest(outcome, Phase::Local, &found(code, detail));
        } else if !offered.smtputf8() {
            let detail =
                "the address holds characters outside ASCII and the server does not offer SMTPUTF8";
            let ground = found((6, 7), detail.to_owned());
            let beyond: Vec<usize> = self
                .verdicts
                .open()
                .filter(|(_, recipient)| recipient.needs_smtputf8())
                .map(|(place, _)| place)
                .collect();
            self.verdicts
                .decide_among(&beyond, UNSUPPORTED, Phase::Local, &ground);
        }
    }
}

fn found((subject, detail): (u16, u16), text: String) -> Ground {
    match EnhancedCode::new(5, subject, detail) {
        Some(enhanced) => Ground::Found(enhanced, text),
        None => Ground::Detail(text),
    }
}

fn rcpt_command(recipient: &Recipient, offered: &Extensions) -> Command {
    let mut parameters = Vec::new();
    if offered.dsn() {
        if let Some(notify) = recipient.notify() {
            parameters.push(Parameter::written("NOTIFY", notify.to_string()));
        }
        if let Some(original) = recipient.original() {
            parameters.push(Parameter::written("ORCPT", original.to_parameter()));
        }
    }
    Command::Rcpt {
        recipient: ForwardPath::from(recipient.address().clone()),
        parameters,
    }
}

fn push_line(lines: &mut String, command: &Command) {
    use std::fmt::Write as _;
    // Writing to a string does not fail.
    let _ = write!(lines, "{command}\r\n");
}

/// 552 says "too many recipients" where RFC 821 was followed, and is to be taken for 452
/// ([RFC 5321 §4.5.3.1.10](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.10)); an enhanced code that says
/// something else, such as a full mailbox, is believed.
fn rcpt_outcome(reply: &ServerReply) -> Outcome {
    if reply.code().get() == 552 && is_one_too_many(reply) {
        Outcome::Deferred
    } else {
        refusal_outcome(reply.code())
    }
}

/// Whether a reply says that the server takes no more recipients in this transaction.
fn is_one_too_many(reply: &ServerReply) -> bool {
    matches!(reply.code().get(), 452 | 552)
        && reply
            .enhanced()
            .is_none_or(|enhanced| (enhanced.subject(), enhanced.detail()) == (5, 3))
}

const UNSUPPORTED: Outcome = Outcome::NotAttempted(NotAttemptedReason::Unsupported);

/// The largest message that goes along with its envelope, in octets: beyond it, what a refusal would throw away costs
/// more than the round trip.
const MAX_EAGER: usize = 1 << 20;

/// The most recipients of one transaction where nobody says how many: the replies to them wait in memory while the message
/// is written, and Postfix closes a connection that names many more than the 1000 it takes.
const MAX_RECIPIENTS: usize = 1_000;

/// What a line takes, more or less.
const LINE: usize = 64;
