//! A server for one dialogue, which says and hears what a test wants.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The steps of a dialogue at which a server answers, in their order. `tls` is STARTTLS, `final` the message's end.
pub(crate) const STEPS: [&str; 8] = [
    "greeting", "ehlo", "tls", "auth", "mail", "rcpt", "data", "final",
];

/// No test waits longer than this for a client that says nothing.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Served<T> {
    pub(crate) address: SocketAddr,
    script: JoinHandle<T>,
}

impl<T> Served<T> {
    /// What the script gives, or its panic.
    pub(crate) fn end(self) -> T {
        // A client that never came must not leave the script waiting for one.
        drop(TcpStream::connect(self.address));
        match self.script.join() {
            Ok(given) => given,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Listens on loopback and plays `script` with one client.
pub(crate) fn serve<T: Send + 'static>(
    script: impl FnOnce(Peer) -> T + Send + 'static,
) -> Served<T> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        stream.set_nodelay(true).expect("no delay");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        script(Peer {
            stream: Some(stream),
            tls: None,
            buffer: Vec::new(),
            heard: Vec::new(),
        })
    });
    Served { address, script }
}

/// The server's end of a connection.
pub(crate) struct Peer {
    stream: Option<TcpStream>,
    tls: Option<StreamOwned<ServerConnection, TcpStream>>,
    buffer: Vec<u8>,
    /// Every line that was heard.
    pub(crate) heard: Vec<String>,
}

impl Peer {
    /// Whether it could be said; the client may be gone, which some tests are about.
    pub(crate) fn say(&mut self, octets: impl AsRef<[u8]>) -> bool {
        let stream = self.writer();
        stream.write_all(octets.as_ref()).is_ok() && stream.flush().is_ok()
    }

    /// The next line; `None` when the client has closed.
    pub(crate) fn hear(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).take(end).collect();
                let line = String::from_utf8(line).expect("a command is text");
                self.heard.push(line.clone());
                return Some(line);
            }
            if !self.fill() {
                return None;
            }
        }
    }

    /// Hears a line that begins so.
    pub(crate) fn expect(&mut self, command: &str) {
        let line = self.hear();
        let begins = line.as_ref().is_some_and(|line| line.starts_with(command));
        assert!(begins, "{line:?} instead of {command:?}");
    }

    /// Hears a line that begins so, and answers.
    pub(crate) fn exchange(&mut self, command: &str, answer: &str) {
        self.expect(command);
        self.say(answer);
    }

    /// What is sent behind DATA, octet by octet, the final dot and its line end included.
    pub(crate) fn content(&mut self) -> Vec<u8> {
        self.content_unless_closed()
            .expect("the client closes within the content")
    }

    /// The same; `None` when the client has closed.
    pub(crate) fn content_unless_closed(&mut self) -> Option<Vec<u8>> {
        let mut seen = 0;
        loop {
            let at_once = self.buffer.starts_with(b".\r\n").then_some(3);
            let end = at_once.or_else(|| {
                let mut fives = self.buffer[seen..].windows(5);
                fives
                    .position(|five| five == b"\r\n.\r\n")
                    .map(|at| seen + at + 5)
            });
            if let Some(end) = end {
                return Some(self.buffer.drain(..end).collect());
            }
            seen = self.buffer.len().saturating_sub(4);
            if !self.fill() {
                return None;
            }
        }
    }

    /// Takes at least this much of what is sent, and leaves the rest.
    pub(crate) fn take(&mut self, octets: usize) {
        while self.buffer.len() < octets {
            assert!(self.fill(), "closed too early");
        }
        self.buffer.clear();
    }

    /// Waits until the client closes.
    pub(crate) fn until_closed(&mut self) {
        while self.fill() {
            self.buffer.clear();
        }
    }

    /// Answers QUIT, and waits until the client closes. Nothing else is heard any more.
    pub(crate) fn see_off(&mut self) {
        while let Some(line) = self.hear() {
            assert_eq!(line, "QUIT");
            self.say("221 bye\r\n");
        }
    }

    /// Whether the client has closed after this time, in which it is not to say anything.
    pub(crate) fn is_closed_after(&mut self, wait: Duration) -> bool {
        let stream = self.stream.as_ref().expect("a connection without TLS");
        stream.set_read_timeout(Some(wait)).expect("a timeout");
        match self.writer().read(&mut [0]) {
            Ok(count) => {
                assert_eq!(count, 0, "the client speaks out of turn");
                true
            }
            Err(error) => !matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            ),
        }
    }

    /// Takes the handshake of the client; whether it came to its end.
    pub(crate) fn secure(&mut self, config: &Arc<ServerConfig>) -> bool {
        assert!(
            self.buffer.is_empty(),
            "something came before the handshake"
        );
        let mut stream = self.stream.take().expect("a connection without TLS");
        let mut connection =
            ServerConnection::new(Arc::clone(config)).expect("a configuration that works");
        let secured = connection.complete_io(&mut stream).is_ok();
        self.tls = Some(StreamOwned::new(connection, stream));
        secured
    }

    /// Plays the dialogue to where the server has to answer at this step, and does not answer. It offers STARTTLS only
    /// if it is to come to it, and it takes the password of `alice` if it is to come behind it.
    pub(crate) fn reach(&mut self, step: &str) {
        let target = place(step);
        if target > place("greeting") {
            self.say("220 mx ready\r\n");
            self.expect("EHLO ");
        }
        if step == "tls" {
            self.say("250-mx\r\n250 STARTTLS\r\n");
            return self.expect("STARTTLS");
        }
        if target > place("ehlo") {
            self.say("250-mx\r\n250 AUTH PLAIN\r\n");
            self.expect("AUTH PLAIN AGFsaWNlAHMzY3IzdA==");
        }
        for (step, answer, next) in [
            ("auth", "235 2.7.0 welcome\r\n", "MAIL FROM:<s@x.example>"),
            ("mail", "250 2.1.0 ok\r\n", "RCPT TO:<r@x.example>"),
            ("rcpt", "250 2.1.5 ok\r\n", "DATA"),
        ] {
            if target > place(step) {
                self.exchange_after(answer, next);
            }
        }
        if target > place("data") {
            self.say("354 go\r\n");
            self.content();
        }
    }

    /// Ends a dialogue in which everything is taken; gives the content as it came.
    pub(crate) fn take_message(&mut self) -> Vec<u8> {
        self.exchange("MAIL FROM:<s@x.example>", "250 ok\r\n");
        self.exchange("RCPT TO:<r@x.example>", "250 ok\r\n");
        self.exchange("DATA", "354 go\r\n");
        let content = self.content();
        self.exchange_after("250 2.0.0 queued as 4ABC12\r\n", "QUIT");
        self.say("221 bye\r\n");
        content
    }

    fn exchange_after(&mut self, answer: &str, next: &str) {
        self.say(answer);
        self.expect(next);
    }

    fn fill(&mut self) -> bool {
        let mut octets = [0; 16_384];
        match self.writer().read(&mut octets) {
            Ok(count) if count > 0 => {
                self.buffer.extend_from_slice(&octets[..count]);
                true
            }
            _ => false,
        }
    }

    fn writer(&mut self) -> &mut dyn Stream {
        match (&mut self.tls, &mut self.stream) {
            (Some(tls), _) => tls,
            (None, Some(stream)) => stream,
            (None, None) => unreachable!("the connection is one of them"),
        }
    }
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

fn place(step: &str) -> usize {
    let found = STEPS.iter().position(|known| *known == step);
    found.expect("one of the steps")
}
