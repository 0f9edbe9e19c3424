//! What the service is told from outside.

use std::env;

use letterhead::feedback::MailgunKey;
use letterhead::mail::{EmailAddress, Mailbox};

use crate::Error;

pub struct Settings {
    pub from: Mailbox,
    pub return_path: EmailAddress,
    pub mailgun_key: MailgunKey,
    /// How mail leaves, and who may send it.
    pub mail: letterhead::Settings,
}

impl Settings {
    /// From the file `letterhead.toml` and the environment.
    pub fn read() -> Result<Self, Error> {
        Ok(Self {
            from: variable("MAIL_FROM")?.parse()?,
            return_path: variable("MAIL_RETURN_PATH")?.parse()?,
            mailgun_key: variable("MAILGUN_KEY")?.parse()?,
            mail: letterhead::Settings::from_file("letterhead.toml", env::vars_os())?,
        })
    }
}

fn variable(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|error| format!("{name}: {error}").into())
}
