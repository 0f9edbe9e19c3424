//! A small server for one dialogue, and certificates for it.

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::submission::submission_of;
use letterhead_mail::{BoxFuture, Clock, Outcome, Phase, Report, Submission};
use letterhead_transport::smtp::{DataProgress, DataReader};
use letterhead_transport::{
    Endpoint, RootCertificates, Security, SmtpTransport, SmtpTransportBuilder, Timeouts,
    TlsSettings,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// The name that certificates are for, unless a test says otherwise.
pub(crate) const NAME: &str = "mx.example.org";
/// What the message of [`submission`] says.
pub(crate) const BODY: &str = "the body of the message";

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A server's end of a connection.
pub(crate) struct Peer {
    stream: Option<Box<dyn Stream>>,
    buffer: Vec<u8>,
    pub(crate) client: SocketAddr,
    pub(crate) heard: Vec<String>,
}

impl Peer {
    pub(crate) async fn say(&mut self, octets: &str) {
        let stream = self.stream.as_mut().unwrap();
        // The client may be gone, which some tests are about.
        let _ = stream.write_all(octets.as_bytes()).await;
        let _ = stream.flush().await;
    }

    /// The next line; `None` when the client has closed.
    pub(crate) async fn hear(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).take(end).collect();
                let line = String::from_utf8(line).unwrap();
                self.heard.push(line.clone());
                return Some(line);
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    /// Hears a line that begins so, and answers.
    pub(crate) async fn exchange(&mut self, command: &str, answer: &str) {
        let line = self
            .hear()
            .await
            .unwrap_or_else(|| panic!("closed instead of {command}"));
        assert!(line.starts_with(command), "{line:?} instead of {command:?}");
        self.say(answer).await;
    }

    /// The content of a message, dots taken out.
    pub(crate) async fn content(&mut self) -> Vec<u8> {
        let mut reader = DataReader::new(None);
        loop {
            let octets = std::mem::take(&mut self.buffer);
            if let DataProgress::Complete { rest } = reader.feed(&octets) {
                self.buffer = rest.to_vec();
                assert_eq!(reader.findings(), []);
                return reader.into_message();
            }
            assert!(self.fill().await, "closed within the content");
        }
    }

    /// Takes the handshake of the client; whether it came to its end.
    pub(crate) async fn secure(&mut self, config: &Arc<ServerConfig>) -> bool {
        assert!(
            self.buffer.is_empty(),
            "the client sent something behind STARTTLS"
        );
        let stream = self.stream.take().unwrap();
        match TlsAcceptor::from(Arc::clone(config)).accept(stream).await {
            Ok(stream) => {
                self.stream = Some(Box::new(stream));
                true
            }
            Err(_) => false,
        }
    }

    /// MAIL to the content for one recipient, without pipelining; no answer to that is given.
    pub(crate) async fn hear_message(&mut self) -> Vec<u8> {
        self.exchange("MAIL FROM:<s@x.example>", "250 ok\r\n").await;
        self.exchange("RCPT TO:<r@x.example>", "250 ok\r\n").await;
        self.exchange("DATA", "354 go\r\n").await;
        self.content().await
    }

    /// MAIL to QUIT for one recipient, without pipelining; gives the content.
    pub(crate) async fn take_message(&mut self) -> Vec<u8> {
        let content = self.hear_message().await;
        self.say("250 2.0.0 queued\r\n").await;
        self.exchange("QUIT", "221 bye\r\n").await;
        content
    }

    /// Reads until the client closes.
    pub(crate) async fn until_closed(&mut self) {
        while self.fill().await {
            self.buffer.clear();
        }
    }

    pub(crate) async fn shut_down(&mut self) {
        let _ = self.stream.as_mut().unwrap().shutdown().await;
    }

    async fn fill(&mut self) -> bool {
        let mut octets = [0; 4_096];
        match self.stream.as_mut().unwrap().read(&mut octets).await {
            Ok(count) if count > 0 => {
                self.buffer.extend_from_slice(&octets[..count]);
                true
            }
            _ => false,
        }
    }
}

/// Listens on loopback and plays `dialogue` with one client.
pub(crate) async fn serve<D, F, T>(dialogue: D) -> (SocketAddr, JoinHandle<T>)
where
    D: FnOnce(Peer) -> F + Send + 'static,
    F: Future<Output = T> + Send,
    T: Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move { dialogue(accept(&listener).await).await });
    (address, task)
}

/// The next client of a listener.
pub(crate) async fn accept(listener: &TcpListener) -> Peer {
    let (stream, client): (TcpStream, _) = listener.accept().await.unwrap();
    Peer {
        stream: Some(Box::new(stream)),
        buffer: Vec::new(),
        client,
        heard: Vec::new(),
    }
}

