//! What went wrong, in the words of the registry.

use std::fmt;

use letterhead_mail::HttpGetErrorKind;
use letterhead_mail::report::TlsFailure;

use crate::mta_sts::MtaStsFailure;

/// What went wrong ([RFC 8460 §4.3](https://www.rfc-editor.org/rfc/rfc8460#section-4.3)), as far as it is found here.
///
/// ```
/// use letterhead_mail::report::TlsFailure;
/// use letterhead_transport::tls_report::TlsResultType;
///
/// assert_eq!(TlsResultType::from(TlsFailure::Expired).as_str(), "certificate-expired");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TlsResultType {
    /// The host does not offer STARTTLS, or refuses it.
    StartTlsNotSupported,
    /// Its certificate is for another name.
    CertificateHostMismatch,
    /// Its certificate is out of its time.
    CertificateExpired,
    /// Its certificate is from nobody who is trusted.
    CertificateNotTrusted,
    /// TLS failed for another reason; also for a host that a policy does not name.
    ValidationFailure,
    /// The policy could not be fetched.
    StsPolicyFetchError,
    /// What was fetched is no policy.
    StsPolicyInvalid,
    /// The certificate of the web server that has the policy does not hold.
    StsWebpkiInvalid,
}

impl TlsResultType {
    /// The word in the registry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StartTlsNotSupported => "starttls-not-supported",
            Self::CertificateHostMismatch => "certificate-host-mismatch",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateNotTrusted => "certificate-not-trusted",
            Self::ValidationFailure => "validation-failure",
            Self::StsPolicyFetchError => "sts-policy-fetch-error",
            Self::StsPolicyInvalid => "sts-policy-invalid",
            Self::StsWebpkiInvalid => "sts-webpki-invalid",
        }
    }

    /// What there is to report of a policy that could not be had; nothing where the DNS did not answer.
    #[must_use]
    pub fn of_policy(failure: &MtaStsFailure) -> Option<Self> {
        match failure {
            MtaStsFailure::Lookup(_) => None,
            MtaStsFailure::Fetch(error) if error.kind() == HttpGetErrorKind::Certificate => {
                Some(Self::StsWebpkiInvalid)
            }
            MtaStsFailure::Fetch(_)
            | MtaStsFailure::TimedOut
            | MtaStsFailure::Status(_)
            | MtaStsFailure::MediaType => Some(Self::StsPolicyFetchError),
            MtaStsFailure::Invalid(_) => Some(Self::StsPolicyInvalid),
        }
    }
}

impl From<TlsFailure> for TlsResultType {
    fn from(failure: TlsFailure) -> Self {
        match failure {
            TlsFailure::NotOffered | TlsFailure::Refused => Self::StartTlsNotSupported,
            TlsFailure::HostMismatch => Self::CertificateHostMismatch,
            TlsFailure::Expired => Self::CertificateExpired,
            TlsFailure::NotTrusted => Self::CertificateNotTrusted,
            // What went wrong and has no word of its own.
            _ => Self::ValidationFailure,
        }
    }
}

impl fmt::Display for TlsResultType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use letterhead_mail::report::TlsFailure;
    use letterhead_mail::{HttpGetError, HttpGetErrorKind};

    use super::TlsResultType;
    use crate::mta_sts::{MtaStsFailure, MtaStsPolicyError};

    #[test]
    fn every_failure_has_its_word() {
        for (failure, word) in [
            (TlsFailure::NotOffered, "starttls-not-supported"),
            (TlsFailure::Refused, "starttls-not-supported"),
            (TlsFailure::HostMismatch, "certificate-host-mismatch"),
            (TlsFailure::Expired, "certificate-expired"),
            (TlsFailure::NotTrusted, "certificate-not-trusted"),
            (TlsFailure::Injected, "validation-failure"),
            (TlsFailure::Handshake, "validation-failure"),
        ] {
            assert_eq!(TlsResultType::from(failure).as_str(), word);
        }
        let fetch = |kind| MtaStsFailure::Fetch(Arc::new(HttpGetError::new(kind)));
        for (failure, word) in [
            (fetch(HttpGetErrorKind::Certificate), "sts-webpki-invalid"),
            (
                fetch(HttpGetErrorKind::Unreachable),
                "sts-policy-fetch-error",
            ),
            (MtaStsFailure::TimedOut, "sts-policy-fetch-error"),
            (MtaStsFailure::Status(404), "sts-policy-fetch-error"),
            (MtaStsFailure::MediaType, "sts-policy-fetch-error"),
            (
                MtaStsFailure::Invalid(MtaStsPolicyError::NotUtf8),
                "sts-policy-invalid",
            ),
        ] {
            assert_eq!(TlsResultType::of_policy(&failure).unwrap().as_str(), word);
        }
    }
}
