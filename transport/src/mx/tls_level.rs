//! How a connection is secured.

use letterhead_mail::{Phase, RecipientReport};

use crate::endpoint::Security;
use crate::tls_report::TlsResultType;

/// How a connection to a host is secured. They are tried in this order, as far as the domain's policy lets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum TlsLevel {
    /// TLS with a certificate that is checked.
    Verified,
    /// TLS with any certificate where the host offers it.
    Unverified,
    /// No TLS, because the handshake failed before.
    InTheClear,
}

impl TlsLevel {
    pub(super) fn security(self) -> Security {
        match self {
            Self::Verified => Security::StartTls,
            Self::Unverified => Security::Opportunistic,
            Self::InTheClear => Security::Plaintext,
        }
    }

    /// What these rows of one session say about its TLS; nothing where it did not come so far.
    pub(super) fn session(self, rows: &[RecipientReport]) -> Option<Session> {
        if rows.iter().any(|row| row.tls().is_some()) {
            return Some(Session::Secured);
        }
        if let Some(failure) = rows.iter().find_map(RecipientReport::tls_failure) {
            return Some(Session::Failed(failure.into()));
        }
        if rows.iter().any(|row| row.phase() == Phase::Tls) {
            return Some(Session::Failed(TlsResultType::ValidationFailure));
        }
        if !rows.iter().any(|row| row.phase() > Phase::Tls) {
            return None;
        }
        Some(match self {
            // It goes no further without.
            Self::Verified => Session::Secured,
            Self::Unverified | Self::InTheClear => {
                Session::Failed(TlsResultType::StartTlsNotSupported)
            }
        })
    }
}

/// How TLS went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Session {
    Secured,
    Failed(TlsResultType),
}

#[cfg(test)]
mod tests {
    use letterhead_mail::report::{ServerAuthentication, TlsFacts, TlsFailure};
    use letterhead_mail::{Outcome, Phase, RecipientReport};

    use super::{Session, TlsLevel};
    use crate::tls_report::TlsResultType;

    fn row(outcome: Outcome, phase: Phase) -> RecipientReport {
        RecipientReport::new("a@example.org".parse().unwrap(), outcome, phase)
    }

    fn facts(server: ServerAuthentication) -> TlsFacts {
        TlsFacts::new("TLSv1.3", "TLS13_AES_128_GCM_SHA256", server)
    }

    #[test]
    fn rows_say_how_tls_went() {
        let accepted = || row(Outcome::Accepted, Phase::Final);
        let failed = |failure| row(Outcome::Deferred, Phase::Tls).with_tls_failure(failure);
        let not_supported = Session::Failed(TlsResultType::StartTlsNotSupported);
        for (level, row, expected) in [
            (TlsLevel::Verified, accepted(), Some(Session::Secured)),
            (TlsLevel::Unverified, accepted(), Some(not_supported)),
            (
                TlsLevel::Unverified,
                accepted().with_tls(facts(ServerAuthentication::NotVerified)),
                Some(Session::Secured),
            ),
            (
                TlsLevel::Verified,
                row(Outcome::Deferred, Phase::Greeting)
                    .with_tls(facts(ServerAuthentication::Verified)),
                Some(Session::Secured),
            ),
            (
                TlsLevel::Unverified,
                row(Outcome::Deferred, Phase::Connect),
                None,
            ),
            (
                TlsLevel::Verified,
                row(Outcome::Deferred, Phase::Ehlo),
                None,
            ),
            (
                TlsLevel::Verified,
                failed(TlsFailure::NotOffered),
                Some(not_supported),
            ),
            (
                TlsLevel::Verified,
                failed(TlsFailure::Expired),
                Some(Session::Failed(TlsResultType::CertificateExpired)),
            ),
            (
                TlsLevel::Unverified,
                row(Outcome::Deferred, Phase::Tls),
                Some(Session::Failed(TlsResultType::ValidationFailure)),
            ),
        ] {
            let text = format!("{level:?} {row}");
            assert_eq!(level.session(&[row]), expected, "{text}");
        }
    }
}
