//! Sending once what is meant once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use letterhead_dns::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::report::Report;
use crate::submission::{IdempotencyKey, IdentityName, SubmissionId, TenantId};

/// Remembers what was sent under which key, so that the same intent, tried again after a crash or a lost answer, is not
/// sent twice.
///
/// A key is one tenant's, and stands for one message. Whoever wants to send [claims](Self::claim) it first and
/// [settles](Self::settle) it afterwards. Between the two nobody knows what came of it: a claim that is never settled, because
/// the process died, stays, and the application decides.
///
/// In SQL it is a table `(tenant, key) PRIMARY KEY, digest, claimed_at, sent`: to claim is to insert and, where the row is
/// there already, to look at it; to settle is to delete the row or to fill in `sent` as JSON. Rows older than anyone tries
/// again can be deleted at any time.
pub trait IdempotencyStore: fmt::Debug + Send + Sync {
    /// Asks for a key, for a message with this digest. Of all who ask for a key that is free, one is granted it.
    fn claim<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a IdempotencyKey,
        digest: IntentDigest,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<IdempotencyClaim, IdempotencyStoreError>>;

    /// Says what came of a claim that was granted.
    fn settle<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a IdempotencyKey,
        settlement: Settlement,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<(), IdempotencyStoreError>>;
}

const _: fn(&dyn IdempotencyStore) = |_| {};

/// The SHA-256 of what is meant: the message without what differs from one try to the next, and its envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IntentDigest([u8; 32]);

impl IntentDigest {
    /// This digest.
    #[must_use]
    pub fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Its octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a store says to whoever asks for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdempotencyClaim {
    /// It is free, and theirs now: send, then settle.
    Granted,
    /// It was sent before: this is what came of it.
    Sent(Box<SentBefore>),
    /// Somebody was granted it and has not settled it. They may be sending, or have died on the way.
    Unsettled {
        /// When they were.
        since: SystemTime,
    },
    /// It stands for another message.
    OtherMessage,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settlement {
    /// Nobody accepted anything, for certain: the key is free again.
    Release,
    /// Somebody has accepted it, or may have: the key is held from now on.
    Hold(Box<SentBefore>),
}

/// What was sent under a key, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentBefore {
    /// The submission.
    pub submission: SubmissionId,
    /// The route it took.
    pub route: String,
    /// The identity that authorised it.
    pub identity: IdentityName,
    /// What became of every recipient.
    pub report: Report,
}

impl SentBefore {
    /// What was sent.
    #[must_use]
    pub fn new(
        submission: SubmissionId,
        route: String,
        identity: IdentityName,
        report: Report,
    ) -> Self {
        Self {
            submission,
            route,
            identity,
            report,
        }
    }
}

/// A store that could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("the store of idempotency keys failed")]
pub struct IdempotencyStoreError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl IdempotencyStoreError {
    /// With what caused it.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// Keys in memory, gone with the process: enough where a request is tried again by the same process.
#[derive(Debug)]
pub struct InMemoryIdempotencyStore {
    lifetime: Duration,
    keys: Mutex<Keys>,
}

#[derive(Debug, Default)]
struct Keys {
    known: HashMap<(TenantId, IdempotencyKey), Known>,
    /// How many there were when old ones were last looked for.
    swept: usize,
}

#[derive(Debug)]
struct Known {
    digest: IntentDigest,
    time: SystemTime,
    sent: Option<Box<SentBefore>>,
}

impl InMemoryIdempotencyStore {
    /// Remembers each key for so long after it was claimed or settled last. Choose it longer than anybody tries again: a day
    /// is usual.
    #[must_use]
    pub fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            keys: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, known: &Known, now: SystemTime) -> bool {
        let age = now.duration_since(known.time);
        age.is_ok_and(|age| age >= self.lifetime)
    }

    fn claim_now(
        &self,
        place: (TenantId, IdempotencyKey),
        digest: IntentDigest,
        now: SystemTime,
    ) -> IdempotencyClaim {
        let mut keys = self.lock();
        if keys.known.len() >= keys.swept.saturating_mul(2).max(FEW) {
            keys.known.retain(|_, known| !self.is_over(known, now));
            keys.swept = keys.known.len();
        }
        match keys.known.get(&place) {
            Some(known) if !self.is_over(known, now) => {
                if known.digest != digest {
                    return IdempotencyClaim::OtherMessage;
                }
                let since = known.time;
                match &known.sent {
                    Some(sent) => IdempotencyClaim::Sent(sent.clone()),
                    None => IdempotencyClaim::Unsettled { since },
                }
            }
            _ => {
                let known = Known {
                    digest,
                    time: now,
                    sent: None,
                };
                keys.known.insert(place, known);
                IdempotencyClaim::Granted
            }
        }
    }
}

impl IdempotencyStore for InMemoryIdempotencyStore {
    fn claim<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a IdempotencyKey,
        digest: IntentDigest,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<IdempotencyClaim, IdempotencyStoreError>> {
        Box::pin(async move {
            let place = (tenant.clone(), key.clone());
            Ok(self.claim_now(place, digest, now))
        })
    }

