//! A server that takes mail and drops it, as cheaply as it can be done.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::core::Side;
use super::dialogue::{By, Dialogue, GREETING, unstuffed};
use super::lanes::runtime;

/// A server on loopback, with one thread for all connections: with eight of them it takes half the CPU time of a thread
/// for each, and with one no more.
pub(crate) struct Sink {
    address: SocketAddr,
    seen: Arc<Seen>,
}

/// What has come.
#[derive(Default)]
pub(super) struct Seen {
    connections: AtomicU64,
    by_data: AtomicU64,
    by_bdat: AtomicU64,
    octets: AtomicU64,
    keeping: AtomicBool,
    kept: Mutex<Vec<Vec<u8>>>,
}

impl Sink {
    /// Starts a server, which runs until the process ends. It offers CHUNKING where content is to come by BDAT.
    pub(crate) fn start(by: By) -> Self {
        let seen = Arc::new(Seen::default());
        let ours = Arc::clone(&seen);
        let (sender, listening) = sync_channel(1);
        thread::spawn(move || runtime(Side::Sink).block_on(listen(by, ours, sender)));
        let address = listening.recv().expect("a port on loopback");
        Self { address, seen }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> u64 {
        self.seen.connections.load(Ordering::Relaxed)
    }

    /// How many mails have come.
    pub(crate) fn messages(&self) -> u64 {
        self.messages_by(By::Data) + self.messages_by(By::Bdat)
    }

    /// How many mails have come by this command.
    pub(crate) fn messages_by(&self, by: By) -> u64 {
        self.seen.counter(by).load(Ordering::Relaxed)
    }

    /// How many octets of content have come, those that stuff dots and end a content included.
    pub(crate) fn octets(&self) -> u64 {
        self.seen.octets.load(Ordering::Relaxed)
    }

    /// The mails that come while `send` runs.
    pub(crate) fn kept(&self, send: impl FnOnce()) -> Vec<Vec<u8>> {
        self.seen.keeping.store(true, Ordering::SeqCst);
        send();
        self.seen.keeping.store(false, Ordering::SeqCst);
        std::mem::take(
            &mut *self
                .seen
                .kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl Seen {
    pub(super) fn octets(&self, count: usize) {
        self.octets.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// A mail has come; `content` is empty unless contents are kept.
    pub(super) fn message(&self, by: By, content: Vec<u8>) {
        self.counter(by).fetch_add(1, Ordering::Relaxed);
        if self.keeps() {
            let content = match by {
                By::Data => unstuffed(&content),
                By::Bdat => content,
            };
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(content);
        }
    }

    pub(super) fn keeps(&self) -> bool {
        self.keeping.load(Ordering::Relaxed)
    }

    fn counter(&self, by: By) -> &AtomicU64 {
        match by {
            By::Data => &self.by_data,
            By::Bdat => &self.by_bdat,
        }
    }
}

async fn listen(by: By, seen: Arc<Seen>, listening: SyncSender<SocketAddr>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    listening.send(listener.local_addr()?).ok();
    loop {
        let (stream, _) = listener.accept().await?;
        seen.connections.fetch_add(1, Ordering::Relaxed);
        let seen = Arc::clone(&seen);
        // A client that goes away without QUIT is nothing to speak of.
        tokio::spawn(async move { serve(stream, Dialogue::new(by, &seen)).await });
    }
}

async fn serve(mut stream: TcpStream, mut dialogue: Dialogue<'_>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(GREETING).await?;
    let mut buffer = vec![0; READ_BUFFER];
    let mut replies = Vec::new();
    let mut waiting = 0;
    while !dialogue.is_over() {
        let count = stream.read(&mut buffer[waiting..]).await?;
        if count == 0 {
            break;
        }
        let read = waiting + count;
        let used = dialogue.take(&buffer[..read], &mut replies);
        buffer.copy_within(used..read, 0);
        waiting = read - used;
        if !replies.is_empty() {
            stream.write_all(&replies).await?;
            replies.clear();
        }
    }
    Ok(())
}

/// More than the largest mail, so that one read can take all that has come.
const READ_BUFFER: usize = 256 * 1024;
