use std::fmt;
use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::{Clock, DomainName};

use super::SmtpTransport;
use super::live::Keeping;
use super::pool::Pool;
use super::settings::{LoopbackAuth, Settings};
use crate::address_families::AddressFamilies;
use crate::credentials::CredentialProvider;
use crate::endpoint::{Endpoint, Security};
use crate::smtp::{Chunking, LineEnds};
use crate::system::SystemClock;
use crate::timeouts::Timeouts;
use crate::tls::{TlsError, TlsSettings};

/// Options of an [`SmtpTransport`].
#[must_use]
pub struct SmtpTransportBuilder {
    settings: Settings,
    keeping: Keeping,
    max_connections: NonZeroU32,
}

impl SmtpTransportBuilder {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self {
            settings: Settings {
                endpoint,
                credentials: None,
                tls: None,
                ehlo_name: None,
                local_address: None,
                address_families: None,
                timeouts: Timeouts::default(),
                line_ends: LineEnds::Strict,
                chunking: Chunking::default(),
                max_recipients: None,
                loopback_auth: LoopbackAuth::OverTlsOnly,
                clock: Arc::new(SystemClock::new()),
            },
            keeping: Keeping {
                max_messages: MAX_MESSAGES.get(),
                max_age: MAX_AGE,
                max_idle: MAX_IDLE,
            },
            max_connections: MAX_CONNECTIONS,
        }
    }

    /// [`Credentials`](crate::Credentials), or where to get them, such as a [`PasswordFile`](crate::PasswordFile); none by default.
    /// Where they are given, nothing is sent to a server that does not take them.
    pub fn credentials(mut self, provider: impl CredentialProvider + 'static) -> Self {
        self.settings.credentials = Some(Arc::new(provider));
        self
    }

    /// Whom to trust; the operating system's certificate authorities by default.
    pub fn tls(mut self, settings: TlsSettings) -> Self {
        self.settings.tls = Some(settings);
        self
    }

    /// What the client calls itself; by default the address literal of the connection, which providers accept from
    /// their customers and receivers of mail distrust.
    pub fn ehlo_name(mut self, name: DomainName) -> Self {
        self.settings.ehlo_name = Some(name);
        self
    }

    /// The address to connect from; by default the system chooses.
    pub fn local_address(mut self, address: IpAddr) -> Self {
        self.settings.local_address = Some(address);
        self
    }

    /// Which of a server's addresses to connect to, and which first; by default all, in the system's order.
    pub fn address_families(mut self, families: AddressFamilies) -> Self {
        self.settings.address_families = Some(families);
        self
    }

    /// How long each step may take.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.settings.timeouts = timeouts;
        self
    }

    /// How the server's lines may end; strictly by default.
    pub fn line_ends(mut self, line_ends: LineEnds) -> Self {
        self.settings.line_ends = line_ends;
        self
    }

    /// Whether messages go by BDAT; where the server offers it by default.
    pub fn chunking(mut self, chunking: Chunking) -> Self {
        self.settings.chunking = chunking;
        self
    }

    /// The most recipients of one transaction, such as a provider's 50; more are split over several, each with the whole
    /// message. By default as many as the server says, else 1000.
    pub fn max_recipients(mut self, count: NonZeroUsize) -> Self {
        self.settings.max_recipients = Some(count);
        self
    }

    /// The most connections at a time, idle ones included: 5 by default. Whoever comes when all are in use waits in turn.
    /// Many more than a provider allows bring refusals; one makes everything wait for the slowest.
    pub fn max_connections(mut self, count: NonZeroU32) -> Self {
        self.max_connections = count;
        self
    }

    /// The most messages on one connection, after which it is closed: 100 by default, as many servers close it by then. With
    /// 1 no connection is kept.
    pub fn max_messages_per_connection(mut self, count: NonZeroU32) -> Self {
        self.keeping.max_messages = count.get();
        self
    }

    /// The longest time from making a connection to the last message on it: 5 minutes by default, so that a change of the
    /// server's addresses, or of credentials, is noticed.
    pub fn max_connection_age(mut self, age: Duration) -> Self {
        self.keeping.max_age = age;
        self
    }

    /// The longest time that a connection may lie idle: 30 seconds by default. Servers close idle connections after 5 minutes
    /// at the least ([RFC 5321 §4.5.3.2.7](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.7)), and many much earlier.
    pub fn max_idle_time(mut self, time: Duration) -> Self {
        self.keeping.max_idle = time;
        self
    }

    /// The clock; [`SystemClock`] by default.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Sends credentials without TLS, or over TLS with a server that was not verified, where the server turns out to be on
    /// this machine, as in tests. Another process that has taken the port gets them.
    pub fn dangerous_plaintext_auth_on_loopback(mut self) -> Self {
        self.settings.loopback_auth = LoopbackAuth::InTheClear;
        self
    }

    /// The transport. It connects when something is sent.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up, or credentials would have to go over a connection without it; when the endpoint names a
    /// user and there are no credentials.
    pub fn build(mut self) -> Result<SmtpTransport, SmtpTransportError> {
        let settings = &mut self.settings;
        if settings.endpoint.user().is_some() && settings.credentials.is_none() {
            return Err(SmtpTransportError::NoPassword);
        }
        match settings.endpoint.security() {
            Security::Plaintext => {
                if settings.credentials.is_some()
                    && settings.loopback_auth == LoopbackAuth::OverTlsOnly
                {
                    return Err(SmtpTransportError::PlaintextCredentials);
                }
            }
            Security::StartTls | Security::ImplicitTls | Security::Opportunistic => {
                if settings.tls.is_none() {
                    settings.tls = Some(TlsSettings::native()?);
                }
            }
        }
        Ok(SmtpTransport {
            settings: self.settings,
            pool: Pool::new(self.max_connections.get(), self.keeping),
        })
    }
}

impl fmt::Debug for SmtpTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpTransportBuilder")
            .field("endpoint", &self.settings.endpoint)
            .finish_non_exhaustive()
    }
}

/// Why a transport cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmtpTransportError {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// Credentials would go over a connection without TLS.
    #[error(
        "credentials would be sent without TLS: use Security::StartTls or Security::ImplicitTls"
    )]
    PlaintextCredentials,
    /// The endpoint names a user, and there is no password.
    #[error(
        "the endpoint names a user and there is no password: give Credentials or a PasswordFile with SmtpTransportBuilder::credentials"
    )]
    NoPassword,
}

const MAX_CONNECTIONS: NonZeroU32 = NonZeroU32::new(5).unwrap();
const MAX_MESSAGES: NonZeroU32 = NonZeroU32::new(100).unwrap();
const MAX_AGE: Duration = Duration::from_secs(5 * 60);
const MAX_IDLE: Duration = Duration::from_secs(30);
