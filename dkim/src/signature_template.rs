//! What a signature will say, without the key.

use std::time::Duration;

use letterhead_dns::DomainName;

use crate::agent_identifier::AgentOrUserIdentifier;
use crate::algorithm::Algorithm;
use crate::canonicalization::Canonicalization;
use crate::header_policy::HeaderPolicy;
use crate::selector::Selector;

/// Everything about a signature but the key: what [`prepare`](crate::prepare()) needs.
#[derive(Debug, Clone)]
#[must_use]
pub struct SignatureTemplate {
    pub(crate) algorithm: Algorithm,
    pub(crate) domain: DomainName,
    pub(crate) selector: Selector,
    pub(crate) canonicalization: Canonicalization,
    pub(crate) header_policy: HeaderPolicy,
    pub(crate) expires_after: Option<Duration>,
    pub(crate) identifier: Option<AgentOrUserIdentifier>,
}

impl SignatureTemplate {
    /// A template with the default canonicalisation and header policy, without expiry and without `i=`.
    pub fn new(domain: DomainName, selector: Selector, algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            domain,
            selector,
            canonicalization: Canonicalization::default(),
            header_policy: HeaderPolicy::default(),
            expires_after: None,
            identifier: None,
        }
    }

    /// Sets how header and body are canonicalised. Default: relaxed/relaxed; simple breaks when a relay refolds.
    pub fn canonicalization(mut self, canonicalization: Canonicalization) -> Self {
        self.canonicalization = canonicalization;
        self
    }

    /// Sets which header fields are signed. Default: [`HeaderPolicy::default`].
    pub fn header_policy(mut self, header_policy: HeaderPolicy) -> Self {
        self.header_policy = header_policy;
        self
    }

    /// Sets `x=` to this long after signing. Default: no expiry; a time shorter than mail waits in queues, some days,
    /// makes late mail fail.
    pub fn expires_after(mut self, duration: Duration) -> Self {
        self.expires_after = Some(duration);
        self
    }

    /// Sets `i=`. Default: absent, which stands for the signing domain. Its domain must be the signing domain or below.
    pub fn agent_or_user_identifier(mut self, identifier: AgentOrUserIdentifier) -> Self {
        self.identifier = Some(identifier);
        self
    }

    /// The algorithm (`a=`).
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The signing domain (`d=`).
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The selector (`s=`).
    #[must_use]
    pub fn selector(&self) -> &Selector {
        &self.selector
    }
}

impl AsRef<Self> for SignatureTemplate {
    fn as_ref(&self) -> &Self {
        self
    }
}
