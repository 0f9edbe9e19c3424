//! SMTP over TCP and TLS: the driver of a [`ClientSession`].

mod connection;
mod deadline;
mod dial;
mod drive;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_mail::{
    BoxFuture, Clock, DomainName, Outcome, Phase, RecipientReport, Report, Submission, Transport,
};
use tracing::Instrument as _;

use self::connection::Connection;
use crate::credentials::CredentialProvider;
use crate::endpoint::{Endpoint, Security};
use crate::smtp::{ClientName, ClientSession, LineEnds, PlaintextAuth, SessionSettings};
use crate::system::SystemClock;
use crate::timeouts::Timeouts;
use crate::tls::{TlsError, TlsSettings};

/// Hands submissions to one SMTP server, on a connection of its own for each.
///
/// It runs on tokio and spawns no task: a future that is dropped closes its connection. The name is looked up by the
/// operating system, on tokio's blocking threads.
///
/// ```no_run
/// use letterhead_transport::{Credentials, Endpoint, SecretString, SmtpTransport};
///
/// let endpoint: Endpoint = "smtp://smtp.example.org:587".parse()?;
/// let password = SecretString::from(std::fs::read_to_string("/run/secrets/smtp")?);
/// let transport = SmtpTransport::builder(endpoint)
///     .credentials(Credentials::new("apikey", password))
///     .ehlo_name("app.example.com".parse()?)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SmtpTransport {
    endpoint: Endpoint,
    credentials: Option<Arc<dyn CredentialProvider>>,
    tls: Option<TlsSettings>,
    ehlo_name: Option<DomainName>,
    local_address: Option<IpAddr>,
    timeouts: Timeouts,
    line_ends: LineEnds,
    loopback_auth: LoopbackAuth,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoopbackAuth {
    OverTlsOnly,
    InTheClear,
}

impl SmtpTransport {
    /// A transport to this server.
    pub fn builder(endpoint: Endpoint) -> SmtpTransportBuilder {
        SmtpTransportBuilder {
            transport: Self {
                endpoint,
                credentials: None,
                tls: None,
                ehlo_name: None,
                local_address: None,
                timeouts: Timeouts::default(),
                line_ends: LineEnds::Strict,
                loopback_auth: LoopbackAuth::OverTlsOnly,
                clock: Arc::new(SystemClock::new()),
            },
        }
    }

    /// The server.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        let started = self.clock.now();
        match self.open(submission, started).await {
            Ok((mut connection, mut session)) => self.drive(&mut connection, &mut session).await,
            Err(failure) => Report::uniform(&submission.envelope, |recipient| {
                RecipientReport::new(recipient, Outcome::Deferred, failure.phase)
                    .with_server(self.endpoint.host())
                    .with_detail(failure.detail.clone())
            }),
        }
    }

    /// A connection and a session upon it.
    async fn open(
        &self,
        submission: &Submission,
        started: SystemTime,
    ) -> Result<(Connection, ClientSession), Failure> {
        let total_end = started.checked_add(self.timeouts.total());
        let credentials = match &self.credentials {
            Some(provider) => {
                let current = deadline::within(&*self.clock, total_end, provider.current()).await;
                let outcome =
                    current.map_err(|elapsed| Failure::new(Phase::Auth, elapsed.to_string()))?;
                Some(outcome.map_err(|error| Failure::new(Phase::Auth, chain(&error)))?)
            }
            None => None,
        };
        let stream = self
            .dial(total_end)
            .await
            .map_err(|detail| Failure::new(Phase::Connect, detail))?;
        let name = match &self.ehlo_name {
            Some(name) => ClientName::from(name.clone()),
            // RFC 5321 §4.1.4: a client without a name gives its address.
            None => stream
                .local_addr()
                .map(|local| ClientName::from(local.ip().to_canonical()))
                .map_err(|error| Failure::new(Phase::Connect, error.to_string()))?,
        };
        let loopback = stream
            .peer_addr()
            .is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
        let mut settings =
            SessionSettings::new(self.endpoint.host(), name, self.endpoint.security())
                .with_timeouts(self.timeouts.clone())
                .with_line_ends(self.line_ends);
        if loopback && self.loopback_auth == LoopbackAuth::InTheClear {
            settings = settings.with_plaintext_auth(PlaintextAuth::DangerousAllow);
        }
        if let Some(credentials) = credentials {
            settings = settings.with_credentials(credentials);
        }
        let mut connection = Connection::plain(stream);
        if self.endpoint.security() == Security::ImplicitTls {
            let since = self.clock.now();
            let phase_end = since.checked_add(self.timeouts.of(Phase::Tls));
            let handshake = connection.secure(&self.endpoint, self.tls.as_ref());
            deadline::within(
                &*self.clock,
                deadline::earlier(phase_end, total_end),
                handshake,
            )
            .await
            .map_err(|elapsed| Failure::new(Phase::Tls, elapsed.to_string()))?
            .map_err(|error| Failure::new(Phase::Tls, chain(&error)))?;
        }
        Ok((
            connection,
            ClientSession::new(settings, submission, started),
        ))
    }
}

