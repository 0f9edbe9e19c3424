//! Signing in two steps, for keys that live elsewhere.

use std::time::SystemTime;

use letterhead_dns::DomainName;

use crate::algorithm::{Algorithm, Digest};
use crate::body_hash::{BodyHash, PreparedBody};
use crate::canonical_header::{RelaxedValue, write_field};
use crate::canonicalization::HeaderCanonicalization;
use crate::hash_input::{HashInput, Sink as _};
use crate::header_field::{HeaderField, RawMessage, first_bare_line_end};
use crate::selector::Selector;
use crate::sign_error::SignError;
use crate::signature_header::SignatureHeader;
use crate::signature_template::{Company, Expiry, SignatureTemplate, SmallRsaKey};
use crate::signature_writer::{NAME, Unsigned, push_signature, push_unsigned};

/// Signatures that lack nothing but the operation of the key.
///
/// ```
/// use letterhead_dkim::{KeySpec, PrivateKey, SignatureTemplate, SigningKey, prepare};
/// # use std::time::{Duration, SystemTime};
/// # let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// # let key = PrivateKey::generate(KeySpec::Ed25519)?;
///
/// let template = SignatureTemplate::new("example.org".parse()?, "2026a".parse()?, key.algorithm()).ed25519_alone();
/// let prepared = prepare(b"From: a@example.org\r\n\r\nHello\r\n", &[template], now)?;
/// // Here each digest would travel to where the key is.
/// let mut signatures = Vec::new();
/// for request in prepared.requests() {
///     signatures.push(key.sign_digest(request.digest())?);
/// }
/// let headers = prepared.finish(signatures)?;
/// assert!(headers[0].as_str().starts_with("DKIM-Signature: v=1;"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Prepared {
    requests: Vec<SigningRequest>,
}

/// One operation of a key that is still to be done.
#[derive(Debug, Clone)]
pub struct SigningRequest {
    digest: Digest,
    algorithm: Algorithm,
    domain: DomainName,
    selector: Selector,
    small_rsa_key: SmallRsaKey,
    /// The field up to `b=`.
    field: String,
}

/// First step: hashes a message for these templates, or for these [`Signer`](crate::Signer)s. Each canonicalisation of
/// the body is hashed at most once.
///
/// # Errors
///
/// A message that cannot be signed so that receivers verify it: bare CR or LF, no From or several, lines that are no
/// header fields; or a template that does not fit: an expiry too short, or Ed25519 without RSA.
pub fn prepare<T: AsRef<SignatureTemplate>>(
    message: &[u8],
    templates: &[T],
    now: SystemTime,
) -> Result<Prepared, SignError> {
    let message = check(message)?;
    let kinds = templates
        .iter()
        .map(|template| template.as_ref().canonicalization.body());
    let body = PreparedBody::of_checked(message.body(), kinds);
    requests(message.fields(), &body, templates, now)
}

/// [`prepare()`] with a body that was hashed before: `header` is the header of the message, with or without the empty
/// line at its end.
///
/// # Errors
///
/// As [`prepare()`], and a body that was not hashed as a template wants it.
pub fn prepare_with_body<T: AsRef<SignatureTemplate>>(
    header: &[u8],
    body: &PreparedBody,
    templates: &[T],
    now: SystemTime,
) -> Result<Prepared, SignError> {
    requests(check(header)?.fields(), body, templates, now)
}

impl Prepared {
    pub(crate) fn into_requests(self) -> Vec<SigningRequest> {
        self.requests
    }

    /// What is to be signed, in the order of the templates.
    #[must_use]
    pub fn requests(&self) -> &[SigningRequest] {
        &self.requests
    }

    /// The digests to sign, in the order of the templates.
    pub fn digests(&self) -> impl ExactSizeIterator<Item = &Digest> {
        self.requests.iter().map(SigningRequest::digest)
    }

    /// Second step: puts the signatures, in the order of the templates, into their header fields.
    ///
    /// # Errors
    ///
    /// Too few or too many signatures, one of a length the algorithm never gives, or one of an RSA key below 2048 bits
    /// that its template does not [allow](SignatureTemplate::dangerous_small_rsa_key).
    pub fn finish(
        self,
        signatures: impl IntoIterator<Item = Vec<u8>>,
    ) -> Result<Vec<SignatureHeader>, SignError> {
        let signatures: Vec<Vec<u8>> = signatures.into_iter().collect();
        if signatures.len() != self.requests.len() {
            return Err(SignError::SignatureCount {
                expected: self.requests.len(),
                given: signatures.len(),
            });
        }
        self.requests
            .into_iter()
            .zip(signatures)
            .enumerate()
            .map(|(signer, (request, signature))| request.finish(signer, &signature))
            .collect()
    }
}

impl SigningRequest {
    /// The SHA-256 of the canonical header; see [`SigningKey::sign_digest`](crate::SigningKey::sign_digest).
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The algorithm to sign with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The signing domain, which with the selector names the key.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The selector, which with the domain names the key.
    #[must_use]
    pub fn selector(&self) -> &Selector {
        &self.selector
    }

    pub(crate) fn finish(
        mut self,
        signer: usize,
        signature: &[u8],
    ) -> Result<SignatureHeader, SignError> {
        self.check_length(signer, signature.len())?;
        push_signature(&mut self.field, signature);
        self.field.push_str("\r\n");
        Ok(SignatureHeader::new(self.field))
    }

