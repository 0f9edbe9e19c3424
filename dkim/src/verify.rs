//! Verification ([RFC 6376 §6](https://www.rfc-editor.org/rfc/rfc6376#section-6)).

use std::cell::LazyCell;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use letterhead_dns::Resolver;

use crate::algorithm::{Algorithm, Digest};
use crate::body_hash::BodyHash;
use crate::canonical_header::{RelaxedValue, write_field};
use crate::canonicalization::{BodyCanonicalization, HeaderCanonicalization};
use crate::hash_input::{HashInput, Sink as _};
use crate::header_field::{HeaderField, RawMessage};
use crate::header_name::is_header_name;
use crate::key_lookup::{PublishedKey, published_keys};
use crate::names_left::{Links, NamesLeft};
use crate::public_key::{PublicKey, Verifier};
use crate::signature::Signature;
use crate::tag_list::Octets;
use crate::verdict::{Cause, Claim, Facts, Testing, Verdict};
use crate::verify_limits::VerifyLimits;

/// Verifies every DKIM-Signature of a message, from the top: one verdict each. No signature, no verdict.
///
/// The message is judged octet for octet as it stands. Only CRLF ends a line. A lone CR or LF in the body is text. In the
/// header it lets readers differ on what the fields are, and even on where the body begins, so every signature gets
/// [`Cause::BareLineFeeds`]; bring a message that was stored with LF line ends back to CRLF first.
///
/// Where a selector has several key records, a signature holds if it does with one of them.
///
/// ```
/// use letterhead_dkim::{DkimResult, VerifyLimits, verify};
/// use letterhead_dns::{Zone, block_on_ready};
/// # use std::time::{Duration, SystemTime};
/// # let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
///
/// let message = b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=gone; h=From; bh=AAAA; b=AAAA\r\n\
///     From: a@example.org\r\n\r\n";
/// let verdicts = block_on_ready(verify(message, &Zone::new(), now, &VerifyLimits::default()));
/// assert_eq!(verdicts.unwrap()[0].to_string(),
///     "dkim=permerror (no key record) header.d=example.org header.s=gone");
/// ```
pub async fn verify(
    message: &[u8],
    resolver: &dyn Resolver,
    now: SystemTime,
    limits: &VerifyLimits,
) -> Vec<Verdict> {
    let message = RawMessage::split_within(message, limits.header_fields, NAME);
    let too_many = message.has_more_fields_than(limits.header_fields);
    let bare = message.has_bare_line_end();
    let mut bodies = Bodies::new(message.body());
    let signatures = message.fields().iter().filter(|field| field.is_named(NAME));
    let mut verdicts = Vec::new();
    for (count, field) in signatures.enumerate() {
        if count == limits.signatures {
            verdicts.push(Verdict::new(Cause::TooManySignatures));
            break;
        }
        let verdict = if too_many {
            Verdict::new(Cause::TooManyHeaderFields)
        } else if field.raw().len() > limits.signature_octets {
            Verdict::new(Cause::SignatureTooLong)
        } else if bare {
            Verdict::unread(Cause::BareLineFeeds, Claim::of(field.value()))
        } else {
            let subject = Subject {
                field,
                fields: message.fields(),
                now,
                limits,
            };
            subject.verdict(resolver, &mut bodies).await
        };
        verdicts.push(verdict);
    }
    if verdicts.is_empty() && bare && message.fields().iter().any(hides_signature) {
        verdicts.push(Verdict::new(Cause::BareLineFeeds));
    }
    verdicts
}

/// One signature in its message.
struct Subject<'a, 'm> {
    field: &'a HeaderField<'m>,
    fields: &'a [HeaderField<'m>],
    now: SystemTime,
    limits: &'a VerifyLimits,
}

