//! Public keys.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ED25519, ParsedPublicKey, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey,
};

use crate::algorithm::{Algorithm, Digest};
use crate::der;

/// The public half of a signing key, as the key record publishes it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(Kind);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Kind {
    /// A `SubjectPublicKeyInfo`.
    Rsa {
        info: Box<[u8]>,
        bits: usize,
    },
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// Reads an RSA key from DER: `SubjectPublicKeyInfo` or PKCS#1, which is kept as the former.
    /// `None` where it is neither.
    #[must_use]
    pub fn rsa_from_der(input: &[u8]) -> Option<Self> {
        if let Some(bits) = der::rsa_public_key_bits(input) {
            return Some(Self(Kind::Rsa {
                info: der::spki_of_rsa_key(input).into(),
                bits,
            }));
        }
        let bits = der::rsa_public_key_bits(der::rsa_key_of_spki(input)?)?;
        Some(Self(Kind::Rsa {
            info: input.into(),
            bits,
        }))
    }

    /// An Ed25519 key from its 32 octets.
    #[must_use]
    pub fn ed25519(raw: [u8; 32]) -> Self {
        Self(Kind::Ed25519(raw))
    }

    /// For the key a crypto library handed out.
    pub(crate) fn rsa_from_pkcs1(key: &[u8]) -> Self {
        Self(Kind::Rsa {
            info: der::spki_of_rsa_key(key).into(),
            bits: der::rsa_public_key_bits(key).unwrap_or_default(),
        })
    }

    /// The algorithm whose signatures it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Rsa { .. } => Algorithm::RsaSha256,
            Kind::Ed25519(_) => Algorithm::Ed25519Sha256,
        }
    }

    /// The size in bits: of the modulus for RSA, 256 for Ed25519.
    #[must_use]
    pub fn bits(&self) -> usize {
        match self.0 {
            Kind::Rsa { bits, .. } => bits,
            Kind::Ed25519(_) => 256,
        }
    }

    /// What `p=` holds in Base64: `SubjectPublicKeyInfo` for RSA, the 32 octets for Ed25519
    /// ([RFC 8463 §4](https://www.rfc-editor.org/rfc/rfc8463#section-4)).
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kind::Rsa { info, .. } => info,
            Kind::Ed25519(raw) => raw,
        }
    }

    /// The key made ready to verify; `None` where its numbers are no key.
    pub(crate) fn verifier(&self) -> Option<Verifier> {
        let parsed = match &self.0 {
            // The library takes longer ones as well, and then no signature of theirs.
            Kind::Rsa { bits, .. } if *bits > LONGEST_RSA => return None,
            Kind::Rsa { info, .. } => {
                UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, info)
                    .parse()
            }
            Kind::Ed25519(raw) => UnparsedPublicKey::new(&ED25519, raw).parse(),
        };
        parsed.ok().map(|parsed| Verifier {
            parsed,
            algorithm: self.algorithm(),
        })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PublicKey({}, {} bits)",
            self.algorithm().key_type(),
            self.bits()
        )
    }
}

/// In bits: what verification is defined for here, twice what
/// [RFC 8301 §3.2](https://www.rfc-editor.org/rfc/rfc8301#section-3.2) asks of verifiers.
const LONGEST_RSA: usize = 8192;

/// A parsed key.
pub(crate) struct Verifier {
    parsed: ParsedPublicKey,
    algorithm: Algorithm,
}

impl Verifier {
    /// Whether `signature` is this key's over the digest of the header data.
    pub(crate) fn accepts(&self, digest: &Digest, signature: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::RsaSha256 => {
                digest::Digest::import_less_safe(digest.as_bytes(), &digest::SHA256)
                    .and_then(|digest| self.parsed.verify_digest_sig(&digest, signature))
                    .is_ok()
            }
            Algorithm::Ed25519Sha256 => {
                self.parsed.verify_sig(digest.as_bytes(), signature).is_ok()
            }
        }
    }
}
