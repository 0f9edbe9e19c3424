//! What goes wrong with a server's TLS.

use std::fmt;

use letterhead_mail::report::TlsFailure;

/// What goes wrong with the TLS of a host, behind STARTTLS as well as on the port that is under TLS from the first octet.
///
/// On a socket it really does. In memory there is no handshake: the client is told what its TLS library would have found.
/// Hosts that pass mail on to others do not look at certificates, and try again later where there is no TLS at all. A server
/// that [refuses STARTTLS](crate::behaviour::Stage::StartTls) is another matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsFault {
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not come.
    NotYetValid,
    /// The certificate is for another host, `elsewhere.invalid`.
    WrongName,
    /// The certificate is signed by its own key, and by no authority.
    SelfSigned,
    /// Nothing later than TLS 1.2 is spoken, which is nothing wrong.
    OnlyTls12,
    /// The answer to a handshake is no TLS.
    Garbage,
    /// The connection is closed as soon as the handshake begins.
    Closed,
    /// The handshake is refused by a fatal alert of this number
    /// ([RFC 8446 §6](https://www.rfc-editor.org/rfc/rfc8446#section-6)): 40 says that it failed, 70 that there is no version in
    /// common, as a server does that knows only old ones.
    Alert(u8),
    /// The handshake is never answered, until the time for it is out.
    Silent,
}

/// What a client looks at in a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    /// The server's certificate, too.
    Certificate,
    /// That there is TLS.
    Encryption,
}

impl TlsFault {
    /// What a client finds, in words too; `None` where it finds nothing.
    pub(crate) fn found_by(self, checks: Checks) -> Option<(TlsFailure, &'static str)> {
        let of_certificate =
            |failure, found| (checks == Checks::Certificate).then_some((failure, found));
        let of_handshake = |found| Some((TlsFailure::Handshake, found));
        match self {
            Self::Expired => of_certificate(TlsFailure::Expired, "the certificate has expired"),
            Self::NotYetValid => {
                of_certificate(TlsFailure::Expired, "the certificate is not valid yet")
            }
            Self::WrongName => of_certificate(
                TlsFailure::HostMismatch,
                "the certificate is for another host",
            ),
            Self::SelfSigned => of_certificate(
                TlsFailure::NotTrusted,
                "the certificate is from nobody who is trusted",
            ),
            Self::OnlyTls12 => None,
            Self::Garbage => of_handshake("the server's answer is no TLS"),
            Self::Closed => of_handshake("the server closed the connection"),
            Self::Alert(_) => of_handshake("the server refused the handshake"),
            Self::Silent => of_handshake("the server does not answer"),
        }
    }
}

/// `expired certificate` and the like.
impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.pad("expired certificate"),
            Self::NotYetValid => f.pad("certificate not valid yet"),
            Self::WrongName => f.pad("certificate for another host"),
            Self::SelfSigned => f.pad("self-signed certificate"),
            Self::OnlyTls12 => f.pad("TLS 1.2 only"),
            Self::Garbage => f.pad("garbage instead of a handshake"),
            Self::Closed => f.pad("handshake closed"),
            Self::Alert(number) => write!(f, "handshake refused by alert {number}"),
            Self::Silent => f.pad("handshake never answered"),
        }
    }
}
