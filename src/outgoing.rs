//! What is to be sent.

use letterhead_mail::envelope::EmptyEnvelope;
use letterhead_mail::{Draft, Envelope, IdempotencyKey, Message, ReversePath, StreamId, TenantId};

/// A message that is to be sent, for whom, and by which route.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outgoing {
    /// On whose behalf.
    pub tenant: TenantId,
    /// The names of the routes that it may take, in order: what the first does not take for certain is given to the next.
    /// Without one they are [the channels'](crate::Channels) to choose.
    pub routes: Vec<String>,
    /// The message, not signed yet.
    pub message: Message,
    /// To whom, and where reports go.
    pub envelope: Envelope,
    /// The kind of mail it is, such as `newsletter`: what a recipient can unsubscribe from while wanting other mail.
    pub stream: Option<StreamId>,
    /// Labels of the application's own; never sent.
    pub tags: Vec<(String, String)>,
    /// What is sent under the same key again is not sent again.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl Outgoing {
    /// A message as it was built, to everyone it names, Bcc included. Reports go to `return_path`: an address that the
    /// tenant may send as, or one at a domain that [the route allows](crate::Route::return_path_domain).
    ///
    /// Everyone in To and Cc sees the others there; mail to many customers is one message for each.
    ///
    /// # Errors
    ///
    /// When it names nobody.
    pub fn new(
        tenant: TenantId,
        route: &str,
        draft: Draft,
        return_path: impl Into<ReversePath>,
    ) -> Result<Self, EmptyEnvelope> {
        let (message, recipients) = draft.into_parts();
        let envelope = Envelope::new(return_path, recipients)?;
        Ok(Self::with_envelope(tenant, route, message, envelope))
    }

    /// A message with an envelope of its own.
    #[must_use]
    pub fn with_envelope(
        tenant: TenantId,
        route: &str,
        message: Message,
        envelope: Envelope,
    ) -> Self {
        Self {
            tenant,
            routes: vec![route.to_owned()],
            message,
            envelope,
            stream: None,
            tags: Vec::new(),
            idempotency_key: None,
        }
    }

    /// As [`new`](Self::new), by the routes that the [channels](crate::Channels) have for its tenant and author.
    ///
    /// # Errors
    ///
    /// When it names nobody.
    pub fn by_channel(
        tenant: TenantId,
        draft: Draft,
        return_path: impl Into<ReversePath>,
    ) -> Result<Self, EmptyEnvelope> {
        let outgoing = Self::new(tenant, "", draft, return_path)?;
        Ok(Self {
            routes: Vec::new(),
            ..outgoing
        })
    }

    /// By this route, where those before it have not taken it: another provider, under whose rules it is checked and signed
    /// again. To whom it goes on says [`RecipientReport::may_go_elsewhere`](letterhead_mail::RecipientReport::may_go_elsewhere).
    #[must_use]
    pub fn or_route(mut self, route: &str) -> Self {
        self.routes.push(route.to_owned());
        self
    }

    /// Under this key: sent again under it, by this mailer or another with the same
    /// [store](crate::MailerBuilder::idempotency_store), the message is not sent again, and the first receipt comes back. The
    /// message may be built anew; its Date and Message-ID do not count. A key is the tenant's own.
    #[must_use]
    pub fn idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    /// Of this kind of mail.
    #[must_use]
    pub fn stream(mut self, stream: StreamId) -> Self {
        self.stream = Some(stream);
        self
    }

    /// With one more label.
    #[must_use]
    pub fn tag(mut self, name: &str, value: &str) -> Self {
        self.tags.push((name.to_owned(), value.to_owned()));
        self
    }
}
