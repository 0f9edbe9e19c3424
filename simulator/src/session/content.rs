//! The content of a message.

use letterhead_mail::Message;
use letterhead_transport::smtp::{DataFinding, DataFindingKind, DataProgress};

use super::transaction::{Body, Charset, Transaction};
use super::{
    Finding, LinePolicy, Protection, Question, ReceivedMessage, ServerSession, Speaker, State,
};

impl ServerSession {
    /// Reads on in content behind DATA.
    pub(super) fn content(&mut self) {
        let State::Content(reader) = &mut self.state else {
            return;
        };
        let left = match reader.feed(self.input.unused()) {
            DataProgress::More => return self.input.leave(0),
            DataProgress::Complete { rest } => rest.len(),
        };
        self.input.leave(left);
        self.pieces += 1;
        if let State::Content(reader) = std::mem::replace(&mut self.state, State::Command) {
            let told = format!("({} octets, and the end of data)", reader.size());
            self.transcript.push(Speaker::Client, told.as_bytes());
            let findings = reader.findings().to_vec();
            self.finish_content(reader.into_message(), &findings);
        }
    }

    /// All of the content has come: whatever becomes of it, the transaction is over.
    pub(super) fn finish_content(&mut self, octets: Vec<u8>, findings: &[DataFinding]) {
        let Some(transaction) = self.transaction.take() else {
            return self.refuse(503, (5, 5, 1), "send MAIL first");
        };
        if let Some(kind) = self.refused(findings) {
            return self.refuse_content(kind);
        }
        let policy = self.config.line_policy;
        let is_flawed = !findings.is_empty();
        let policy = if is_flawed {
            policy
        } else {
            LinePolicy::Reject
        };
        let Ok(message) = policy.message(octets) else {
            return self.refuse(554, (5, 6, 0), "the message is refused: line ends");
        };
        // Line ends that were put in count too.
        if is_flawed
            && u64::try_from(message.len()).unwrap_or(u64::MAX) > self.config.maximum_octets
        {
            return self.refuse_content(DataFindingKind::TooLarge);
        }
        if policy == LinePolicy::AcceptAndReport {
            for finding in findings {
                self.transcript.find(Finding::Content(*finding));
            }
        }
        self.finish_message(transaction, message);
    }

    /// The finding for which content is refused: its size before all else.
    pub(super) fn refused(&self, findings: &[DataFinding]) -> Option<DataFindingKind> {
        let is_strict = self.config.line_policy == LinePolicy::Reject;
        let kinds = findings.iter().map(|finding| finding.kind());
        kinds
            .filter(|kind| *kind == DataFindingKind::TooLarge || is_strict)
            .min_by_key(|kind| *kind != DataFindingKind::TooLarge)
    }

    pub(super) fn refuse_content(&mut self, kind: DataFindingKind) {
        let text = format!("the message is refused: {kind}");
        match kind {
            DataFindingKind::TooLarge => self.reply(552, (5, 3, 4), &text),
            _ => self.refuse(554, (5, 6, 0), &text),
        }
    }

    fn finish_message(&mut self, transaction: Transaction, message: Message) {
        let (charset, body) = (transaction.announced.charset, transaction.announced.body);
        // UTF-8 in the header comes with SMTPUTF8, which also covers the body's octets (RFC 6531 §3.6).
        let unannounced = if charset == Charset::Utf8 {
            None
        } else if message.has_utf8_headers() {
            Some(((5, 6, 9), "UTF-8 in the header needs SMTPUTF8"))
        } else if body == Body::SevenBit && !message.is_seven_bit() {
            Some(((5, 6, 3), "octets outside ASCII need BODY=8BITMIME"))
        } else {
            None
        };
        match (unannounced, self.config.line_policy) {
            (Some((enhanced, text)), LinePolicy::Reject) => {
                return self.refuse(554, enhanced, text);
            }
            (Some(_), LinePolicy::AcceptAndReport) => {
                self.transcript.find(Finding::UnannouncedOctets);
            }
            (Some(_), LinePolicy::Normalise) | (None, _) => {}
        }
        let Ok(envelope) = transaction.into_envelope() else {
            return self.refuse(503, (5, 5, 1), "no valid recipients");
        };
        let protocol = self.protocol(charset);
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
        let is_tls = self.protection == Protection::Tls;
        match (charset, is_tls, self.user.is_some()) {
            (Charset::Ascii, false, false) if !self.is_esmtp() => "SMTP",
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
