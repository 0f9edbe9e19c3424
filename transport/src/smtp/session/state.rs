use letterhead_mail::TlsFacts;

use super::authentication::AuthExchange;
use super::content::Content;

/// Which reply is awaited.
#[derive(Debug)]
pub(super) enum State {
    Greeting,
    Ehlo,
    Helo,
    StartTls,
    Handshake,
    Auth(AuthExchange),
    Rset,
    Mail,
    /// The reply for the recipient at this place among those named.
    Rcpt(usize),
    Data,
    /// The content is being written behind DATA; no reply is due.
    Sending(Content),
    Final(Content),
    /// None: another submission may come.
    Ready,
    /// None: the dialogue is in order, and nothing more can be sent on this connection.
    Farewell,
    Quit,
    Closed,
}

/// Whether the connection has TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Channel {
    Clear,
    /// What is known of it.
    Tls(Option<TlsFacts>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leftover {
    Nothing,
    Transaction,
}

/// Whether the [`Transmit`](super::Transmit) given out last ends with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentInFlight {
    No,
    Yes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CredentialsTaken {
    /// Or not yet said.
    Unknown,
    Refused,
}

/// How it went with the submission before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastSubmission {
    /// The server had its say, or there was none.
    Dealt,
    LostUntouched,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rested {
    /// The server has just said something.
    No,
    /// So long that the server may have closed the connection without our having noticed.
    Yes,
}
