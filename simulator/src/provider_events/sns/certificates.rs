//! The certificate that envelopes are signed with, and where it is found.

use letterhead_mail::{
    BoxFuture, HttpGet, HttpGetError, HttpGetErrorKind, HttpLimits, HttpResponse,
};

/// The web of SNS, as far as it goes: it answers for the `SigningCertURL` of every region with the built-in
/// [test](crate#test-keys) certificate, with 404 for another document of SNS, and nobody else can be reached. Given to
/// whatever verifies envelopes, in the place of a client for the real web.
///
/// The certificate names SNS, is signed by its own key, and is valid from 1970 to 2149.
///
/// ```
/// use std::time::Duration;
/// use letterhead_mail::{HttpGet, HttpLimits};
/// use letterhead_simulator::provider_events::SnsCertificates;
///
/// let url = SnsCertificates::url("sns.eu-west-1.amazonaws.com");
/// let limits = HttpLimits::new(64 * 1024, Duration::from_secs(10));
/// let answer = letterhead_dns::block_on_ready(SnsCertificates::new().get(&url, limits));
/// assert_eq!(answer.ok_or("ready at once")??.body(), SnsCertificates::PEM.as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SnsCertificates;

impl SnsCertificates {
    /// The certificate in PEM form.
    pub const PEM: &str = include_str!("../../../keys/sns.cert.pem");

    /// The web of SNS.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }

    /// Where a host of SNS has the certificate.
    #[must_use]
    pub fn url(host: &str) -> String {
        format!("https://{host}/{FILE}")
    }
}

impl HttpGet for SnsCertificates {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limits: HttpLimits,
    ) -> BoxFuture<'a, Result<HttpResponse, HttpGetError>> {
        Box::pin(async move { answer(url, limits).map_err(HttpGetError::new) })
    }
}

fn answer(url: &str, limits: HttpLimits) -> Result<HttpResponse, HttpGetErrorKind> {
    let rest = url.strip_prefix("https://").ok_or(HttpGetErrorKind::Url)?;
    match rest.split_once('/') {
        Some((host, FILE)) if host.starts_with("sns.") => {
            let pem = SnsCertificates::PEM;
            if pem.len() > limits.max_body() {
                return Err(HttpGetErrorKind::TooLarge);
            }
            Ok(HttpResponse::new(200, pem).with_content_type("application/x-x509-ca-cert"))
        }
        Some((host, _)) if host.starts_with("sns.") => Ok(HttpResponse::new(404, "")),
        _ => Err(HttpGetErrorKind::Unreachable),
    }
}

/// Its name begins as those of SNS do.
const FILE: &str = "SimpleNotificationService-00000000000000000000000000007e57.pem";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use letterhead_mail::{HttpGetErrorKind, HttpLimits};

    use super::{SnsCertificates, answer};

    #[test]
    fn there_is_one_document_and_one_server() {
        let limits = |octets| HttpLimits::new(octets, Duration::from_secs(1));
        let url = SnsCertificates::url("sns.eu-west-1.amazonaws.com");
        let whole = SnsCertificates::PEM.len();
        let found = answer(&url, limits(whole)).unwrap();
        assert_eq!(
            (found.status(), found.body()),
            (200, SnsCertificates::PEM.as_bytes())
        );
        assert_eq!(
            answer(&url, limits(whole - 1)),
            Err(HttpGetErrorKind::TooLarge)
        );
        let other = "https://sns.eu-west-1.amazonaws.com/other.pem";
        assert_eq!(answer(other, limits(whole)).unwrap().status(), 404);
        for (url, error) in [
            (
                "http://sns.eu-west-1.amazonaws.com/other.pem",
                HttpGetErrorKind::Url,
            ),
            (
                "https://www.example.com/other.pem",
                HttpGetErrorKind::Unreachable,
            ),
            (
                "https://sns.eu-west-1.amazonaws.com",
                HttpGetErrorKind::Unreachable,
            ),
        ] {
            assert_eq!(answer(url, limits(whole)), Err(error), "{url}");
        }
    }
}
