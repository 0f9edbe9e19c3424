//! How many may go on at once, and an end that waits for them.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Places, given in the order in which they are asked for, until there is an end.
#[derive(Debug)]
pub(crate) struct Places {
    free: Semaphore,
    all: u32,
    closing: AtomicBool,
}

impl Places {
    pub(crate) fn new(all: u32) -> Self {
        Self {
            free: Semaphore::new(usize::try_from(all).unwrap_or(Semaphore::MAX_PERMITS)),
            all,
            closing: AtomicBool::new(false),
        }
    }

    /// A place, once there is one, until it is dropped; `None` once the end has begun.
    pub(crate) async fn take(&self) -> Option<SemaphorePermit<'_>> {
        if self.is_closing() {
            return None;
        }
        self.free.acquire().await.ok()
    }

    /// Begins the end: no one else is let in.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Waits until everyone who was let in has left.
    pub(crate) async fn closed(&self) {
        // Whoever had asked for a place before comes first.
        let everyone = self.free.acquire_many(self.all).await;
        // And whoever asks at this very moment does not come after all.
        self.free.close();
        drop(everyone);
    }
}