impl Subject<'_, '_> {
    async fn verdict(&self, resolver: &dyn Resolver, bodies: &mut Bodies<'_>) -> Verdict {
        // Within a field of a header where every line end is whole, every one folds.
        let read = Signature::parse_with_span(self.field.value(), Octets::Folded);
        let (signature, span) = match read {
            Ok(parsed) => parsed,
            Err(error) => {
                let claim = Claim::of(self.field.value());
                return Verdict::unread(Cause::SignatureSyntax(error), claim);
            }
        };
        let mut facts = Facts::default();
        let cause = self
            .judge(&signature, span, resolver, bodies, &mut facts)
            .await
            .err()
            .unwrap_or(Cause::Verified);
        Verdict::of(signature, cause, facts)
    }

    async fn judge(
        &self,
        signature: &Signature,
        span: Range<usize>,
        resolver: &dyn Resolver,
        bodies: &mut Bodies<'_>,
        facts: &mut Facts,
    ) -> Result<(), Cause> {
        facts.ahead = self.ahead(signature);
        let algorithm = self.usable(signature)?;
        let keys = published_keys(signature.domain(), signature.selector(), resolver).await?;
        let keys = keys.as_ref().as_ref().map_err(Cause::clone)?;
        let body = bodies.hash(signature);
        facts.body_length = Some(body.length());
        // Needed only where the key is usable and the body is the one that was signed.
        let digest = LazyCell::new(|| self.header_digest(signature, span));
        // Each is tried (https://www.rfc-editor.org/rfc/rfc6376#section-6.1.2); told is what is wrong with the most likely one.
        let mut fault: Option<Cause> = None;
        for key in keys {
            let cause = allowed(signature, algorithm, key)
                .and_then(|verifier| holds(signature, verifier, &body, &digest))
                .err();
            if cause.is_some() && fault.as_ref().map(likelihood) >= cause.as_ref().map(likelihood) {
                continue;
            }
            facts.testing = key.record.is_testing().then_some(Testing);
            facts.key_bits = key.record.key().map(PublicKey::bits);
            fault = cause;
            if fault.is_none() {
                return Ok(());
            }
        }
        Err(fault.unwrap_or(Cause::NoKey))
    }

    /// What can be said without the key.
    fn usable(&self, signature: &Signature) -> Result<Algorithm, Cause> {
        let algorithm = signature.algorithm().ok_or(Cause::AlgorithmNotUsable)?;
        let from = signature
            .spellings()
            .any(|name| name.eq_ignore_ascii_case(b"From"));
        if !from || !self.fields.iter().any(|field| field.is_named("From")) {
            return Err(Cause::FromNotSigned);
        }
        let tolerated =
            |expiry: SystemTime| expiry.checked_add(self.limits.clock_skew).unwrap_or(expiry);
        if signature
            .expires_at()
            .is_some_and(|expiry| tolerated(expiry) < self.now)
        {
            return Err(Cause::Expired);
        }
        Ok(algorithm)
    }

    /// How far `t=` lies in the future, where that is more than clocks may differ.
    fn ahead(&self, signature: &Signature) -> Option<Duration> {
        let ahead = signature.signed_at()?.duration_since(self.now).ok()?;
        (ahead > self.limits.clock_skew).then_some(ahead)
    }

    /// The hash of the fields that `h=` selects from the bottom up, and of the signature itself without `b=`
    /// ([RFC 6376 §3.7](https://www.rfc-editor.org/rfc/rfc6376#section-3.7)).
    fn header_digest(&self, signature: &Signature, span: Range<usize>) -> Digest {
        let kind = signature.canonicalization().header();
        let mut input = HashInput::new();
        let links = Links::for_fields(self.fields.len());
        let left = NamesLeft::of(self.fields, self.field, &links);
        for name in signature.spellings() {
            if let Some(field) = left.take_last(name) {
                write_field(kind, field, &mut input);
            }
        }
        let raw = self.field.raw();
        let start = self.field.value_start();
        let end = start + self.field.value().len();
        let (before, after) = (start..start + span.start, start + span.end..end);
        match kind {
            HeaderCanonicalization::Simple => {
                input.write(raw.get(..before.end).unwrap_or_default());
                input.write(raw.get(after).unwrap_or_default());
            }
            HeaderCanonicalization::Relaxed => {
                let tail = self.field.tail();
                let name = self.field.name().len();
                let mut relaxed = RelaxedValue::after_name(tail, name, &mut input);
                relaxed.write(tail, before);
                relaxed.write(tail, after);
            }
        }
        input.finish()
    }
}

