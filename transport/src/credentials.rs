//! What a client proves who it is with.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use letterhead_mail::BoxFuture;

use crate::secret_string::SecretString;

mod password_file;
mod rotation;

pub use password_file::PasswordFile;
pub use rotation::RotatingCredentials;

/// A user name and a secret, for AUTH. The secret is wiped from memory when dropped and is in no `Debug` output.
#[derive(Clone)]
pub struct Credentials {
    user: Box<str>,
    secret: Secret,
}

#[derive(Clone)]
pub(crate) enum Secret {
    Password(SecretString),
    BearerToken(SecretString),
}

impl Credentials {
    /// A user name and a password, for AUTH PLAIN and AUTH LOGIN. The password is taken as it is: of one that stands in a file
    /// [`PasswordFile`] leaves out the line end.
    #[must_use]
    pub fn new(user: impl Into<String>, password: SecretString) -> Self {
        Self {
            user: user.into().into_boxed_str(),
            secret: Secret::Password(password),
        }
    }

    /// A user name and an OAuth 2.0 access token, for AUTH OAUTHBEARER and AUTH XOAUTH2.
    #[must_use]
    pub fn bearer(user: impl Into<String>, token: SecretString) -> Self {
        Self {
            user: user.into().into_boxed_str(),
            secret: Secret::BearerToken(token),
        }
    }

    /// The user name.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether both are the same, compared in a time that depends on their lengths only.
    fn is_same(&self, other: &Self) -> bool {
        let octets = |secret: &Secret| match secret {
            Secret::Password(secret) | Secret::BearerToken(secret) => {
                secret.expose().as_bytes().to_vec()
            }
        };
        let (one, another) = (
            zeroize::Zeroizing::new(octets(&self.secret)),
            zeroize::Zeroizing::new(octets(&other.secret)),
        );
        self.user == other.user
            && aws_lc_rs::constant_time::verify_slices_are_equal(&one, &another).is_ok()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, secret) = match &self.secret {
            Secret::Password(password) => ("password", password),
            Secret::BearerToken(token) => ("bearer token", token),
        };
        // Some providers issue one token that is both.
        let user = if *self.user == *secret.expose() {
            "[redacted]"
        } else {
            &self.user
        };
        f.debug_struct("Credentials")
            .field("user", &user)
            .field("secret", &format_args!("[{kind} redacted]"))
            .finish()
    }
}

/// Gives the credentials of the moment, asked before every connection: the seam for rotation and for tokens that expire.
pub trait CredentialProvider: fmt::Debug + Send + Sync {
    /// The credentials to use now.
    ///
    /// # Errors
    ///
    /// When there are none to be had; nothing is sent then, and the recipients are deferred.
    fn current(&self) -> BoxFuture<'_, Result<Credentials, CredentialError>>;

    /// Other credentials than these, which the server has refused for good: a token fetched anew, or the second of two that
    /// are valid while one replaces the other. They are tried once, on a new connection.
    ///
    /// By default there are none.
    ///
    /// # Errors
    ///
    /// When others could not be had; the refusal stands then.
    fn instead_of<'a>(
        &'a self,
        refused: &'a Credentials,
    ) -> BoxFuture<'a, Result<Option<Credentials>, CredentialError>> {
        let _ = refused;
        Box::pin(std::future::ready(Ok(None)))
    }
}

impl CredentialProvider for Credentials {
    fn current(&self) -> BoxFuture<'_, Result<Credentials, CredentialError>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

impl<P: CredentialProvider + ?Sized> CredentialProvider for Arc<P> {
    fn current(&self) -> BoxFuture<'_, Result<Credentials, CredentialError>> {
        (**self).current()
    }

    fn instead_of<'a>(
        &'a self,
        refused: &'a Credentials,
    ) -> BoxFuture<'a, Result<Option<Credentials>, CredentialError>> {
        (**self).instead_of(refused)
    }
}

const _: fn(&dyn CredentialProvider) = |_| {};

/// Credentials that a provider could not give.
#[derive(Debug, thiserror::Error)]
#[error("no credentials could be had")]
pub struct CredentialError {
    source: Box<dyn Error + Send + Sync>,
}

impl CredentialError {
    /// With the cause.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: source.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Credentials;

    #[test]
    fn a_user_name_that_is_the_secret_is_in_no_debug_output() {
        for both in [
            Credentials::new("t0ken", "t0ken".into()),
            Credentials::bearer("t0ken", "t0ken".into()),
        ] {
            assert!(!format!("{both:?}").contains("t0ken"));
        }
        let usual = format!("{:?}", Credentials::new("alice", "s3cr3t".into()));
        assert!(usual.contains("alice") && !usual.contains("s3cr3t"));
    }
}
