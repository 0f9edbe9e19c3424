use std::io;

use letterhead_mail::report::TlsFailure;
use rustls::{CertificateError, Error};

/// Why a handshake failed, in the words of a row.
pub(crate) fn failure_of(error: &io::Error) -> TlsFailure {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    let Some(Error::InvalidCertificate(certificate)) = inner else {
        return TlsFailure::Handshake;
    };
    match certificate {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFailure::HostMismatch
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => TlsFailure::Expired,
        _ => TlsFailure::NotTrusted,
    }
}
