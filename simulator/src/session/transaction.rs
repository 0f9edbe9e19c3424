//! MAIL and RCPT.

use letterhead_mail::{EmailAddress, ReversePath};
use letterhead_transport::smtp::{ForwardPath, Parameter};

use super::{Dialect, Question, ServerSession};

/// A mail transaction: what MAIL and RCPT have said so far.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) sender: ReversePath,
    pub(super) recipients: Vec<EmailAddress>,
    pub(super) body: Body,
    pub(super) charset: Charset,
}

/// What BODY announced ([RFC 6152 §3](https://www.rfc-editor.org/rfc/rfc6152#section-3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    SevenBit,
    EightBitMime,
}

/// Whether SMTPUTF8 was announced ([RFC 6531 §3.4](https://www.rfc-editor.org/rfc/rfc6531#section-3.4)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Ascii,
    Utf8,
}

/// Why a command's parameters are refused: code, enhanced code and text.
type Refusal = (u16, (u8, u16, u16), &'static str);

impl ServerSession {
    pub(super) fn mail(&mut self, sender: ReversePath, parameters: &[Parameter]) {
        if let Some(missing) = self.missing_before_mail() {
            self.say(&missing);
            return self.count_error();
        }
        if self.transaction.is_some() {
            return self.refuse(503, (5, 5, 1), "a transaction is open already");
        }
        let (body, charset) = match self.mail_parameters(parameters) {
            Ok(announced) => announced,
            Err((code, enhanced, text)) => return self.refuse(code, enhanced, text),
        };
        let needs_utf8 = sender.address().is_some_and(EmailAddress::needs_smtputf8);
        if needs_utf8 && charset == Charset::Ascii {
            return self.refuse(553, (5, 6, 7), "this address needs SMTPUTF8");
        }
        self.transaction = Some(Transaction {
            sender: sender.clone(),
            recipients: Vec::new(),
            body,
            charset,
        });
        let user = self.user.clone();
        self.ask(Question::Sender { sender, user });
    }

    pub(super) fn rcpt(&mut self, recipient: ForwardPath, parameters: &[Parameter]) {
        let Some(transaction) = &self.transaction else {
            return self.refuse(503, (5, 5, 1), "send MAIL first");
        };
        if !parameters.is_empty() {
            return self.refuse(555, (5, 5, 4), "unknown parameter of RCPT");
        }
        let recipient = match recipient {
            ForwardPath::Address(address) => address,
            ForwardPath::Postmaster => {
                match EmailAddress::new("postmaster", self.config.host.clone()) {
                    Ok(address) => address,
                    Err(_) => return self.refuse(550, (5, 1, 1), "no postmaster here"),
                }
            }
        };
        if recipient.needs_smtputf8() && transaction.charset == Charset::Ascii {
            return self.refuse(553, (5, 6, 7), "this address needs SMTPUTF8");
        }
        // A recipient too many is refused for now: the client sends the rest in a transaction of its own
        // (RFC 5321 §4.5.3.1.10), so it is no error of the client's.
        if transaction.recipients.len() >= self.config.maximum_recipients {
            return self.reply(452, (4, 5, 3), "too many recipients");
        }
        let question = Question::Recipient {
            sender: transaction.sender.clone(),
            recipient,
            before: transaction.recipients.len(),
            user: self.user.clone(),
        };
        self.ask(question);
    }

    fn mail_parameters(&self, parameters: &[Parameter]) -> Result<(Body, Charset), Refusal> {
        const UNKNOWN: Refusal = (555, (5, 5, 4), "unknown parameter of MAIL");
        const VALUE: Refusal = (501, (5, 5, 4), "a parameter of MAIL has a bad value");
        let (mut body, mut charset) = (Body::SevenBit, Charset::Ascii);
        let is_esmtp = self
            .client
            .as_ref()
            .is_some_and(|client| client.dialect == Dialect::Esmtp);
        if !parameters.is_empty() && !is_esmtp {
            return Err((555, (5, 5, 4), "parameters need EHLO"));
        }
        for (position, parameter) in parameters.iter().enumerate() {
            let earlier = parameters.iter().take(position);
            if earlier
                .into_iter()
                .any(|other| other.is(parameter.keyword()))
            {
                return Err((501, (5, 5, 4), "a parameter of MAIL is given twice"));
            }
            match (parameter.keyword(), parameter.value()) {
                ("SIZE", Some(value)) => {
                    let is_number = value.len() <= 20 && value.bytes().all(|b| b.is_ascii_digit());
                    // Twenty digits may be more than 64 bits hold; that is too large as well.
                    let size = if is_number {
                        value.parse().unwrap_or(u64::MAX)
                    } else {
                        return Err(VALUE);
                    };
                    if size > self.config.maximum_octets {
                        return Err((552, (5, 3, 4), "the message is too large"));
                    }
                }
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("7BIT") => {}
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("8BITMIME") => {
                    body = Body::EightBitMime;
                }
                ("SMTPUTF8", None) => charset = Charset::Utf8,
                ("SIZE" | "BODY" | "SMTPUTF8", _) => return Err(VALUE),
                // Who submitted it first, for servers that trust each other; it may be left out of account
                // (RFC 4954 §5).
                ("AUTH", Some(_)) if self.offers_auth() => {}
                _ => return Err(UNKNOWN),
            }
        }
        Ok((body, charset))
    }
}
