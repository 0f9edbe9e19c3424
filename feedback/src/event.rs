//! What came back about one message and one recipient.

mod id;
mod kind;
mod proof;
mod reason;

use std::time::SystemTime;

use letterhead_mail::{EmailAddress, EnhancedCode, Reply};

pub use id::{EventId, EventIdError};
pub use kind::{EventKind, Permanence};
pub use proof::Proof;
pub use reason::Reason;

use crate::text;

/// What came back about one message and one recipient, whoever said so: a mail server, a mailbox provider, a person's
/// mail program, a sending provider.
///
/// Everything in it is what the report says. Anyone can write a report, so an event begins as [`Proof::Unproven`], and
/// whoever can check it raises that with [`with_proof`](Self::with_proof).
///
/// ```
/// use letterhead_feedback::{Event, EventKind, Permanence, Proof};
///
/// let event = Event::new(EventKind::Bounced(Permanence::Hard))
///     .with_recipient("joe@example.org".parse()?)
///     .with_message_id("<1@mail.example.com>")
///     .with_proof(Proof::KnownMessage);
/// assert_eq!(event.addressee().map(ToString::to_string).as_deref(), Some("joe@example.org"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    kind: EventKind,
    recipient: Option<EmailAddress>,
    original_recipient: Option<EmailAddress>,
    message_id: Option<String>,
    original_envelope_id: Option<String>,
    time: Option<SystemTime>,
    status: Option<EnhancedCode>,
    reply: Option<Reply>,
    diagnostic: Option<String>,
    remote_mta: Option<String>,
    reporting_mta: Option<String>,
    reason: Reason,
    proof: Proof,
}

impl Event {
    /// The most characters that are kept of the diagnostic text.
    pub const MAX_DIAGNOSTIC: usize = 1_024;
    /// The most characters that are kept of a server's name or an envelope id.
    pub const MAX_NAME: usize = 255;

    /// An event of which only the kind is known.
    #[must_use]
    pub fn new(kind: EventKind) -> Self {
        Self {
            kind,
            recipient: None,
            original_recipient: None,
            message_id: None,
            original_envelope_id: None,
            time: None,
            status: None,
            reply: None,
            diagnostic: None,
            remote_mta: None,
            reporting_mta: None,
            reason: Reason::UNSPECIFIED,
            proof: Proof::Unproven,
        }
    }

    /// With the address that it came to in the end, after forwarding.
    #[must_use]
    pub fn with_recipient(mut self, recipient: EmailAddress) -> Self {
        self.recipient = Some(recipient);
        self
    }

    /// With the address as the sender of the message wrote it.
    #[must_use]
    pub fn with_original_recipient(mut self, recipient: EmailAddress) -> Self {
        self.original_recipient = Some(recipient);
        self
    }

    /// With the Message-ID of the message it is about. Missing angle brackets are added; text that cannot be a
    /// Message-ID (white space, controls, more than 998 characters) leaves the event without one.
    #[must_use]
    pub fn with_message_id(mut self, message_id: &str) -> Self {
        self.message_id = text::message_id(message_id);
        self
    }

    /// With the ENVID that the sender gave
    /// ([RFC 3461 §4.4](https://www.rfc-editor.org/rfc/rfc3461#section-4.4)), cut to [`MAX_NAME`](Self::MAX_NAME).
    #[must_use]
    pub fn with_original_envelope_id(mut self, envelope_id: &str) -> Self {
        self.original_envelope_id = text::shown(envelope_id, Self::MAX_NAME);
        self
    }

    /// With when it happened.
    #[must_use]
    pub fn with_time(mut self, time: SystemTime) -> Self {
        self.time = Some(time);
        self
    }

    /// With the enhanced status code.
    #[must_use]
    pub fn with_status(mut self, status: EnhancedCode) -> Self {
        self.status = Some(status);
        self
    }

    /// With the SMTP reply that decided it.
    #[must_use]
    pub fn with_reply(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// With the reporter's own words. Control characters become spaces; what goes beyond
    /// [`MAX_DIAGNOSTIC`](Self::MAX_DIAGNOSTIC) characters is cut.
    #[must_use]
    pub fn with_diagnostic(mut self, diagnostic: &str) -> Self {
        self.diagnostic = text::shown(diagnostic, Self::MAX_DIAGNOSTIC);
        self
    }

    /// With the server that gave the reply, cut to [`MAX_NAME`](Self::MAX_NAME).
    #[must_use]
    pub fn with_remote_mta(mut self, server: &str) -> Self {
        self.remote_mta = text::shown(server, Self::MAX_NAME);
        self
    }

    /// With the server that wrote the report, cut to [`MAX_NAME`](Self::MAX_NAME).
    #[must_use]
    pub fn with_reporting_mta(mut self, server: &str) -> Self {
        self.reporting_mta = text::shown(server, Self::MAX_NAME);
        self
    }

    /// With why.
    #[must_use]
    pub fn with_reason(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }

    /// With how far it is proven. Only whoever has checked may raise this; see [`Proof`] for what each value promises.
    #[must_use]
    pub fn with_proof(mut self, proof: Proof) -> Self {
        self.proof = proof;
        self
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    /// The address that the message came to in the end; another than the one mailed where it was forwarded.
    #[must_use]
    pub fn recipient(&self) -> Option<&EmailAddress> {
        self.recipient.as_ref()
    }

    /// The address as the sender of the message wrote it, where the report keeps it.
    #[must_use]
    pub fn original_recipient(&self) -> Option<&EmailAddress> {
        self.original_recipient.as_ref()
    }

    /// The address that was written to, as far as the report tells: the original recipient, else the final one.
    ///
    /// This is the address to look up before raising the proof, and the one that a suppression list acts on: what a
    /// message was forwarded to was never written to, and suppressing it would change nothing.
    #[must_use]
    pub fn addressee(&self) -> Option<&EmailAddress> {
        self.original_recipient.as_ref().or(self.recipient.as_ref())
    }

    /// The Message-ID of the message that it is about, with its angle brackets.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        self.message_id.as_deref()
    }

    /// The ENVID that the sender gave.
    #[must_use]
    pub fn original_envelope_id(&self) -> Option<&str> {
        self.original_envelope_id.as_deref()
    }

    /// When it happened; `None` where the report does not say. A report can name any time, also one to come.
    #[must_use]
    pub fn time(&self) -> Option<SystemTime> {
        self.time
    }

    /// The enhanced status code.
    #[must_use]
    pub fn status(&self) -> Option<EnhancedCode> {
        self.status
    }

    /// The SMTP reply that decided it.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        self.reply.as_ref()
    }

