//! Sending one mail after another, on one lane or on several beside one another.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use rustix::time::ClockId;
use tokio::runtime::{Builder, Runtime};

use super::core::{Side, stay_on_own_core};
use super::sink::Sink;
use crate::turns::{Run, time};

/// What sends one mail after another.
pub(crate) trait Lane: Send + 'static {
    /// Sends the mail once, until the server has taken it.
    fn send(&mut self) -> impl Future<Output = ()> + Send;
}

/// A runtime on this thread, which stays on a core of its side.
pub(crate) fn runtime(side: Side) -> Runtime {
    stay_on_own_core(side);
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

/// A run in which every lane sends `mails` mails of at least `octets` octets, all lanes at once.
pub(crate) fn sending<'a, L: Lane>(
    runtime: &'a Runtime,
    sink: &'a Sink,
    lanes: Vec<L>,
    mails: usize,
    octets: usize,
) -> Run<'a> {
    let expected = (lanes.len() * mails) as u64;
    let lanes = RefCell::new(lanes);
    Box::new(move || {
        let before = (sink.messages(), sink.octets());
        let mut lanes = lanes.borrow_mut();
        runtime.block_on(async {
            let tasks: Vec<_> = lanes
                .drain(..)
                .map(|mut lane| {
                    tokio::spawn(async move {
                        for _ in 0..mails {
                            lane.send().await;
                        }
                        lane
                    })
                })
                .collect();
            for task in tasks {
                lanes.push(task.await.expect("every mail was taken"));
            }
        });
        assert_eq!(sink.messages() - before.0, expected, "mails that came");
        assert!(sink.octets() - before.1 >= expected * octets as u64);
    })
}

/// What client and sink take of the CPU while a run is repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    client: Duration,
    sink: Duration,
    wall: Duration,
    mails: u64,
}

impl Load {
    /// What a run makes of it, repeated for a while. Whatever is not of this thread is the sink's.
    pub(crate) fn of(run: &Run<'_>, sink: &Sink, length: Duration) -> Self {
        let (start, before) = (CLOCKS.map(time), sink.messages());
        let [mut wall, mut client, mut all] = [Duration::ZERO; 3];
        while wall < length {
            run();
            let now = CLOCKS.map(time);
            [wall, client, all] = [0, 1, 2].map(|clock| now[clock] - start[clock]);
        }
        Self {
            client,
            sink: all - client,
            wall,
            mails: sink.messages() - before,
        }
    }
}

/// Microseconds for a mail, and how many cores are busy with it.
impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut part = |who, time: Duration| {
            let each = time.as_secs_f64() * 1e6 / self.mails as f64;
            let busy = time.as_secs_f64() / self.wall.as_secs_f64();
            write!(f, "{who} {each:.1} us, {busy:.2} busy")
        };
        part("client", self.client)?;
        part("; sink", self.sink)
    }
}

const CLOCKS: [ClockId; 3] = [
    ClockId::Monotonic,
    ClockId::ThreadCPUTime,
    ClockId::ProcessCPUTime,
];
