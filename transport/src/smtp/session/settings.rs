use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroUsize;

use letterhead_mail::DomainName;

use crate::credentials::Credentials;
use crate::endpoint::Security;
use crate::smtp::reply::LineEnds;
use crate::timeouts::Timeouts;

/// What a [`ClientSession`](super::ClientSession) has to know before it begins.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    pub(super) server: String,
    pub(super) client_name: ClientName,
    pub(super) security: Security,
    pub(super) credentials: Option<Credentials>,
    pub(super) plaintext_auth: PlaintextAuth,
    pub(super) timeouts: Timeouts,
    pub(super) line_ends: LineEnds,
    pub(super) chunking: Chunking,
    pub(super) max_recipients: Option<NonZeroUsize>,
}

impl SessionSettings {
    /// Without credentials, with the default timeouts. `server` is the name that reports show. With
    /// [`Security::ImplicitTls`] the connection has TLS before the session begins.
    #[must_use]
    pub fn new(
        server: impl Into<String>,
        client_name: impl Into<ClientName>,
        security: Security,
    ) -> Self {
        Self {
            server: server.into(),
            client_name: client_name.into(),
            security,
            credentials: None,
            plaintext_auth: PlaintextAuth::Never,
            timeouts: Timeouts::default(),
            line_ends: LineEnds::Strict,
            chunking: Chunking::WhereOffered,
            max_recipients: None,
        }
    }

    /// With credentials: nothing is sent unless the server takes them.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Whether credentials may go over a connection without TLS; [`PlaintextAuth::Never`] by default.
    #[must_use]
    pub fn with_plaintext_auth(mut self, allowed: PlaintextAuth) -> Self {
        self.plaintext_auth = allowed;
        self
    }

    /// How long each step may take.
    #[must_use]
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How the server's lines may end; [`LineEnds::Strict`] by default.
    #[must_use]
    pub fn with_line_ends(mut self, line_ends: LineEnds) -> Self {
        self.line_ends = line_ends;
        self
    }

    /// Whether messages go by BDAT; [`Chunking::WhereOffered`] by default.
    #[must_use]
    pub fn with_chunking(mut self, chunking: Chunking) -> Self {
        self.chunking = chunking;
        self
    }

    /// The most recipients of one transaction, where the server takes fewer than it says; more are split over several
    /// transactions, each with the whole message. By default as many as the server says by LIMITS, else 1000.
    #[must_use]
    pub fn with_max_recipients(mut self, count: NonZeroUsize) -> Self {
        self.max_recipients = Some(count);
        self
    }
}

/// Whether messages go by BDAT ([RFC 3030](https://www.rfc-editor.org/rfc/rfc3030)), which saves a round trip and needs no
/// doubled dots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chunking {
    /// Where the server offers CHUNKING. With PIPELINING a message of up to 1 MiB goes along with its envelope in one flight;
    /// a larger one waits for the server to take a recipient.
    #[default]
    WhereOffered,
    /// Always by DATA: for servers, and boxes in front of them, that offer CHUNKING and do not master it.
    Never,
}

/// Whether credentials may be sent without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlaintextAuth {
    /// No.
    Never,
    /// Yes: the caller knows that the connection does not leave the machine.
    DangerousAllow,
}

/// What the client calls itself in EHLO ([RFC 5321 §4.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.4)).
#[expect(
    clippy::exhaustive_enums,
    reason = "SMTP has a domain or an address literal"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientName {
    /// Its domain name.
    Domain(DomainName),
    /// Its IP address, where it has no name.
    Literal(IpAddr),
}

impl From<DomainName> for ClientName {
    fn from(name: DomainName) -> Self {
        Self::Domain(name)
    }
}

impl From<IpAddr> for ClientName {
    fn from(ip: IpAddr) -> Self {
        Self::Literal(ip)
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => name.fmt(f),
            Self::Literal(IpAddr::V4(ip)) => write!(f, "[{ip}]"),
            Self::Literal(IpAddr::V6(ip)) => write!(f, "[IPv6:{ip}]"),
        }
    }
}
