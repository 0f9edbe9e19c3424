//! Time that goes on for what waits on the clock.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use super::Simulator;

impl Simulator {
    /// Runs what is awaited to its end, without waiting: whenever it waits on the clock, time goes on to the moment that it
    /// waits for, and what falls due on the way is carried out.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use letterhead_mail::Clock;
    /// # use letterhead_simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).build()?;
    /// let clock = simulator.clock();
    /// let patient = async {
    ///     // In an application: a transport with `Retry` around it.
    ///     for _ in 0..7 {
    ///         clock.sleep_until(clock.now() + Duration::from_hours(24)).await;
    ///     }
    ///     clock.now()
    /// };
    /// let week = Duration::from_hours(7 * 24);
    /// assert_eq!(simulator.run(patient).await, SystemTime::UNIX_EPOCH + week);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It may wait for tasks that were spawned, and for sockets: while nobody waits on the clock, time stands still. If
    /// somebody else waits on the clock beside it, time goes on for them, too, whatever it is doing meanwhile.
    pub async fn run<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            let mut asleep = pin!(self.world.clock.asleep(1));
            let done = poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending => asleep.as_mut().poll(context).map(|()| None),
            });
            if let Some(output) = done.await {
                return output;
            }
            if let Some(wake) = self.world.clock.next_wake() {
                self.world.clock.advance_to(wake);
            }
        }
    }

    /// As [`advance`](Self::advance), from one moment that somebody waits for to the next, each time with so many `workers`
    /// waiting on the clock again before time goes on: a task of the application's that sleeps, looks for what is due, sends it
    /// and sleeps again gets to do so each time, over sockets, too.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
    /// # use letterhead_mail::Clock;
    /// # use letterhead_simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).build()?;
    /// # let done = Arc::new(AtomicU32::new(0));
    /// let (clock, rounds) = (simulator.clock().clone(), done.clone());
    /// tokio::spawn(async move {
    ///     loop {
    ///         clock.sleep_until(clock.now() + Duration::from_hours(1)).await;
    ///         rounds.fetch_add(1, Ordering::Relaxed); // in an application: send what is due
    ///     }
    /// });
    /// simulator.advance_with(Duration::from_hours(24), 1).await?;
    /// assert_eq!(done.load(Ordering::Relaxed), 24);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Needs a tokio runtime with time enabled.
    ///
    /// # Errors
    ///
    /// When for half a minute of real time not so many wait on the clock: a worker has ended, say, or waits for something else.
    pub async fn advance_with(&self, duration: Duration, workers: usize) -> Result<(), StillAwake> {
        let clock = &self.world.clock;
        let now = clock.now_time();
        let end = now.checked_add(duration).unwrap_or(now);
        loop {
            let asleep = tokio::time::timeout(PATIENCE, clock.asleep(workers)).await;
            asleep.map_err(|_| StillAwake {
                asleep: clock.sleepers(),
                workers,
                at: clock.now_time(),
            })?;
            match clock.next_wake() {
                Some(wake) if wake <= end => clock.advance_to(wake),
                Some(_) | None => {
                    clock.advance_to(end);
                    return Ok(());
                }
            }
        }
    }
}

/// How long [`Simulator::advance_with`] waits for workers to go to sleep.
const PATIENCE: Duration = Duration::from_secs(30);

/// Not everybody who was to wait on the clock does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "for half a minute only {asleep} of {workers} have been waiting on the clock; has one ended, or does it wait on another clock?"
)]
#[non_exhaustive]
pub struct StillAwake {
    /// How many wait.
    pub asleep: usize,
    /// How many were to.
    pub workers: usize,
    /// How far time has come.
    pub at: SystemTime,
}
