use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tokio::sync::{Notify, SemaphorePermit};

use super::live::{Keeping, Live};
use crate::places::Places;

/// The connections of one transport: those that wait for a submission, and leave to have more.
///
/// There are never more connections than places: who has a place takes an idle connection before a new one is made, and one
/// that is put back is put back before its place is free again. Places are given in the order in which they were asked for.
#[expect(
    clippy::vec_box,
    reason = "connections go in and out with every message, and are large"
)]
#[derive(Debug)]
pub(super) struct Pool {
    places: Places,
    idle: Mutex<Vec<Box<Live>>>,
    /// Told when a connection was put back or closing began.
    pub(super) changed: Notify,
    pub(super) keeping: Keeping,
}

/// Leave to use one connection. Dropped, it takes with it whatever connection is in use.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pool: &'a Pool,
    _permit: SemaphorePermit<'a>,
}

impl Pool {
    pub(super) fn new(size: u32, keeping: Keeping) -> Self {
        Self {
            places: Places::new(size),
            idle: Mutex::new(Vec::new()),
            changed: Notify::new(),
            keeping,
        }
    }

    /// A place, once there is one; `None` once the pool is closed.
    pub(super) async fn place(&self) -> Option<Place<'_>> {
        let permit = self.places.take().await?;
        Some(Place {
            pool: self,
            _permit: permit,
        })
    }

    /// Lets no one else in, and waits until everyone who was let in has left; then the idle connections.
    pub(super) async fn drain(&self) -> Vec<Box<Live>> {
        self.places.close();
        self.changed.notify_waiters();
        self.places.closed().await;
        std::mem::take(&mut *self.idle())
    }

    pub(super) fn is_closing(&self) -> bool {
        self.places.is_closing()
    }

    /// How many connections wait for a submission.
    pub(super) fn idle_count(&self) -> usize {
        self.idle().len()
    }

    /// Closes what has been idle for too long, and says when the next will have been.
    pub(super) fn close_idle(&self, now: SystemTime) -> Option<SystemTime> {
        let (over, next) = {
            let mut idle = self.idle();
            let over: Vec<Box<Live>> = idle
                .extract_if(.., |live| live.is_over(&self.keeping, now))
                .collect();
            let next = idle
                .iter()
                .filter_map(|live| live.ends(&self.keeping))
                .min();
            (over, next)
        };
        over.into_iter().for_each(Live::part);
        next
    }

    #[expect(clippy::vec_box, reason = "as in the field")]
    fn idle(&self) -> MutexGuard<'_, Vec<Box<Live>>> {
        // Nothing that holds the lock can panic halfway through a change.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// An idle connection that is still good, the one used last first.
    pub(super) fn take_idle(&self, now: SystemTime) -> Option<Box<Live>> {
        self.pool.close_idle(now);
        loop {
            let mut live = self.pool.idle().pop()?;
            if live.is_quiet() {
                return Some(live);
            }
        }
    }

    /// Puts a connection back, and then gives up the place.
    pub(super) fn put_back(self, live: Box<Live>) {
        self.pool.idle().push(live);
        self.pool.changed.notify_waiters();
    }
}

/// Says goodbye to the connections that are left.
impl Drop for Pool {
    fn drop(&mut self) {
        let idle = std::mem::take(&mut *self.idle());
        idle.into_iter().for_each(Live::part);
    }
}
