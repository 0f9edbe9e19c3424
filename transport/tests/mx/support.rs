//! Hosts that take mail, and the world around them.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use crate::submission::submission_of;
use letterhead_dns::Zone;
use letterhead_mail::{
    BoxFuture, HttpGet, HttpGetError, HttpGetErrorKind, HttpLimits, HttpResponse, Report,
    Submission,
};
use letterhead_transport::mta_sts::MtaStsPolicies;
use letterhead_transport::mx::{AddressGuard, MxTransport, MxTransportBuilder, RouteSettings};
use letterhead_transport::smtp::{DataProgress, DataReader};
use letterhead_transport::{RootCertificates, SystemClock, TlsSettings};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// How a host behaves.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) greeting: &'static str,
    /// Offered in the answer to EHLO, without STARTTLS.
    pub(crate) extensions: &'static [&'static str],
    pub(crate) tls: Tls,
    /// Answers by a part of the RCPT command; 250 otherwise.
    pub(crate) rcpt: &'static [(&'static str, &'static str)],
    pub(crate) end: End,
}

#[derive(Clone)]
pub(crate) enum Tls {
    NotOffered,
    Works(Arc<ServerConfig>),
    /// STARTTLS is answered, and then something that is no handshake.
    Broken,
}

/// What comes after the final dot.
#[derive(Clone)]
pub(crate) enum End {
    Queued,
    Closes,
    /// Waits for a permit first.
    Gate(Arc<Semaphore>),
}

impl Default for Script {
    fn default() -> Self {
        Self {
            greeting: "220 ready",
            extensions: &[],
            tls: Tls::NotOffered,
            rcpt: &[],
            end: End::Queued,
        }
    }
}

impl Script {
    pub(crate) fn greets(greeting: &'static str) -> Self {
        Self {
            greeting,
            ..Self::default()
        }
    }

    pub(crate) fn with_tls(tls: Tls) -> Self {
        Self {
            tls,
            ..Self::default()
        }
    }
}

/// Hosts at 127.0.0.2, 127.0.0.3 and so on, all on the same port, and what they hear.
pub(crate) struct Hosts {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Hosts {
    /// The host at 127.0.0.2 comes first. `None` is an address where nobody listens.
    pub(crate) async fn start(scripts: impl IntoIterator<Item = Option<Script>>) -> Self {
        let scripts: Vec<Option<Script>> = scripts.into_iter().collect();
        let (port, listeners) = listen(&scripts).await;
        let heard = Arc::new(Mutex::new(Vec::new()));
        for (last, listener, script) in listeners {
            let heard = Arc::clone(&heard);
            tokio::spawn(async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let log = Log {
                        host: last,
                        heard: Arc::clone(&heard),
                    };
                    tokio::spawn(session(stream, script.clone(), log));
                }
            });
        }
        Self { port, heard }
    }

    /// What was heard so far: connections, commands, messages, each with the last number of the host's address in front.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// What of that begins so.
    pub(crate) fn heard_of(&self, beginnings: &[&str]) -> Vec<String> {
        let mut heard = self.heard();
        heard.retain(|line| {
            let (_, what) = line.split_once(' ').unwrap();
            beginnings
                .iter()
                .any(|beginning| what.starts_with(beginning))
        });
        heard
    }

    pub(crate) fn transport(&self, zone: &str) -> MxTransportBuilder {
        let guard = AddressGuard::default().dangerous_allow("127.0.0.0/8".parse().unwrap());
        let route = RouteSettings::default()
            .with_guard(guard)
            .with_families(letterhead_transport::AddressFamilies::Ipv4Only);
        let zone: Zone = zone.parse().unwrap();
        MxTransport::builder(Arc::new(zone), "client.example.org".parse().unwrap())
            .port(self.port)
            .route(route)
    }
}

type Listening = (u8, TcpListener, Script);

async fn listen(scripts: &[Option<Script>]) -> (u16, Vec<Listening>) {
    'ports: loop {
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        let mut listeners = Vec::new();
        for (place, script) in scripts.iter().enumerate() {
            let last = u8::try_from(place + 2).unwrap();
            let address = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), port));
            let Ok(listener) = TcpListener::bind(address).await else {
                continue 'ports;
            };
            if let Some(script) = script {
                listeners.push((last, listener, script.clone()));
            }
        }
        return (port, listeners);
    }
}

