use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::SystemTime;

use letterhead_mail::{BoxFuture, Clock};

/// The deadline came first.
#[derive(Debug, thiserror::Error)]
#[error("timed out")]
pub(super) struct Elapsed;

/// Awaits `future` until the clock shows `deadline`. The clock is asked for a wait only once the future has to wait.
pub(super) async fn within<F: Future>(
    clock: &dyn Clock,
    deadline: Option<SystemTime>,
    future: F,
) -> Result<F::Output, Elapsed> {
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
            .map(|()| Err(Elapsed))
    })
    .await
}

/// The earlier of two deadlines, either of which may be none.
pub(super) fn earlier(one: Option<SystemTime>, other: Option<SystemTime>) -> Option<SystemTime> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
