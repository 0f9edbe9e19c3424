use std::path::PathBuf;

use letterhead_mail::BoxFuture;

use super::{CredentialError, CredentialProvider, Credentials};
use crate::secret_string::SecretString;

/// A user whose password stands in a file, as containers and service managers mount it. It is read anew for every connection,
/// so a password that is changed there is used from the next one on. One line end at its end does not count.
///
/// ```no_run
/// use letterhead_transport::{PasswordFile, SmtpTransport};
///
/// let transport = SmtpTransport::builder("smtps://smtp.example.org".parse()?)
///     .credentials(PasswordFile::new("apikey", "/run/secrets/smtp"))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PasswordFile {
    user: Box<str>,
    path: PathBuf,
}

impl PasswordFile {
    /// For this user.
    #[must_use]
    pub fn new(user: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            user: user.into().into(),
            path: path.into(),
        }
    }

    fn read(&self) -> Result<Credentials, CredentialError> {
        let text = SecretString::from(std::fs::read_to_string(&self.path).map_err(|source| {
            CredentialError::new(PasswordFileError::Unreadable {
                path: self.path.clone(),
                source,
            })
        })?);
        let password = text.expose();
        let password = password.strip_suffix('\n').unwrap_or(password);
        let password = password.strip_suffix('\r').unwrap_or(password);
        if password.is_empty() {
            return Err(CredentialError::new(PasswordFileError::Empty {
                path: self.path.clone(),
            }));
        }
        Ok(Credentials::new(&*self.user, SecretString::from(password)))
    }
}

impl CredentialProvider for PasswordFile {
    fn current(&self) -> BoxFuture<'_, Result<Credentials, CredentialError>> {
        let file = self.clone();
        Box::pin(async move {
            tokio::task::spawn_blocking(move || file.read())
                .await
                .map_err(CredentialError::new)?
        })
    }
}

#[derive(Debug, thiserror::Error)]
enum PasswordFileError {
    #[error("the password file {} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the password file {} is empty", path.display())]
    Empty { path: PathBuf },
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::PasswordFile;
    use crate::credentials::{CredentialProvider as _, Credentials};

    #[tokio::test]
    async fn a_password_is_read_anew_each_time() {
        let path = std::env::temp_dir().join(format!("letterhead-password-{}", std::process::id()));
        let file = PasswordFile::new("alice", &path);
        let missing = file.current().await.unwrap_err();
        assert!(
            missing
                .source()
                .unwrap()
                .to_string()
                .contains("cannot be read")
        );
        for (content, password) in [
            ("one\n", "one"),
            ("two\r\n", "two"),
            ("three\n\n", "three\n"),
        ] {
            std::fs::write(&path, content).unwrap();
            let read = file.current().await.unwrap();
            assert!(read.is_same(&Credentials::new("alice", password.into())));
        }
        std::fs::write(&path, "\n").unwrap();
        assert!(file.current().await.is_err());
        std::fs::remove_file(path).unwrap();
    }
}
