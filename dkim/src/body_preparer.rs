//! Bodies that arrive in chunks, to be signed.

use crate::body_hash::{BodyHasher, PreparedBody};
use crate::canonicalization::BodyCanonicalization;
use crate::header_field::first_bare_line_end;
use crate::sign_error::SignError;

/// Makes a [`PreparedBody`] of a body that is too long to be held: in one pass, for every canonicalisation that will be
/// signed, in memory that does not depend on the body's length. Chunks may be cut anywhere.
///
/// ```
/// use letterhead_dkim::{BodyCanonicalization, BodyPreparer, PreparedBody};
///
/// let relaxed = [BodyCanonicalization::Relaxed];
/// let mut preparer = BodyPreparer::new(&relaxed);
/// for chunk in ["A long", " body\r", "\n"] {
///     preparer.update(chunk.as_bytes())?;
/// }
/// assert_eq!(preparer.finish()?, PreparedBody::new(b"A long body\r\n", &relaxed)?);
/// # Ok::<(), letterhead_dkim::SignError>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct BodyPreparer {
    simple: Option<BodyHasher>,
    relaxed: Option<BodyHasher>,
    /// How many octets have come.
    length: usize,
    end: End,
}

/// What the last octet was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    CarriageReturn,
    Other,
}

impl BodyPreparer {
    /// A preparer of no octets yet.
    pub fn new(canonicalizations: &[BodyCanonicalization]) -> Self {
        let hasher = |kind| {
            canonicalizations
                .contains(&kind)
                .then(|| BodyHasher::new(kind))
        };
        Self {
            simple: hasher(BodyCanonicalization::Simple),
            relaxed: hasher(BodyCanonicalization::Relaxed),
            length: 0,
            end: End::Other,
        }
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    ///
    /// A CR or LF that is not part of a CRLF; the offset counts from the start of the body.
    pub fn update(&mut self, chunk: &[u8]) -> Result<(), SignError> {
        self.check(chunk)?;
        for hasher in [&mut self.simple, &mut self.relaxed].into_iter().flatten() {
            hasher.update(chunk);
        }
        self.length = self.length.saturating_add(chunk.len());
        Ok(())
    }

    /// The body as it came.
    ///
    /// # Errors
    ///
    /// A CR at the end.
    pub fn finish(self) -> Result<PreparedBody, SignError> {
        if self.end == End::CarriageReturn {
            return Err(self.bare_line_end_before());
        }
        let simple = self.simple.map(BodyHasher::finish);
        let relaxed = self.relaxed.map(BodyHasher::finish);
        Ok(PreparedBody::of_hashes(simple, relaxed))
    }

    fn check(&mut self, chunk: &[u8]) -> Result<(), SignError> {
        let rest = match (self.end, chunk) {
            (_, []) => return Ok(()),
            (End::CarriageReturn, [b'\n', rest @ ..]) => rest,
            (End::CarriageReturn, _) => return Err(self.bare_line_end_before()),
            (End::Other, rest) => rest,
        };
        // The LF of a CR at the end may come with the next chunk.
        let whole = rest.strip_suffix(b"\r");
        if let Some(found) = first_bare_line_end(whole.unwrap_or(rest)) {
            let before = self.length.saturating_add(chunk.len() - rest.len());
            return Err(SignError::BareLineEnd {
                offset: before.saturating_add(found),
            });
        }
        self.end = match whole {
            Some(_) => End::CarriageReturn,
            None => End::Other,
        };
        Ok(())
    }

    fn bare_line_end_before(&self) -> SignError {
        SignError::BareLineEnd {
            offset: self.length.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

    use super::*;

    const BOTH: [BodyCanonicalization; 2] =
        [BodyCanonicalization::Simple, BodyCanonicalization::Relaxed];

    const PIECES: &[&[u8]] = &[
        b"word", b" ", b"\t", b"\r\n", b"\r\n", b"\r\n", b"\r", b"\n",
    ];

    fn in_chunks(body: &[u8], length: usize) -> Result<PreparedBody, SignError> {
        let mut preparer = BodyPreparer::new(&BOTH);
        for chunk in body.chunks(length) {
            preparer.update(chunk)?;
            preparer.update(b"")?;
        }
        preparer.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn chunks_give_what_the_whole_gives(
            pieces in prop::collection::vec(
                prop::sample::select(PIECES),
                0..40,
            ),
            length in 1..12usize,
        ) {
            let body = pieces.concat();
            let whole = PreparedBody::new(&body, &BOTH).map_err(|error| error.to_string());
            let chunks = in_chunks(&body, length).map_err(|error| error.to_string());
            prop_assert_eq!(chunks, whole);
        }
    }

    #[test]
    fn only_what_was_asked_for_is_hashed() {
        let preparer = BodyPreparer::new(&[BodyCanonicalization::Simple]);
        let body = preparer.finish().unwrap();
        assert!(body.hash(BodyCanonicalization::Simple).is_some());
        assert!(body.hash(BodyCanonicalization::Relaxed).is_none());
    }
}
