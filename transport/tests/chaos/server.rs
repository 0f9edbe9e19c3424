//! A server that goes wrong at random, and writes down what it accepts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use letterhead_transport::smtp::{BdatLast, Command, DataProgress, DataReader};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Numbers that are the same with every run, by `SplitMix64`.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// What was accepted, by the number of the message and the recipient, and how often.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    accepted: Arc<Mutex<HashMap<(u64, String), u64>>>,
    mangled: Arc<AtomicU64>,
}

impl Ledger {
    pub(crate) fn accepted(&self) -> HashMap<(u64, String), u64> {
        self.accepted.lock().unwrap().clone()
    }

    /// How many messages were not what was sent.
    pub(crate) fn mangled(&self) -> u64 {
        self.mangled.load(Ordering::SeqCst)
    }

    fn accept(&self, message: &[u8], recipients: &[String]) {
        let text = String::from_utf8_lossy(message);
        let number = text
            .strip_prefix("Message-ID: <")
            .and_then(|rest| rest.split_once('@'))
            .and_then(|(number, _)| number.parse().ok());
        let whole = text.lines().all(|line| !line.starts_with("..")) && text.ends_with("\r\n");
        let Some(number) = number.filter(|_| whole) else {
            self.mangled.fetch_add(1, Ordering::SeqCst);
            return;
        };
        let mut accepted = self.accepted.lock().unwrap();
        for recipient in recipients {
            *accepted.entry((number, recipient.clone())).or_default() += 1;
        }
    }
}

pub(crate) struct Server {
    port: u16,
    connections: Arc<tokio::sync::Semaphore>,
    accepting: JoinHandle<()>,
}

const MOST: u32 = 10_000;

impl Server {
    pub(crate) async fn start(seed: u64, ledger: Ledger) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(tokio::sync::Semaphore::new(MOST as usize));
        let running = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                // Replies in two pieces are to be about pieces, not about acknowledgements.
                stream.set_nodelay(true).unwrap();
                let permit = Arc::clone(&running).acquire_owned().await.unwrap();
                let ledger = ledger.clone();
                tokio::spawn(async move {
                    let random = Random::new(seed ^ (number << 20));
                    Dialogue::new(stream, random, ledger).run().await;
                    drop(permit);
                });
            }
        });
        Self {
            port,
            connections,
            accepting,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Waits until every dialogue has ended.
    pub(crate) async fn stop(self) {
        let _all = self.connections.acquire_many(MOST).await.unwrap();
        self.accepting.abort();
    }
}

/// What goes wrong instead of a reply.
enum Fault {
    Drop,
    Stall,
    Goodbye,
    Later,
    Never,
    Garbage,
    Oversized,
}

/// The end of a dialogue.
struct Over;

struct Dialogue {
    stream: TcpStream,
    random: Random,
    ledger: Ledger,
    buffer: Vec<u8>,
    /// Whether one was taken.
    sender: bool,
    recipients: Vec<String>,
}

impl Dialogue {
    fn new(stream: TcpStream, random: Random, ledger: Ledger) -> Self {
        Self {
            stream,
            random,
            ledger,
            buffer: Vec::new(),
            sender: false,
            recipients: Vec::new(),
        }
    }

    async fn run(mut self) {
        let _ = self.dialogue().await;
        let _ = self.stream.shutdown().await;
        // Until the client is gone: a message that is on its way is not taken any more.
        let mut rest = vec![0; 4_096];
        while matches!(self.stream.read(&mut rest).await, Ok(1..)) {}
    }

    async fn dialogue(&mut self) -> Result<(), Over> {
        self.reply("220 mx").await?;
        let offered = match self.random.below(4) {
            0 => "250 mx",
            1 => "250-mx\r\n250-8BITMIME\r\n250 PIPELINING",
            2 => "250-mx\r\n250 CHUNKING",
            _ => "250-mx\r\n250-PIPELINING\r\n250-SIZE\r\n250 CHUNKING",
        };
        loop {
            let line = self.line().await?;
            match Command::parse(&line).map_err(|_| Over)? {
                Command::Ehlo(_) => {
                    self.reply(offered).await?;
                }
                Command::Rset => {
                    self.recipients.clear();
                    self.sender = false;
                    self.reply("250 2.0.0 forgotten").await?;
                }
                Command::Mail { .. } => {
                    self.recipients.clear();
                    self.sender = self.reply("250 2.1.0 ok").await?;
                }
                Command::Rcpt { .. } if !self.sender => {
                    self.say(b"503 5.5.1 MAIL first\r\n").await?;
                }
                Command::Rcpt { recipient, .. } => {
                    if self.reply("250 2.1.5 ok").await? {
                        self.recipients.push(recipient.to_string());
                    }
                }
                Command::Data => {
                    if self.recipients.is_empty() {
                        self.say(b"503 5.5.1 nobody\r\n").await?;
                    } else if self.reply("354 go").await? {
                        let message = self.content().await?;
                        self.decide(&message).await?;
                    }
                }
                Command::Bdat { size, last } => {
                    let message = self.chunk(size).await?;
                    assert_eq!(last, BdatLast::Last);
                    if self.recipients.is_empty() {
                        self.say(b"503 5.5.1 nobody\r\n").await?;
                    } else {
                        self.decide(&message).await?;
                    }
                }
                Command::Quit => {
                    self.say(b"221 bye\r\n").await?;
                    return Err(Over);
                }
                _ => self.say(b"500 what\r\n").await?,
            }
        }
    }

