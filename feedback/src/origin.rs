use letterhead_mail::{IdentityName, StreamId, SubmissionId, TenantId};

/// Where a message came from, as far as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) identity: Option<IdentityName>,
    pub(crate) stream: Option<StreamId>,
    pub(crate) submission: Option<SubmissionId>,
}

impl Origin {
    /// What is known here, and else what was known before.
    pub(crate) fn or(self, before: Self) -> Self {
        Self {
            tenant: self.tenant.or(before.tenant),
            identity: self.identity.or(before.identity),
            stream: self.stream.or(before.stream),
            submission: self.submission.or(before.submission),
        }
    }
}
