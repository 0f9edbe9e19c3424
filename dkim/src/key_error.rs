//! Errors of private keys.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a private key cannot be read, made or used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No PEM block was found.
    #[error("no PEM block found; a key file begins with -----BEGIN PRIVATE KEY-----")]
    NotPem,
    /// The inside of the PEM block is not Base64.
    #[error("the PEM block is not valid Base64; the file is damaged")]
    PemEncoding,
    /// Something else than a private key this crate signs with.
    #[error("this is {seen}; convert the key to unencrypted PKCS#8, RSA or Ed25519")]
    Unsupported {
        /// What it was.
        seen: KeyFormat,
    },
    /// The format was recognised, and the numbers in it are no key.
    #[error("this is {seen}, and its content is not a valid key")]
    Invalid {
        /// What it was.
        seen: KeyFormat,
    },
    /// An RSA key below 2048 bits ([RFC 8301 §3.2](https://www.rfc-editor.org/rfc/rfc8301#section-3.2)).
    #[error("the RSA key has {bits} bits; signing needs at least 2048")]
    RsaTooSmall {
        /// Its size in bits.
        bits: usize,
    },
    /// An RSA key above 8192 bits.
    #[error(
        "the RSA key has {bits} bits; at most 8192 are supported, and many receivers stop at 4096"
    )]
    RsaTooLarge {
        /// Its size in bits.
        bits: usize,
    },
    /// No key could be made.
    #[error("key generation failed")]
    Generation,
    /// The key could not be written out.
    #[error("the key could not be written as PKCS#8")]
    Export,
    /// The key could not sign.
    #[error("signing failed")]
    Signing {
        /// What the key, or the device that holds it, said.
        source: Option<Arc<dyn Error + Send + Sync>>,
    },
}

impl KeyError {
    /// For implementations of [`SigningKey`](crate::SigningKey): the operation failed because of `source`.
    #[must_use]
    pub fn signing(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Signing {
            source: Some(Arc::from(source.into())),
        }
    }
}

/// What a key file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyFormat {
    /// PKCS#1 `RSAPrivateKey` ([RFC 8017 §A.1.2](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2)).
    Pkcs1Rsa,
    /// PKCS#8 with an RSA key ([RFC 5208](https://www.rfc-editor.org/rfc/rfc5208)).
    Pkcs8Rsa,
    /// PKCS#8 with an Ed25519 key ([RFC 8410 §7](https://www.rfc-editor.org/rfc/rfc8410#section-7)).
    Pkcs8Ed25519,
    /// PKCS#8 with a key of another algorithm.
    Pkcs8Other,
    /// An elliptic-curve key other than Ed25519.
    EllipticCurve,
    /// A key under a pass phrase.
    Encrypted,
    /// The format of OpenSSH.
    OpenSsh,
    /// A public key.
    PublicKey,
    /// A certificate.
    Certificate,
    /// PEM text where DER was expected.
    Pem,
    /// 32 octets, which may be an Ed25519 seed.
    RawSeed,
    /// Nothing recognisable.
    Unknown,
}

impl fmt::Display for KeyFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs1Rsa => "an RSA key in PKCS#1",
            Self::Pkcs8Rsa => "an RSA key in PKCS#8",
            Self::Pkcs8Ed25519 => "an Ed25519 key in PKCS#8",
            Self::Pkcs8Other => "a PKCS#8 key of an algorithm DKIM does not use",
            Self::EllipticCurve => "an elliptic-curve key other than Ed25519",
            Self::Encrypted => "a key encrypted with a pass phrase",
            Self::OpenSsh => "a key in the format of OpenSSH",
            Self::PublicKey => "a public key",
            Self::Certificate => "a certificate",
            Self::Pem => "PEM text where DER was expected (use from_pem)",
            Self::RawSeed => {
                "32 octets without structure (use ed25519_from_seed if it is an Ed25519 seed)"
            }
            Self::Unknown => "no known key format",
        })
    }
}