    fn settle<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a IdempotencyKey,
        settlement: Settlement,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<(), IdempotencyStoreError>> {
        Box::pin(async move {
            let place = (tenant.clone(), key.clone());
            let mut keys = self.lock();
            match settlement {
                Settlement::Release => {
                    keys.known.remove(&place);
                }
                Settlement::Hold(sent) => {
                    if let Some(known) = keys.known.get_mut(&place) {
                        (known.sent, known.time) = (Some(sent), now);
                    }
                }
            }
            Ok(())
        })
    }
}

/// How many keys there are before old ones are looked for.
const FEW: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;

    const DAY: Duration = Duration::from_hours(24);

    fn at(hours: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_hours(hours)
    }

    fn ready<T>(future: BoxFuture<'_, Result<T, IdempotencyStoreError>>) -> T {
        letterhead_dns::block_on_ready(future).unwrap().unwrap()
    }

    fn claim(
        store: &InMemoryIdempotencyStore,
        tenant: &str,
        key: &str,
        digest: u8,
        hours: u64,
    ) -> IdempotencyClaim {
        let (tenant, key) = (tenant.parse().unwrap(), key.parse().unwrap());
        ready(store.claim(&tenant, &key, IntentDigest::new([digest; 32]), at(hours)))
    }

    fn settle(store: &InMemoryIdempotencyStore, settlement: Settlement, hours: u64) {
        let (tenant, key) = ("acme".parse().unwrap(), "k".parse().unwrap());
        ready(store.settle(&tenant, &key, settlement, at(hours)));
    }

    fn sent() -> Box<SentBefore> {
        let report = Report::new(Vec::new());
        let names = ("s1".parse().unwrap(), "i1".parse().unwrap());
        Box::new(SentBefore::new(names.0, "own".to_owned(), names.1, report))
    }

    #[test]
    fn a_key_is_granted_once_and_then_tells_what_came_of_it() {
        let store = InMemoryIdempotencyStore::new(DAY);
        assert_eq!(claim(&store, "acme", "k", 1, 0), IdempotencyClaim::Granted);
        assert_eq!(
            claim(&store, "acme", "k", 1, 1),
            IdempotencyClaim::Unsettled { since: at(0) }
        );
        assert_eq!(
            claim(&store, "acme", "k", 2, 1),
            IdempotencyClaim::OtherMessage
        );
        assert_eq!(claim(&store, "other", "k", 2, 1), IdempotencyClaim::Granted);
        settle(&store, Settlement::Hold(sent()), 2);
        assert_eq!(
            claim(&store, "acme", "k", 1, 25),
            IdempotencyClaim::Sent(sent())
        );
        assert_eq!(
            claim(&store, "acme", "k", 1, 26),
            IdempotencyClaim::Granted,
            "a day later"
        );
    }

    #[test]
    fn a_key_that_is_released_is_free() {
        let store = InMemoryIdempotencyStore::new(DAY);
        assert_eq!(claim(&store, "acme", "k", 1, 0), IdempotencyClaim::Granted);
        settle(&store, Settlement::Release, 0);
        assert_eq!(claim(&store, "acme", "k", 2, 0), IdempotencyClaim::Granted);
    }

    #[test]
    fn old_keys_are_forgotten() {
        let store = InMemoryIdempotencyStore::new(DAY);
        for number in 0..1_000 {
            let hours = number / 10;
            claim(&store, "acme", &format!("k{number}"), 1, hours);
        }
        assert!(
            store.lock().known.len() < 600,
            "{}",
            store.lock().known.len()
        );
    }

    #[test]
    fn what_was_sent_is_kept_as_text() {
        let text = serde_json::to_string(&sent()).unwrap();
        let read: SentBefore = serde_json::from_str(&text).unwrap();
        assert_eq!(read, *sent());
    }
}
