//! The rules of suppression over a store.

mod by_hand;
mod exchange;
mod listing;
mod recording;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use letterhead_mail::{EmailAddress, TenantId};

pub use by_hand::{EraseError, Erasure};
pub use exchange::Import;
pub use listing::{Listing, Revoked};

use crate::event::EventId;
use crate::suppression::breaker::DestinationBreaker;
use crate::suppression::moment::Moment;
use crate::suppression::record::Entry;
use crate::suppression::{
    Applied, Change, KeyHasher, Passage, Screening, StoreError, SuppressionKey, SuppressionPolicy,
    SuppressionRecord, SuppressionScope, SuppressionStore,
};

/// The rules of suppression over a store: who may not be written to, and what an event changes about that.
///
/// A clone shares the store and what is held. It reads no clock: `now` comes from the caller, and no event counts as later
/// than that, whatever time it names.
#[derive(Debug, Clone)]
pub struct SuppressionList {
    store: Arc<dyn SuppressionStore>,
    policy: SuppressionPolicy,
    keys: Keys,
    breaker: Arc<Mutex<DestinationBreaker>>,
}

/// How addresses are kept.
#[derive(Debug, Clone)]
enum Keys {
    Clear,
    /// In clear, and as hashes those that were erased.
    ClearAndErased(KeyHasher),
    Hashed(KeyHasher),
}

impl SuppressionList {
    /// A list over this store, with addresses in clear.
    #[must_use]
    pub fn new(store: Arc<dyn SuppressionStore>, policy: SuppressionPolicy) -> Self {
        Self {
            store,
            policy,
            keys: Keys::Clear,
            breaker: Arc::default(),
        }
    }

    /// Keeps no address, only hashes; and of the words of reporters nothing, since they often quote the address. All of
    /// the store has to be kept so, with the same secret: what is in it in clear is not looked for.
    #[must_use]
    pub fn with_hashed_keys(mut self, hasher: KeyHasher) -> Self {
        self.keys = Keys::Hashed(hasher);
        self
    }

