//! Clients on a socket that are slow, many, rude, or suddenly gone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use letterhead_simulator::session::{Extension, Greeting, LinePolicy};
use letterhead_simulator::{Receiver, ServeLimits, ServeOptions, Served, Simulator};
use letterhead_transport::smtp::ServerReply;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::common::{FRONT, RECEIVER, address, builder, front, name, send, submission};

const JOE: &str = "joe@receiver.example";
const OPEN: &[u8] =
    b"EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<joe@receiver.example>\r\n";
const CONTENT: &[u8] = b"DATA\r\nFrom: a@b.example\r\n\r\nx\r\n.\r\n";

/// Long enough for a busy machine, and the end of a test that hangs.
const LONG: Duration = Duration::from_secs(20);

struct Door {
    simulator: Simulator,
    served: Served,
}

impl Door {
    async fn new(limits: ServeLimits) -> Self {
        let simulator = builder(1).build().unwrap();
        let options = ServeOptions::new().limits(limits);
        let served = simulator.serve_at(&options).await.unwrap();
        Self { simulator, served }
    }

    fn address(&self) -> SocketAddr {
        self.served.address(&name(RECEIVER)).unwrap()
    }

    /// A client that has been greeted.
    async fn client(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        let greeting = read_reply(&mut stream).await;
        assert!(greeting.starts_with("220 "), "{greeting}");
        stream
    }

    fn kept(&self) -> usize {
        self.simulator.mails_of(&address(JOE)).len()
    }

    /// Another client is served as if nothing had happened.
    async fn still_serves(&self) {
        let before = self.kept();
        let mut stream = self.client().await;
        stream
            .write_all(&[OPEN, CONTENT, b"QUIT\r\n"].concat())
            .await
            .unwrap();
        let replies = to_the_end(&mut stream).await;
        assert!(replies.contains("\r\n250 2.0.0 kept as "), "{replies}");
        assert_eq!(self.kept(), before + 1);
    }
}

/// What comes at once.
async fn read_reply(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 4_096];
    let read = tokio::time::timeout(LONG, stream.read(&mut buffer)).await;
    let length = read.expect("a reply in time").unwrap();
    String::from_utf8_lossy(buffer.get(..length).unwrap()).into_owned()
}

/// What comes until the server closes the connection.
async fn to_the_end(stream: &mut TcpStream) -> String {
    let mut octets = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut octets)).await;
    read.expect("the server closes the connection").unwrap();
    String::from_utf8(octets).unwrap()
}

/// A provider that takes three connections says so in its own words to the fourth.
#[tokio::test]
async fn a_provider_takes_as_many_connections_as_its_profile_says() {
    let simulator = builder(1).front(front("microsoft-365")).build().unwrap();
    let served = simulator.serve().await.unwrap();
    let address = served.address(&name(FRONT)).unwrap();
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert!(read_reply(&mut stream).await.starts_with("220 "));
        clients.push(stream);
    }
    let mut fourth = TcpStream::connect(address).await.unwrap();
    assert_eq!(
        to_the_end(&mut fourth).await,
        "432 4.3.2 Concurrent connections limit exceeded.\r\n"
    );
}

#[tokio::test]
async fn only_so_many_connections_are_served_at_once() {
    let door = Door::new(ServeLimits::new().connections(20)).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(door.client().await);
    }
    for _ in 0..40 {
        let mut stream = TcpStream::connect(door.address()).await.unwrap();
        // A client that talks at once reads its refusal all the same.
        stream.write_all(b"EHLO c.example\r\n").await.unwrap();
        assert_eq!(
            to_the_end(&mut stream).await,
            "421 4.7.0 too many connections\r\n"
        );
    }
    let tls = door.served.tls_address(&name(RECEIVER)).unwrap();
    let mut stream = TcpStream::connect(tls).await.unwrap();
    let refusal = to_the_end(&mut stream).await;
    assert_eq!(
        refusal, "421 4.7.0 too many connections\r\n",
        "both doors count"
    );
    let first = clients.first_mut().unwrap();
    first.write_all(b"QUIT\r\n").await.unwrap();
    assert!(to_the_end(first).await.starts_with("221 "));
    clients.remove(0);
    let place = async {
        loop {
            let mut stream = TcpStream::connect(door.address()).await.unwrap();
            if read_reply(&mut stream).await.starts_with("220 ") {
                break;
            }
        }
    };
    tokio::time::timeout(LONG, place)
        .await
        .expect("the place is free again");
}

