//! Whether a webhook comes from whoever was given the secret.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Provider, ProviderReading, WebhookError, proven};

/// The credentials that a provider is to send with each webhook, for those that sign nothing: Postmark, Mailjet and
/// SparkPost.
///
/// A user name and a password go into the webhook's URL, or SparkPost's settings; a bearer token and other values of a
/// header go where the provider lets one be set. They are compared in constant time, by their SHA-256, which is all that is
/// kept of them. Nothing but TLS keeps them from being read on the way, and nothing binds them to a body or to a time:
/// whoever has them can say anything. While they are being changed, try the new ones and then the old.
///
/// ```
/// use letterhead_feedback::{EventKind, Proof, Provider, WebhookSecret};
///
/// // https://hooks:tr0ub4dor@hooks.example.com/postmark
/// let secret = WebhookSecret::basic("hooks", "tr0ub4dor")?;
/// let body = br#"{"RecordType": "Delivery", "Recipient": "joe@example.org", "MessageID": "883953f4"}"#;
/// let reading = secret.verify(Some("Basic aG9va3M6dHIwdWI0ZG9y"), body, Provider::Postmark)?;
/// assert_eq!(reading.events[0].kind(), EventKind::Delivered);
/// assert_eq!(reading.events[0].proof(), Proof::Provider);
/// assert!(secret.verify(Some("Basic aG9va3M6Z3Vlc3M="), body, Provider::Postmark).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WebhookSecret {
    scheme: Scheme,
    expected: Digest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Basic,
    Bearer,
    Whole,
}

impl WebhookSecret {
    /// A user name and a password, which come as `Authorization: Basic …`
    /// ([RFC 7617 §2](https://www.rfc-editor.org/rfc/rfc7617#section-2)).
    ///
    /// # Errors
    ///
    /// [`WebhookSecretError`]: one is empty, the user name has a colon in it, or there is a control character.
    pub fn basic(user: &str, password: &str) -> Result<Self, WebhookSecretError> {
        if user.contains(':') {
            return Err(WebhookSecretError::ColonInUser);
        }
        checked(user)?;
        checked(password)?;
        Ok(Self::new(Scheme::Basic, &format!("{user}:{password}")))
    }

    /// A token, which comes as `Authorization: Bearer …`
    /// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
    ///
    /// # Errors
    ///
    /// [`WebhookSecretError`]: it is empty, or there is a control character.
    pub fn bearer(token: &str) -> Result<Self, WebhookSecretError> {
        checked(token)?;
        Ok(Self::new(Scheme::Bearer, token.trim()))
    }

    /// The whole value of a header of the caller's choice.
    ///
    /// # Errors
    ///
    /// [`WebhookSecretError`]: it is empty, or there is a control character.
    pub fn header(value: &str) -> Result<Self, WebhookSecretError> {
        checked(value)?;
        Ok(Self::new(Scheme::Whole, value.trim()))
    }

    /// Checks a webhook and reads it: the value of `Authorization`, or of the header of [`header`](Self::header), and
    /// the body as it came. The events are proven by the [provider](crate::Proof::Provider).
    ///
    /// # Errors
    ///
    /// [`WebhookError`]: the credentials are missing, not in their form, or others; or the body cannot be read.
    pub fn verify(
        &self,
        authorization: Option<&str>,
        body: &[u8],
        provider: Provider,
    ) -> Result<ProviderReading, WebhookError> {
        let place = match self.scheme {
            Scheme::Basic | Scheme::Bearer => "the Authorization header",
            Scheme::Whole => "the header with the secret",
        };
        let given = authorization
            .map(str::trim)
            .filter(|given| !given.is_empty())
            .ok_or(WebhookError::Missing { provider, place })?;
        let given = self.credentials(given).ok_or(WebhookError::Malformed {
            provider,
            place,
            expected: self.form(),
        })?;
        verify_slices_are_equal(digest(&SHA256, &given).as_ref(), self.expected.as_ref())
            .map_err(|_| WebhookError::WrongCredentials { provider })?;
        proven::read(provider, body)
    }

    fn new(scheme: Scheme, secret: &str) -> Self {
        Self {
            scheme,
            expected: digest(&SHA256, secret.as_bytes()),
        }
    }

    /// What a header value says behind its scheme.
    fn credentials(&self, value: &str) -> Option<Vec<u8>> {
        let behind = |name: &str| {
            let (scheme, rest) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case(name).then(|| rest.trim())
        };
        match self.scheme {
            Scheme::Basic => STANDARD.decode(behind("basic")?).ok(),
            Scheme::Bearer => Some(behind("bearer")?.into()),
            Scheme::Whole => Some(value.into()),
        }
    }

    const fn form(&self) -> &'static str {
        match self.scheme {
            Scheme::Basic => "Basic with base64 behind it",
            Scheme::Bearer => "Bearer with a token behind it",
            Scheme::Whole => "text",
        }
    }
}

/// Which form the secret has, and nothing of it.
impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSecret")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

fn checked(part: &str) -> Result<(), WebhookSecretError> {
    if part.trim().is_empty() {
        return Err(WebhookSecretError::Empty);
    }
    if part.chars().any(char::is_control) {
        return Err(WebhookSecretError::Control);
    }
    Ok(())
}

/// Text that cannot be a secret in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookSecretError {
    /// Nothing, which everybody knows.
    #[error(
        "a user name, a password and a token of a webhook cannot be empty: choose at least 16 random characters"
    )]
    Empty,
    /// A line end or another control character, which no header can hold.
    #[error(
        "the secret of a webhook holds a control character: take it out, often a line end at the end of a file"
    )]
    Control,
    /// A colon ends the user name.
    #[error(
        "the user name of a webhook holds a colon, which ends a user name: put it into the password"
    )]
    ColonInUser,
}