    /// Keeps addresses in clear, and a hash of those that are [erased](Self::erase) and stay suppressed.
    #[must_use]
    pub fn with_erased_keys(mut self, hasher: KeyHasher) -> Self {
        self.keys = Keys::ClearAndErased(hasher);
        self
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn SuppressionStore> {
        &self.store
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &SuppressionPolicy {
        &self.policy
    }

    /// Which of these addresses must not be written to with this mail. How addresses are compared: [`SuppressionKey`].
    ///
    /// A suppression holds the mail that its scope and this one have in common: one of a stream holds that stream, and
    /// mail that names none.
    ///
    /// # Errors
    ///
    /// When the store fails. Not knowing is not a permission: do not send then.
    pub async fn check(
        &self,
        mail: &SuppressionScope,
        addresses: &[EmailAddress],
        now: SystemTime,
    ) -> Result<Screening, StoreError> {
        let mut keys = Vec::with_capacity(addresses.len());
        for address in addresses {
            self.keys.put(address, &mut keys);
        }
        let mut found = self.store.check(mail.tenant(), &keys).await?;
        let mut screening = Screening::default();
        if found.is_empty() {
            return Ok(screening);
        }
        found.sort_unstable_by(|one, other| one.key().cmp(other.key()));
        let mut keys = keys.as_slice();
        for address in addresses {
            let (own, rest) = keys
                .split_at_checked(self.keys.per_address())
                .unwrap_or_default();
            keys = rest;
            let records = own.iter().filter_map(|key| {
                let place = found.binary_search_by(|record| record.key().cmp(key));
                found.get(place.ok()?)
            });
            self.screen(address, records, mail, Moment::of(now), &mut screening);
        }
        Ok(screening)
    }

    /// What is known of an address, lifts included; `None` where nothing is.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn get(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
    ) -> Result<Option<SuppressionRecord>, StoreError> {
        let keys = self.keys.of(address);
        let mut found = self.store.check(tenant, &keys).await?;
        found.sort_by_key(|record| keys.iter().position(|key| key == record.key()));
        Ok(found.into_iter().next())
    }

    #[expect(
        single_use_lifetimes,
        reason = "an iterator over references has to name theirs"
    )]
    fn screen<'a>(
        &self,
        address: &EmailAddress,
        records: impl Iterator<Item = &'a SuppressionRecord>,
        mail: &SuppressionScope,
        now: Moment,
        screening: &mut Screening,
    ) {
        let entries = records.flat_map(|record| record.entries().map(move |entry| (record, entry)));
        let concerned = entries.filter(|(_, entry)| {
            entry.coverage.meets(mail.coverage()) && entry.until.is_none_or(|until| now < until)
        });
        let mut held: Option<(&SuppressionRecord, &Entry)> = None;
        let mut passed = None;
        for (record, entry) in concerned {
            match self
                .policy
                .exempts(entry.reason, &entry.coverage, mail.coverage())
            {
                None if held.is_none_or(|(_, held)| held.reason < entry.reason) => {
                    held = Some((record, entry));
                }
                Some(note)
                    if passed.is_none_or(|(_, known, _): (_, &Entry, _)| {
                        known.reason < entry.reason
                    }) =>
                {
                    passed = Some((record, entry, note));
                }
                None | Some(_) => {}
            }
        }
        let suppression = |record: &SuppressionRecord, entry: &Entry| {
            entry.suppression(mail, record.key(), Some(address.clone()))
        };
        match (held, passed) {
            (Some((record, entry)), _) => screening.suppressed.push(suppression(record, entry)),
            (None, Some((record, entry, note))) => screening.passed.push(Passage {
                suppression: suppression(record, entry),
                note: note.to_owned(),
            }),
            (None, None) => {}
        }
    }

    async fn apply(&self, change: Change) -> Result<Applied, StoreError> {
        let applied = self.store.apply(vec![change]).await?;
        // A store that answers for no change has not said that it made one.
        Ok(applied.first().copied().unwrap_or(Applied::Unchanged))
    }

    /// The key that a change to an address is for: that of its hash where it was erased, so that it does not come back.
    async fn key_for(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
    ) -> Result<SuppressionKey, StoreError> {
        let clear = SuppressionKey::from(address);
        Ok(match &self.keys {
            Keys::Clear => clear,
            Keys::Hashed(hasher) => hasher.key(address),
            Keys::ClearAndErased(hasher) => {
                let hashed = [hasher.key(address)];
                let erased = !self.store.check(tenant, &hashed).await?.is_empty();
                let [hashed] = hashed;
                if erased { hashed } else { clear }
            }
        })
    }

    fn breaker(&self) -> MutexGuard<'_, DestinationBreaker> {
        // No bounce is half held.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    /// All that an address can be kept under.
    fn of(&self, address: &EmailAddress) -> Vec<SuppressionKey> {
        let mut keys = Vec::new();
        self.put(address, &mut keys);
        keys
    }

    fn put(&self, address: &EmailAddress, keys: &mut Vec<SuppressionKey>) {
        match self {
            Self::Clear => keys.push(address.into()),
            Self::Hashed(hasher) => keys.push(hasher.key(address)),
            Self::ClearAndErased(hasher) => keys.extend([address.into(), hasher.key(address)]),
        }
    }

    /// How many that is.
    fn per_address(&self) -> usize {
        match self {
            Self::Clear | Self::Hashed(_) => 1,
            Self::ClearAndErased(_) => 2,
        }
    }

    fn hasher(&self) -> Option<&KeyHasher> {
        match self {
            Self::Clear => None,
            Self::ClearAndErased(hasher) | Self::Hashed(hasher) => Some(hasher),
        }
    }

    /// The id that an event is kept by under this key.
    fn event(&self, key: &SuppressionKey, id: EventId) -> EventId {
        match self.hasher() {
            Some(hasher) if key.is_hashed() => hasher.event(id),
            _ => id,
        }
    }

    /// The words that are kept under this key.
    fn note(key: &SuppressionKey, words: Option<&str>) -> Option<String> {
        words.filter(|_| !key.is_hashed()).map(str::to_owned)
    }
}
