//! One connection to a host.

use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::Door;
use crate::session::{Awaited, AwaitedInput, ServerSession, ServerStep, reply};
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
pub(super) async fn turn_away(mut stream: TcpStream) {
    let octets = reply(421, (4, 7, 0), "too many connections").to_bytes();
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
        let Ok(Ok(stream)) = timeout(time, self.door.acceptor.accept(stream)).await else {
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
        loop {
            match self.session.step() {
                ServerStep::NeedInput => {
                    let deadline = patience.deadline(self.door, self.session.awaited());
                    match within(deadline, stream.read(&mut buffer)).await {
                        None => self.session.out_of_time(),
                        Some(Ok(0) | Err(_)) => return End::Gone,
                        Some(Ok(length)) => {
                            let octets = buffer.get(..length).unwrap_or_default();
                            self.session.receive(octets);
                        }
                    }
                }
                ServerStep::Write(octets) => {
                    let time = self.door.limits.time_for(AwaitedInput::Line);
                    let written = async {
                        stream.write_all(&octets).await?;
                        stream.flush().await
                    };
                    if !matches!(timeout(time, written).await, Ok(Ok(()))) {
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
                    match answer.reply {
                        Some(reply) => self.session.answer(&reply),
                        None => self.session.hang_up(),
                    }
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
