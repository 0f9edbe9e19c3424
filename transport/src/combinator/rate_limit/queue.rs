use std::collections::VecDeque;
use std::task::Waker;
use std::time::{Duration, SystemTime};

use super::bucket::{Bucket, Cost};
use super::rate::Rate;

/// The buckets of one key, a rate each, and who waits, in the order of arrival.
#[derive(Debug)]
pub(super) struct Queue {
    buckets: Vec<Bucket>,
    pub(super) waiters: VecDeque<Waiter>,
}

/// One who waits, or is about to look.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) number: u64,
    pub(super) cost: Cost,
    pub(super) waker: Option<Waker>,
}

impl Queue {
    /// Nobody waits, and the buckets are full.
    pub(super) fn full(rates: &[Rate], now: SystemTime) -> Self {
        Self {
            buckets: rates.iter().map(|rate| Bucket::full(rate, now)).collect(),
            waiters: VecDeque::new(),
        }
    }

    /// Puts in what has come since the last time.
    pub(super) fn refill(&mut self, rates: &[Rate], now: SystemTime) {
        for (bucket, rate) in self.buckets.iter_mut().zip(rates) {
            bucket.refill(rate, now);
        }
    }

    pub(super) fn take(&mut self, rates: &[Rate], cost: Cost) {
        for (bucket, rate) in self.buckets.iter_mut().zip(rates) {
            bucket.take(rate, cost);
        }
    }

    /// Whether it is as if it were new.
    pub(super) fn is_full(&self, rates: &[Rate]) -> bool {
        let mut buckets = self.buckets.iter().zip(rates);
        self.waiters.is_empty() && buckets.all(|(bucket, rate)| bucket.is_full(rate))
    }

    /// How long it is until this can be taken, once what is ahead has been.
    pub(super) fn wait(&self, rates: &[Rate], ahead: Cost, cost: Cost) -> Duration {
        let buckets = self.buckets.iter().zip(rates);
        let waits = buckets.map(|(bucket, rate)| bucket.wait(rate, ahead, cost));
        waits.max().unwrap_or_default()
    }

    pub(super) fn wait_behind_all(&self, rates: &[Rate], cost: Cost) -> Duration {
        let ahead = self.waiters.iter().map(|waiter| waiter.cost);
        self.wait(rates, ahead.fold(Cost::default(), Cost::plus), cost)
    }

    pub(super) fn place(&self, number: u64) -> Option<usize> {
        self.waiters
            .iter()
            .position(|waiter| waiter.number == number)
    }

    /// Whom to wake once the lock is released: a waker may poll at once.
    pub(super) fn first_waker(&mut self) -> Option<Waker> {
        self.waiters.front_mut()?.waker.take()
    }
}
