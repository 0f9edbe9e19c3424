//! Trying the settings without sending anything.

use std::fmt;

use letterhead_mail::report::ServerAuthentication;
use letterhead_mail::{Phase, TlsFacts};

use super::SmtpTransport;
use super::live::Live;
use super::open::NotOpened;
use crate::smtp::{ConnectionProblem, Extensions};
use crate::time_limit;

/// What a server offers once it has greeted, TLS stands and it has taken the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionCheck {
    /// The server, `host:port`.
    pub server: String,
    /// The TLS that stands; `None` where there is none.
    pub tls: Option<TlsFacts>,
    /// Who we are to it; `None` without credentials.
    pub user: Option<String>,
    /// What it offers then.
    pub extensions: Extensions,
}

impl SmtpTransport {
    /// Connects, greets, makes TLS and logs in as for a message, says QUIT and tells what the server offers: for the button
    /// "test the connection" of an application, and for its start. No sender or recipient is named, so whether the server takes
    /// these only a message shows.
    ///
    /// It takes one of the transport's [connections](super::SmtpTransportBuilder::max_connections), waiting for it where all are
    /// in use, and has the time of a whole attempt.
    ///
    /// ```no_run
    /// # use letterhead_transport::{PasswordFile, SmtpTransport};
    /// # async fn check() -> Result<(), Box<dyn std::error::Error>> {
    /// let transport = SmtpTransport::builder("smtp://smtp.example.org:587".parse()?)
    ///     .credentials(PasswordFile::new("apikey", "/run/secrets/smtp"))
    ///     .build()?;
    /// match transport.check().await {
    ///     Ok(found) => println!("{found}"), // smtp.example.org:587: TLSv1.3, verified; apikey is logged in; SIZE 10485760, ...
    ///     Err(problem) => println!("{problem}"), // at auth: 535 5.7.8 authentication failed
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Why no message could be sent: nobody there, a certificate that is not trusted, TLS that is not offered, credentials that
    /// are refused, a server that does not want to.
    pub async fn check(&self) -> Result<ConnectionCheck, ConnectionProblem> {
        let started = self.settings.clock.now();
        let end = started.checked_add(self.settings.timeouts.total());
        let place = time_limit::until(&*self.settings.clock, end, self.pool.place()).await;
        let _place = match place {
            Ok(Some(place)) => place,
            Ok(None) => {
                let closed = "the transport was closed".to_owned();
                return Err(ConnectionProblem::found(Phase::Local, closed, None));
            }
            Err(_) => {
                let busy = "no connection was free in time".to_owned();
                return Err(ConnectionProblem::found(Phase::Connect, busy, None));
            }
        };
        let checked = time_limit::until(&*self.settings.clock, end, self.checked(end)).await;
        checked.unwrap_or_else(|elapsed| {
            let elapsed = elapsed.to_string();
            Err(ConnectionProblem::found(Phase::Connect, elapsed, None))
        })
    }

    async fn checked(
        &self,
        end: Option<std::time::SystemTime>,
    ) -> Result<ConnectionCheck, ConnectionProblem> {
        let mut credentials = self.credentials(end).await?;
        let mut live = self.open(credentials.clone(), end).await?;
        self.greet(&mut live).await;
        if live.session.credentials_refused()
            && let Some(refused) = &credentials
            && let Some(other) = self.other_credentials(refused, end).await
        {
            live.part();
            credentials = Some(other);
            live = self.open(credentials.clone(), end).await?;
            self.greet(&mut live).await;
        }
        let found = self.found(&live, credentials.as_ref().map(|known| known.user()));
        live.part();
        found
    }

    fn found(&self, live: &Live, user: Option<&str>) -> Result<ConnectionCheck, ConnectionProblem> {
        let session = &live.session;
        if let Some(problem) = session.problem() {
            return Err(problem.clone());
        }
        Ok(ConnectionCheck {
            server: self.settings.endpoint.to_string(),
            tls: session.tls().cloned(),
            user: user.map(str::to_owned),
            extensions: session.extensions().clone(),
        })
    }
}

impl From<NotOpened> for ConnectionProblem {
    fn from(failure: NotOpened) -> Self {
        Self::found(failure.phase, failure.detail, failure.tls)
    }
}

/// `smtp.example.org:587: TLSv1.3, verified; app is logged in; PIPELINING, SIZE 10485760`.
impl fmt::Display for ConnectionCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.server)?;
        match &self.tls {
            Some(tls) => {
                let verified = match tls.server() {
                    ServerAuthentication::Verified => "verified",
                    ServerAuthentication::NotVerified => "not verified",
                };
                write!(f, "{}, {verified}; ", tls.protocol())?;
            }
            None => f.write_str("no TLS; ")?,
        }
        match &self.user {
            Some(user) => write!(f, "{user} is logged in; ")?,
            None => f.write_str("no login; ")?,
        }
        for (place, extension) in self.extensions.entries().iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{}", extension.keyword())?;
            for argument in extension.arguments() {
                write!(f, " {argument}")?;
            }
        }
        Ok(())
    }
}
