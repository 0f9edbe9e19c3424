//! The body hash, `bh=`.

use std::fmt;

use crate::algorithm::Digest;
use crate::canonical_body::{BodyCanonicalizer, Sink};
use crate::canonicalization::BodyCanonicalization;
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
    sink: HashSink,
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
            sink: HashSink::new(limit),
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
            digest: self.sink.finish(),
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
        let mut hasher = BodyHasher::new(canonicalization);
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

/// Feeds SHA-256. Short runs are gathered first, since each update of the hash has a cost of its own; short bodies are
/// gathered as a whole, since a hash in one go costs less.
struct HashSink {
    context: Option<aws_lc_rs::digest::Context>,
    /// Room for what is gathered, once there is something.
    staged: Vec<u8>,
    /// How many octets of it are in use.
    used: usize,
    length: u64,
    remaining: u64,
}

impl HashSink {
    fn new(limit: u64) -> Self {
        Self {
            context: None,
            staged: Vec::new(),
            used: 0,
            length: 0,
            remaining: limit,
        }
    }

    /// Hashes what was gathered, and then `octets`.
    fn update(&mut self, octets: &[u8]) {
        let context = self
            .context
            .get_or_insert_with(|| aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256));
        context.update(self.staged.get(..self.used).unwrap_or_default());
        context.update(octets);
        self.used = 0;
    }

    fn finish(self) -> Digest {
        let staged = self.staged.get(..self.used).unwrap_or_default();
        match self.context {
            Some(mut context) => {
                context.update(staged);
                Digest::from_slice(context.finish().as_ref())
            }
            None => Digest::of(staged),
        }
    }
}

impl Sink for HashSink {
    fn write(&mut self, octets: &[u8]) {
        let own = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        self.length = self.length.saturating_add(own);
        let kept = usize::try_from(self.remaining.min(own)).unwrap_or(octets.len());
        self.remaining = self.remaining.saturating_sub(own);
        let octets = octets.get(..kept).unwrap_or(octets);
        if octets.len() >= DIRECT && (self.context.is_some() || octets.len() > STAGED - self.used) {
            self.update(octets);
            return;
        }
        if octets.len() > STAGED - self.used {
            self.update(&[]);
        }
        if self.staged.is_empty() {
            self.staged.resize(STAGED, 0);
        }
        if let Some(room) = self.staged.get_mut(self.used..self.used + octets.len()) {
            room.copy_from_slice(octets);
            self.used += octets.len();
        }
    }

    #[inline]
    fn write_front(&mut self, data: &[u8], length: usize) {
        let own = u64::try_from(length).unwrap_or(u64::MAX);
        let room = self.staged.get_mut(self.used..).unwrap_or_default();
        match (data.first_chunk::<SHORT>(), room.first_chunk_mut()) {
            // What is copied too much is overwritten by the next run.
            (Some(octets), Some(room)) if length <= SHORT && own <= self.remaining => {
                *room = *octets;
                self.used += length;
                self.length = self.length.saturating_add(own);
                self.remaining -= own;
            }
            _ => self.write(data.get(..length).unwrap_or(data)),
        }
    }
}

impl fmt::Debug for HashSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashSink")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// Runs of at least this many octets are hashed where they lie.
const DIRECT: usize = 512;
/// How many octets of short runs are gathered.
const STAGED: usize = 2048;
/// Runs of at most this many octets are copied in one step.
const SHORT: usize = 64;

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
        let mut limited = BodyHasher::with_limit(BodyCanonicalization::Relaxed, 4);
        limited.update(b"a  b\r\nmore\r\n");
        let hash = limited.finish();
        assert_eq!(*hash.digest(), Digest::of(b"a b\r"));
        assert_eq!(hash.length(), 11);
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
