use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use letterhead_mail::{BoxFuture, Clock};

use super::bucket::{Bucket, Cost};
use super::rate::Rate;

/// The buckets of all keys and who waits for them.
#[derive(Debug)]
pub(super) struct Limiter {
    rates: Vec<Rate>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: HashMap<String, Key>,
    next_number: u64,
    /// How many keys there have to be before those that are full are looked for.
    sweep_at: usize,
}

/// The buckets of one key, a rate each, and who waits, in the order of arrival.
#[derive(Debug)]
struct Key {
    buckets: Vec<Bucket>,
    queue: VecDeque<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    number: u64,
    cost: Cost,
    waker: Option<Waker>,
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
        let key = self.key(&mut state, key, now);
        let wait = key.wait_behind_all(&self.rates, cost);
        if key.queue.is_empty() && wait.is_zero() {
            key.take(&self.rates, cost);
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
        self.key(&mut state, &key, now).queue.push_back(Waiter {
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
    fn key<'a>(&self, state: &'a mut State, key: &str, now: SystemTime) -> &'a mut Key {
        if !state.keys.contains_key(key) {
            self.forget_full_keys(state, now);
        }
        let full = || Key {
            buckets: self
                .rates
                .iter()
                .map(|rate| Bucket::full(rate, now))
                .collect(),
            queue: VecDeque::new(),
        };
        let key = state.keys.entry(key.to_owned()).or_insert_with(full);
        key.refill(&self.rates, now);
        key
    }

    /// Looks through all keys when there are twice as many as were left the last time, so that it costs each new key a
    /// constant time.
    fn forget_full_keys(&self, state: &mut State, now: SystemTime) {
        if state.keys.len() < state.sweep_at.max(FEWEST_SWEPT) {
            return;
        }
        state.keys.retain(|_, key| {
            key.refill(&self.rates, now);
            !key.queue.is_empty() || !key.is_full(&self.rates)
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

impl Key {
    fn refill(&mut self, rates: &[Rate], now: SystemTime) {
        for (bucket, rate) in self.buckets.iter_mut().zip(rates) {
            bucket.refill(rate, now);
        }
    }

    fn take(&mut self, rates: &[Rate], cost: Cost) {
        for (bucket, rate) in self.buckets.iter_mut().zip(rates) {
            bucket.take(rate, cost);
        }
    }

    fn is_full(&self, rates: &[Rate]) -> bool {
        let mut buckets = self.buckets.iter().zip(rates);
        buckets.all(|(bucket, rate)| bucket.is_full(rate))
    }

    fn wait(&self, rates: &[Rate], ahead: Cost, cost: Cost) -> Duration {
        let buckets = self.buckets.iter().zip(rates);
        let waits = buckets.map(|(bucket, rate)| bucket.wait(rate, ahead, cost));
        waits.max().unwrap_or_default()
    }

    fn wait_behind_all(&self, rates: &[Rate], cost: Cost) -> Duration {
        let ahead = self.queue.iter().map(|waiter| waiter.cost);
        self.wait(rates, ahead.fold(Cost::default(), Cost::plus), cost)
    }

    fn place(&self, number: u64) -> Option<usize> {
        self.queue.iter().position(|waiter| waiter.number == number)
    }

    /// Whom to wake once the lock is released: a waker may poll at once.
    fn first_waker(&mut self) -> Option<Waker> {
        self.queue.front_mut()?.waker.take()
    }
}

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
        let key = self.limiter.key(&mut state, &self.key, now);
        let place = key.place(self.number);
        let Some(me) = place.and_then(|place| key.queue.get_mut(place)) else {
            // It has been admitted before.
            return Turn::Admitted;
        };
        let cost = me.cost;
        let earlier = me.waker.replace(waker.clone());
        let wait = key.wait(rates, Cost::default(), cost);
        let (turn, next) = if place != Some(0) {
            (Turn::Behind, None)
        } else if !wait.is_zero() {
            let ready = now.checked_add(wait);
            (ready.map_or(Turn::Behind, Turn::At), None)
        } else {
            key.take(rates, cost);
            key.queue.pop_front();
            (Turn::Admitted, key.first_waker())
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
        let key = self.limiter.key(&mut state, &self.key, now);
        let mut ahead = Cost::default();
        for waiter in &key.queue {
            if waiter.number == self.number {
                return key.wait(&self.limiter.rates, ahead, waiter.cost);
            }
            ahead = ahead.plus(waiter.cost);
        }
        Duration::ZERO
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.lock();
        let Some(key) = state.keys.get_mut(&self.key) else {
            return;
        };
        let Some(place) = key.place(self.number) else {
            return;
        };
        let left = key.queue.remove(place);
        let next = if place == 0 { key.first_waker() } else { None };
        drop(state);
        drop(left);
        if let Some(next) = next {
            next.wake();
        }
    }
}
