//! A long way between client and server.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::time::ClockId;
use tokio::runtime::Runtime;

use super::lanes::Lane;
use super::raw::Raw;
use super::{By, MAILS};
use crate::turns::time;

/// A relay behind which a server is far away: octets take some time in each direction, as many as there are.
///
/// Connecting to it takes no time: what a round trip more for a connection costs is not seen.
pub(crate) struct Away {
    address: SocketAddr,
    round_trip: Duration,
}

impl Away {
    /// Puts a server this far away. The relay runs until the process ends.
    pub(crate) fn from(server: SocketAddr, one_way: Duration, runtime: &Runtime) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                let server = TcpStream::connect(server).expect("the server is there");
                join(client, server, one_way).expect("a connection is to be used");
            }
        });
        let round_trip = runtime
            .block_on(noops(address))
            .expect("the server answers");
        Self {
            address,
            round_trip,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long a NOOP and its answer take.
    pub(crate) fn round_trip(&self) -> Duration {
        self.round_trip
    }
}

/// How many round trips a mail takes, after the first on its lane.
pub(crate) fn round_trips(runtime: &Runtime, away: &Away, mut lane: impl Lane, mails: u32) -> f64 {
    runtime.block_on(async {
        lane.send().await;
        let start = time(ClockId::Monotonic);
        for _ in 0..mails {
            lane.send().await;
        }
        let each = (time(ClockId::Monotonic) - start) / mails;
        each.as_secs_f64() / away.round_trip.as_secs_f64()
    })
}

/// The middle of some round trips.
async fn noops(address: SocketAddr) -> io::Result<Duration> {
    let mut client = Raw::connect(address, By::Data, MAILS[0].1).await?;
    let mut times = [Duration::ZERO; 5];
    for took in &mut times {
        let start = time(ClockId::Monotonic);
        client.noop().await?;
        *took = time(ClockId::Monotonic) - start;
    }
    times.sort();
    Ok(times[times.len() / 2])
}

/// Carries octets between two connections, in both directions.
fn join(client: TcpStream, server: TcpStream, one_way: Duration) -> io::Result<()> {
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        to.set_nodelay(true)?;
        let (sender, receiver) = channel();
        thread::spawn(move || take(from, &sender, one_way));
        thread::spawn(move || give(to, &receiver));
    }
    Ok(())
}

/// Octets, and when they arrive.
type InTransit = (Duration, Vec<u8>);

fn take(mut from: TcpStream, way: &Sender<InTransit>, one_way: Duration) {
    let mut buffer = vec![0; 256 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let arrives = time(ClockId::Monotonic) + one_way;
        if way.send((arrives, buffer[..count].to_vec())).is_err() {
            break;
        }
    }
}

fn give(mut to: TcpStream, way: &Receiver<InTransit>) {
    for (arrives, octets) in way {
        thread::sleep(arrives.saturating_sub(time(ClockId::Monotonic)));
        if to.write_all(&octets).is_err() {
            return;
        }
    }
    // The other side has closed; one that is already closed is no matter.
    to.shutdown(Shutdown::Write).ok();
}