    /// The whole message is here.
    async fn decide(&mut self, message: &[u8]) -> Result<(), Over> {
        let recipients = std::mem::take(&mut self.recipients);
        self.sender = false;
        if self.random.one_in(30) {
            let refusal: &[u8] = if self.random.one_in(2) {
                b"554 5.6.0 no\r\n"
            } else {
                b"451 4.3.0 later\r\n"
            };
            return self.say(refusal).await;
        }
        self.ledger.accept(message, &recipients);
        // Accepted, whatever the client hears of it.
        match self.random.below(40) {
            0 => Err(Over),
            1 => self.stall().await,
            2 => {
                self.say(b"250 2.0.0 que").await?;
                Err(Over)
            }
            3 => {
                self.say(b"250 2.0.0 queued\r\n").await?;
                Err(Over)
            }
            4 => self.say(b"what?\r\n").await,
            _ => self.say_split(b"250 2.0.0 queued\r\n").await,
        }
    }

    /// The reply, or something that is none; whether it was the reply.
    async fn reply(&mut self, reply: &str) -> Result<bool, Over> {
        let fault = match self.random.below(400) {
            0..2 => Fault::Drop,
            2..3 => Fault::Stall,
            3..5 => Fault::Goodbye,
            5..12 => Fault::Later,
            12..18 => Fault::Never,
            18..20 => Fault::Garbage,
            20..21 => Fault::Oversized,
            _ => {
                self.say_split(format!("{reply}\r\n").as_bytes()).await?;
                return Ok(true);
            }
        };
        match fault {
            Fault::Drop => Err(Over),
            Fault::Stall => self.stall().await.map(|()| false),
            Fault::Goodbye => {
                self.say(b"421 4.3.2 going\r\n").await?;
                Err(Over)
            }
            Fault::Later => self.say(b"450 4.2.0 later\r\n").await.map(|()| false),
            Fault::Never => self.say(b"550 5.1.1 no\r\n").await.map(|()| false),
            Fault::Garbage => self.say(b"\x00\xff what\r\n").await.map(|()| false),
            Fault::Oversized => self.say(&[b'2'; 8_192]).await.map(|()| false),
        }
    }

    /// Says nothing, and waits for the client to go.
    async fn stall(&mut self) -> Result<(), Over> {
        let mut rest = vec![0; 4_096];
        while matches!(self.stream.read(&mut rest).await, Ok(1..)) {}
        Err(Over)
    }

    async fn say(&mut self, octets: &[u8]) -> Result<(), Over> {
        self.stream.write_all(octets).await.map_err(|_| Over)
    }

    /// Now and then in two pieces, with something else done between them.
    async fn say_split(&mut self, octets: &[u8]) -> Result<(), Over> {
        if self.random.one_in(10) {
            let place = self.random.below(octets.len() as u64);
            let (one, other) = octets.split_at(usize::try_from(place).unwrap());
            self.say(one).await?;
            tokio::task::yield_now().await;
            return self.say(other).await;
        }
        self.say(octets).await
    }

    async fn line(&mut self) -> Result<Vec<u8>, Over> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                return Ok(self.buffer.drain(..end + 2).take(end).collect());
            }
            self.fill().await?;
        }
    }

    async fn content(&mut self) -> Result<Vec<u8>, Over> {
        let mut reader = DataReader::new(None);
        loop {
            // In the middle of a message too.
            if self.random.one_in(600) {
                return Err(Over);
            }
            let octets = std::mem::take(&mut self.buffer);
            if let DataProgress::Complete { rest } = reader.feed(&octets) {
                self.buffer = rest.to_vec();
                return Ok(reader.into_message());
            }
            self.fill().await?;
        }
    }

    async fn chunk(&mut self, size: u64) -> Result<Vec<u8>, Over> {
        let size = usize::try_from(size).unwrap();
        while self.buffer.len() < size {
            if self.random.one_in(600) {
                return Err(Over);
            }
            self.fill().await?;
        }
        Ok(self.buffer.drain(..size).collect())
    }

    async fn fill(&mut self) -> Result<(), Over> {
        let mut octets = vec![0; 16_384];
        match self.stream.read(&mut octets).await {
            Ok(count @ 1..) => {
                self.buffer.extend_from_slice(&octets[..count]);
                Ok(())
            }
            _ => Err(Over),
        }
    }
}
