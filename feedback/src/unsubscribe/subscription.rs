use letterhead_mail::{EmailAddress, StreamId, TenantId};

/// Who gets what from whom: what one unsubscribes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscription {
    /// On whose behalf the mail is sent.
    pub tenant: TenantId,
    /// The kind of mail. `None` where an application tells none apart: everything the tenant sends.
    pub stream: Option<StreamId>,
    /// Who gets it.
    pub recipient: EmailAddress,
}

impl Subscription {
    /// To everything that the tenant sends.
    #[must_use]
    pub fn new(tenant: TenantId, recipient: EmailAddress) -> Self {
        Self {
            tenant,
            stream: None,
            recipient,
        }
    }

    /// To one kind of mail only.
    #[must_use]
    pub fn stream(mut self, stream: StreamId) -> Self {
        self.stream = Some(stream);
        self
    }

    /// What the texts of a token say: tenant, stream, recipient.
    pub(super) fn of(texts: Vec<Option<String>>) -> Option<Self> {
        let [tenant, stream, recipient] = <[Option<String>; 3]>::try_from(texts).ok()?;
        Some(Self {
            tenant: tenant?.parse().ok()?,
            stream: stream.map(|stream| stream.parse()).transpose().ok()?,
            recipient: recipient?.parse().ok()?,
        })
    }
}
