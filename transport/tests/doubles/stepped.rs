//! Time that stands still until it is moved.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use letterhead_mail::{BoxFuture, Clock};
use tokio::sync::Notify;

/// A clock that is set by hand.
#[derive(Debug)]
pub(crate) struct Stepped {
    now: Mutex<SystemTime>,
    stepped: Notify,
}

impl Stepped {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)),
            stepped: Notify::new(),
        })
    }

    pub(crate) fn advance(&self, wait: Duration) {
        *self.now.lock().unwrap() += wait;
        self.stepped.notify_waiters();
    }
}

impl Clock for Stepped {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap()
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            loop {
                let mut stepped = std::pin::pin!(self.stepped.notified());
                stepped.as_mut().enable();
                if self.now() >= deadline {
                    return;
                }
                stepped.await;
            }
        })
    }
}
