use letterhead_mail::BoxFuture;

use super::{CredentialError, CredentialProvider, Credentials};

/// Two credentials that are valid at the same time while one replaces the other. The first is used; where the server refuses it,
/// because it does not know it yet or not any more, the second is tried.
///
/// ```
/// use letterhead_transport::{Credentials, RotatingCredentials};
///
/// let old = Credentials::new("key-1", "s3cr3t".into());
/// let new = Credentials::new("key-2", "hunter2".into());
/// let both = RotatingCredentials::new(new, old);
/// assert!(!format!("{both:?}").contains("s3cr3t"));
/// ```
#[derive(Debug, Clone)]
pub struct RotatingCredentials {
    first: Credentials,
    second: Credentials,
}

impl RotatingCredentials {
    /// Both, the one to prefer first.
    #[must_use]
    pub fn new(first: Credentials, second: Credentials) -> Self {
        Self { first, second }
    }
}

impl CredentialProvider for RotatingCredentials {
    fn current(&self) -> BoxFuture<'_, Result<Credentials, CredentialError>> {
        self.first.current()
    }

    fn instead_of<'a>(
        &'a self,
        refused: &'a Credentials,
    ) -> BoxFuture<'a, Result<Option<Credentials>, CredentialError>> {
        let other = self.first.is_same(refused).then(|| self.second.clone());
        Box::pin(std::future::ready(Ok(other)))
    }
}
