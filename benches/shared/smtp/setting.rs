//! Where it is measured: two sinks, and the runtime of every client.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::time::ClockId;
use tokio::runtime::Runtime;

use super::core::Side;
use super::dialogue::By;
use super::lanes::{Lane, Load, runtime, sending};
use super::ours::Ours;
use super::raw::Raw;
use super::sink::Sink;
use crate::turns::{Run, Turns};

/// A sink for each way of sending content, and this thread as the client.
pub(crate) struct Setting {
    runtime: Runtime,
    data: Sink,
    bdat: Sink,
}

impl Setting {
    pub(crate) fn start() -> Self {
        Self {
            runtime: runtime(Side::Client),
            data: Sink::start(By::Data),
            bdat: Sink::start(By::Bdat),
        }
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn sink(&self, by: By) -> &Sink {
        match by {
            By::Data => &self.data,
            By::Bdat => &self.bdat,
        }
    }

    /// Connections without a library.
    pub(crate) fn raw(&self, server: SocketAddr, by: By, mail: &[u8], lanes: usize) -> Vec<Raw> {
        let connect = || self.runtime.block_on(Raw::connect(server, by, mail));
        (0..lanes)
            .map(|_| connect().expect("the server answers"))
            .collect()
    }

    /// A run of these lanes to a sink.
    pub(crate) fn run<L: Lane>(&self, by: By, mail: &[u8], lanes: Vec<L>) -> Run<'_> {
        sending(&self.runtime, self.sink(by), lanes, MAILS_A_RUN, mail.len())
    }

    /// A run of raw connections to a sink.
    pub(crate) fn raw_run(&self, by: By, mail: &[u8], lanes: usize) -> Run<'_> {
        let lanes = self.raw(self.sink(by).address(), by, mail, lanes);
        self.run(by, mail, lanes)
    }

    /// A run of Letterhead's senders to a sink.
    pub(crate) fn our_run(&self, by: By, mail: &[u8], lanes: usize) -> Run<'_> {
        let lanes = Ours::lanes(self.sink(by).address(), mail, lanes);
        self.run(by, mail, lanes)
    }

    /// What client and sink take of the CPU.
    pub(crate) fn load(&self, by: By, run: &Run<'_>) -> Load {
        Load::of(run, self.sink(by), Duration::from_millis(200))
    }
}

/// Connections beside one another.
pub(crate) const LANES: usize = 8;
/// Mails that a lane sends in one run.
pub(crate) const MAILS_A_RUN: usize = 8;
/// How long cases are measured: in time that passes, since most of it is waiting.
pub(crate) const fn wall_time(rounds: usize) -> Turns {
    Turns {
        clock: ClockId::Monotonic,
        rounds,
        turn: Duration::from_millis(20),
    }
}