struct Log {
    host: u8,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Log {
    fn note(&self, what: &str) {
        let line = format!("{} {what}", self.host);
        self.heard.lock().unwrap().push(line);
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn session(stream: TcpStream, script: Script, log: Log) {
    let mut stream: Box<dyn Stream> = Box::new(stream);
    let (mut buffer, mut secured) = (Vec::new(), false);
    log.note("connected");
    say(&mut stream, script.greeting).await;
    while let Some(line) = hear(&mut stream, &mut buffer).await {
        log.note(&line);
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        match verb {
            "EHLO" => {
                let mut offers = vec!["250-host"];
                if !secured && !matches!(script.tls, Tls::NotOffered) {
                    offers.push("250-STARTTLS");
                }
                offers.extend(script.extensions);
                offers.push("250 HELP");
                say(&mut stream, &offers.join("\r\n")).await;
            }
            "STARTTLS" => {
                say(&mut stream, "220 go").await;
                let Tls::Works(config) = &script.tls else {
                    // Behind the client's first octets: any sooner it could be taken for a part of the answer.
                    fill(&mut stream, &mut buffer).await;
                    let _ = stream.write_all(b"this is no handshake\r\n").await;
                    return;
                };
                match TlsAcceptor::from(Arc::clone(config)).accept(stream).await {
                    Ok(over_tls) => stream = Box::new(over_tls),
                    Err(_) => return log.note("handshake refused"),
                }
                secured = true;
                log.note("secured");
            }
            "RCPT" => {
                let special = script.rcpt.iter().find(|(part, _)| line.contains(part));
                say(&mut stream, special.map_or("250 ok", |(_, answer)| answer)).await;
            }
            "DATA" => {
                say(&mut stream, "354 go").await;
                content(&mut stream, &mut buffer).await;
                log.note("message");
                match &script.end {
                    End::Queued => {}
                    End::Closes => return,
                    End::Gate(gate) => gate.acquire().await.unwrap().forget(),
                }
                say(&mut stream, "250 2.0.0 queued").await;
            }
            "QUIT" => return say(&mut stream, "221 bye").await,
            _ => say(&mut stream, "250 ok").await,
        }
    }
}

/// The client may be gone.
async fn say(stream: &mut Box<dyn Stream>, text: &str) {
    let _ = stream.write_all(format!("{text}\r\n").as_bytes()).await;
    let _ = stream.flush().await;
}

async fn hear(stream: &mut Box<dyn Stream>, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = buffer.windows(2).position(|pair| pair == b"\r\n") {
            let line: Vec<u8> = buffer.drain(..end + 2).take(end).collect();
            return String::from_utf8(line).ok();
        }
        fill(stream, buffer).await?;
    }
}

async fn content(stream: &mut Box<dyn Stream>, buffer: &mut Vec<u8>) {
    let mut reader = DataReader::new(None);
    loop {
        let octets = std::mem::take(buffer);
        if let DataProgress::Complete { rest } = reader.feed(&octets) {
            *buffer = rest.to_vec();
            return;
        }
        fill(stream, buffer)
            .await
            .expect("the content comes to its end");
    }
}

async fn fill(stream: &mut Box<dyn Stream>, buffer: &mut Vec<u8>) -> Option<()> {
    let mut octets = [0; 4_096];
    let count = stream
        .read(&mut octets)
        .await
        .ok()
        .filter(|count| *count > 0)?;
    buffer.extend_from_slice(&octets[..count]);
    Some(())
}

/// An authority that exists for one test.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            der: certificate.der().to_vec(),
            issuer: Issuer::new(params, key),
        }
    }

    /// TLS with a certificate for this name.
    pub(crate) fn tls(&self, name: &str) -> Tls {
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Tls::Works(Arc::new(config))
    }

    pub(crate) fn trusted(&self) -> TlsSettings {
        TlsSettings::with_roots(&RootCertificates::from_der(self.der.clone())).unwrap()
    }
}

/// A web that has these policies, by domain.
#[derive(Debug)]
pub(crate) struct Web(HashMap<String, String>);

impl HttpGet for Web {
    fn get<'a>(
        &'a self,
        url: &'a str,
        _limits: HttpLimits,
    ) -> BoxFuture<'a, Result<HttpResponse, HttpGetError>> {
        let answer = self.0.get(url).map(|policy| {
            HttpResponse::new(200, policy.as_str()).with_content_type("text/plain; charset=utf-8")
        });
        let answer = answer.ok_or_else(|| HttpGetError::new(HttpGetErrorKind::Certificate));
        Box::pin(std::future::ready(answer))
    }
}

/// The policies of domains whose hosts are named so; `zone` has the records that say that there are any.
pub(crate) fn policies(zone: &str, texts: &[(&str, &str, &str)]) -> Arc<MtaStsPolicies> {
    let page = |(domain, mode, host): &(&str, &str, &str)| {
        let url = format!("https://mta-sts.{domain}/.well-known/mta-sts.txt");
        let text = format!("version: STSv1\nmode: {mode}\nmx: {host}\nmax_age: 86400\n");
        (url, text)
    };
    let zone: Zone = zone.parse().unwrap();
    let web = Web(texts.iter().map(page).collect());
    let clock = Arc::new(SystemClock::new());
    Arc::new(MtaStsPolicies::new(Arc::new(zone), Arc::new(web), clock))
}

pub(crate) fn submission(recipients: &[&str]) -> Submission {
    submission_of("From: s@x.example\r\n\r\nhi\r\n", recipients)
}

/// The rows, each as recipient, outcome, phase, enhanced code and host.
pub(crate) fn rows(report: &Report) -> Vec<String> {
    let row = |row: &letterhead_mail::RecipientReport| {
        let code = row
            .enhanced()
            .map_or_else(|| "-".to_owned(), |code| code.to_string());
        let server = row.server().unwrap_or("-");
        let (to, outcome, phase) = (row.recipient(), row.outcome(), row.phase());
        format!("{to} {outcome} {phase} {code} {server}")
    };
    report.rows().iter().map(row).collect()
}

/// Lets everything else that can go on do so, until this holds.
pub(crate) async fn eventually(mut holds: impl FnMut() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}
