use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use letterhead_mail::Entropy;

use crate::token::TokenError;
use crate::token::seal::Seal;

/// The keys that tokens are made and read with: a current one that makes them, and older ones that still read them.
///
/// To rotate, make the new key the current one and keep the old one as [older](Self::with_older) for as long as its
/// tokens are valid: 180 days by default. A token says which key made it, so keeping many costs nothing.
///
/// Every purpose (return path, complaint, unsubscription) has keys of its own that are derived from these, so no token
/// can be used as one of another purpose. A clone shares the keys. Nothing of the secrets shows in `Debug`.
///
/// ```
/// use letterhead_feedback::{TokenKey, TokenKeys};
///
/// // A test key: real ones are 32 octets of a source of randomness, kept where secrets are kept.
/// let (old, new) = (TokenKey::new(0.try_into()?, [7; 32]), TokenKey::new(1.try_into()?, [9; 32]));
/// let keys = TokenKeys::new(&new).with_older(&old)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TokenKeys {
    current: Arc<Derived>,
    older: Vec<Arc<Derived>>,
}

impl TokenKeys {
    /// This key makes and reads tokens.
    #[must_use]
    pub fn new(current: &TokenKey) -> Self {
        Self {
            current: Arc::new(Derived::of(current)),
            older: Vec::new(),
        }
    }

    /// This key reads tokens, too.
    ///
    /// # Errors
    ///
    /// When a key of the ring has the same id: which of the two made a token could not be told.
    pub fn with_older(mut self, key: &TokenKey) -> Result<Self, RepeatedTokenKey> {
        if self.find(key.id).is_ok() {
            return Err(RepeatedTokenKey(key.id));
        }
        self.older.push(Arc::new(Derived::of(key)));
        Ok(self)
    }

    /// The id of the key that makes tokens, and how it makes them.
    pub(crate) fn current(&self, purpose: Purpose) -> (TokenKeyId, &Seal) {
        (self.current.id, self.current.seal(purpose))
    }

    /// How the key of this id reads tokens.
    pub(crate) fn of(&self, id: TokenKeyId, purpose: Purpose) -> Result<&Seal, TokenError> {
        self.find(id).map(|key| key.seal(purpose))
    }

    fn find(&self, id: TokenKeyId) -> Result<&Derived, TokenError> {
        let mut keys = std::iter::once(&self.current).chain(&self.older);
        let found = keys.find(|key| key.id == id);
        found.map(|key| &**key).ok_or(TokenError::UnknownKey(id))
    }
}

/// Shows the ids of the keys.
impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<TokenKeyId> = self.older.iter().map(|key| key.id).collect();
        f.debug_struct("TokenKeys")
            .field("current", &self.current.id)
            .field("older", &older)
            .finish_non_exhaustive()
    }
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    ReturnPath,
    Complaint,
    Unsubscribe,
}

/// The keys made of a secret, which itself is not kept.
struct Derived {
    id: TokenKeyId,
    return_path: Seal,
    complaint: Seal,
    unsubscribe: Seal,
}

impl Derived {
    fn of(key: &TokenKey) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &key.secret);
        Self {
            id: key.id,
            return_path: Seal::derived(&secret, "return-path"),
            complaint: Seal::derived(&secret, "complaint"),
            unsubscribe: Seal::derived(&secret, "unsubscribe"),
        }
    }

    fn seal(&self, purpose: Purpose) -> &Seal {
        match purpose {
            Purpose::ReturnPath => &self.return_path,
            Purpose::Complaint => &self.complaint,
            Purpose::Unsubscribe => &self.unsubscribe,
        }
    }
}

/// A secret of 32 octets and the id under which tokens name it. Whoever has it can stop the mail to any address.
///
/// It is shown by [`secret`](Self::secret) only, for keeping it where secrets are kept.
#[derive(Clone)]
pub struct TokenKey {
    id: TokenKeyId,
    secret: [u8; 32],
}

impl TokenKey {
    /// A key of these octets, which must come from a source of randomness.
    #[must_use]
    pub fn new(id: TokenKeyId, secret: [u8; 32]) -> Self {
        Self { id, secret }
    }

    /// A new key.
    #[must_use]
    pub fn generate(id: TokenKeyId, entropy: &dyn Entropy) -> Self {
        let mut secret = [0; 32];
        entropy.fill(&mut secret);
        Self { id, secret }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> TokenKeyId {
        self.id
    }

    /// The secret: to keep it, and for nothing else.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// Shows the id.
impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The name of a key in a token: a number below 32. A number may be used again when the last token made with the
/// former key has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenKeyId(u8);

impl TokenKeyId {
    /// The number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// The id that five bits stand for.
    pub(crate) fn of_symbol(symbol: u8) -> Self {
        Self(symbol & 31)
    }
}

impl TryFrom<u8> for TokenKeyId {
    type Error = TokenKeyIdError;

    fn try_from(number: u8) -> Result<Self, TokenKeyIdError> {
        if number > 31 {
            return Err(TokenKeyIdError);
        }
        Ok(Self(number))
    }
}

impl fmt::Display for TokenKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number that is no id of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a token key is a number from 0 to 31")]
#[non_exhaustive]
pub struct TokenKeyIdError;

/// Two keys of a ring have the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is a key {0} already; give each key of a ring an id of its own")]
#[non_exhaustive]
pub struct RepeatedTokenKey(pub TokenKeyId);

#[cfg(test)]
mod tests {
    use letterhead_mail::Entropy;

    use super::{Purpose, RepeatedTokenKey, TokenKey, TokenKeyId, TokenKeys};
    use crate::token::TokenError;

    fn test_key(id: u8) -> TokenKey {
        TokenKey::new(id.try_into().unwrap(), [0xd5; 32])
    }

    #[derive(Debug)]
    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for (octet, value) in buffer.iter_mut().zip(0..) {
                *octet = value;
            }
        }
    }

    #[test]
    fn nothing_of_a_secret_is_shown() {
        let keys = TokenKeys::new(&test_key(1))
            .with_older(&test_key(2))
            .unwrap();
        for shown in [format!("{keys:?}"), format!("{:?}", test_key(3))] {
            assert!(!shown.contains("213") && !shown.contains("d5"), "{shown}");
        }
    }

    #[test]
    fn a_generated_key_is_the_entropy_it_was_given() {
        let key = TokenKey::generate(TokenKeyId::try_from(31).unwrap(), &Counting);
        assert_eq!(key.secret()[..4], [0, 1, 2, 3]);
        assert_eq!(key.secret()[31], 31);
    }

    #[test]
    fn keys_are_told_apart_by_their_ids() {
        let keys = TokenKeys::new(&test_key(1));
        let twice = keys.clone().with_older(&test_key(1));
        assert_eq!(
            twice.map(|_| ()),
            Err(RepeatedTokenKey(1.try_into().unwrap()))
        );
        let missing = TokenKeyId::try_from(2).unwrap();
        assert_eq!(
            keys.of(missing, Purpose::ReturnPath).map(|_| ()),
            Err(TokenError::UnknownKey(missing))
        );
        assert!(TokenKeyId::try_from(32).is_err());
    }

    #[test]
    fn the_keys_of_two_purposes_differ() {
        let keys = TokenKeys::new(&test_key(1));
        let purposes = [
            Purpose::ReturnPath,
            Purpose::Complaint,
            Purpose::Unsubscribe,
        ];
        let tags: Vec<[u8; 16]> = purposes
            .iter()
            .map(|purpose| keys.current(*purpose).1.tag(&[b"the same"]))
            .collect();
        assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2]);
    }
}
