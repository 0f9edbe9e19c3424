//! A password or a token.

use std::fmt;

use zeroize::Zeroizing;

/// A password or a token: in no `Debug` output, never serialised, and wiped from memory when it is dropped.
///
/// ```
/// use letterhead_transport::SecretString;
///
/// let password = SecretString::from("correct horse");
/// assert_eq!(format!("{password:?}"), "SecretString([redacted])");
/// assert_eq!(password.expose(), "correct horse");
/// ```
///
/// What it is made of is the caller's to wipe where that was copied before; a `String` that is moved in is not copied.
#[derive(Clone)]
pub struct SecretString(Zeroizing<String>);

impl SecretString {
    /// It as it is, for what sends it to a server.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretString {
    fn from(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }
}

impl From<&str> for SecretString {
    fn from(secret: &str) -> Self {
        secret.to_owned().into()
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString([redacted])")
    }
}
