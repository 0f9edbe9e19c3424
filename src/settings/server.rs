//! The servers of routes.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use letterhead_dns::DomainName;
use letterhead_transport::{
    Credentials, Endpoint, PasswordFile, SecretString, SmtpTransport, SmtpTransportError, Timeouts,
    TlsSettings,
};

/// Where a route's mail goes, and what is said there.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) endpoint: Endpoint,
    pub(super) login: Option<Login>,
    /// The only certificates to trust, where they are named.
    pub(super) tls: Option<TlsSettings>,
    pub(super) ehlo_name: Option<DomainName>,
    pub(super) max_connections: Option<NonZeroU32>,
    pub(super) max_messages_per_connection: Option<NonZeroU32>,
    /// For a whole attempt.
    pub(super) timeout: Option<Duration>,
}

#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: String,
    /// As it was when the settings were read.
    pub(super) password: SecretString,
    /// Where it is read anew for each connection.
    pub(super) file: Option<PathBuf>,
}

impl Login {
    /// As they were when the settings were read.
    pub(super) fn credentials(&self) -> Credentials {
        Credentials::new(self.user.clone(), self.password.clone())
    }
}

impl Server {
    pub(super) fn transport(&self) -> Result<SmtpTransport, SmtpTransportError> {
        let mut builder = SmtpTransport::builder(self.endpoint.clone());
        if let Some(login) = &self.login {
            builder = match &login.file {
                Some(file) => {
                    builder.credentials(PasswordFile::new(login.user.clone(), file.clone()))
                }
                None => builder.credentials(login.credentials()),
            };
        }
        if let Some(tls) = &self.tls {
            builder = builder.tls(tls.clone());
        }
        if let Some(name) = &self.ehlo_name {
            builder = builder.ehlo_name(name.clone());
        }
        if let Some(count) = self.max_connections {
            builder = builder.max_connections(count);
        }
        if let Some(count) = self.max_messages_per_connection {
            builder = builder.max_messages_per_connection(count);
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeouts(Timeouts::default().with_total(timeout));
        }
        builder.build()
    }
}
