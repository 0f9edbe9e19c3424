//! What came back about one message and one recipient.

mod builder;
mod id;
mod kind;
mod proof;
mod reason;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_mail::{
    EmailAddress, EnhancedCode, IdentityName, Reply, StreamId, SubmissionId, TenantId,
};

pub use id::{EventId, EventIdError};
pub use kind::{EventKind, Permanence};
pub use proof::Proof;
pub use reason::Reason;

use crate::origin::Origin;
use crate::provider::Provider;

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
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    kind: EventKind,
    native_kind: Option<String>,
    provider: Option<Provider>,
    provider_event_id: Option<String>,
    provider_message_id: Option<String>,
    recipient: Option<EmailAddress>,
    original_recipient: Option<EmailAddress>,
    candidates: Vec<EmailAddress>,
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
    origin: Origin,
    raw: Option<Arc<[u8]>>,
}

impl Event {
    /// The most characters that are kept of the diagnostic text.
    pub const MAX_DIAGNOSTIC: usize = 1_024;
    /// The most characters that are kept of a server's name or an envelope id.
    pub const MAX_NAME: usize = 255;
    /// The most [candidates](Self::candidates) that are kept.
    pub const MAX_CANDIDATES: usize = 100;

    /// An event of which only the kind is known.
    #[must_use]
    pub fn new(kind: EventKind) -> Self {
        Self {
            kind,
            native_kind: None,
            provider: None,
            provider_event_id: None,
            provider_message_id: None,
            recipient: None,
            original_recipient: None,
            candidates: Vec::new(),
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
            origin: Origin::default(),
            raw: None,
        }
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

    /// The addresses of which one is meant, where the report does not say which: a complaint about a message that went to
    /// several, from a mailbox provider that does not name who complained. Such an event has no
    /// [addressee](Self::addressee), so that nobody is suppressed for what another did.
    #[must_use]
    pub fn candidates(&self) -> &[EmailAddress] {
        &self.candidates
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

    /// The reporter's own words for what happened.
    #[must_use]
    pub fn native_kind(&self) -> Option<&str> {
        self.native_kind.as_deref()
    }

    /// The sending provider that reports it.
    #[must_use]
    pub fn provider(&self) -> Option<Provider> {
        self.provider
    }

    /// The provider's own id of the event.
    #[must_use]
    pub fn provider_event_id(&self) -> Option<&str> {
        self.provider_event_id.as_deref()
    }

    /// The name under which the provider keeps the message.
    #[must_use]
    pub fn provider_message_id(&self) -> Option<&str> {
        self.provider_message_id.as_deref()
    }

    /// Whose mail it is about, where that is known.
    #[must_use]
    pub fn tenant(&self) -> Option<&TenantId> {
        self.origin.tenant.as_ref()
    }

    /// The identity that the mail was sent under, where that is known.
    #[must_use]
    pub fn identity(&self) -> Option<&IdentityName> {
        self.origin.identity.as_ref()
    }

    /// The stream that the mail belongs to, where that is known.
    #[must_use]
    pub fn stream(&self) -> Option<&StreamId> {
        self.origin.stream.as_ref()
    }

    /// The submission that it is about, where that is known.
    #[must_use]
    pub fn submission(&self) -> Option<&SubmissionId> {
        self.origin.submission.as_ref()
    }

    /// What it was read from.
    #[must_use]
    pub fn raw(&self) -> Option<&[u8]> {
        self.raw.as_deref()
    }

    /// A name for the event, the same in every process: two reports of the same thing have the same one.
    ///
    /// It is made of the kind and the addressee, and of the provider's own id of the event where there is one. Otherwise of
    /// the status and the Message-ID, or else the envelope id, or the provider's id of the message; where all are missing,
    /// time, diagnostic and reporting server stand in for them, so that two bounces of two messages do not become one.
    /// Proof, reason, and whose mail it is play no part.
    #[must_use]
    pub fn id(&self) -> EventId {
        let addressee = self
            .addressee()
            .map(|address| crate::SuppressionKey::from(address).to_string());
        let mut parts = vec![Some(self.kind.as_str()), addressee.as_deref()];
        let provider = self.provider.map(Provider::as_str);
        let time;
        if let Some(id) = self.provider_event_id() {
            parts.extend([provider, Some("event"), Some(id)]);
            return EventId::of(&parts);
        }
        let status = self.status.map(|status| status.to_string());
        parts.push(status.as_deref());
        if let Some(id) = self.message_id() {
            parts.extend([Some("message"), Some(id)]);
        } else if let Some(id) = self.original_envelope_id() {
            parts.extend([Some("envelope"), Some(id)]);
        } else if let Some(id) = self.provider_message_id() {
            parts.extend([provider, Some("provider"), Some(id)]);
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

/// What it was read from is shown as its length only.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("kind", &self.kind)
            .field("native_kind", &self.native_kind)
            .field("provider", &self.provider)
            .field("provider_event_id", &self.provider_event_id)
            .field("provider_message_id", &self.provider_message_id)
            .field("recipient", &self.recipient)
            .field("original_recipient", &self.original_recipient)
            .field("candidates", &self.candidates)
            .field("message_id", &self.message_id)
            .field("original_envelope_id", &self.original_envelope_id)
            .field("time", &self.time)
            .field("status", &self.status)
            .field("reply", &self.reply)
            .field("diagnostic", &self.diagnostic)
            .field("remote_mta", &self.remote_mta)
            .field("reporting_mta", &self.reporting_mta)
            .field("reason", &self.reason)
            .field("proof", &self.proof)
            .field("tenant", &self.origin.tenant)
            .field("identity", &self.origin.identity)
            .field("stream", &self.origin.stream)
            .field("submission", &self.origin.submission)
            .field("raw_octets", &self.raw.as_deref().map(<[u8]>::len))
            .finish()
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
            event.clone().with_provider_event_id("7"),
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