    /// The reporter's own words.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&str> {
        self.diagnostic.as_deref()
    }

    /// The server that gave the reply.
    #[must_use]
    pub fn remote_mta(&self) -> Option<&str> {
        self.remote_mta.as_deref()
    }

    /// The server that wrote the report.
    #[must_use]
    pub fn reporting_mta(&self) -> Option<&str> {
        self.reporting_mta.as_deref()
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// How far it is proven.
    #[must_use]
    pub fn proof(&self) -> Proof {
        self.proof
    }

    /// A name for the event, the same in every process: two reports of the same thing have the same one.
    ///
    /// It is made of the kind, the addressee, the status, and the Message-ID or else the envelope id. Where both are
    /// missing, time, diagnostic and reporting server stand in for them, so that two bounces of two messages do not
    /// become one. Proof and reason play no part.
    #[must_use]
    pub fn id(&self) -> EventId {
        let addressee = self
            .addressee()
            .map(|address| crate::SuppressionKey::from(address).to_string());
        let status = self.status.map(|status| status.to_string());
        let mut parts = vec![
            Some(self.kind.as_str()),
            addressee.as_deref(),
            status.as_deref(),
        ];
        let time;
        if self.message_id.is_some() || self.original_envelope_id.is_some() {
            let by_message = self.message_id.is_some();
            parts.push(Some(if by_message { "message" } else { "envelope" }));
            parts.push(self.message_id().or_else(|| self.original_envelope_id()));
        } else {
            let since_epoch = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
            time = self
                .time
                .and_then(since_epoch)
                .map(|since| since.as_secs().to_string());
            parts.extend([
                Some("report"),
                time.as_deref(),
                self.diagnostic(),
                self.reporting_mta(),
            ]);
        }
        EventId::of(&parts)
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, EventKind, Permanence, Proof, Reason};

    fn bounce() -> Event {
        Event::new(EventKind::Bounced(Permanence::Soft))
            .with_recipient("joe@example.org".parse().unwrap())
    }

    #[test]
    fn the_id_is_the_same_for_two_reports_of_the_same_thing() {
        let first = bounce()
            .with_message_id("<1@x.example>")
            .with_diagnostic("smtp; 450 full");
        let second = bounce()
            .with_message_id("1@x.example")
            .with_proof(Proof::KnownMessage)
            .with_reason(Reason::MAILBOX_FULL);
        assert_eq!(first.id(), second.id());
        assert_eq!(first.id().to_string(), "ea0d1a6014cb2779f70bf2009d9d686d");
    }

    #[test]
    fn the_id_differs_where_the_event_does() {
        let event = bounce().with_message_id("<1@x.example>");
        let hard = Event::new(EventKind::Bounced(Permanence::Hard))
            .with_recipient("joe@example.org".parse().unwrap())
            .with_message_id("<1@x.example>");
        let others = [
            bounce(),
            bounce().with_message_id("<2@x.example>"),
            bounce().with_original_envelope_id("<1@x.example>"),
            event
                .clone()
                .with_recipient("ann@example.org".parse().unwrap()),
            event.clone().with_status("4.2.2".parse().unwrap()),
            hard,
        ];
        for other in others {
            assert_ne!(event.id(), other.id(), "{other:?}");
        }
        assert_ne!(
            bounce().with_diagnostic("a").id(),
            bounce().with_diagnostic("b").id()
        );
    }

    #[test]
    fn what_is_kept_holds_no_controls_and_is_bounded() {
        let event = bounce().with_diagnostic(&format!("a\r\nb\0{}", "x".repeat(5_000)));
        let text = event.diagnostic().unwrap();
        assert!(text.starts_with("a b x"), "{text}");
        assert_eq!(text.chars().count(), Event::MAX_DIAGNOSTIC);
        assert_eq!(bounce().with_message_id("<a b@x>").message_id(), None);
        assert_eq!(bounce().with_message_id("a@x").message_id(), Some("<a@x>"));
    }
}
