use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// A boxed `Send` future: what an object-safe asynchronous method returns.
///
/// Native `async fn` in traits is not dyn-compatible, and the seams of this family are held as `Arc<dyn …>`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Polls `future` once and returns its output if it was ready.
///
/// Evaluations over an in-memory [`Zone`](crate::Zone) never wait, so they need no runtime: `Some` is certain there.
/// `None` means that the future waits for something outside; it has been dropped, use a runtime instead.
pub fn block_on_ready<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