/// An authority that exists for one test.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            der: certificate.der().to_vec(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// A server's configuration with a certificate for `name`.
    pub(crate) fn server(&self, name: &str) -> Arc<ServerConfig> {
        self.server_with(&CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// A server's configuration with a certificate whose time is over.
    pub(crate) fn expired_server(&self) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        self.server_with(&params)
    }

    /// A server's configuration that asks clients for a certificate of this authority.
    pub(crate) fn server_for_clients_of_its_own(&self, name: &str) -> Arc<ServerConfig> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::clone(&provider),
        );
        let (chain, key) = self.identity(&CertificateParams::new([name.to_owned()]).unwrap());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(chain, key)
            .unwrap();
        Arc::new(config)
    }

    /// A client's certificate and key, in PEM.
    pub(crate) fn client(&self) -> (Vec<u8>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["client.example.org".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (
            certificate.pem().into_bytes(),
            key.serialize_pem().into_bytes(),
        )
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from(self.der.clone())
    }

    pub(crate) fn roots(&self) -> RootCertificates {
        RootCertificates::from_der(self.der.clone())
    }

    fn identity(
        &self,
        params: &CertificateParams,
    ) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        (chain, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    fn server_with(&self, params: &CertificateParams) -> Arc<ServerConfig> {
        let (chain, key) = self.identity(params);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Arc::new(config)
    }

    pub(crate) fn trusted(&self) -> TlsSettings {
        TlsSettings::with_roots(&self.roots()).unwrap()
    }

    pub(crate) fn trusted_by_pem(&self) -> TlsSettings {
        TlsSettings::with_roots(&RootCertificates::from_pem(self.pem.as_bytes()).unwrap()).unwrap()
    }
}

/// The server under its name, wherever it listens.
pub(crate) fn endpoint(address: SocketAddr, security: Security) -> Endpoint {
    Endpoint::new(NAME, 25, security).unwrap().address(address)
}

/// One recipient, and a message that says [`BODY`].
pub(crate) fn submission() -> Submission {
    submission_of(
        format!("From: s@x.example\r\n\r\n{BODY}\r\n"),
        &["r@x.example"],
    )
}

/// The outcome and the phase of the first row.
pub(crate) fn first(report: &Report) -> (Outcome, Phase) {
    let row = &report.rows()[0];
    (row.outcome(), row.phase())
}

/// A clock that stands still, and on which the waits of one hour or less are over at once.
#[derive(Debug)]
pub(crate) struct ImpatientClock;

impl Clock for ImpatientClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        let wait = deadline.duration_since(self.now()).unwrap_or_default();
        if wait <= HOUR {
            Box::pin(std::future::ready(()))
        } else {
            Box::pin(std::future::pending())
        }
    }
}

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// No wait of these is over on an [`ImpatientClock`].
pub(crate) fn patient() -> Timeouts {
    Timeouts::default()
        .with_connect(DAY)
        .with_greeting(DAY)
        .with_command(DAY)
        .with_tls(DAY)
        .with_auth(DAY)
        .with_data(DAY)
        .with_block(DAY)
        .with_completion(DAY)
        .with_quit(DAY)
        .with_total(DAY)
}

/// A transport that keeps no connection, so that a dialogue is seen to its end.
pub(crate) fn one_each(endpoint: Endpoint) -> SmtpTransportBuilder {
    SmtpTransport::builder(endpoint).max_messages_per_connection(NonZeroU32::MIN)
}

/// A listener on loopback, and the transport to it in the making.
pub(crate) async fn listen() -> (TcpListener, SmtpTransportBuilder) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let builder = SmtpTransport::builder(endpoint(address, Security::Plaintext));
    (listener, builder)
}

pub(crate) fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

pub(crate) async fn greet(peer: &mut Peer, offered: &str) {
    peer.say("220 mx\r\n").await;
    peer.exchange("EHLO", &format!("250-mx\r\n250 {offered}\r\n"))
        .await;
}

/// Takes messages, numbered, until the client says QUIT or goes; how many there were.
pub(crate) async fn take_all(peer: &mut Peer) -> usize {
    let mut taken = 0;
    loop {
        match peer.hear().await.as_deref() {
            Some("DATA") => {
                peer.say("354 go\r\n").await;
                peer.content().await;
                taken += 1;
                peer.say(&format!("250 2.0.0 number {taken}\r\n")).await;
            }
            Some("QUIT") => {
                peer.say("221 bye\r\n").await;
                return taken;
            }
            Some(_) => peer.say("250 ok\r\n").await,
            None => return taken,
        }
    }
}
