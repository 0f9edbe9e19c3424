//! The rules of suppression over a store.

mod by_hand;
mod exchange;
mod listing;
mod recording;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use letterhead_mail::{EmailAddress, TenantId};

pub use by_hand::{EraseError, Erasure};
pub use exchange::Import;
pub use listing::{Listing, Revoked};
pub use recording::{Decision, Ignored};

use crate::event::EventId;
use crate::suppression::breaker::DestinationBreaker;
use crate::suppression::{
    Applied, Change, KeyHasher, Passage, Screening, StoreError, Suppression, SuppressionKey,
    SuppressionPolicy, SuppressionRecord, SuppressionScope, SuppressionStore,
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
            keys.extend(self.keys.of(address));
        }
        let found = self.store.check(mail.tenant(), &keys).await?;
        let mut screening = Screening::default();
        if found.is_empty() {
            return Ok(screening);
        }
        let by_key: HashMap<&SuppressionKey, &SuppressionRecord> =
            found.iter().map(|record| (record.key(), record)).collect();
        for address in addresses {
            let keys = self.keys.of(address);
            let records = keys.iter().filter_map(|key| by_key.get(key));
            let standing = records.flat_map(|record| record.suppressions(mail.tenant()));
            self.screen(address, standing, mail, now, &mut screening);
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

    fn screen(
        &self,
        address: &EmailAddress,
        suppressions: impl Iterator<Item = Suppression>,
        mail: &SuppressionScope,
        now: SystemTime,
        screening: &mut Screening,
    ) {
        let mut held: Option<Suppression> = None;
        let mut passed: Option<Passage> = None;
        for suppression in suppressions {
            let concerned = suppression.scope().coverage().meets(mail.coverage());
            if !concerned || !suppression.holds_at(now) {
                continue;
            }
            match self.policy.exempts(&suppression, mail.coverage()) {
                None => {
                    if held
                        .as_ref()
                        .is_none_or(|held| held.reason() < suppression.reason())
                    {
                        held = Some(suppression);
                    }
                }
                Some(note) => {
                    let reason = suppression.reason();
                    if passed
                        .as_ref()
                        .is_none_or(|known| known.suppression.reason() < reason)
                    {
                        passed = Some(Passage {
                            suppression: suppression.spelled(address),
                            note: note.to_owned(),
                        });
                    }
                }
            }
        }
        match held {
            Some(held) => screening.suppressed.push(held.spelled(address)),
            None => screening.passed.extend(passed),
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
        match self {
            Self::Clear => vec![address.into()],
            Self::Hashed(hasher) => vec![hasher.key(address)],
            Self::ClearAndErased(hasher) => vec![address.into(), hasher.key(address)],
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
