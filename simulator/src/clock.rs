//! Time that passes only when it is told to.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use letterhead_mail::{BoxFuture, Clock};

/// A clock that stands still until it is moved; a handle, so that clones show the same time.
///
/// Moving the clock of a [`Simulator`](crate::Simulator) carries out, in order and each at its time, what falls due there
/// on the way. A clock can also be used on its own.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use letterhead_mail::Clock;
/// use letterhead_simulator::VirtualClock;
///
/// let clock = VirtualClock::new(SystemTime::UNIX_EPOCH);
/// let same = clock.clone();
/// clock.advance_to(SystemTime::UNIX_EPOCH + Duration::from_secs(60));
/// assert_eq!(same.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(60));
/// ```
#[derive(Debug, Clone)]
pub struct VirtualClock {
    state: Arc<Mutex<State>>,
}

struct State {
    now: SystemTime,
    sleepers: BTreeMap<u64, (SystemTime, Waker)>,
    next_sleeper: u64,
    /// Those who wait for somebody to go to sleep.
    watchers: Vec<Waker>,
    /// What has things to do on the way; it has the clock, and not the other way round.
    run: Option<Weak<dyn Run>>,
}

/// Something with things to do when time passes.
pub(crate) trait Run: Send + Sync {
    /// Does what falls due until `time`, [setting](VirtualClock::set) the clock to the time of each and then to `time`.
    fn run_until(&self, time: SystemTime);
}

impl VirtualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: SystemTime) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                now: start,
                sleepers: BTreeMap::new(),
                next_sleeper: 0,
                watchers: Vec::new(),
                run: None,
            })),
        }
    }

    /// Has `run` do what falls due when the clock is moved.
    pub(crate) fn drives(&self, run: Weak<dyn Run>) {
        self.lock().run = Some(run);
    }

    /// Moves the clock and wakes those who wait for the new time or an earlier one. A clock never goes back: a time
    /// already past changes nothing.
    pub fn advance_to(&self, time: SystemTime) {
        let run = self.lock().run.as_ref().and_then(Weak::upgrade);
        match run {
            Some(run) => run.run_until(time),
            None => self.set(time),
        }
    }

    /// Moves the clock alone.
    pub(crate) fn set(&self, time: SystemTime) {
        let woken: Vec<Waker> = {
            let mut state = self.lock();
            if time <= state.now {
                return;
            }
            state.now = time;
            let due = state
                .sleepers
                .extract_if(.., |_, (deadline, _)| *deadline <= time);
            due.map(|(_, (_, waker))| waker).collect()
        };
        // Outside the lock: a waker may poll at once, and that reads the clock.
        for waker in woken {
            waker.wake();
        }
    }

    /// Moves the clock by `duration`; see [`advance_to`](Self::advance_to).
    pub fn advance(&self, duration: Duration) {
        let now = self.now();
        self.advance_to(now.checked_add(duration).unwrap_or(now));
    }

    /// The earliest time that somebody waits for.
    #[must_use]
    pub fn next_wake(&self) -> Option<SystemTime> {
        let state = self.lock();
        state.sleepers.values().map(|(deadline, _)| *deadline).min()
    }

    /// Waits until so many wait on this clock.
    pub(crate) async fn asleep(&self, count: usize) {
        poll_fn(|context| {
            let mut state = self.lock();
            if state.sleepers.len() >= count {
                return Poll::Ready(());
            }
            let is_known = |waker: &Waker| waker.will_wake(context.waker());
            if !state.watchers.iter().any(is_known) {
                state.watchers.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// How many wait on this clock.
    pub(crate) fn sleepers(&self) -> usize {
        self.lock().sleepers.len()
    }

    /// The time now, without the trait in scope.
    pub(crate) fn now_time(&self) -> SystemTime {
        self.lock().now
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("now", &self.now)
            .field("sleepers", &self.sleepers.len())
            .finish_non_exhaustive()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        self.lock().now
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        Box::pin(Sleep {
            clock: self,
            deadline,
            sleeper: None,
        })
    }
}

/// A wait; it leaves the clock's list when it is dropped.
struct Sleep<'a> {
    clock: &'a VirtualClock,
    deadline: SystemTime,
    sleeper: Option<u64>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        let sleeper = self.sleeper.unwrap_or(state.next_sleeper);
        state.next_sleeper = state.next_sleeper.max(sleeper.saturating_add(1));
        state
            .sleepers
            .insert(sleeper, (self.deadline, context.waker().clone()));
        let watchers = std::mem::take(&mut state.watchers);
        drop(state);
        watchers.into_iter().for_each(Waker::wake);
        self.sleeper = Some(sleeper);
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(sleeper) = self.sleeper {
            self.clock.lock().sleepers.remove(&sleeper);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use letterhead_dns::block_on_ready;
    use letterhead_mail::Clock;

    use super::VirtualClock;

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn a_deadline_already_reached_is_ready_at_once() {
        let clock = VirtualClock::new(START);
        assert!(block_on_ready(clock.sleep_until(START)).is_some());
        assert!(block_on_ready(clock.sleep_until(START + Duration::from_secs(1))).is_none());
        assert_eq!(
            clock.next_wake(),
            None,
            "a dropped wait leaves nothing behind"
        );
    }

    #[test]
    fn time_never_goes_back() {
        let clock = VirtualClock::new(START + Duration::from_secs(9));
        clock.advance_to(START);
        assert_eq!(clock.now(), START + Duration::from_secs(9));
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_time_has_come() {
        let clock = VirtualClock::new(START);
        let sleeper = clock.clone();
        let task = tokio::spawn(async move {
            sleeper.sleep_until(START + Duration::from_secs(10)).await;
            sleeper.now()
        });
        while clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!task.is_finished());
        clock.advance(Duration::from_secs(3));
        assert_eq!(task.await.unwrap(), START + Duration::from_secs(12));
    }
}
