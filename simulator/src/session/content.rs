//! The content of a message.

use letterhead_mail::{Envelope, LineEndings, Message};
use letterhead_transport::smtp::{DataFindingKind, DataProgress, DataReader};

use super::transaction::{Body, Charset};
use super::{
    Client, Dialect, Protection, Question, ReceivedMessage, ServerSession, Speaker, Stage,
};

impl ServerSession {
    pub(super) fn content(&mut self) {
        let octets = self.input.take();
        let Stage::Content(reader) = &mut self.stage else {
            return;
        };
        let DataProgress::Complete { rest } = reader.feed(&octets) else {
            return;
        };
        self.input.push(rest);
        if let Stage::Content(reader) = std::mem::replace(&mut self.stage, Stage::Command) {
            self.finish_content(reader);
        }
    }

    fn finish_content(&mut self, reader: DataReader) {
        let size = reader.size();
        self.transcript.push(
            Speaker::Client,
            format!("({size} octets, and the end of data)").as_bytes(),
        );
        let finding = reader
            .findings()
            .iter()
            .map(|finding| finding.kind())
            .min_by_key(|kind| *kind != DataFindingKind::TooLarge);
        if let Some(kind) = finding {
            self.transaction = None;
            let text = format!("the message is refused: {kind}");
            return match kind {
                DataFindingKind::TooLarge => self.reply(552, (5, 3, 4), &text),
                _ => self.refuse(554, (5, 6, 0), &text),
            };
        }
        let mut octets = reader.into_message();
        if octets.is_empty() {
            octets.extend_from_slice(b"\r\n");
        }
        let Ok(message) = Message::from_bytes(octets, LineEndings::Strict) else {
            self.transaction = None;
            return self.refuse(554, (5, 6, 0), "the message is refused: line ends");
        };
        self.finish_message(message);
    }

    fn finish_message(&mut self, message: Message) {
        let Some(transaction) = &self.transaction else {
            return self.refuse(503, (5, 5, 1), "send MAIL first");
        };
        // UTF-8 in the header comes with SMTPUTF8, which also covers the body's octets (RFC 6531 §3.6).
        if transaction.charset == Charset::Ascii && message.has_utf8_headers() {
            self.transaction = None;
            return self.refuse(554, (5, 6, 9), "UTF-8 in the header needs SMTPUTF8");
        }
        if transaction.body == Body::SevenBit
            && transaction.charset == Charset::Ascii
            && !message.is_seven_bit()
        {
            self.transaction = None;
            return self.refuse(554, (5, 6, 3), "octets outside ASCII need BODY=8BITMIME");
        }
        let recipients = transaction.recipients.iter().cloned();
        let Ok(envelope) = Envelope::new(transaction.sender.clone(), recipients) else {
            return self.refuse(503, (5, 5, 1), "no valid recipients");
        };
        let protocol = self.protocol(transaction.charset);
        let client_name = self.client.as_ref().map(|client| client.name.clone());
        self.ask(Question::Message(ReceivedMessage {
            message,
            envelope,
            client_name: client_name.unwrap_or_default(),
            protocol,
            user: self.user.clone(),
        }));
    }

    /// [RFC 3848](https://www.rfc-editor.org/rfc/rfc3848), and for UTF-8
    /// [RFC 6531 §4.3](https://www.rfc-editor.org/rfc/rfc6531#section-4.3).
    fn protocol(&self, charset: Charset) -> &'static str {
        let is_smtp = matches!(
            &self.client,
            Some(Client {
                dialect: Dialect::Smtp,
                ..
            })
        );
        let is_tls = self.protection == Protection::Tls;
        match (charset, is_tls, self.user.is_some()) {
            (Charset::Ascii, false, false) if is_smtp => "SMTP",
            (Charset::Ascii, false, false) => "ESMTP",
            (Charset::Ascii, true, false) => "ESMTPS",
            (Charset::Ascii, false, true) => "ESMTPA",
            (Charset::Ascii, true, true) => "ESMTPSA",
            (Charset::Utf8, false, false) => "UTF8SMTP",
            (Charset::Utf8, true, false) => "UTF8SMTPS",
            (Charset::Utf8, false, true) => "UTF8SMTPA",
            (Charset::Utf8, true, true) => "UTF8SMTPSA",
        }
    }
}
