//! Deriving a password from a secret key.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::secret::Secret;
use crate::profile::Derivation;
use crate::word::Region;

impl Derivation {
    /// The password for a region: the message, signed by a chain of HMAC-SHA-256 keys that begins with the secret key and
    /// goes on over the day, the region, the service and the terminal word; in Base64, behind the version.
    ///
    /// It is good in that region only, and for as long as the secret key.
    #[must_use]
    pub fn derive_password(&self, secret_key: &Secret, region: &Region) -> Secret {
        let mut key = Zeroizing::new(Vec::with_capacity(
            self.prefix.len() + secret_key.expose().len(),
        ));
        key.extend_from_slice(self.prefix.as_bytes());
        key.extend_from_slice(secret_key.expose().as_bytes());
        for word in [
            self.date.as_str(),
            region.as_str(),
            &self.service,
            &self.terminal,
            &self.message,
        ] {
            let signed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), word.as_bytes());
            key = Zeroizing::new(signed.as_ref().to_vec());
        }
        let mut password = Zeroizing::new(vec![self.version]);
        password.extend_from_slice(&key);
        Secret::from(STANDARD.encode(&*password))
    }
}