impl Transport for SmtpTransport {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        let span = tracing::debug_span!(
            "smtp",
            server = %self.endpoint,
            submission = %submission.id,
            recipients = submission.envelope.recipients().len(),
            octets = submission.message.len(),
        );
        Box::pin(self.attempt(submission).instrument(span))
    }
}

impl fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpTransport")
            .field("endpoint", &self.endpoint)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

/// Options of an [`SmtpTransport`].
#[derive(Debug)]
#[must_use]
pub struct SmtpTransportBuilder {
    transport: SmtpTransport,
}

impl SmtpTransportBuilder {
    /// Credentials, or where to get them; none by default. Where they are given, nothing is sent to a server that does
    /// not take them.
    pub fn credentials(mut self, provider: impl CredentialProvider + 'static) -> Self {
        self.transport.credentials = Some(Arc::new(provider));
        self
    }

    /// Whom to trust; the operating system's certificate authorities by default.
    pub fn tls(mut self, settings: TlsSettings) -> Self {
        self.transport.tls = Some(settings);
        self
    }

    /// What the client calls itself; by default the address literal of the connection, which providers accept from
    /// their customers and receivers of mail distrust.
    pub fn ehlo_name(mut self, name: DomainName) -> Self {
        self.transport.ehlo_name = Some(name);
        self
    }

    /// The address to connect from; by default the system chooses.
    pub fn local_address(mut self, address: IpAddr) -> Self {
        self.transport.local_address = Some(address);
        self
    }

    /// How long each step may take.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.transport.timeouts = timeouts;
        self
    }

    /// How the server's lines may end; strictly by default.
    pub fn line_ends(mut self, line_ends: LineEnds) -> Self {
        self.transport.line_ends = line_ends;
        self
    }

    /// The clock; [`SystemClock`] by default.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.transport.clock = clock;
        self
    }

    /// Sends credentials without TLS where the server turns out to be on this machine, as in tests. Another process
    /// that has taken the port gets them.
    pub fn dangerous_plaintext_auth_on_loopback(mut self) -> Self {
        self.transport.loopback_auth = LoopbackAuth::InTheClear;
        self
    }

    /// The transport. It connects when something is sent.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up, or credentials would have to go over a connection without it.
    pub fn build(mut self) -> Result<SmtpTransport, SmtpTransportError> {
        let transport = &mut self.transport;
        match transport.endpoint.security() {
            Security::Plaintext => {
                if transport.credentials.is_some()
                    && transport.loopback_auth == LoopbackAuth::OverTlsOnly
                {
                    return Err(SmtpTransportError::PlaintextCredentials);
                }
            }
            Security::StartTls | Security::ImplicitTls | Security::Opportunistic => {
                if transport.tls.is_none() {
                    transport.tls = Some(TlsSettings::native()?);
                }
            }
        }
        Ok(self.transport)
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
}

/// An attempt that ended before there was a session.
struct Failure {
    phase: Phase,
    detail: String,
}

impl Failure {
    fn new(phase: Phase, detail: String) -> Self {
        Self { phase, detail }
    }
}

/// An error with its causes, for a row of a report.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Addresses that a connection from `local` can reach.
fn reachable(
    addresses: impl Iterator<Item = SocketAddr>,
    local: Option<IpAddr>,
) -> Vec<SocketAddr> {
    addresses
        .filter(|address| local.is_none_or(|local| local.is_ipv4() == address.is_ipv4()))
        .collect()
}
