//! One connection to a host.

use std::net::IpAddr;
use std::time::Duration;

use letterhead_transport::smtp::ServerReply;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Door, Pace};
use crate::session::{Awaited, AwaitedInput, ServerSession, ServerStep};
use crate::tls_fault::TlsFault;
use crate::world::Host;

/// How a connection begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Opening {
    Plain,
    Tls,
}

/// Serves a connection to its end. A connection that breaks off needs no telling: its session just ends.
pub(super) async fn run(stream: TcpStream, door: &Door) {
    let (Some(host), Ok(peer)) = (door.world.hosts.get(&door.host), stream.peer_addr()) else {
        return;
    };
    // Replies are written whole, so there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let connection = Connection {
        door,
        host,
        client: host.client_of_the_outside(peer.ip()),
        session: ServerSession::new(host.session_config()),
    };
    match door.opening {
        Opening::Plain => connection.plain(stream).await,
        Opening::Tls => connection.under_tls().secured(stream).await,
    }
}

/// Refuses a connection because there are too many.
pub(super) async fn turn_away(mut stream: TcpStream, full: &ServerReply) {
    let octets = full.to_bytes();
    let _ = timeout(LINGER, stream.write_all(&octets)).await;
    linger(stream).await;
}

struct Connection<'a> {
    door: &'a Door,
    host: &'a Host,
    client: IpAddr,
    session: ServerSession,
}

enum End<S> {
    /// The client is not there any more, or does not take what is said to it.
    Gone,
    /// The server has said its last word.
    Closing(S),
    StartTls(S),
}

impl Connection<'_> {
    fn under_tls(mut self) -> Self {
        self.session = self.session.under_tls();
        self
    }

    async fn plain(mut self, stream: TcpStream) {
        match self.dialogue(stream).await {
            End::StartTls(stream) => self.secured(stream).await,
            End::Gone => self.record(),
            End::Closing(stream) => {
                self.record();
                linger(stream).await;
            }
        }
    }

    async fn secured(mut self, stream: TcpStream) {
        let time = self.door.limits.time_for(AwaitedInput::Handshake);
        let stream = match self.door.tls_fault.and_then(instead_of_handshake) {
            None => timeout(time, self.door.acceptor.accept(stream)).await,
            Some(conduct) => {
                let _ = timeout(time, spoil(stream, conduct)).await;
                self.session.tls_failed();
                return self.record();
            }
        };
        let Ok(Ok(stream)) = stream else {
            self.session.tls_failed();
            return self.record();
        };
        self.session.tls_established();
        let end = self.dialogue(stream).await;
        self.record();
        if let End::Closing(stream) = end {
            linger(stream).await;
        }
    }

    async fn dialogue<S: AsyncRead + AsyncWrite + Unpin>(&mut self, mut stream: S) -> End<S> {
        let mut buffer = vec![0; 16 * 1024];
        let mut patience = Patience::default();
        let pace = self.door.pace.as_ref();
        loop {
            match self.session.step() {
                ServerStep::NeedInput => {
                    let deadline = patience.deadline(self.door, self.session.awaited());
                    let room = buffer.len();
                    let limit = pace.map_or(room, |pace| pace.read_limit(room));
                    let room = buffer.get_mut(..limit).unwrap_or_default();
                    match within(deadline, stream.read(room)).await {
                        None => self.session.out_of_time(),
                        Some(Ok(0) | Err(_)) => return End::Gone,
                        Some(Ok(length)) => {
                            let octets = buffer.get(..length).unwrap_or_default();
                            self.session.receive(octets);
                            if let Some(pause) = pace.and_then(Pace::read_pause) {
                                tokio::time::sleep(pause).await;
                            }
                        }
                    }
                }
                ServerStep::Write(octets) => {
                    let time = self.door.limits.time_for(AwaitedInput::Line);
                    let written = match pace {
                        None => write(&mut stream, &octets, time).await,
                        Some(pace) => write_paced(&mut stream, &octets, time, pace).await,
                    };
                    if written.is_none() {
                        return End::Gone;
                    }
                }
                ServerStep::Ask(question) => {
                    let answer = self.door.world.decide(self.host, self.client, question);
                    if !answer.wait.is_zero() {
                        tokio::time::sleep(answer.wait).await;
                    }
                    // The client's time begins when it has its answer.
                    patience = Patience::default();
                    answer.give(&mut self.session);
                }
                ServerStep::StartTls => return End::StartTls(stream),
                ServerStep::Close => return End::Closing(stream),
            }
        }
    }

    fn record(&self) {
        let transcript = self.session.transcript().clone();
        let world = &self.door.world;
        world.record_session(self.host.name(), self.client, transcript);
    }
}