/// The key, if its record allows what the signature needs of it.
fn allowed<'k>(
    signature: &Signature,
    algorithm: Algorithm,
    published: &'k PublishedKey,
) -> Result<&'k Verifier, Cause> {
    let record = &published.record;
    let key = record.key().ok_or(Cause::KeyRevoked)?;
    if key.algorithm() != algorithm {
        return Err(Cause::KeyTypeMismatch);
    }
    if !record.allows_sha256() {
        return Err(Cause::HashNotAllowed);
    }
    if !record.allows_email() {
        return Err(Cause::ServiceNotAllowed);
    }
    let below = signature
        .agent_or_user_identifier()
        .is_some_and(|identifier| identifier.domain() != signature.domain());
    if record.is_strict() && below {
        return Err(Cause::IdentifierNotAllowed);
    }
    if algorithm == Algorithm::RsaSha256 && key.bits() < 1024 {
        return Err(Cause::KeyTooSmall);
    }
    published.verifier.as_ref().ok_or(Cause::KeyInvalid)
}

/// How likely it is that a key with which this is wrong is the one that was meant.
fn likelihood(fault: &Cause) -> u8 {
    match fault {
        Cause::KeyTypeMismatch => 0,
        Cause::KeyRevoked => 1,
        _ => 2,
    }
}

/// Whether the body is the one that was signed, and the signature is this key's.
fn holds(
    signature: &Signature,
    verifier: &Verifier,
    body: &BodyHash,
    digest: &LazyCell<Digest, impl FnOnce() -> Digest>,
) -> Result<(), Cause> {
    if signature
        .body_length()
        .is_some_and(|covered| covered > body.length())
    {
        return Err(Cause::BodyShorterThanSigned);
    }
    if body.digest().as_bytes() != signature.body_hash() {
        return Err(Cause::BodyHashMismatch);
    }
    if verifier.accepts(digest, signature.signature()) {
        Ok(())
    } else {
        Err(Cause::SignatureMismatch)
    }
}

/// Body hashes by canonicalisation and `l=`, each computed once.
struct Bodies<'a> {
    body: &'a [u8],
    /// Of the signature before; most messages have signatures of one kind.
    last: Option<KnownBody>,
    earlier: Vec<KnownBody>,
}

#[derive(Clone, Copy)]
struct KnownBody {
    kind: BodyCanonicalization,
    limit: u64,
    hash: BodyHash,
}

impl<'a> Bodies<'a> {
    fn new(body: &'a [u8]) -> Self {
        Self {
            body,
            last: None,
            earlier: Vec::new(),
        }
    }

    fn hash(&mut self, signature: &Signature) -> BodyHash {
        let kind = signature.canonicalization().body();
        let limit = signature.body_length().unwrap_or(u64::MAX);
        let known = self
            .last
            .iter()
            .chain(&self.earlier)
            .find(|known| known.kind == kind && known.limit == limit);
        if let Some(known) = known {
            return known.hash;
        }
        let hash = BodyHash::with_limit(kind, limit, self.body);
        self.earlier
            .extend(self.last.replace(KnownBody { kind, limit, hash }));
        hash
    }
}

/// Whether a line of this field, ended by a bare LF, would begin a DKIM-Signature.
fn hides_signature(field: &HeaderField<'_>) -> bool {
    field
        .raw()
        .split(|octet| *octet == b'\n')
        .any(|line| name_of(line).is_some_and(|name| name.eq_ignore_ascii_case(NAME.as_bytes())))
}

/// The name of the field that a line begins, if it begins one.
fn name_of(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(..colon)?.trim_ascii_end();
    is_header_name(name).then_some(name)
}

const NAME: &str = "DKIM-Signature";
