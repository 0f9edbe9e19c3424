//! Waiting no longer than the clock allows.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::SystemTime;

use letterhead_mail::{BoxFuture, Clock};

/// The time was over first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("timed out")]
pub(crate) struct TimeOver;

/// Awaits `future` until the clock shows `deadline`; without one, to its end. The clock is asked for a wait only once the
/// future has to wait.
pub(crate) async fn until<F: Future>(
    clock: &dyn Clock,
    deadline: Option<SystemTime>,
    future: F,
) -> Result<F::Output, TimeOver> {
    let mut future = pin!(future);
    let mut wait: Option<BoxFuture<'_, ()>> = None;
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        let Some(deadline) = deadline else {
            return Poll::Pending;
        };
        wait.get_or_insert_with(|| clock.sleep_until(deadline))
            .as_mut()
            .poll(context)
            .map(|()| Err(TimeOver))
    })
    .await
}

/// The earlier of two deadlines, either of which may be none.
pub(crate) fn earlier(one: Option<SystemTime>, other: Option<SystemTime>) -> Option<SystemTime> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
