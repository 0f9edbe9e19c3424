//! MAIL and RCPT.

use letterhead_mail::envelope::{EmptyEnvelope, EnvelopeId, ReturnContent, TlsRequirement};
use letterhead_mail::{EmailAddress, Envelope, Recipient, ReversePath};
use letterhead_transport::smtp::{ChunkReader, ForwardPath, Parameter};

use super::{Finding, Question, ServerSession};

/// A mail transaction: what MAIL and RCPT have said so far.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) sender: ReversePath,
    pub(super) announced: Announced,
    pub(super) recipients: Vec<Recipient>,
    /// A recipient that the host has been asked about.
    candidate: Option<Recipient>,
    pub(super) chunks: Chunks,
}

/// What the parameters of MAIL announce.
#[derive(Debug, Default)]
pub(super) struct Announced {
    pub(super) body: Body,
    pub(super) charset: Charset,
    pub(super) id: Option<EnvelopeId>,
    pub(super) return_content: Option<ReturnContent>,
    pub(super) tls: TlsRequirement,
}

/// What BODY announced ([RFC 6152 §3](https://www.rfc-editor.org/rfc/rfc6152#section-3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Body {
    #[default]
    SevenBit,
    EightBitMime,
}

/// Whether SMTPUTF8 was announced ([RFC 6531 §3.4](https://www.rfc-editor.org/rfc/rfc6531#section-3.4)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Charset {
    #[default]
    Ascii,
    Utf8,
}

/// What has come by BDAT.
#[derive(Debug, Default)]
pub(super) enum Chunks {
    /// Nothing yet; DATA may come as well.
    #[default]
    None,
    /// The message so far.
    Taken(ChunkReader),
    /// A chunk was refused, and with it the message.
    Refused,
}

/// Why something is refused: code, enhanced code and text.
pub(super) type Refusal = (u16, (u8, u16, u16), &'static str);

impl Transaction {
    /// The recipients that were taken.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &EmailAddress> {
        self.recipients.iter().map(Recipient::address)
    }

    /// The host has taken the recipient that it was asked about.
    pub(super) fn take_candidate(&mut self) {
        self.recipients.extend(self.candidate.take());
    }

    /// Sender, recipients and what was asked for them.
    pub(super) fn into_envelope(self) -> Result<Envelope, EmptyEnvelope> {
        let announced = self.announced;
        let mut envelope = Envelope::new(self.sender, self.recipients)?.with_tls(announced.tls);
        if let Some(id) = announced.id {
            envelope = envelope.with_id(id);
        }
        if let Some(content) = announced.return_content {
            envelope = envelope.with_return_content(content);
        }
        Ok(envelope)
    }
}

impl ServerSession {
    pub(super) fn mail(&mut self, sender: ReversePath, parameters: &[Parameter]) {
        if let Some((code, enhanced, text)) = self.missing_before_mail(&sender) {
            return self.refuse(code, enhanced, text);
        }
        if self.transaction.is_some() {
            return self.refuse(503, (5, 5, 1), "a transaction is open already");
        }
        let announced = match self.mail_parameters(parameters) {
            Ok(announced) => announced,
            Err((code, enhanced, text)) => return self.refuse(code, enhanced, text),
        };
        let needs_utf8 = sender.address().is_some_and(EmailAddress::needs_smtputf8);
        if needs_utf8 && announced.charset == Charset::Ascii {
            return self.refuse(553, (5, 6, 7), "this address needs SMTPUTF8");
        }
        self.transaction = Some(Transaction {
            sender: sender.clone(),
            announced,
            recipients: Vec::new(),
            candidate: None,
            chunks: Chunks::None,
        });
        let user = self.user.clone();
        self.ask(Question::Sender { sender, user });
    }

    pub(super) fn rcpt(&mut self, recipient: ForwardPath, parameters: &[Parameter]) {
        let Some(transaction) = &self.transaction else {
            return self.refuse(503, (5, 5, 1), "send MAIL first");
        };
        if !matches!(transaction.chunks, Chunks::None) {
            return self.refuse(503, (5, 5, 1), "the message has begun already");
        }
        let asked = match self.rcpt_parameters(parameters, transaction.announced.charset) {
            Ok(asked) => asked,
            Err((code, enhanced, text)) => return self.refuse(code, enhanced, text),
        };
        let address = match recipient {
            ForwardPath::Address(address) => address,
            ForwardPath::Postmaster => {
                match EmailAddress::new("postmaster", self.config.host.clone()) {
                    Ok(address) => address,
                    Err(_) => return self.refuse(550, (5, 1, 1), "no postmaster here"),
                }
            }
        };
        if address.needs_smtputf8() && transaction.announced.charset == Charset::Ascii {
            return self.refuse(553, (5, 6, 7), "this address needs SMTPUTF8");
        }
        // A recipient too many is refused for now: the client sends the rest in a transaction of its own
        // (RFC 5321 §4.5.3.1.10), so it is no error of the client's.
        if transaction.recipients.len() >= self.config.maximum_recipients {
            return self.reply(452, (4, 5, 3), "too many recipients");
        }
        let question = Question::Recipient {
            sender: transaction.sender.clone(),
            recipient: address.clone(),
            before: transaction.recipients.len(),
            user: self.user.clone(),
        };
        let mut recipient = Recipient::from(address);
        if let Some(notify) = asked.notify {
            recipient = recipient.with_notify(notify);
        }
        if let Some(original) = asked.original {
            recipient = recipient.with_original(original);
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.candidate = Some(recipient);
        }
        if let Some(value) = asked.foreign_original {
            self.transcript
                .find(Finding::ForeignOriginalRecipient { value });
        }
        self.ask(question);
    }
}
