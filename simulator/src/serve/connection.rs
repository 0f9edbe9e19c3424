//! One connection to a host.

use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Door;
use crate::session::{ServerSession, ServerStep, reply};
use crate::world::{Host, World};

/// How a connection begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Opening {
    Plain,
    Tls,
}

/// Serves a connection to its end. A connection that breaks off needs no telling: its session just ends.
pub(super) async fn run(stream: TcpStream, door: &Door) {
    let world = &*door.world;
    let (Some(host), Ok(peer)) = (world.hosts.get(&door.host), stream.peer_addr()) else {
        return;
    };
    // Replies are written whole, so there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let client = host.client_of_the_outside(peer.ip());
    let mut session = ServerSession::new(host.session_config());
    match door.opening {
        Opening::Plain => {
            if let End::StartTls(stream) = dialogue(stream, world, host, client, &mut session).await
                && let Ok(stream) = door.acceptor.accept(stream).await
            {
                session.tls_established();
                // TLS is not offered twice, so this ends with the connection.
                let _ = dialogue(stream, world, host, client, &mut session).await;
            }
        }
        Opening::Tls => {
            session = session.under_tls();
            if let Ok(stream) = door.acceptor.accept(stream).await {
                let _ = dialogue(stream, world, host, client, &mut session).await;
            }
        }
    }
    world.record_session(host.name(), client, session.transcript().clone());
}

/// Refuses a connection because there are too many.
pub(super) async fn turn_away(mut stream: TcpStream) {
    let mut octets = Vec::new();
    reply(421, (4, 7, 0), "too many connections").write_to(&mut octets);
    let _ = stream.write_all(&octets).await;
    let _ = stream.shutdown().await;
}

enum End<S> {
    Closed,
    StartTls(S),
}

async fn dialogue<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    world: &World,
    host: &Host,
    client: IpAddr,
    session: &mut ServerSession,
) -> End<S> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match session.step() {
            ServerStep::NeedInput => match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return End::Closed,
                Ok(length) => session.receive(buffer.get(..length).unwrap_or_default()),
            },
            ServerStep::Write(octets) => {
                if stream.write_all(&octets).await.is_err() || stream.flush().await.is_err() {
                    return End::Closed;
                }
            }
            ServerStep::Ask(question) => {
                let answer = world.decide(host, client, question);
                if !answer.wait.is_zero() {
                    tokio::time::sleep(answer.wait).await;
                }
                match answer.reply {
                    Some(reply) => session.answer(&reply),
                    None => session.hang_up(),
                }
            }
            ServerStep::StartTls => return End::StartTls(stream),
            ServerStep::Close => {
                let _ = stream.shutdown().await;
                return End::Closed;
            }
        }
    }
}
