//! What a signature will say, without the key.

use std::time::Duration;

use letterhead_dns::DomainName;

use crate::agent_identifier::AgentOrUserIdentifier;
use crate::algorithm::Algorithm;
use crate::canonicalization::Canonicalization;
use crate::header_name::HeaderName;
use crate::header_policy::HeaderPolicy;
use crate::selector::Selector;

/// Everything about a signature but the key: what [`prepare`](crate::prepare()) needs.
///
/// Three things are refused when it comes to signing, unless they are asked for by name: an expiry that mail in a queue
/// would outlive ([`SHORTEST_EXPIRY`](Self::SHORTEST_EXPIRY)), Ed25519 without RSA for the same domain
/// ([`ed25519_alone`](Self::ed25519_alone)), and RSA keys below 2048 bits
/// ([`dangerous_small_rsa_key`](Self::dangerous_small_rsa_key)).
#[derive(Debug, Clone)]
#[must_use]
pub struct SignatureTemplate {
    pub(crate) algorithm: Algorithm,
    pub(crate) domain: DomainName,
    pub(crate) selector: Selector,
    pub(crate) canonicalization: Canonicalization,
    pub(crate) header_policy: HeaderPolicy,
    pub(crate) expiry: Option<Expiry>,
    pub(crate) company: Company,
    pub(crate) small_rsa_key: SmallRsaKey,
    pub(crate) identifier: Option<AgentOrUserIdentifier>,
}

/// When a signature expires, and whether a short life was asked for by name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expiry {
    After(Duration),
    AfterAny(Duration),
}

/// Whether an Ed25519 signature may be the only one of its domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Company {
    BesideRsa,
    Alone,
}

/// Whether an RSA key from 1024 to 2047 bits may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SmallRsaKey {
    Refused,
    Allowed,
}

impl SignatureTemplate {
    /// The shortest time of [`expires_after`](Self::expires_after): seven days. Mail servers try for up to four or five
    /// days ([RFC 5321 §4.5.4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.1)), and forwarders queue after
    /// them.
    pub const SHORTEST_EXPIRY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// A template with the default canonicalisation and header policy, without expiry and without `i=`.
    pub fn new(domain: DomainName, selector: Selector, algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            domain,
            selector,
            canonicalization: Canonicalization::default(),
            header_policy: HeaderPolicy::default(),
            expiry: None,
            company: Company::BesideRsa,
            small_rsa_key: SmallRsaKey::Refused,
            identifier: None,
        }
    }

    /// How header and body are canonicalised.
    #[must_use]
    pub fn chosen_canonicalization(&self) -> Canonicalization {
        self.canonicalization
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

    /// Sets `x=` to this long after signing, counted in whole seconds. Default: no expiry. Below
    /// [`SHORTEST_EXPIRY`](Self::SHORTEST_EXPIRY) signing is refused, since mail that waited in a queue would fail.
    pub fn expires_after(mut self, duration: Duration) -> Self {
        self.expiry = Some(Expiry::After(duration));
        self
    }

    /// Sets `x=` to this long after signing, however short, and one second at least. Default: no expiry. Mail that
    /// waits in a queue longer than that fails at its receiver.
    pub fn dangerous_expires_after(mut self, duration: Duration) -> Self {
        self.expiry = Some(Expiry::AfterAny(duration));
        self
    }

    /// Lets this signature, if it is Ed25519, be the only one of its domain. Default: refused, since receivers that do
    /// not verify Ed25519 take such mail for unsigned. No effect on RSA.
    pub fn ed25519_alone(mut self) -> Self {
        self.company = Company::Alone;
        self
    }

    /// Takes the signature of an RSA key below 2048 bits, from a device or a [`SigningKey`](crate::SigningKey) that can
    /// hold no longer one. Default: refused, since such a key can be broken by those who spend enough on it, and forged
    /// mail then verifies ([RFC 8301 §3.2](https://www.rfc-editor.org/rfc/rfc8301#section-3.2)). Below 1024 bits it
    /// stays refused, because receivers must not take it. No effect on Ed25519.
    pub fn dangerous_small_rsa_key(mut self) -> Self {
        self.small_rsa_key = SmallRsaKey::Allowed;
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

    /// Whether header fields of this name are signed where a message has them.
    #[must_use]
    pub fn covers(&self, name: &HeaderName) -> bool {
        self.header_policy.covers(name)
    }
}

impl AsRef<Self> for SignatureTemplate {
    fn as_ref(&self) -> &Self {
        self
    }
}
