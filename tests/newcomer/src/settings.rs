//! What the service is told from outside.

use std::env;

use letterhead::dkim::{PrivateKey, Selector};
use letterhead::feedback::MailgunKey;
use letterhead::mail::{EmailAddress, Mailbox};
use letterhead::transport::{Endpoint, RootCertificates, SecretString};

use crate::Error;

#[derive(Debug)]
pub struct Settings {
    pub from: Mailbox,
    pub return_path: EmailAddress,
    pub selector: Selector,
    pub dkim_key: PrivateKey,
    pub own: Server,
    pub fallback: Server,
    pub mailgun_key: MailgunKey,
}

/// An SMTP server to submit mail to. The user stands in the endpoint: `smtp://app@smtp.yourcompany.example`.
#[derive(Debug)]
pub struct Server {
    pub endpoint: Endpoint,
    pub password: SecretString,
    /// Whom to trust; without it, whom the system trusts.
    pub roots: Option<RootCertificates>,
}

impl Settings {
    pub fn from_env() -> Result<Self, Error> {
        Ok(Self {
            from: variable("MAIL_FROM")?.parse()?,
            return_path: variable("MAIL_RETURN_PATH")?.parse()?,
            selector: variable("DKIM_SELECTOR")?.parse()?,
            dkim_key: PrivateKey::from_pem(&std::fs::read_to_string(variable("DKIM_KEY_FILE")?)?)?,
            own: Server::from_env("SMTP")?,
            fallback: Server::from_env("FALLBACK_SMTP")?,
            mailgun_key: variable("MAILGUN_KEY")?.parse()?,
        })
    }
}

impl Server {
    fn from_env(prefix: &str) -> Result<Self, Error> {
        Ok(Self {
            endpoint: variable(&format!("{prefix}_URL"))?.parse()?,
            password: variable(&format!("{prefix}_PASSWORD"))?.into(),
            roots: None,
        })
    }
}

fn variable(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|error| format!("{name}: {error}").into())
}
