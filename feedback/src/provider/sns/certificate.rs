//! The certificate that SNS signs with.

use std::time::SystemTime;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use webpki::EndEntityCert;

use super::certificate_url::DOMAINS;
use super::der;
use super::error::{SnsError, SnsErrorKind};

/// A certificate that was fetched and is one of SNS by its name.
#[derive(Debug)]
pub(super) struct Certificate {
    /// The public key with its algorithm
    /// ([RFC 5280 §4.1.2.7](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.7)).
    public_key: Box<[u8]>,
    not_before: SystemTime,
    not_after: SystemTime,
}

/// What the message is hashed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    /// Too weak for certificates; why it does here is said at the verifier.
    Sha1,
    Sha256,
}

impl Certificate {
    /// Reads the first certificate of a PEM file.
    pub(super) fn read(pem: &[u8]) -> Result<Self, SnsError> {
        let octets = first_of_pem(pem).ok_or_else(|| unusable("it is not in PEM form"))?;
        let (not_before, not_after) =
            der::validity(&octets).ok_or_else(|| unusable("its time cannot be read"))?;
        let malformed = |error: webpki::Error| {
            unusable("it is not an X.509 certificate").with_source(error.to_string())
        };
        // As an anchor, too, only because that function says which type it takes; webpki does not pass on its name.
        let der = octets.into();
        webpki::anchor_from_trusted_cert(&der).map_err(malformed)?;
        let certificate = EndEntityCert::try_from(&der).map_err(malformed)?;
        if !certificate.valid_dns_names().any(is_name_of_sns) {
            return Err(unusable("it does not name SNS"));
        }
        Ok(Self {
            public_key: certificate.subject_public_key_info().as_ref().into(),
            not_before,
            not_after,
        })
    }

    /// Whether it is valid at this time.
    pub(super) fn is_valid_at(&self, now: SystemTime) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// Whether it has signed this text: with RSA, of 2048 bits or more.
    pub(super) fn verify(
        &self,
        digest: Digest,
        text: &[u8],
        signature: &[u8],
    ) -> Result<(), SnsError> {
        let algorithm: &'static RsaParameters = match digest {
            Digest::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Digest::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        };
        UnparsedPublicKey::new(algorithm, &self.public_key)
            .verify(text, signature)
            .map_err(|error| SnsError::new(SnsErrorKind::Signature).with_source(error))
    }
}

/// The first certificate in a PEM file
/// ([RFC 7468 §5](https://www.rfc-editor.org/rfc/rfc7468#section-5)).
fn first_of_pem(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(body).ok()
}

/// `sns.amazonaws.com`, `sns-cn-north-1.amazonaws.com.cn`, `sns-signing.eu-south-1.amazonaws.com`: what the regions call it.
fn is_name_of_sns(name: &str) -> bool {
    let is_of_aws = DOMAINS.iter().any(|domain| {
        name.strip_suffix(domain)
            .is_some_and(|host| host.ends_with('.'))
    });
    is_of_aws && (name.starts_with("sns.") || name.starts_with("sns-"))
}

fn unusable(problem: &'static str) -> SnsError {
    SnsError::new(SnsErrorKind::Certificate { problem })
}

#[cfg(test)]
mod tests {
    use super::is_name_of_sns;

    #[test]
    fn names_of_sns_are_known() {
        for name in [
            "sns.amazonaws.com",
            "sns-us-gov-west-1.amazonaws.com",
            "sns-cn-north-1.amazonaws.com.cn",
            "sns-signing.eu-south-1.amazonaws.com",
            "sns-signing.eusc-de-east-1.amazonaws.eu",
        ] {
            assert!(is_name_of_sns(name), "{name}");
        }
        for name in [
            "s3.amazonaws.com",
            "sns.amazonaws.com.example",
            "sns.example",
            "sns-amazonaws.com",
            "sns.evilamazonaws.com",
            "*.amazonaws.com",
        ] {
            assert!(!is_name_of_sns(name), "{name}");
        }
    }
}
