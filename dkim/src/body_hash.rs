//! The body hash, `bh=`.

use std::fmt;

use crate::algorithm::Digest;
use crate::canonical_body::{BodyCanonicalizer, canonical_front};
use crate::canonicalization::BodyCanonicalization;
use crate::hash_input::{HashInput, Sink};
use crate::header_field::first_bare_line_end;
use crate::sign_error::SignError;

/// Hashes a body that arrives in chunks ([RFC 6376 §3.7](https://www.rfc-editor.org/rfc/rfc6376#section-3.7)).
///
/// Only CRLF ends a line. Chunks may be cut anywhere, between CR and LF too.
///
/// ```
/// use letterhead_dkim::{BodyCanonicalization, BodyHasher};
///
/// let mut whole = BodyHasher::new(BodyCanonicalization::Relaxed);
/// whole.update(b"Hello, \t world\r\n\r\n");
/// let mut pieces = BodyHasher::new(BodyCanonicalization::Relaxed);
/// pieces.update(b"Hello,");
/// pieces.update(b" world\r");
/// pieces.update(b"\n");
/// assert_eq!(whole.finish(), pieces.finish());
/// ```
#[derive(Debug)]
pub struct BodyHasher {
    canonicalizer: BodyCanonicalizer,
    sink: LimitedHash,
}

impl BodyHasher {
    /// A hasher of no octets yet.
    #[must_use]
    pub fn new(canonicalization: BodyCanonicalization) -> Self {
        Self::with_limit(canonicalization, u64::MAX)
    }

    /// Hashes only the first `limit` octets of the canonical form, as `l=` says.
    pub(crate) fn with_limit(canonicalization: BodyCanonicalization, limit: u64) -> Self {
        Self {
            canonicalizer: BodyCanonicalizer::new(canonicalization),
            sink: LimitedHash::new(limit),
        }
    }

    /// Takes the next chunk.
    pub fn update(&mut self, chunk: &[u8]) {
        self.canonicalizer.update(chunk, &mut self.sink);
    }

    /// The hash of all chunks together.
    #[must_use]
    pub fn finish(mut self) -> BodyHash {
        self.canonicalizer.finish(&mut self.sink);
        let length = self.sink.length;
        BodyHash {
            digest: self.sink.input.finish(),
            length,
        }
    }
}

/// The hash of a canonicalised body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyHash {
    digest: Digest,
    length: u64,
}

impl BodyHash {
    /// The hash of `body` in one go.
    #[must_use]
    pub fn of(canonicalization: BodyCanonicalization, body: &[u8]) -> Self {
        Self::with_limit(canonicalization, u64::MAX, body)
    }

    /// The hash of the first `limit` octets of the canonical form.
    pub(crate) fn with_limit(
        canonicalization: BodyCanonicalization,
        limit: u64,
        body: &[u8],
    ) -> Self {
        if let Some(front) = canonical_front(canonicalization, body) {
            let covered = usize::try_from(limit).unwrap_or(usize::MAX);
            return Self {
                digest: Digest::of(front.get(..covered).unwrap_or(front)),
                length: octets(front.len()),
            };
        }
        let mut hasher = BodyHasher::with_limit(canonicalization, limit);
        hasher.update(body);
        hasher.finish()
    }

    /// The SHA-256.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The length of the whole canonical form in octets.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }
}

/// A body hashed once, to be signed under many headers: the same body to many recipients costs its hash once. One that
/// arrives in chunks is prepared by a [`BodyPreparer`](crate::BodyPreparer).
///
/// ```
/// use letterhead_dkim::{BodyCanonicalization, PreparedBody};
///
/// let body = PreparedBody::new(b"Hello\r\n", &[BodyCanonicalization::Relaxed])?;
/// assert!(body.hash(BodyCanonicalization::Relaxed).is_some());
/// # Ok::<(), letterhead_dkim::SignError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedBody {
    simple: Option<BodyHash>,
    relaxed: Option<BodyHash>,
}

