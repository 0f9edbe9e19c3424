use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use letterhead_mail::{BoxFuture, Clock};

use crate::time_limit::TimeOver;

/// The clock as one connection waits on it. A wait that was begun serves for every later deadline too: each message has
/// several, minutes away, and hardly one is ever reached.
pub(super) struct Alarm {
    clock: Arc<dyn Clock>,
    set: Option<(SystemTime, BoxFuture<'static, ()>)>,
}

impl Alarm {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, set: None }
    }

    /// Awaits `future` until the clock shows `deadline`; without one, to its end.
    pub(super) async fn until<F: Future>(
        &mut self,
        deadline: Option<SystemTime>,
        future: F,
    ) -> Result<F::Output, TimeOver> {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            match deadline {
                Some(deadline) => self.poll(deadline, context).map(|()| Err(TimeOver)),
                None => Poll::Pending,
            }
        })
        .await
    }

    fn poll(&mut self, deadline: SystemTime, context: &mut Context<'_>) -> Poll<()> {
        loop {
            match &mut self.set {
                Some((time, wait)) if *time <= deadline => {
                    if wait.as_mut().poll(context).is_pending() {
                        return Poll::Pending;
                    }
                    let reached = *time == deadline;
                    self.set = None;
                    if reached {
                        return Poll::Ready(());
                    }
                }
                Some(_) | None => {
                    let clock = Arc::clone(&self.clock);
                    let wait = Box::pin(async move { clock.sleep_until(deadline).await });
                    self.set = Some((deadline, wait));
                }
            }
        }
    }
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alarm({:?})", self.set.as_ref().map(|(time, _)| time))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Waker};
    use std::time::{Duration, SystemTime};

    use letterhead_mail::{BoxFuture, Clock};

    use super::Alarm;

    /// A clock that is set by hand, and counts the waits that were begun.
    #[derive(Debug, Default)]
    struct Counting {
        seconds: AtomicU64,
        waits: AtomicUsize,
        wakers: Mutex<Vec<Waker>>,
    }

    impl Clock for Counting {
        fn now(&self) -> SystemTime {
            at(self.seconds.load(Ordering::SeqCst))
        }

        fn sleep_until(&self, deadline: SystemTime) -> BoxFuture<'_, ()> {
            self.waits.fetch_add(1, Ordering::SeqCst);
            Box::pin(std::future::poll_fn(move |context| {
                if self.now() >= deadline {
                    return Poll::Ready(());
                }
                self.wakers.lock().unwrap().push(context.waker().clone());
                Poll::Pending
            }))
        }
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn one_wait_serves_for_all_later_deadlines() {
        let clock = Arc::new(Counting::default());
        let mut alarm = Alarm::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let context = &mut Context::from_waker(Waker::noop());
        for deadline in [100, 100, 110, 120] {
            assert!(alarm.poll(at(deadline), context).is_pending());
        }
        assert_eq!(clock.waits.load(Ordering::SeqCst), 1);
        // An earlier one needs a wait of its own.
        assert!(alarm.poll(at(50), context).is_pending());
        assert_eq!(clock.waits.load(Ordering::SeqCst), 2);
        // Once that time has come, it goes on with what is wanted then.
        clock.seconds.store(60, Ordering::SeqCst);
        assert!(alarm.poll(at(120), context).is_pending());
        assert_eq!(clock.waits.load(Ordering::SeqCst), 3);
        clock.seconds.store(120, Ordering::SeqCst);
        assert!(alarm.poll(at(120), context).is_ready());
        // A deadline that has passed is reached at once.
        assert!(alarm.poll(at(30), context).is_ready());
    }
}