/// Until when a client may take for the piece of input that it is at.
#[derive(Default)]
struct Patience {
    awaited: Option<Awaited>,
    /// `None` is without end.
    deadline: Option<Instant>,
}

impl Patience {
    fn deadline(&mut self, door: &Door, awaited: Awaited) -> Option<Instant> {
        if self.awaited != Some(awaited) {
            let time = door.limits.time_for(awaited.input);
            self.deadline = Instant::now().checked_add(time);
            self.awaited = Some(awaited);
        }
        self.deadline
    }
}

/// `None` where the client does not take it.
async fn write<S: AsyncWrite + Unpin>(stream: &mut S, octets: &[u8], time: Duration) -> Option<()> {
    let written = async {
        stream.write_all(octets).await?;
        stream.flush().await
    };
    timeout(time, written).await.ok()?.ok()
}

async fn write_paced<S: AsyncWrite + Unpin>(
    stream: &mut S,
    octets: &[u8],
    time: Duration,
    pace: &Pace,
) -> Option<()> {
    for (position, piece) in pace.pieces(octets).enumerate() {
        match pace.write_pause() {
            _ if position == 0 => {}
            Duration::ZERO => tokio::task::yield_now().await,
            pause => tokio::time::sleep(pause).await,
        }
        write(stream, piece, time).await?;
    }
    Some(())
}

/// What a host does instead of a handshake.
enum Spoiling {
    Answer(Vec<u8>),
    Silence,
}

fn instead_of_handshake(fault: TlsFault) -> Option<Spoiling> {
    match fault {
        TlsFault::Garbage => Some(Spoiling::Answer(b"\xff\0this is no TLS\r\n".to_vec())),
        TlsFault::Closed => Some(Spoiling::Answer(Vec::new())),
        // A record of type 21 with two octets: fatal, and which it is.
        TlsFault::Alert(number) => Some(Spoiling::Answer(vec![21, 3, 3, 0, 2, 2, number])),
        TlsFault::Silent => Some(Spoiling::Silence),
        TlsFault::Expired
        | TlsFault::NotYetValid
        | TlsFault::WrongName
        | TlsFault::SelfSigned
        | TlsFault::OnlyTls12 => None,
    }
}

/// The client begins: what it says is heard, and answered so or not at all.
async fn spoil(mut stream: TcpStream, conduct: Spoiling) {
    let mut buffer = [0; 1_024];
    if !matches!(stream.read(&mut buffer).await, Ok(1..)) {
        return;
    }
    match conduct {
        Spoiling::Silence => while matches!(stream.read(&mut buffer).await, Ok(1..)) {},
        Spoiling::Answer(octets) => {
            if stream.write_all(&octets).await.is_ok() {
                linger(stream).await;
            }
        }
    }
}

/// What comes of it before the deadline.
async fn within<T>(deadline: Option<Instant>, future: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(deadline) => timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

/// Closes a connection so that what was said last arrives: a socket that is closed over octets that nobody has read
/// takes it back.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
    let rest = async {
        let mut buffer = [0; 1_024];
        if stream.shutdown().await.is_ok() {
            while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
        }
    };
    let _ = timeout(LINGER, rest).await;
}

/// How long a connection that is over is still read.
const LINGER: Duration = Duration::from_secs(1);
