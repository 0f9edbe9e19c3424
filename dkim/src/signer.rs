//! Signing in one call.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_dns::DomainName;

use crate::agent_identifier::AgentOrUserIdentifier;
use crate::body_hash::PreparedBody;
use crate::canonicalization::Canonicalization;
use crate::header_name::HeaderName;
use crate::header_policy::{HeaderPolicy, HeaderPolicyError};
use crate::key::SigningKey;
use crate::prepared::{Prepared, prepare, prepare_with_body};
use crate::selector::Selector;
use crate::sign_error::SignError;
use crate::signature_header::SignatureHeader;
use crate::signature_template::SignatureTemplate;

/// A key with what its signatures say. Cheap to clone; share one among threads.
#[derive(Debug, Clone)]
#[must_use]
pub struct Signer {
    template: SignatureTemplate,
    key: Arc<dyn SigningKey>,
}

impl Signer {
    /// A signer with the defaults of [`SignatureTemplate::new`].
    pub fn new(domain: DomainName, selector: Selector, key: Arc<dyn SigningKey>) -> Self {
        Self {
            template: SignatureTemplate::new(domain, selector, key.algorithm()),
            key,
        }
    }

    /// Sets how header and body are canonicalised. Default: relaxed/relaxed; simple breaks when a relay refolds.
    pub fn canonicalization(mut self, canonicalization: Canonicalization) -> Self {
        self.template = self.template.canonicalization(canonicalization);
        self
    }

    /// Sets which header fields are signed. Default: [`HeaderPolicy::default`].
    pub fn header_policy(mut self, header_policy: HeaderPolicy) -> Self {
        self.template = self.template.header_policy(header_policy);
        self
    }

    /// Takes these fields out of what is signed, for a route whose provider rewrites them.
    ///
    /// # Errors
    ///
    /// From, which every signature must cover.
    pub fn leaving_out(
        mut self,
        names: impl IntoIterator<Item = HeaderName>,
    ) -> Result<Self, HeaderPolicyError> {
        self.template.header_policy = self.template.header_policy.without(names)?;
        Ok(self)
    }

    /// Sets `x=` to this long after signing, counted in whole seconds. Default: no expiry. Below
    /// [`SignatureTemplate::SHORTEST_EXPIRY`] signing is refused, since mail that waited in a queue would fail.
    pub fn expires_after(mut self, duration: Duration) -> Self {
        self.template = self.template.expires_after(duration);
        self
    }

    /// Sets `x=` to this long after signing, however short, and one second at least. Default: no expiry. Mail that
    /// waits in a queue longer than that fails at its receiver.
    pub fn dangerous_expires_after(mut self, duration: Duration) -> Self {
        self.template = self.template.dangerous_expires_after(duration);
        self
    }

    /// Lets this signer, if its key is Ed25519, be the only one of its domain. Default: refused, since receivers that
    /// do not verify Ed25519 take such mail for unsigned. No effect on RSA.
    pub fn ed25519_alone(mut self) -> Self {
        self.template = self.template.ed25519_alone();
        self
    }

    /// Takes the signature of an RSA key below 2048 bits. Default: refused; see
    /// [`SignatureTemplate::dangerous_small_rsa_key`].
    pub fn dangerous_small_rsa_key(mut self) -> Self {
        self.template = self.template.dangerous_small_rsa_key();
        self
    }

    /// Sets `i=`. Default: absent, which stands for the signing domain. Its domain must be the signing domain or below.
    pub fn agent_or_user_identifier(mut self, identifier: AgentOrUserIdentifier) -> Self {
        self.template = self.template.agent_or_user_identifier(identifier);
        self
    }

    /// What its signatures say.
    pub fn template(&self) -> &SignatureTemplate {
        &self.template
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &Arc<dyn SigningKey> {
        &self.key
    }
}

impl AsRef<SignatureTemplate> for Signer {
    fn as_ref(&self) -> &SignatureTemplate {
        &self.template
    }
}

/// Signs a message with every signer: one field each, in the same order. Put them in front of the message.
///
/// Several signatures share the body hash, so a second one costs its key operation only. The message must have CRLF
/// line ends throughout. A body that does not end in CRLF is hashed as the one with the CRLF that transport adds
/// ([RFC 6376 §3.4](https://www.rfc-editor.org/rfc/rfc6376#section-3.4)), so that both verify.
///
/// # Errors
///
/// As [`prepare()`](crate::prepare()), a key that could not sign, and an RSA key below 2048 bits.
pub fn sign(
    message: &[u8],
    signers: &[Signer],
    now: SystemTime,
) -> Result<Vec<SignatureHeader>, SignError> {
    finish(prepare(message, signers, now)?, signers)
}

/// [`sign`] with a body that was hashed before: `header` is the header of the message, with or without the empty line
/// at its end.
///
/// # Errors
///
/// As [`sign`], and a body that was not hashed as a signer wants it.
pub fn sign_with_body(
    header: &[u8],
    body: &PreparedBody,
    signers: &[Signer],
    now: SystemTime,
) -> Result<Vec<SignatureHeader>, SignError> {
    finish(prepare_with_body(header, body, signers, now)?, signers)
}

fn finish(prepared: Prepared, signers: &[Signer]) -> Result<Vec<SignatureHeader>, SignError> {
    let requests = prepared.into_requests().into_iter();
    requests
        .zip(signers)
        .enumerate()
        .map(|(signer, (request, own))| {
            let signature = own
                .key
                .sign_digest(request.digest())
                .map_err(|source| SignError::Key { signer, source })?;
            request.finish(signer, &signature)
        })
        .collect()
}
