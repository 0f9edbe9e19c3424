//! How TLS connections are made and whom they trust.

use std::fmt;
use std::io;
use std::sync::Arc;

use letterhead_mail::TlsFacts;
use letterhead_mail::report::ServerAuthentication;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

mod failure;
mod offer;

pub(crate) use failure::failure_of;
pub use offer::ClientOffer;

/// TLS 1.2 or 1.3 through rustls and AWS-LC, never through the process's default provider: it works whatever else an
/// application has in it.
#[derive(Clone)]
pub struct TlsSettings {
    config: Arc<ClientConfig>,
    server: ServerAuthentication,
}

impl TlsSettings {
    /// Trusts the certificate authorities of the operating system.
    ///
    /// # Errors
    ///
    /// When the system's store holds none, or cannot be read.
    pub fn native() -> Result<Self, TlsError> {
        Self::with_roots(&RootCertificates::native()?)
    }

    /// Trusts these certificate authorities and no others.
    ///
    /// # Errors
    ///
    /// When there is none, or one is not a certificate.
    pub fn with_roots(roots: &RootCertificates) -> Result<Self, TlsError> {
        Self::of(roots.store()?, None)
    }

    /// Trusts these certificate authorities, and shows the server this certificate: what it says, its issuers behind it, and
    /// its private key, all in PEM.
    ///
    /// # Errors
    ///
    /// When something is not what it should be, or key and certificate do not belong together.
    pub fn with_client_certificate(
        roots: &RootCertificates,
        certificate_chain_pem: &[u8],
        private_key_pem: &[u8],
    ) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(certificate_chain_pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| TlsError::Pem(Box::new(io::Error::other(error.to_string()))))?;
        let key = PrivateKeyDer::from_pem_slice(private_key_pem)
            .map_err(|error| TlsError::Pem(Box::new(io::Error::other(error.to_string()))))?;
        Self::of(roots.store()?, Some((chain, key)))
    }

    fn of(
        store: RootCertStore,
        client: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Provider(Box::new(error)))?
            .with_root_certificates(store);
        let config = match client {
            Some((chain, key)) => builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| TlsError::ClientCertificate(Box::new(error)))?,
            None => builder.with_no_client_auth(),
        };
        Ok(Self {
            config: Arc::new(config),
            server: ServerAuthentication::Verified,
        })
    }

    /// Settings whose verifier takes any certificate: what they secure counts as
    /// [not verified](ServerAuthentication::NotVerified), and credentials are not sent over it.
    #[must_use]
    pub fn not_verifying(config: Arc<ClientConfig>) -> Self {
        Self {
            config,
            server: ServerAuthentication::NotVerified,
        }
    }

    /// What is known of a connection that was made with these.
    pub(crate) fn facts(&self, connection: &ClientConnection) -> TlsFacts {
        let protocol = connection
            .protocol_version()
            .map_or_else(String::new, |version| {
                format!("{version:?}").replace('_', ".")
            });
        let suite = connection
            .negotiated_cipher_suite()
            .map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
        TlsFacts::new(&protocol, &suite, self.server)
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }
}

/// The caller's own configuration, for TLS 1.3 only or another verifier, which is taken to verify.
impl From<Arc<ClientConfig>> for TlsSettings {
    fn from(config: Arc<ClientConfig>) -> Self {
        Self {
            config,
            server: ServerAuthentication::Verified,
        }
    }
}

impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsSettings")
    }
}

/// Certificates of authorities.
#[derive(Clone)]
pub struct RootCertificates {
    certificates: Vec<(CertificateDer<'static>, RootSource)>,
}

#[derive(Clone, Copy)]
enum RootSource {
    System,
    Caller,
}

impl RootCertificates {
    /// Those of the operating system.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn native() -> Result<Self, TlsError> {
        let found = rustls_native_certs::load_native_certs();
        if found.certs.is_empty() {
            return Err(match found.errors.into_iter().next() {
                Some(error) => TlsError::NativeRoots(Box::new(error)),
                None => TlsError::NoRoots,
            });
        }
        let certificates = found.certs.into_iter();
        Ok(Self {
            certificates: certificates
                .map(|certificate| (certificate, RootSource::System))
                .collect(),
        })
    }

    /// Those of PEM text: every `CERTIFICATE` block of it.
    ///
    /// # Errors
    ///
    /// When a block is malformed, or there is none.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TlsError> {
        let certificates = CertificateDer::pem_slice_iter(pem)
            .map(|certificate| certificate.map(|certificate| (certificate, RootSource::Caller)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| TlsError::Pem(Box::new(io::Error::other(error.to_string()))))?;
        if certificates.is_empty() {
            return Err(TlsError::NoRoots);
        }
        Ok(Self { certificates })
    }

    /// One in DER. Whether it is a certificate shows in [`TlsSettings::with_roots`].
    #[must_use]
    pub fn from_der(der: impl Into<Vec<u8>>) -> Self {
        Self {
            certificates: vec![(CertificateDer::from(der.into()), RootSource::Caller)],
        }
    }

    fn store(&self) -> Result<RootCertStore, TlsError> {
        let mut store = RootCertStore::empty();
        for (certificate, source) in &self.certificates {
            match (store.add(certificate.clone()), source) {
                // System stores hold certificates that no verifier can use; what a caller names must be usable.
                (Ok(()), _) | (Err(_), RootSource::System) => {}
                (Err(error), RootSource::Caller) => {
                    return Err(TlsError::Certificate(Box::new(error)));
                }
            }
        }
        if store.is_empty() {
            return Err(TlsError::NoRoots);
        }
        Ok(store)
    }

    /// These and others: `native()?.and(from_pem(..)?)` adds a company's own authority.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.certificates.extend(others.certificates);
        self
    }
}

impl fmt::Debug for RootCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootCertificates({})", self.certificates.len())
    }
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// There is no certificate authority to trust.
    #[error(
        "there is no certificate authority to trust: install the system's certificates, or give some with TlsSettings::with_roots"
    )]
    NoRoots,
    /// The system's certificates could not be read.
    #[error("the system's certificates could not be read: give some with TlsSettings::with_roots")]
    NativeRoots(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The PEM text is malformed.
    #[error("the PEM text is malformed")]
    Pem(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A certificate cannot be used as an authority.
    #[error("a certificate given as an authority cannot be used")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The client's own certificate cannot be used.
    #[error("the client certificate cannot be used, or the private key is not its own")]
    ClientCertificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The crypto provider offers no protocol version.
    #[error("the crypto provider offers neither TLS 1.2 nor TLS 1.3")]
    Provider(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[cfg(test)]
mod tests {
    use super::{RootCertificates, TlsError, TlsSettings};

    #[test]
    fn what_holds_no_certificate_is_refused() {
        assert!(matches!(
            RootCertificates::from_pem(b""),
            Err(TlsError::NoRoots)
        ));
        let broken = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
        assert!(matches!(
            RootCertificates::from_pem(broken),
            Err(TlsError::Pem(_))
        ));
        let roots = RootCertificates::from_der(*b"not a certificate");
        assert!(matches!(
            TlsSettings::with_roots(&roots),
            Err(TlsError::Certificate(_))
        ));
    }
}
