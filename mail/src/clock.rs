use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_dns::BoxFuture;

/// Time, as everything in this family reads it.
///
/// Nothing else asks for the time or waits, so a test can step a week in milliseconds and a verdict can be replayed.
/// `letterhead-transport` has the real clock, `letterhead-simulator` a virtual one.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime;

    /// Waits until the clock shows `deadline` or later; ready at once when it already does.
    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()>;
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        (**self).sleep_until(deadline)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }

    fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
        (**self).sleep_until(deadline)
    }
}

const _: fn(&dyn Clock) = |_| {};
