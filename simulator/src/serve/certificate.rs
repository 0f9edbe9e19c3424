//! Certificates for one run.

use std::error::Error;
use std::sync::Arc;

use letterhead_mail::DomainName;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::tls_fault::TlsFault;

/// The authority that signs every host's certificate.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
}

impl Authority {
    /// An authority of its own. `label` is part of its name: a client that kept an earlier one must not take the two for
    /// the same.
    pub(super) fn new(label: &str) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::default();
        let mut name = DistinguishedName::new();
        name.push(
            DnType::CommonName,
            format!("letterhead-simulator test CA {label}"),
        );
        params.distinguished_name = name;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        })
    }

    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// TLS with a certificate for this host, `localhost` and 127.0.0.1, or one with a fault.
    pub(super) fn acceptor(
        &self,
        host: &DomainName,
        fault: Option<TlsFault>,
    ) -> Result<TlsAcceptor, Box<dyn Error + Send + Sync>> {
        let params = params(host, fault)?;
        let key = KeyPair::generate()?;
        let certificate = match fault {
            Some(TlsFault::SelfSigned) => params.self_signed(&key)?,
            _ => params.signed_by(&key, &self.issuer)?,
        };
        let chain = vec![certificate.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = match fault {
            Some(TlsFault::OnlyTls12) => &[&rustls::version::TLS12],
            _ => rustls::DEFAULT_VERSIONS,
        };
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// What is in a host's certificate. Times are far from now, whenever that is.
fn params(host: &DomainName, fault: Option<TlsFault>) -> Result<CertificateParams, rcgen::Error> {
    let mut params = match fault {
        Some(TlsFault::WrongName) => CertificateParams::new([ELSEWHERE.to_owned()])?,
        _ => {
            let names = [host.as_str(), "localhost", "127.0.0.1"];
            CertificateParams::new(names.map(str::to_owned))?
        }
    };
    match fault {
        Some(TlsFault::Expired) => {
            params.not_before = date_time_ymd(2000, 1, 1);
            params.not_after = date_time_ymd(2001, 1, 1);
        }
        Some(TlsFault::NotYetValid) => params.not_before = date_time_ymd(4000, 1, 1),
        _ => {}
    }
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, host.as_str());
    params.distinguished_name = name;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

const ELSEWHERE: &str = "elsewhere.invalid";

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(…)")
    }
}
