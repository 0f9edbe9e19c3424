//! What is known of a TLS connection.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::printable::printable;

/// The TLS connection that an outcome was decided on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "RawTlsFacts")]
pub struct TlsFacts {
    protocol: Box<str>,
    cipher_suite: Box<str>,
    server: ServerAuthentication,
}

/// Whether it was checked who the server is.
#[expect(
    clippy::exhaustive_enums,
    reason = "a certificate was checked or it was not"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerAuthentication {
    /// The certificate is for the server's name and comes from an authority that is trusted.
    Verified,
    /// Nothing was checked, as is usual between servers: the connection is private only from those who do not interfere
    /// with it.
    NotVerified,
}

/// Why there is no TLS where it was wanted; the phase of such a row is [`Tls`](super::Phase::Tls).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TlsFailure {
    /// The server does not offer STARTTLS, or someone on the way took the offer out.
    NotOffered,
    /// The server offers STARTTLS and refuses it.
    Refused,
    /// Something came behind the answer to STARTTLS that TLS does not protect.
    Injected,
    /// The certificate is for another name.
    HostMismatch,
    /// The certificate's time is over, or has not come.
    Expired,
    /// The certificate is from nobody who is trusted, or was revoked.
    NotTrusted,
    /// The handshake failed for another reason: no protocol version or cipher suite in common, a connection that broke.
    Handshake,
}

impl TlsFacts {
    /// The protocol, such as `TLSv1.3`, and the cipher suite, as the TLS library names them.
    #[must_use]
    pub fn new(protocol: &str, cipher_suite: &str, server: ServerAuthentication) -> Self {
        Self {
            protocol: printable(protocol).into(),
            cipher_suite: printable(cipher_suite).into(),
            server,
        }
    }

    /// The protocol's name and version.
    #[must_use]
    pub fn protocol(&self) -> &str {
        &self.protocol
    }

    /// The cipher suite.
    #[must_use]
    pub fn cipher_suite(&self) -> &str {
        &self.cipher_suite
    }

    /// Whether it was checked who the server is.
    #[must_use]
    pub fn server(&self) -> ServerAuthentication {
        self.server
    }
}

/// `TLSv1.3 TLS13_AES_128_GCM_SHA256, server verified`.
impl fmt::Display for TlsFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = match self.server {
            ServerAuthentication::Verified => "server verified",
            ServerAuthentication::NotVerified => "server not verified",
        };
        write!(f, "{} {}, {server}", self.protocol, self.cipher_suite)
    }
}

/// Facts as they were stored; reading them back cleans their text again.
#[derive(Deserialize)]
struct RawTlsFacts {
    protocol: String,
    cipher_suite: String,
    server: ServerAuthentication,
}

impl From<RawTlsFacts> for TlsFacts {
    fn from(raw: RawTlsFacts) -> Self {
        Self::new(&raw.protocol, &raw.cipher_suite, raw.server)
    }
}
