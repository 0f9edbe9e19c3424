//! A quota store in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use letterhead_dns::BoxFuture;

use super::claim::stricter;
use super::window_count::WindowCount;
use super::{
    Claim, OverQuota, QuotaKey, QuotaStore, QuotaStoreError, Reservation, ReserveError, Usage,
    Volume,
};

/// Counts in memory, gone with the process: exact for one process that sends all of an account's mail.
///
/// In no window of its length, wherever it begins, is more sent than the maximum, as long as what is reserved is settled before
/// it expires. For that, room comes back up to a 256th of the window late: up to 4 ms for a second, up to 6 minutes for a day. A key takes at most 257 numbers, and one for each
/// reservation that is neither settled nor expired; keys under which nothing counts any more are forgotten, except those that count for
/// ever.
///
/// If the clock goes back by up to ten seconds, the store stays at the latest time it has seen, as threads may come with
/// their times out of order. If it goes back further, it was set back, and what seems to lie ahead counts as of now. One that
/// is set forward frees what it skips.
#[derive(Debug)]
pub struct InMemoryQuotaStore {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    counts: HashMap<QuotaKey, WindowCount>,
    /// How many keys there were when the idle ones were last looked for.
    swept: usize,
    next_id: u64,
    latest: SystemTime,
}

/// How far back a time may be that just came out of order.
const OUT_OF_ORDER: Duration = Duration::from_secs(10);

/// How many keys there are before idle ones are looked for.
const FEW_KEYS: usize = 64;

impl InMemoryQuotaStore {
    /// A store in which nothing was sent.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: Mutex::new(State {
                counts: HashMap::new(),
                swept: 0,
                next_id: 0,
                latest: UNIX_EPOCH,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for InMemoryQuotaStore {
    fn default() -> Self {
        Self::new()
    }
}

impl QuotaStore for InMemoryQuotaStore {
    fn reserve(
        &self,
        claims: Vec<Claim>,
        now: SystemTime,
        lasts: Duration,
    ) -> BoxFuture<'_, Result<Reservation, ReserveError>> {
        Box::pin(async move { Ok(self.lock().reserve(claims, now, lasts)?) })
    }

    fn settle(
        &self,
        reservation: Reservation,
        sent: Volume,
        now: SystemTime,
    ) -> BoxFuture<'_, Result<(), QuotaStoreError>> {
        Box::pin(async move {
            self.lock().settle(&reservation, &sent, now);
            Ok(())
        })
    }

    fn usage<'a>(
        &'a self,
        key: &'a QuotaKey,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<Usage, QuotaStoreError>> {
        Box::pin(async move {
            let mut state = self.lock();
            let now = state.at(now);
            Ok(match state.counts.get_mut(key) {
                None => Usage::default(),
                Some(count) => {
                    count.forget(now);
                    count.usage()
                }
            })
        })
    }
}

impl State {
    /// The time to go by, which does not go back while nobody set the clock.
    fn at(&mut self, now: SystemTime) -> SystemTime {
        match self.latest.duration_since(now) {
            Ok(back) if back <= OUT_OF_ORDER => return self.latest,
            Ok(_) => {
                for count in self.counts.values_mut() {
                    count.set_back(now);
                }
            }
            Err(_) => {}
        }
        self.latest = now;
        now
    }

    fn reserve(
        &mut self,
        claims: Vec<Claim>,
        asked_at: SystemTime,
        lasts: Duration,
    ) -> Result<Reservation, OverQuota> {
        let now = self.at(asked_at);
        let claims = added_up(claims);
        let refusals = claims.iter().filter_map(|claim| {
            let maximum = claim.maximum.known()?;
            let count = self.counts.get_mut(&claim.key);
            let mut nothing = WindowCount::new(claim.key.window.length());
            let count = count.unwrap_or(&mut nothing);
            count.forget(now);
            let left = count.usage().left_of(claim.maximum)?;
            (claim.count > left).then(|| {
                let room = count.room_at(claim.count, maximum, now);
                let wait = room.map(|room| room.duration_since(asked_at).unwrap_or_default());
                OverQuota::new(claim, maximum, left, wait)
            })
        });
        // No wait helps where there is never room.
        let last = refusals.max_by_key(|refusal| refusal.retry_after.unwrap_or(Duration::MAX));
        if let Some(refusal) = last {
            return Err(refusal);
        }
        let id = self.next_id;
        self.next_id += 1;
        let expires = now.checked_add(lasts).unwrap_or(now);
        for claim in &claims {
            self.count(&claim.key).hold(id, claim.count, now, lasts);
        }
        self.sweep(now);
        Ok(Reservation::new(id, claims, expires))
    }

    fn settle(&mut self, reservation: &Reservation, sent: &Volume, now: SystemTime) {
        let now = self.at(now);
        for claim in &reservation.claims {
            let used = sent.of(claim.key.unit);
            self.count(&claim.key).settle(reservation.id, used, now);
        }
    }

    fn count(&mut self, key: &QuotaKey) -> &mut WindowCount {
        self.counts
            .entry(key.clone())
            .or_insert_with(|| WindowCount::new(key.window.length()))
    }

    /// Forgets idle keys, when there are twice as many as there were busy ones the last time.
    fn sweep(&mut self, now: SystemTime) {
        if self.counts.len() <= self.swept.saturating_mul(2).max(FEW_KEYS) {
            return;
        }
        self.counts.retain(|_, count| {
            count.forget(now);
            !count.is_empty()
        });
        self.swept = self.counts.len();
    }
}

/// One claim a key, in the order of the keys.
fn added_up(claims: Vec<Claim>) -> Vec<Claim> {
    let mut by_key: BTreeMap<QuotaKey, Claim> = BTreeMap::new();
    for claim in claims {
        match by_key.get_mut(&claim.key) {
            Some(same) => {
                same.count = same.count.saturating_add(claim.count);
                same.maximum = stricter(same.maximum, claim.maximum);
            }
            None => {
                by_key.insert(claim.key.clone(), claim);
            }
        }
    }
    by_key.into_values().collect()
}
