//! How an event is put together.

use std::sync::Arc;
use std::time::SystemTime;

use letterhead_mail::{
    EmailAddress, EnhancedCode, IdentityName, Reply, StreamId, SubmissionId, TenantId,
};

use super::{Event, Proof, Reason};
use crate::origin::Origin;
use crate::provider::Provider;
use crate::text;

impl Event {
    /// With the reporter's own words for what happened, kept as they are: the feedback type of a complaint, the action of a
    /// delivery status, a provider's event type with its subtypes behind slashes (`Bounce/Permanent/General`). Cut to
    /// [`MAX_NAME`](Self::MAX_NAME).
    #[must_use]
    pub fn with_native_kind(mut self, native_kind: &str) -> Self {
        self.native_kind = text::shown(native_kind, Self::MAX_NAME);
        self
    }

    /// With the sending provider that reports it.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// With the provider's own id of the event, cut to [`MAX_NAME`](Self::MAX_NAME). It decides the [`id`](Self::id).
    #[must_use]
    pub fn with_provider_event_id(mut self, id: &str) -> Self {
        self.provider_event_id = text::shown(id, Self::MAX_NAME);
        self
    }

    /// With the name under which the provider keeps the message, which need not be its Message-ID; cut to
    /// [`MAX_NAME`](Self::MAX_NAME).
    #[must_use]
    pub fn with_provider_message_id(mut self, id: &str) -> Self {
        self.provider_message_id = text::shown(id, Self::MAX_NAME);
        self
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

    /// With the addresses of which one is meant, which one not being known; the first
    /// [`MAX_CANDIDATES`](Self::MAX_CANDIDATES) are kept.
    #[must_use]
    pub fn with_candidates(mut self, candidates: impl IntoIterator<Item = EmailAddress>) -> Self {
        self.candidates = candidates.into_iter().take(Self::MAX_CANDIDATES).collect();
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

    /// With whose mail it is about.
    #[must_use]
    pub fn with_tenant(mut self, tenant: TenantId) -> Self {
        self.origin.tenant = Some(tenant);
        self
    }

    /// With the identity that the mail was sent under.
    #[must_use]
    pub fn with_identity(mut self, identity: IdentityName) -> Self {
        self.origin.identity = Some(identity);
        self
    }

    /// With the stream that the mail belongs to, which is what an unsubscription is from.
    #[must_use]
    pub fn with_stream(mut self, stream: StreamId) -> Self {
        self.origin.stream = Some(stream);
        self
    }

    /// With the submission that it is about.
    #[must_use]
    pub fn with_submission(mut self, submission: SubmissionId) -> Self {
        self.origin.submission = Some(submission);
        self
    }

    /// With where the message came from, what is known of it before included.
    pub(crate) fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin.or(self.origin);
        self
    }

    /// With what it was read from, shared by the events of one report.
    #[must_use]
    pub fn with_raw(mut self, raw: Arc<[u8]>) -> Self {
        self.raw = Some(raw);
        self
    }

    /// Without what it was read from: to keep many events without many mails.
    #[must_use]
    pub fn without_raw(mut self) -> Self {
        self.raw = None;
        self
    }
}
