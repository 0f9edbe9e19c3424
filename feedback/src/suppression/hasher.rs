use std::fmt;

use aws_lc_rs::hmac;
use letterhead_mail::{AddressDomain, EmailAddress};

use crate::base32::{symbols_of, write_symbols};
use crate::event::EventId;
use crate::suppression::SuppressionKey;
use crate::suppression::key::{ADDRESS_HASH, DOMAIN_HASH, domain_text};

/// Turns addresses into keyed hashes, so that a store can tell that an address is suppressed without holding it.
///
/// HMAC-SHA-256 ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)), cut to 128 bits for the address and to 50 for its
/// domain, so that a domain can still be asked for. Whoever has the secret can test guesses, and whoever loses it can no
/// longer tell who is suppressed: there is no way to change it for another. Equal domains are seen to be equal.
///
/// ```
/// use letterhead_feedback::KeyHasher;
///
/// let hasher = KeyHasher::new(b"a secret of 32 octets or more.....")?;
/// let key = hasher.key(&"joe@example.org".parse()?);
/// assert!(key.is_hashed());
/// assert_eq!(key, hasher.key(&"JOE@example.org".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct KeyHasher(hmac::Key);

impl KeyHasher {
    /// The shortest secret, in octets.
    pub const MIN_SECRET: usize = 32;

    /// A hasher with this secret.
    ///
    /// # Errors
    ///
    /// When the secret is shorter than [`MIN_SECRET`](Self::MIN_SECRET).
    pub fn new(secret: &[u8]) -> Result<Self, KeyHasherError> {
        if secret.len() < Self::MIN_SECRET {
            return Err(KeyHasherError);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The key of an address.
    #[must_use]
    pub fn key(&self, address: &EmailAddress) -> SuppressionKey {
        let clear = SuppressionKey::from(address);
        let address = self.hash("address", clear.as_str(), ADDRESS_HASH);
        SuppressionKey::of_hashes(&address, &self.hash("domain", clear.domain(), DOMAIN_HASH))
    }

    /// What [`SuppressionKey::domain`] is of every key of this domain.
    #[must_use]
    pub fn domain(&self, domain: &AddressDomain) -> String {
        self.hash("domain", &domain_text(domain), DOMAIN_HASH)
    }

    /// An event's id from which nobody without the secret can test what the event was about.
    pub(crate) fn event(&self, id: EventId) -> EventId {
        let hash = self.hash("event", &id.to_string(), ADDRESS_HASH);
        EventId::of(&[Some("hashed"), Some(&hash)])
    }

    fn hash(&self, what: &str, text: &str, digits: usize) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        // What is hashed for one purpose is never the hash of another: no purpose begins with another and a zero octet.
        context.update(what.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        base32(context.sign().as_ref(), digits)
    }
}

/// The secret is not shown.
impl fmt::Debug for KeyHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHasher")
    }
}

/// The first bits of the octets, five a digit.
fn base32(octets: &[u8], digits: usize) -> String {
    let mut symbols = symbols_of(octets);
    symbols.truncate(digits);
    write_symbols(&symbols)
}

/// A secret that is too short to hash addresses with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is shorter than 32 octets; draw 32 at random and keep them")]
#[non_exhaustive]
pub struct KeyHasherError;

#[cfg(test)]
mod tests {
    use super::{KeyHasher, base32};
    use crate::suppression::SuppressionKey;

    #[test]
    fn digits_are_those_of_base32() {
        assert_eq!(base32(b"foobar", 9), "mzxw6ytbo");
    }

    #[test]
    fn keys_read_back_and_depend_on_the_secret() {
        let hasher = KeyHasher::new(&[7; 32]).unwrap();
        let joe = "joe@example.org".parse().unwrap();
        let key = hasher.key(&joe);
        assert_eq!(key.to_string().parse(), Ok(key.clone()));
        assert_eq!(key.domain(), hasher.domain(joe.domain()));
        assert_eq!(key.address(), None);
        assert_ne!(key, KeyHasher::new(&[8; 32]).unwrap().key(&joe));
        assert!(KeyHasher::new(&[7; 31]).is_err());
        assert!(!format!("{hasher:?}").contains('7'));
    }

    #[test]
    fn a_hash_is_not_read_from_just_anything() {
        for text in [
            ":",
            "::",
            ":a:b",
            ":ABCDEFGHIJKLMNOPQRSTUVWXYZ:abcdefghij",
            "joe",
            "",
        ] {
            assert!(text.parse::<SuppressionKey>().is_err(), "{text}");
        }
    }
}
