//! Several futures at once, in one task.

use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::task::Poll;

use letterhead_mail::BoxFuture;

/// Awaits all, at most `at_once` of them at a time, and gives what they come to in their order.
///
/// No task is spawned, so dropping this drops all of them. Each that runs is polled whenever one of them wakes; that is
/// cheap for the few that run at once here.
pub(super) async fn join_all<T>(futures: Vec<BoxFuture<'_, T>>, at_once: NonZeroUsize) -> Vec<T> {
    let mut outputs: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    let mut waiting = futures.into_iter().enumerate();
    let mut running: Vec<(usize, BoxFuture<'_, T>)> = Vec::new();
    poll_fn(|context| {
        loop {
            let free = at_once.get().saturating_sub(running.len());
            running.extend(waiting.by_ref().take(free));
            let mut ended = false;
            running.retain_mut(|(place, future)| match future.as_mut().poll(context) {
                Poll::Ready(output) => {
                    if let Some(slot) = outputs.get_mut(*place) {
                        *slot = Some(output);
                    }
                    ended = true;
                    false
                }
                Poll::Pending => true,
            });
            if running.is_empty() && !ended {
                return Poll::Ready(());
            }
            // Those that ended make room for others, which have not been polled yet.
            if !ended {
                return Poll::Pending;
            }
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use letterhead_dns::block_on_ready;
    use letterhead_mail::BoxFuture;
    use tokio::sync::Semaphore;

    use super::join_all;

    fn at_once(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).unwrap()
    }

    #[test]
    fn what_is_ready_needs_no_wake() {
        for limit in 1..5 {
            let futures: Vec<BoxFuture<'_, usize>> = (0..4_usize)
                .map(|number| Box::pin(std::future::ready(number)) as BoxFuture<'_, usize>)
                .collect();
            let joined = block_on_ready(join_all(futures, at_once(limit)));
            assert_eq!(joined, Some(vec![0, 1, 2, 3]));
        }
        assert_eq!(
            block_on_ready(join_all::<()>(Vec::new(), at_once(1))),
            Some(Vec::new())
        );
    }

    /// Counts those that run, and lets each go on when it is given a permit.
    struct Gauge {
        gate: Semaphore,
        running: AtomicUsize,
        most: AtomicUsize,
    }

    impl Gauge {
        async fn pass(&self, number: usize) -> usize {
            let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(running, Ordering::Relaxed);
            self.gate.acquire().await.unwrap().forget();
            self.running.fetch_sub(1, Ordering::Relaxed);
            number
        }
    }

    #[tokio::test]
    async fn never_more_than_the_limit_run_and_all_come_in_order() {
        let gauge = Arc::new(Gauge {
            gate: Semaphore::new(0),
            running: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let futures: Vec<BoxFuture<'_, usize>> = (0..10)
            .map(|number| Box::pin(gauge.pass(number)) as BoxFuture<'_, usize>)
            .collect();
        let opener = {
            let gauge = Arc::clone(&gauge);
            tokio::spawn(async move {
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                    gauge.gate.add_permits(1);
                }
            })
        };
        let joined = join_all(futures, at_once(3)).await;
        opener.await.unwrap();
        assert_eq!(joined, (0..10).collect::<Vec<_>>());
        assert_eq!(gauge.most.load(Ordering::Relaxed), 3);
        assert_eq!(gauge.running.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn dropped_it_drops_all() {
        struct Guard<'a>(&'a AtomicUsize);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let dropped = AtomicUsize::new(0);
        let futures: Vec<BoxFuture<'_, ()>> = (0..3)
            .map(|_| {
                let guard = Guard(&dropped);
                Box::pin(async move {
                    let _guard = guard;
                    std::future::pending::<()>().await;
                }) as BoxFuture<'_, ()>
            })
            .collect();
        assert_eq!(block_on_ready(join_all(futures, at_once(2))), None);
        assert_eq!(dropped.load(Ordering::Relaxed), 3);
    }
}
