//! Private keys, and the seam through which anything that can sign takes part.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Digest};
use crate::der;
use crate::key_error::{KeyError, KeyFormat};
use crate::pem;
use crate::public_key::PublicKey;

/// Something that signs: a [`PrivateKey`], or a device behind an implementation of one's own. Held as
/// `Arc<dyn SigningKey>`.
///
/// It is synchronous and meant to be local. For a key that is a network away, drive the two steps of
/// [`prepare`](crate::prepare()) and [`Prepared::finish`](crate::Prepared::finish) instead.
pub trait SigningKey: fmt::Debug + Send + Sync {
    /// The algorithm it signs with.
    fn algorithm(&self) -> Algorithm;

    /// The public half, which is published in the DNS.
    fn public_key(&self) -> PublicKey;

    /// Signs the SHA-256 of the header data.
    ///
    /// For RSA, `digest` is the hash inside the PKCS#1 v1.5 padding. For Ed25519 its 32 octets are the message
    /// ([RFC 8463 §3](https://www.rfc-editor.org/rfc/rfc8463#section-3)).
    ///
    /// # Errors
    ///
    /// [`KeyError::Signing`] when the key cannot be used.
    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, KeyError>;
}

impl<K: SigningKey + ?Sized> SigningKey for &K {
    fn algorithm(&self) -> Algorithm {
        (**self).algorithm()
    }

    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, KeyError> {
        (**self).sign_digest(digest)
    }
}

impl<K: SigningKey + ?Sized> SigningKey for Arc<K> {
    fn algorithm(&self) -> Algorithm {
        (**self).algorithm()
    }

    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, KeyError> {
        (**self).sign_digest(digest)
    }
}

impl<K: SigningKey + ?Sized> SigningKey for Box<K> {
    fn algorithm(&self) -> Algorithm {
        (**self).algorithm()
    }

    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, KeyError> {
        (**self).sign_digest(digest)
    }
}

const _: fn(&dyn SigningKey) = |_| {};

/// A private key in memory, RSA or Ed25519.
///
/// `Debug` shows the algorithm only. The key is wiped from memory when dropped.
///
/// ```
/// use letterhead_dkim::{KeySpec, PrivateKey, PublicKeyRecord};
///
/// let key = PrivateKey::generate(KeySpec::Ed25519)?;
/// let pem = key.to_pkcs8_pem()?;
/// assert_eq!(PrivateKey::from_pem(&pem)?.bits(), 256);
/// println!("{}", PublicKeyRecord::for_key(&key));
/// # Ok::<(), letterhead_dkim::KeyError>(())
/// ```
pub struct PrivateKey(Kind);

enum Kind {
    // Boxed: an RSA key pair is held by every signer, and the two differ much in size.
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// Which kind of key to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeySpec {
    /// RSA with 2048 bits: what every receiver verifies. Its record is longer than 255 octets.
    Rsa2048,
    /// RSA with 3072 bits.
    Rsa3072,
    /// RSA with 4096 bits: the largest size that receivers must verify, and several times slower to sign.
    Rsa4096,
    /// Ed25519: fast, with a short record; not every receiver verifies it, so sign with RSA as well.
    Ed25519,
}

