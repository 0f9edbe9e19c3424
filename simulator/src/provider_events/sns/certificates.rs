//! The certificate that envelopes are signed with, and where it is found.

use letterhead_mail::{BoxFuture, HttpGet, HttpGetError, HttpLimits, HttpResponse};

/// The web of SNS, as far as it goes: it answers for the `SigningCertURL` of every region with the built-in
/// [test](crate#test-keys) certificate, and with 404 otherwise. Given to whatever verifies envelopes, in the place of a
/// client for the real web.
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
        _limits: HttpLimits,
    ) -> BoxFuture<'a, Result<HttpResponse, HttpGetError>> {
        Box::pin(async move {
            let place = url
                .strip_prefix("https://")
                .and_then(|rest| rest.split_once('/'));
            Ok(match place {
                Some((host, FILE)) if host.starts_with("sns.") => HttpResponse::new(200, Self::PEM)
                    .with_content_type("application/x-x509-ca-cert"),
                _ => HttpResponse::new(404, ""),
            })
        })
    }
}

/// Its name begins as those of SNS do.
const FILE: &str = "SimpleNotificationService-00000000000000000000000000007e57.pem";
