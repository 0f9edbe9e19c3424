//! Credentials as they come from the provider.

use super::record::Credential;
use super::secret::Secret;
use crate::placement::CredentialId;
use crate::profile::Shown;

/// Credentials as the provider hands them out: the only time that the secret is there.
#[derive(Debug)]
#[non_exhaustive]
pub struct IssuedCredential {
    /// What is kept of them.
    pub credential: Credential,
    /// The user name. Of some kinds it is the password as well, so it is kept like one.
    pub username: Secret,
    secret: Option<Secret>,
    shown: Shown,
}

impl IssuedCredential {
    /// A new set. `shown` says whether the provider would show the secret again.
    #[must_use]
    pub fn new(
        credential: Credential,
        username: impl Into<String>,
        secret: Secret,
        shown: Shown,
    ) -> Self {
        Self {
            credential,
            username: Secret::from(username.into()),
            secret: Some(secret),
            shown,
        }
    }

    /// Hands the secret over, once: whoever takes it keeps it.
    ///
    /// # Errors
    ///
    /// When it was taken already.
    pub fn take_secret(&mut self) -> Result<Secret, SecretGone> {
        self.secret.take().ok_or_else(|| SecretGone {
            credential: self.credential.id.clone(),
            shown: self.shown,
        })
    }
}

/// A secret that was handed over already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret of {credential} was handed over already; {}", remedy(*shown))]
#[non_exhaustive]
pub struct SecretGone {
    /// Whose.
    pub credential: CredentialId,
    /// Whether the provider would show it again.
    pub shown: Shown,
}

fn remedy(shown: Shown) -> &'static str {
    match shown {
        Shown::Again => "ask the provider to show it again",
        Shown::Once => "the provider does not show it again, so have another set issued",
        Shown::Unknown => {
            "the provider may not show it again; if it does not, have another set issued"
        }
    }
}
