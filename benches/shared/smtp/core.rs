//! Where threads run.

#[cfg(target_os = "linux")]
use std::sync::OnceLock;

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// What a thread is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Client,
    Sink,
}

/// Keeps this thread on a core of its side, as if the other were another machine: a scheduler that wakes each on the
/// core of the other lets them take turns. Where there is one core only, or where this cannot be had, nothing is done.
pub(crate) fn stay_on_own_core(side: Side) {
    #[cfg(target_os = "linux")]
    {
        // A thread begins on the core of the one that started it, so the cores are looked up once.
        static CORES: OnceLock<Vec<usize>> = OnceLock::new();
        let cores = CORES.get_or_init(|| {
            let set = sched_getaffinity(None).unwrap_or_default();
            (0..CpuSet::MAX_CPU)
                .filter(|&core| set.is_set(core))
                .collect()
        });
        if let [first, .., last] = cores.as_slice() {
            let mut own = CpuSet::new();
            own.set(match side {
                Side::Client => *first,
                Side::Sink => *last,
            });
            sched_setaffinity(None, &own).ok();
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = side;
}