impl PreparedBody {
    /// Hashes `body`, what follows the empty line after the header, for each canonicalisation that will be signed.
    ///
    /// A body that does not end in CRLF is hashed as the one with the CRLF that transport adds
    /// ([RFC 6376 §3.4](https://www.rfc-editor.org/rfc/rfc6376#section-3.4)).
    ///
    /// ```
    /// use letterhead_dkim::{BodyCanonicalization::{Relaxed, Simple}, PreparedBody};
    ///
    /// let as_given = PreparedBody::new(b"Hello", &[Simple, Relaxed])?;
    /// assert_eq!(as_given, PreparedBody::new(b"Hello\r\n", &[Simple, Relaxed])?);
    /// # Ok::<(), letterhead_dkim::SignError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A CR or LF that is not part of a CRLF; the offset counts from the start of the body.
    pub fn new(body: &[u8], canonicalizations: &[BodyCanonicalization]) -> Result<Self, SignError> {
        if let Some(offset) = first_bare_line_end(body) {
            return Err(SignError::BareLineEnd { offset });
        }
        Ok(Self::of_checked(body, canonicalizations.iter().copied()))
    }

    pub(crate) fn of_hashes(simple: Option<BodyHash>, relaxed: Option<BodyHash>) -> Self {
        Self { simple, relaxed }
    }

    /// For a body whose line ends were checked before.
    pub(crate) fn of_checked(
        body: &[u8],
        canonicalizations: impl Iterator<Item = BodyCanonicalization>,
    ) -> Self {
        let (mut simple, mut relaxed) = (None, None);
        for canonicalization in canonicalizations {
            let slot = match canonicalization {
                BodyCanonicalization::Simple => &mut simple,
                BodyCanonicalization::Relaxed => &mut relaxed,
            };
            slot.get_or_insert_with(|| BodyHash::of(canonicalization, body));
        }
        Self { simple, relaxed }
    }

    /// The hash under this canonicalisation, if it was asked for.
    #[must_use]
    pub fn hash(&self, canonicalization: BodyCanonicalization) -> Option<&BodyHash> {
        match canonicalization {
            BodyCanonicalization::Simple => self.simple.as_ref(),
            BodyCanonicalization::Relaxed => self.relaxed.as_ref(),
        }
    }
}

/// Hashes the first octets of the canonical form, as many as `l=` says, and counts all.
struct LimitedHash {
    input: HashInput,
    length: u64,
    remaining: u64,
}

impl LimitedHash {
    fn new(limit: u64) -> Self {
        Self {
            input: HashInput::new(),
            length: 0,
            remaining: limit,
        }
    }
}

impl Sink for LimitedHash {
    fn write(&mut self, octets: &[u8]) {
        self.write_front(octets, octets.len());
    }

    #[inline]
    fn write_front(&mut self, data: &[u8], length: usize) {
        let own = octets(length);
        let kept = usize::try_from(self.remaining.min(own)).unwrap_or(length);
        self.length = self.length.saturating_add(own);
        self.remaining -= self.remaining.min(own);
        self.input.write_front(data, kept);
    }
}

impl fmt::Debug for LimitedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitedHash")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// A length in octets.
fn octets(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    #[test]
    fn empty_bodies_hash_as_rfc_6376_says() {
        // The values stand in §3.4.3 and §3.4.4.
        for (kind, hash) in [
            (
                BodyCanonicalization::Simple,
                "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=",
            ),
            (
                BodyCanonicalization::Relaxed,
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            ),
        ] {
            let digest = *BodyHash::of(kind, b"").digest();
            assert_eq!(
                base64::engine::general_purpose::STANDARD.encode(digest),
                hash
            );
        }
    }

    #[test]
    fn limit_cuts_the_canonical_form() {
        for body in [&b"a  b\r\nmore\r\n"[..], b"a b\r\nmore\r\n\r\n"] {
            let hash = BodyHash::with_limit(BodyCanonicalization::Relaxed, 4, body);
            assert_eq!(*hash.digest(), Digest::of(b"a b\r"));
            assert_eq!(hash.length(), 11);
            let all = BodyHash::with_limit(BodyCanonicalization::Relaxed, 12, body);
            assert_eq!(*all.digest(), Digest::of(b"a b\r\nmore\r\n"));
        }
    }

    #[test]
    fn long_and_short_runs_keep_their_order() {
        let body = [
            b"a  b".repeat(2000),
            b"x".repeat(9000),
            b"c\t d".repeat(700),
        ]
        .concat();
        let canonical = [
            b"a b".repeat(2000),
            b"x".repeat(9000),
            b"c d".repeat(700),
            b"\r\n".to_vec(),
        ]
        .concat();
        let hash = BodyHash::of(BodyCanonicalization::Relaxed, &body);
        assert_eq!(*hash.digest(), Digest::of(&canonical));
    }

    #[test]
    fn a_bare_line_feed_is_refused_with_its_place() {
        assert!(matches!(
            PreparedBody::new(b"a\r\nb\n", &[]),
            Err(SignError::BareLineEnd { offset: 4 })
        ));
    }
}
