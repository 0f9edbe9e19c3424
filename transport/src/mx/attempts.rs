//! The attempts that are going on.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Counts attempts, so that an end can wait for them.
#[derive(Debug)]
pub(super) struct Attempts {
    places: Semaphore,
    ended: AtomicBool,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            places: Semaphore::new(MOST as usize),
            ended: AtomicBool::new(false),
        }
    }

    /// Leave to attempt something, until it is dropped; `None` after the end.
    pub(super) async fn begin(&self) -> Option<SemaphorePermit<'_>> {
        if self.ended.load(Ordering::SeqCst) {
            return None;
        }
        self.places.acquire().await.ok()
    }

    /// Lets no more begin, and waits for those that have.
    pub(super) async fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        let all = self.places.acquire_many(MOST).await;
        drop(all);
    }
}

/// More at once wait for one to end.
const MOST: u32 = 1 << 20;