/// Sends octets over and over, one every so often, until the server closes the connection; tells what it said.
async fn drip(stream: &mut TcpStream, octets: &[u8]) -> String {
    let (mut reader, mut writer) = stream.split();
    let mut said = Vec::new();
    let drops = async {
        for octet in octets.iter().cycle() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if writer.write_all(&[*octet]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = drops => {}
        read = tokio::time::timeout(LONG, reader.read_to_end(&mut said)) => {
            // The last octets may have met a closed socket.
            let _ = read.expect("the server closes the connection");
        }
    }
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn a_line_that_drips_is_not_waited_for() {
    let door = Door::new(ServeLimits::new().line(Duration::from_millis(300))).await;
    let mut stream = door.client().await;
    let begun = tokio::time::Instant::now();
    let said = drip(&mut stream, b"x").await;
    assert_eq!(said, "421 4.4.2 time is out, closing the connection\r\n");
    let took = begun.elapsed();
    assert!(
        took >= Duration::from_millis(250) && took < LONG,
        "{took:?}"
    );
    // Lines that do end take their time each.
    let mut stream = door.client().await;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream.write_all(b"NOOP\r\n").await.unwrap();
        assert_eq!(read_reply(&mut stream).await, "250 2.0.0 fine\r\n");
    }
    assert_eq!(to_the_end(&mut stream).await, said, "and so does silence");
    door.still_serves().await;
}

#[tokio::test]
async fn content_that_drips_is_not_waited_for() {
    let limits = ServeLimits::new().content(Duration::from_millis(300));
    let door = Door::new(limits).await;
    for begin in ["DATA\r\n", "BDAT 1000000 LAST\r\n"] {
        let mut stream = door.client().await;
        stream
            .write_all(&[OPEN, begin.as_bytes()].concat())
            .await
            .unwrap();
        let said = drip(&mut stream, b"x\r\n").await;
        let last = said.lines().last().unwrap();
        assert_eq!(
            last, "421 4.4.2 time is out, closing the connection",
            "{said}"
        );
    }
    assert_eq!(door.kept(), 0);
    door.still_serves().await;
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    let door = Door::new(ServeLimits::new().line(Duration::from_millis(200))).await;
    let mut stream = door.client().await;
    stream.write_all(b"EHLO c.example\r\n").await.unwrap();
    read_reply(&mut stream).await;
    stream.write_all(b"STARTTLS\r\n").await.unwrap();
    assert!(to_the_end(&mut stream).await.starts_with("220 "));
    let tls = door.served.tls_address(&name(RECEIVER)).unwrap();
    let mut stream = TcpStream::connect(tls).await.unwrap();
    assert_eq!(to_the_end(&mut stream).await, "");
}

#[tokio::test]
async fn who_has_said_everything_may_close_its_half() {
    let door = Door::new(ServeLimits::new()).await;
    let mut stream = door.client().await;
    stream.write_all(&[OPEN, CONTENT].concat()).await.unwrap();
    stream.shutdown().await.unwrap();
    let replies = to_the_end(&mut stream).await;
    assert!(replies.contains("\r\n250 2.0.0 kept as "), "{replies}");
    assert_eq!(door.kept(), 1);
    // Half a message is none.
    let mut stream = door.client().await;
    stream
        .write_all(&[OPEN, b"DATA\r\nFrom: a@b.example\r\n\r\nx\r\n."].concat())
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    assert!(to_the_end(&mut stream).await.ends_with("itself\r\n"));
    assert_eq!(door.kept(), 1);
}

#[tokio::test]
async fn who_is_gone_at_any_moment_leaves_nothing_behind() {
    let door = Door::new(ServeLimits::new()).await;
    let dialogue = [OPEN, b"BDAT 30\r\nFrom: a@b.example\r\n\r\n"].concat();
    for end in (0..dialogue.len()).step_by(5) {
        let mut stream = door.client().await;
        stream
            .write_all(dialogue.get(..end).unwrap())
            .await
            .unwrap();
        if end % 2 == 0 {
            // The connection is reset instead of closed.
            stream.set_zero_linger().unwrap();
        }
    }
    let content = CONTENT.strip_suffix(b".\r\n").unwrap();
    let mut stream = door.client().await;
    stream.write_all(&[OPEN, content].concat()).await.unwrap();
    stream.set_zero_linger().unwrap();
    drop(stream);
    door.still_serves().await;
    assert_eq!(door.kept(), 1, "only that of the last client");
}

#[tokio::test]
async fn three_megabytes_without_a_line_end_are_one_bad_line() {
    let door = Door::new(ServeLimits::new()).await;
    let mut stream = door.client().await;
    stream.write_all(&vec![b'x'; 3_000_000]).await.unwrap();
    stream.write_all(b"\r\nNOOP\r\nQUIT\r\n").await.unwrap();
    let replies = to_the_end(&mut stream).await;
    assert_eq!(
        replies,
        "500 5.5.6 line too long\r\n250 2.0.0 fine\r\n221 2.0.0 bye\r\n"
    );
}

#[tokio::test]
async fn a_connection_under_tls_may_end_without_a_farewell() {
    let door = Door::new(ServeLimits::new()).await;
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from(door.served.ca_certificate_der().to_vec());
    roots.add(authority).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let tls = door.served.tls_address(&name(RECEIVER)).unwrap();
    for message in [CONTENT, b"DATA\r\nFrom: a@b.example\r\n\r\nx\r\n"] {
        let stream = TcpStream::connect(tls).await.unwrap();
        let server = ServerName::try_from(RECEIVER).unwrap();
        let mut stream = connector.connect(server, stream).await.unwrap();
        stream.write_all(&[OPEN, message].concat()).await.unwrap();
        stream.flush().await.unwrap();
        let mut said = String::new();
        let last = if message == CONTENT {
            "kept as "
        } else {
            "354 "
        };
        while !said.contains(last) {
            let mut buffer = [0; 1_024];
            let read = tokio::time::timeout(LONG, stream.read(&mut buffer)).await;
            let length = read.expect("a reply in time").unwrap();
            assert!(length > 0, "{said}");
            said.push_str(std::str::from_utf8(buffer.get(..length).unwrap()).unwrap());
        }
        let (socket, _) = stream.into_inner();
        drop(socket);
    }
    door.still_serves().await;
    assert_eq!(door.kept(), 2);
}

#[tokio::test]
async fn a_host_greets_and_takes_lines_as_it_is_told() {
    let ip = |text: &str| text.parse().unwrap();
    let busy = ServerReply::new(letterhead_mail::ReplyCode::NOT_AVAILABLE, None, "busy");
    let lenient = Receiver::new(name("lenient.example"), ip("192.0.2.41")).catch_all();
    let simulator = Simulator::builder(crate::common::start(), 1)
        .receiver(
            Receiver::new(name("busy.example"), ip("192.0.2.40"))
                .session(|session| session.greeting(Greeting::HangUp(busy))),
        )
        .receiver(lenient.session(|session| {
            let session = session.line_policy(LinePolicy::AcceptAndReport);
            session
                .hide(Extension::EightBitMime)
                .hide(Extension::StartTls)
        }))
        .build()
        .unwrap();
    let served = simulator.serve().await.unwrap();
    let connect = async |host| {
        let address = served.address(&name(host)).unwrap();
        TcpStream::connect(address).await.unwrap()
    };
    let mut stream = connect("busy.example").await;
    assert_eq!(to_the_end(&mut stream).await, "421 busy\r\n");
    let one = submission("a@b.example", "a@b.example", &["d@busy.example"]);
    let report = send(&simulator, "busy.example", &one);
    assert_eq!(
        report.to_string(),
        "d@busy.example deferred at greeting: 421 busy\n"
    );
    let mut stream = connect("lenient.example").await;
    let dialogue = "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<d@lenient.example>\r\n\
        DATA\r\nFrom: a@b.example\n\nx\n.\n\r\n.\r\nQUIT\r\n";
    stream.write_all(dialogue.as_bytes()).await.unwrap();
    let replies = to_the_end(&mut stream).await;
    assert!(
        !replies.contains("8BITMIME") && !replies.contains("STARTTLS"),
        "{replies}"
    );
    let mails = simulator.mails_of(&address("d@lenient.example"));
    assert!(
        mails
            .first()
            .unwrap()
            .message
            .as_bytes()
            .ends_with(b"\r\n\r\nx\r\n.\r\n\r\n")
    );
    let recorded = async {
        while simulator.sessions().len() < 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, recorded).await.unwrap();
    let findings: usize = simulator
        .sessions()
        .iter()
        .map(|session| session.transcript.findings().count())
        .sum();
    assert_eq!(findings, 1, "one kind of flaw in one message");
}
