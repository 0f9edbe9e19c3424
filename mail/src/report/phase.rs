//! How far a dialogue came.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How far an SMTP dialogue had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// Before anything was sent: decided by the sender itself.
    Local,
    /// Name lookup and TCP connection.
    Connect,
    /// The server's first line.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS and the TLS handshake.
    Tls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA or BDAT, before the message's content.
    Data,
    /// The message's content.
    Body,
    /// After the end of the content: the reply that decides.
    Final,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "local",
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Ehlo => "ehlo",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Body => "body",
            Self::Final => "final",
        })
    }
}
