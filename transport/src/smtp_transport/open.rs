use std::time::SystemTime;

use letterhead_mail::Phase;
use letterhead_mail::report::TlsFailure;

use super::connection::Connection;
use super::live::Live;
use super::{LoopbackAuth, SmtpTransport};
use crate::credentials::Credentials;
use crate::endpoint::Security;
use crate::error_chain::chain;
use crate::smtp::{ClientName, ClientSession, PlaintextAuth, SessionSettings};
use crate::time_limit;

/// Why there is no connection upon which a session could begin.
#[derive(Debug)]
pub(super) struct NotOpened {
    pub(super) phase: Phase,
    pub(super) detail: String,
    pub(super) tls: Option<TlsFailure>,
}

impl NotOpened {
    pub(super) fn new(phase: Phase, detail: String) -> Self {
        Self {
            phase,
            detail,
            tls: None,
        }
    }
}

impl SmtpTransport {
    /// The credentials of the moment.
    pub(super) async fn credentials(
        &self,
        total_end: Option<SystemTime>,
    ) -> Result<Option<Credentials>, NotOpened> {
        let Some(provider) = &self.settings.credentials else {
            return Ok(None);
        };
        let current = time_limit::until(&*self.settings.clock, total_end, provider.current()).await;
        let current =
            current.map_err(|elapsed| NotOpened::new(Phase::Auth, elapsed.to_string()))?;
        current
            .map(Some)
            .map_err(|error| NotOpened::new(Phase::Auth, chain(&error)))
    }

    /// Other credentials than those that were refused, if there are any.
    pub(super) async fn other_credentials(
        &self,
        refused: &Credentials,
        total_end: Option<SystemTime>,
    ) -> Option<Credentials> {
        let provider = self.settings.credentials.as_ref()?;
        let other = time_limit::until(
            &*self.settings.clock,
            total_end,
            provider.instead_of(refused),
        )
        .await;
        match other {
            Ok(Ok(other)) => other,
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// A connection and a session upon it, before the greeting.
    pub(super) async fn open(
        &self,
        credentials: Option<Credentials>,
        total_end: Option<SystemTime>,
    ) -> Result<Box<Live>, NotOpened> {
        let stream = self
            .dial(total_end)
            .await
            .map_err(|detail| NotOpened::new(Phase::Connect, detail))?;
        let name = match &self.settings.ehlo_name {
            Some(name) => ClientName::from(name.clone()),
            // RFC 5321 §4.1.4: a client without a name gives its address.
            None => stream
                .local_addr()
                .map(|local| ClientName::from(local.ip().to_canonical()))
                .map_err(|error| NotOpened::new(Phase::Connect, error.to_string()))?,
        };
        let loopback = stream
            .peer_addr()
            .is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
        let mut settings = SessionSettings::new(
            self.settings.endpoint.host(),
            name,
            self.settings.endpoint.security(),
        )
        .with_timeouts(self.settings.timeouts.clone())
        .with_line_ends(self.settings.line_ends)
        .with_chunking(self.settings.chunking);
        if let Some(count) = self.settings.max_recipients {
            settings = settings.with_max_recipients(count);
        }
        if loopback && self.settings.loopback_auth == LoopbackAuth::InTheClear {
            settings = settings.with_plaintext_auth(PlaintextAuth::DangerousAllow);
        }
        if let Some(credentials) = credentials {
            settings = settings.with_credentials(credentials);
        }
        let mut session = ClientSession::new(settings);
        let mut connection = Connection::plain(stream);
        if self.settings.endpoint.security() == Security::ImplicitTls {
            let since = self.settings.clock.now();
            let phase_end = since.checked_add(self.settings.timeouts.of(Phase::Tls));
            let handshake = connection.secure(&self.settings.endpoint, self.settings.tls.as_ref());
            let facts = time_limit::until(
                &*self.settings.clock,
                time_limit::earlier(phase_end, total_end),
                handshake,
            )
            .await
            .map_err(|elapsed| NotOpened {
                phase: Phase::Tls,
                detail: elapsed.to_string(),
                tls: Some(TlsFailure::Handshake),
            })?
            .map_err(|error| NotOpened {
                phase: Phase::Tls,
                detail: chain(&error),
                tls: Some(error.failure()),
            })?;
            session = session.with_tls(facts);
        }
        Ok(Live::new(connection, session, &self.settings.clock))
    }
}