impl PrivateKey {
    /// Reads the first private key of a PEM file: PKCS#8 (RSA, Ed25519) or PKCS#1 (RSA), unencrypted.
    ///
    /// # Errors
    ///
    /// The error names the format that was found.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        Self::from_der(&pem::decode_key(text)?)
    }

    /// Reads DER: PKCS#8 (RSA, Ed25519 of version 1 or 2) or PKCS#1 (RSA), unencrypted.
    ///
    /// # Errors
    ///
    /// The error names the format that was found. RSA keys below 2048 bits are refused, whatever a signer allows:
    /// aws-lc, which holds the keys, reads none. A shorter one has to sign elsewhere, behind a [`SigningKey`].
    pub fn from_der(input: &[u8]) -> Result<Self, KeyError> {
        let (seen, bits) = recognise(input);
        if let Some(bits) = bits {
            if bits < 2048 {
                return Err(KeyError::RsaTooSmall { bits });
            }
            if bits > 8192 {
                return Err(KeyError::RsaTooLarge { bits });
            }
        }
        let invalid = |_| KeyError::Invalid { seen };
        match seen {
            KeyFormat::Pkcs1Rsa => RsaKeyPair::from_der(input).map(Self::rsa).map_err(invalid),
            KeyFormat::Pkcs8Rsa => RsaKeyPair::from_pkcs8(input)
                .map(Self::rsa)
                .map_err(invalid),
            KeyFormat::Pkcs8Ed25519 => Ed25519KeyPair::from_pkcs8(input)
                .map(Self::ed25519)
                .map_err(invalid),
            _ => Err(KeyError::Unsupported { seen }),
        }
    }

    /// Generates a key from the system's random generator. RSA takes from tens of milliseconds to seconds.
    ///
    /// # Errors
    ///
    /// When no key could be made.
    pub fn generate(spec: KeySpec) -> Result<Self, KeyError> {
        let size = match spec {
            KeySpec::Ed25519 => {
                return Ed25519KeyPair::generate()
                    .map(Self::ed25519)
                    .map_err(|_| KeyError::Generation);
            }
            KeySpec::Rsa2048 => KeySize::Rsa2048,
            KeySpec::Rsa3072 => KeySize::Rsa3072,
            KeySpec::Rsa4096 => KeySize::Rsa4096,
        };
        RsaKeyPair::generate(size)
            .map(Self::rsa)
            .map_err(|_| KeyError::Generation)
    }

    /// The Ed25519 key of a 32-octet seed ([RFC 8032 §5.1.5](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5)).
    ///
    /// Never pass a public key: it has the same length and would be taken for a seed.
    ///
    /// # Errors
    ///
    /// When the key cannot be derived.
    pub fn ed25519_from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        Ed25519KeyPair::from_seed_unchecked(seed)
            .map(Self::ed25519)
            .map_err(|_| KeyError::Invalid {
                seen: KeyFormat::RawSeed,
            })
    }

    /// The key as an unencrypted PKCS#8 PEM file, wiped from memory when dropped.
    ///
    /// # Errors
    ///
    /// When the key cannot be written out.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        let failed = |_| KeyError::Export;
        match &self.0 {
            Kind::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair.as_ref())
                .map(|der| pem::encode_private_key(der.as_ref()))
                .map_err(failed),
            // Version 1, which OpenSSL reads.
            Kind::Ed25519(pair) => pair
                .to_pkcs8v1()
                .map(|der| pem::encode_private_key(der.as_ref()))
                .map_err(failed),
        }
    }

    /// The size in bits: of the modulus for RSA, 256 for Ed25519.
    #[must_use]
    pub fn bits(&self) -> usize {
        match &self.0 {
            Kind::Rsa(pair) => pair.public_modulus_len() * 8,
            Kind::Ed25519(_) => 256,
        }
    }

    fn rsa(pair: RsaKeyPair) -> Self {
        Self(Kind::Rsa(Box::new(pair)))
    }

    fn ed25519(pair: Ed25519KeyPair) -> Self {
        Self(Kind::Ed25519(Box::new(pair)))
    }
}

impl SigningKey for PrivateKey {
    fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Kind::Rsa(_) => Algorithm::RsaSha256,
            Kind::Ed25519(_) => Algorithm::Ed25519Sha256,
        }
    }

    fn public_key(&self) -> PublicKey {
        match &self.0 {
            Kind::Rsa(pair) => PublicKey::rsa_from_pkcs1(pair.public_key().as_ref()),
            Kind::Ed25519(pair) => {
                let raw = pair.public_key().as_ref();
                PublicKey::ed25519(raw.first_chunk().copied().unwrap_or_default())
            }
        }
    }

    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, KeyError> {
        match &self.0 {
            Kind::Rsa(pair) => {
                let digest = digest::Digest::import_less_safe(digest.as_bytes(), &digest::SHA256)
                    .map_err(KeyError::signing)?;
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature)
                    .map_err(KeyError::signing)?;
                Ok(signature)
            }
            Kind::Ed25519(pair) => pair
                .try_sign(digest.as_bytes())
                .map(|signature| signature.as_ref().to_vec())
                .map_err(KeyError::signing),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, …)", self.algorithm())
    }
}

/// What a private key file holds, and the bits of an RSA modulus.
pub(crate) fn recognise(input: &[u8]) -> (KeyFormat, Option<usize>) {
    structure(input).unwrap_or_else(|| {
        let seen = if input.trim_ascii_start().starts_with(b"-----BEGIN") {
            KeyFormat::Pem
        } else if input.len() == 32 {
            KeyFormat::RawSeed
        } else {
            KeyFormat::Unknown
        };
        (seen, None)
    })
}

fn structure(input: &[u8]) -> Option<(KeyFormat, Option<usize>)> {
    let (outer, _) = der::expect(der::SEQUENCE, input)?;
    let first = der::read(outer)?;
    let second = der::read(first.rest)?;
    Some(match (first.tag, second.tag) {
        (der::INTEGER, der::INTEGER) => {
            (KeyFormat::Pkcs1Rsa, Some(der::integer_bits(second.content)))
        }
        (der::INTEGER, der::OCTET_STRING) => (KeyFormat::EllipticCurve, None),
        (der::INTEGER, der::SEQUENCE) => {
            let (oid, _) = der::expect(der::OBJECT_IDENTIFIER, second.content)?;
            let (key, _) = der::expect(der::OCTET_STRING, second.rest)?;
            match oid {
                der::RSA_ENCRYPTION => (KeyFormat::Pkcs8Rsa, Some(der::rsa_private_key_bits(key)?)),
                der::ED25519 => (KeyFormat::Pkcs8Ed25519, None),
                der::EC_PUBLIC_KEY => (KeyFormat::EllipticCurve, None),
                _ => (KeyFormat::Pkcs8Other, None),
            }
        }
        (der::SEQUENCE, der::OCTET_STRING) => (KeyFormat::Encrypted, None),
        (der::SEQUENCE, der::BIT_STRING) => (KeyFormat::PublicKey, None),
        (der::SEQUENCE, der::SEQUENCE) => (KeyFormat::Certificate, None),
        _ => return None,
    })
}
