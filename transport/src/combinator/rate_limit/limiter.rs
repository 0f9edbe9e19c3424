use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use letterhead_mail::{BoxFuture, Clock};

use super::bucket::Cost;
use super::queue::{Queue, Waiter};
use super::rate::Rate;

/// The buckets of all keys and who waits for them.
#[derive(Debug)]
pub(super) struct Limiter {
    rates: Vec<Rate>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: HashMap<String, Queue>,
    next_number: u64,
    /// How many keys there have to be before those that are full are looked for.
    sweep_at: usize,
}

/// What a waiter finds when it looks.
enum Turn {
    /// It has taken what it needs.
    Admitted,
    /// It is first, and what it needs will be there at this time.
    At(SystemTime),
    /// Others are before it. It is woken when it is first.
    Behind,
}

impl Limiter {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rates: vec![rate],
            state: Mutex::default(),
        }
    }

    pub(super) fn add(&mut self, rate: Rate) {
        self.rates.push(rate);
    }

    /// Takes what is there now and fits. Otherwise says how long it would be, as far as is known.
    pub(super) fn admit_now(&self, key: &str, cost: Cost, now: SystemTime) -> Result<(), Duration> {
        let mut state = self.lock();
        let queue = self.queue(&mut state, key, now);
        let wait = queue.wait_behind_all(&self.rates, cost);
        if queue.waiters.is_empty() && wait.is_zero() {
            queue.take(&self.rates, cost);
            return Ok(());
        }
        Err(wait)
    }

    /// Waits for its turn and takes what it needs, by `give_up` at the latest, if that is a time at all.
    ///
    /// `Err` is how much longer it would be, as far as is known; then nothing was taken.
    pub(super) async fn admit(
        &self,
        key: String,
        cost: Cost,
        give_up: Option<SystemTime>,
        clock: &dyn Clock,
    ) -> Result<(), Duration> {
        let now = clock.now();
        let Err(wait) = self.admit_now(&key, cost, now) else {
            return Ok(());
        };
        let too_late = give_up
            .is_some_and(|give_up| now.checked_add(wait).is_none_or(|ready| ready > give_up));
        if too_late {
            return Err(wait);
        }
        let place = self.line_up(key, cost, now);
        let mut sleep: Option<(SystemTime, BoxFuture<'_, ()>)> = None;
        poll_fn(|context| {
            loop {
                let now = clock.now();
                let wake_at = match place.look(now, context.waker()) {
                    Turn::Admitted => return Poll::Ready(Ok(())),
                    Turn::At(ready) => Some(give_up.map_or(ready, |give_up| ready.min(give_up))),
                    Turn::Behind => give_up,
                };
                if give_up.is_some_and(|give_up| now >= give_up) {
                    return Poll::Ready(Err(place.wait(now)));
                }
                let Some(wake_at) = wake_at else {
                    return Poll::Pending;
                };
                let (_, timer) = match sleep.take() {
                    Some(set) if set.0 == wake_at => sleep.insert(set),
                    Some(_) | None => sleep.insert((wake_at, clock.sleep_until(wake_at))),
                };
                match timer.as_mut().poll(context) {
                    Poll::Ready(()) => sleep = None,
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    fn line_up(&self, key: String, cost: Cost, now: SystemTime) -> Place<'_> {
        let mut state = self.lock();
        let number = state.next_number;
        state.next_number = number.wrapping_add(1);
        self.queue(&mut state, &key, now).waiters.push_back(Waiter {
            number,
            cost,
            waker: None,
        });
        drop(state);
        Place {
            limiter: self,
            key,
            number,
        }
    }

    /// A key with what has come in since; full when it is new.
    fn queue<'a>(&self, state: &'a mut State, key: &str, now: SystemTime) -> &'a mut Queue {
        if !state.keys.contains_key(key) {
            self.forget_full_keys(state, now);
        }
        let full = || Queue::full(&self.rates, now);
        let queue = state.keys.entry(key.to_owned()).or_insert_with(full);
        queue.refill(&self.rates, now);
        queue
    }

    /// Looks through all keys when there are twice as many as were left the last time, so that it costs each new key a
    /// constant time.
    fn forget_full_keys(&self, state: &mut State, now: SystemTime) {
        if state.keys.len() < state.sweep_at.max(FEWEST_SWEPT) {
            return;
        }
        state.keys.retain(|_, queue| {
            queue.refill(&self.rates, now);
            !queue.is_full(&self.rates)
        });
        state.sweep_at = state.keys.len().saturating_mul(2);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn remembered_keys(&self) -> usize {
        self.lock().keys.len()
    }
}

/// So many keys are kept without looking.
const FEWEST_SWEPT: usize = 256;

/// A place in a queue, given up when it is dropped.
struct Place<'a> {
    limiter: &'a Limiter,
    key: String,
    number: u64,
}

impl Place<'_> {
    fn look(&self, now: SystemTime, waker: &Waker) -> Turn {
        let rates = &self.limiter.rates;
        let mut state = self.limiter.lock();
        let queue = self.limiter.queue(&mut state, &self.key, now);
        let place = queue.place(self.number);
        let Some(me) = place.and_then(|place| queue.waiters.get_mut(place)) else {
            // It has been admitted before.
            return Turn::Admitted;
        };
        let cost = me.cost;
        let earlier = me.waker.replace(waker.clone());
        let wait = queue.wait(rates, Cost::default(), cost);
        let (turn, next) = if place != Some(0) {
            (Turn::Behind, None)
        } else if !wait.is_zero() {
            let ready = now.checked_add(wait);
            (ready.map_or(Turn::Behind, Turn::At), None)
        } else {
            queue.take(rates, cost);
            queue.waiters.pop_front();
            (Turn::Admitted, queue.first_waker())
        };
        drop(state);
        drop(earlier);
        if let Some(next) = next {
            next.wake();
        }
        turn
    }

    /// How much longer it would be.
    fn wait(&self, now: SystemTime) -> Duration {
        let mut state = self.limiter.lock();
        let queue = self.limiter.queue(&mut state, &self.key, now);
        let mut ahead = Cost::default();
        for waiter in &queue.waiters {
            if waiter.number == self.number {
                return queue.wait(&self.limiter.rates, ahead, waiter.cost);
            }
            ahead = ahead.plus(waiter.cost);
        }
        Duration::ZERO
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.lock();
        let Some(queue) = state.keys.get_mut(&self.key) else {
            return;
        };
        let Some(place) = queue.place(self.number) else {
            return;
        };
        let left = queue.waiters.remove(place);
        let next = if place == 0 {
            queue.first_waker()
        } else {
            None
        };
        drop(state);
        drop(left);
        if let Some(next) = next {
            next.wake();
        }
    }
}
