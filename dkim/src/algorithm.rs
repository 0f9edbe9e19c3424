//! Signature algorithms and the digest they sign.

use std::fmt;
use std::str::FromStr;

/// An algorithm this crate signs and verifies with.
///
/// Both hash with SHA-256. `rsa-sha1` is withdrawn
/// ([RFC 8301 §3.1](https://www.rfc-editor.org/rfc/rfc8301#section-3.1)) and is recognised only to be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 ([RFC 6376 §3.3.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.3.2)).
    RsaSha256,
    /// Ed25519 over the SHA-256 of the header data ([RFC 8463 §3](https://www.rfc-editor.org/rfc/rfc8463#section-3)).
    Ed25519Sha256,
}

impl Algorithm {
    /// The value of `a=`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa-sha256",
            Self::Ed25519Sha256 => "ed25519-sha256",
        }
    }

    /// The value of `k=` in the key record.
    #[must_use]
    pub const fn key_type(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa",
            Self::Ed25519Sha256 => "ed25519",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        [Self::RsaSha256, Self::Ed25519Sha256]
            .into_iter()
            .find(|algorithm| {
                let own = algorithm.as_str();
                own == text || own.eq_ignore_ascii_case(text)
            })
            .ok_or(UnknownAlgorithm)
    }
}

/// Text that names no algorithm of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signature algorithm in use; write rsa-sha256 or ed25519-sha256")]
#[non_exhaustive]
pub struct UnknownAlgorithm;

/// A SHA-256 value, 32 octets.
///
/// As the input of [`SigningKey::sign_digest`](crate::SigningKey::sign_digest) it is the hash of the canonicalised
/// header fields ([RFC 6376 §3.7](https://www.rfc-editor.org/rfc/rfc6376#section-3.7)).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// A digest computed elsewhere.
    #[must_use]
    pub const fn from_bytes(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The SHA-256 of `octets`.
    #[must_use]
    pub fn of(octets: &[u8]) -> Self {
        Self::from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, octets).as_ref())
    }

    /// The 32 octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Takes the first 32 octets; SHA-256 always gives exactly as many.
    pub(crate) fn from_slice(octets: &[u8]) -> Self {
        Self(octets.first_chunk().copied().unwrap_or_default())
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(")?;
        self.0
            .iter()
            .try_for_each(|octet| write!(f, "{octet:02x}"))?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_without_regard_to_case() {
        for algorithm in [Algorithm::RsaSha256, Algorithm::Ed25519Sha256] {
            assert_eq!(algorithm.to_string().to_uppercase().parse(), Ok(algorithm));
        }
        assert_eq!("rsa-sha1".parse::<Algorithm>(), Err(UnknownAlgorithm));
    }

    #[test]
    fn digest_is_sha256() {
        assert!(format!("{:?}", Digest::of(b"")).starts_with("Digest(e3b0c44298fc1c14"));
    }
}
