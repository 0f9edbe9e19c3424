//! What the client offers when it begins a TLS connection.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{CipherSuite, ClientConfig, ClientConnection};

use super::{TlsError, TlsSettings};

/// What the client offers when it begins a TLS connection, as its first message says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientOffer {
    /// The versions, such as `1.3`, the preferred first.
    pub versions: Vec<&'static str>,
    /// The cipher suites that these versions use, by their names in [IANA's registry](https://www.iana.org/assignments/tls-parameters), the
    /// preferred first.
    pub cipher_suites: Vec<String>,
}

impl TlsSettings {
    /// What connections under these settings offer.
    ///
    /// ```
    /// use letterhead_transport::TlsSettings;
    /// # use letterhead_transport::RootCertificates;
    /// # fn show(roots: &RootCertificates) -> Result<(), letterhead_transport::TlsError> {
    ///
    /// let offer = TlsSettings::with_roots(roots)?.offer()?;
    /// assert_eq!(offer.versions, ["1.3", "1.2"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When no connection can be begun under them.
    pub fn offer(&self) -> Result<ClientOffer, TlsError> {
        let hello = client_hello(self.config())
            .map_err(|error| TlsError::Provider(Box::new(std::io::Error::other(error))))?;
        ClientOffer::read(&hello).ok_or_else(|| {
            let problem = "the first message of a connection is no ClientHello";
            TlsError::Provider(problem.into())
        })
    }
}

impl ClientOffer {
    /// From a `ClientHello` ([RFC 9846](https://www.rfc-editor.org/rfc/rfc9846)) in its records.
    fn read(records: &[u8]) -> Option<Self> {
        let handshake = payload(records)?;
        let mut message = Octets(&handshake);
        message.expect(CLIENT_HELLO)?;
        let mut hello = message.vector(3)?;
        let legacy_version = hello.number()?;
        hello.take(RANDOM)?;
        hello.vector(1)?;
        let cipher_suites = hello.vector(2)?.numbers()?;
        hello.vector(1)?;
        let mut versions = vec![legacy_version];
        let mut extensions = hello.vector(2).unwrap_or(Octets(&[]));
        while !extensions.0.is_empty() {
            let kind = extensions.number()?;
            let mut extension = extensions.vector(2)?;
            if kind == SUPPORTED_VERSIONS {
                versions = extension.vector(1)?.numbers()?;
            }
        }
        let versions: Vec<&str> = versions.into_iter().filter_map(version_name).collect();
        let cipher_suites = cipher_suites.into_iter().map(CipherSuite::from);
        Some(Self {
            cipher_suites: cipher_suites
                .filter(|suite| *suite != CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV)
                .filter_map(suite_name)
                .filter(|suite| is_of(suite, &versions))
                .collect(),
            versions,
        })
    }
}

fn client_hello(config: Arc<ClientConfig>) -> Result<Vec<u8>, rustls::Error> {
    let name = ServerName::try_from("mx.invalid")
        .map_err(|_| rustls::Error::General("mx.invalid is no name".to_owned()))?;
    let mut connection = ClientConnection::new(config, name)?;
    let mut octets = Vec::new();
    while connection.wants_write() {
        connection
            .write_tls(&mut octets)
            .map_err(|error| rustls::Error::General(error.to_string()))?;
    }
    Ok(octets)
}

/// What the handshake records hold, put together.
fn payload(records: &[u8]) -> Option<Vec<u8>> {
    let mut records = Octets(records);
    let mut payload = Vec::new();
    while !records.0.is_empty() {
        records.expect(HANDSHAKE)?;
        records.number()?;
        payload.extend_from_slice(records.vector(2)?.0);
    }
    Some(payload)
}

fn version_name(number: u16) -> Option<&'static str> {
    match number {
        0x0301 => Some("1.0"),
        0x0302 => Some("1.1"),
        0x0303 => Some("1.2"),
        0x0304 => Some("1.3"),
        _ => None,
    }
}

/// The registered name. The library marks the suites of TLS 1.3 as such, which their names do not.
fn suite_name(suite: CipherSuite) -> Option<String> {
    Some(suite.as_str()?.replacen("TLS13_", "TLS_", 1))
}

/// Whether one of the versions uses the suite: the message names all that the library has. Up to TLS 1.2 a suite says
/// what it goes with, and from 1.3 on none does.
fn is_of(suite: &str, versions: &[&str]) -> bool {
    if suite.contains("_WITH_") {
        versions.iter().any(|version| *version != "1.3")
    } else {
        versions.contains(&"1.3")
    }
}

/// Octets that are read from the front.
struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn expect(&mut self, octet: u8) -> Option<()> {
        (self.take(1)? == [octet]).then_some(())
    }

    fn number(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    /// A vector whose length comes first, in this many octets.
    fn vector(&mut self, octets_of_length: usize) -> Option<Self> {
        let length = self.take(octets_of_length)?;
        let length = length
            .iter()
            .fold(0, |sum, octet| sum << 8 | usize::from(*octet));
        self.take(length).map(Self)
    }

    fn numbers(mut self) -> Option<Vec<u16>> {
        let mut numbers = Vec::new();
        while !self.0.is_empty() {
            numbers.push(self.number()?);
        }
        Some(numbers)
    }
}

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const RANDOM: usize = 32;
const SUPPORTED_VERSIONS: u16 = 43;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore};

    use super::{ClientOffer, TlsSettings};

    fn settings(versions: &[&'static rustls::SupportedProtocolVersion]) -> TlsSettings {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        // The message is then in several records.
        config.max_fragment_size = Some(64);
        Arc::new(config).into()
    }

    #[test]
    fn the_offer_is_what_the_first_message_says() {
        let offer = settings(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .offer()
            .unwrap();
        assert_eq!(offer.versions, ["1.3", "1.2"]);
        assert_eq!(
            offer.cipher_suites,
            [
                "TLS_AES_256_GCM_SHA384",
                "TLS_AES_128_GCM_SHA256",
                "TLS_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            ]
        );
    }

    #[test]
    fn a_configuration_of_the_callers_offers_what_it_allows() {
        let newest = settings(&[&rustls::version::TLS13]).offer().unwrap();
        assert_eq!(newest.versions, ["1.3"]);
        assert_eq!(newest.cipher_suites.len(), 3);
        let older = settings(&[&rustls::version::TLS12]).offer().unwrap();
        assert_eq!(
            (older.versions, older.cipher_suites.len()),
            (vec!["1.2"], 6)
        );
    }

    #[test]
    fn what_is_no_first_message_is_no_offer() {
        let hello = super::client_hello(settings(&[&rustls::version::TLS12]).config()).unwrap();
        assert!(ClientOffer::read(&hello).is_some());
        for length in 0..hello.len() {
            assert_eq!(ClientOffer::read(&hello[..length]), None, "{length}");
        }
    }
}