    /// An RSA signature is as long as the modulus, so that its length tells the size of a key that is elsewhere.
    fn check_length(&self, signer: usize, octets: usize) -> Result<(), SignError> {
        match (self.algorithm, octets) {
            (Algorithm::RsaSha256, 256..=1024) | (Algorithm::Ed25519Sha256, 64) => Ok(()),
            (Algorithm::RsaSha256, 128..256) => match self.small_rsa_key {
                SmallRsaKey::Allowed => Ok(()),
                SmallRsaKey::Refused => Err(SignError::SmallRsaKey {
                    signer,
                    bits: octets * 8,
                }),
            },
            (algorithm, octets) => Err(SignError::SignatureLength {
                signer,
                algorithm,
                octets,
            }),
        }
    }
}

fn check(message: &[u8]) -> Result<RawMessage<'_>, SignError> {
    if let Some(offset) = first_bare_line_end(message) {
        return Err(SignError::BareLineEnd { offset });
    }
    let message = RawMessage::split(message);
    if let Some(field) = message.fields().iter().find(|field| !field.has_name()) {
        return Err(SignError::HeaderSyntax {
            offset: message.offset_of(field),
        });
    }
    let mut from = message
        .fields()
        .iter()
        .filter(|field| field.is_named("From"));
    match (from.next(), from.next()) {
        (None, _) => Err(SignError::NoFrom),
        (Some(_), Some(_)) => Err(SignError::SeveralFrom),
        (Some(_), None) => Ok(message),
    }
}

fn requests<T: AsRef<SignatureTemplate>>(
    fields: &[HeaderField<'_>],
    body: &PreparedBody,
    templates: &[T],
    now: SystemTime,
) -> Result<Prepared, SignError> {
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .map(|since| since.as_secs())
        .filter(|seconds| *seconds <= LATEST)
        .ok_or(SignError::Time)?;
    check_templates(templates)?;
    let requests = templates
        .iter()
        .map(AsRef::as_ref)
        .enumerate()
        .map(|(signer, template)| {
            let hash = body
                .hash(template.canonicalization.body())
                .ok_or(SignError::BodyNotPrepared { signer })?;
            request(fields, hash, template, now)
        })
        .collect::<Result<_, _>>()?;
    Ok(Prepared { requests })
}

/// Whether these templates, or these [`Signer`](crate::Signer)s, can sign together: what [`prepare()`] refuses whatever
/// the message is. For a look at settings before there is a message.
///
/// # Errors
///
/// [`SignError::OnlyEd25519`], [`SignError::ExpiryTooShort`] or [`SignError::IdentifierOutsideDomain`].
pub fn check_templates<T: AsRef<SignatureTemplate>>(templates: &[T]) -> Result<(), SignError> {
    let all = || templates.iter().map(AsRef::as_ref);
    // Ed25519 stands beside RSA of the same domain, unless it was asked for alone.
    let alone = all().find(|template| {
        template.algorithm == Algorithm::Ed25519Sha256
            && template.company == Company::BesideRsa
            && !all().any(|other| {
                other.algorithm == Algorithm::RsaSha256 && other.domain == template.domain
            })
    });
    if let Some(template) = alone {
        return Err(SignError::OnlyEd25519 {
            domain: template.domain.clone(),
        });
    }
    all().try_for_each(check_template)
}

fn check_template(template: &SignatureTemplate) -> Result<(), SignError> {
    if let Some(identifier) = &template.identifier
        && !identifier.domain().is_at_or_below(&template.domain)
    {
        return Err(SignError::IdentifierOutsideDomain);
    }
    match template.expiry {
        Some(Expiry::After(given)) if given < SignatureTemplate::SHORTEST_EXPIRY => {
            Err(SignError::ExpiryTooShort {
                given,
                least: SignatureTemplate::SHORTEST_EXPIRY,
            })
        }
        _ => Ok(()),
    }
}

/// The value of `x=`.
fn expiry(template: &SignatureTemplate, now: u64) -> Result<Option<u64>, SignError> {
    let Some(Expiry::After(after) | Expiry::AfterAny(after)) = template.expiry else {
        return Ok(None);
    };
    // The expiry lies after the time of signing (https://www.rfc-editor.org/rfc/rfc6376#section-3.5).
    now.checked_add(after.as_secs().max(1))
        .filter(|seconds| *seconds <= LATEST)
        .map(Some)
        .ok_or(SignError::Time)
}

fn request(
    fields: &[HeaderField<'_>],
    body: &BodyHash,
    template: &SignatureTemplate,
    now: u64,
) -> Result<SigningRequest, SignError> {
    let expires_at = expiry(template, now)?;
    let kind = template.canonicalization.header();
    let selected = template.header_policy.select(fields);
    let mut field = String::with_capacity(1024);
    push_unsigned(
        &mut field,
        &Unsigned {
            algorithm: template.algorithm.as_str(),
            canonicalization: template.canonicalization,
            domain: &template.domain,
            selector: &template.selector,
            identifier: template.identifier.as_ref(),
            headers: selected.iter().map(|(name, _)| *name),
            body_hash: body.digest().as_bytes(),
            body_length: None,
            signed_at: Some(now),
            expires_at,
        },
    );
    let mut input = HashInput::new();
    for field in selected.iter().filter_map(|(_, field)| *field) {
        write_field(kind, field, &mut input);
    }
    let field_octets = field.as_bytes();
    match kind {
        HeaderCanonicalization::Simple => input.write(field_octets),
        HeaderCanonicalization::Relaxed => {
            let mut relaxed = RelaxedValue::after_name(field_octets, NAME.len(), &mut input);
            relaxed.write(field_octets, NAME.len() + 1..field_octets.len());
        }
    }
    Ok(SigningRequest {
        digest: input.finish(),
        algorithm: template.algorithm,
        domain: template.domain.clone(),
        selector: template.selector.clone(),
        small_rsa_key: template.small_rsa_key,
        field,
    })
}

/// The largest number of seconds that `t=` and `x=` hold in twelve digits.
const LATEST: u64 = 999_999_999_999;
