//! Keeping count of what is sent, so that a provider's limits hold before it has to enforce them.
//!
//! What is to be sent is [reserved](QuotaStore::reserve) first and [settled](QuotaStore::settle) afterwards, with what
//! really went out. Everything that others do at the same time is decided on what is reserved and used already, so a limit
//! holds however many send at once.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//!
//! use letterhead_identity::Profile;
//! use letterhead_identity::quota::{InMemoryQuotaStore, QuotaStore as _, Sender, Volume, claims};
//! use letterhead_identity::recipients::RecipientCount;
//!
//! let limits = Profile::built_in("amazon-ses")?.limits(None)?;
//! let one = RecipientCount::of_messages(&[vec!["ada@receiver.example".parse()?]], &[]);
//! let mail = Volume::new(one, 2_000);
//! let claims = claims(&limits, &Sender::new("main"), &mail);
//! let key = claims.first().map(|claim| claim.key.clone()).ok_or("no limit over time")?;
//!
//! let store = InMemoryQuotaStore::new();
//! let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
//! # letterhead_dns::block_on_ready(async {
//! let reservation = store.reserve(claims, now, Duration::from_hours(1)).await?;
//! // It is sent here; a recipient that was refused would not be counted.
//! store.settle(reservation, mail, now).await?;
//! assert_eq!(store.usage(&key, now).await?.used, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("it waited")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod claim;
mod key;
mod memory;
mod window_count;

pub use claim::{Claim, Volume, claims};
pub use key::{QuotaKey, Sender};
pub use memory::InMemoryQuotaStore;

use std::fmt;
use std::time::{Duration, SystemTime};

use letterhead_dns::BoxFuture;

use crate::profile::Amount;

/// Keeps count of what was sent under each limit.
///
/// In SQL this is a table of what was used, `(key, slot, count)` with the key as JSON and the slot a 256th of
/// its window, and one of what is reserved, `(id, key, count, reserved, expires)`. To reserve, one transaction locks the
/// keys in their order, moves the reservations that have expired to the slots of the times when they were made, adds up the
/// slots that are younger than the window and the reservations, and writes its own rows if everything fits. To settle, one
/// deletes the rows of the reservation and adds what was sent to the slot of now. Rows of what was used that are older
/// than the window can be deleted at any time.
pub trait QuotaStore: fmt::Debug + Send + Sync {
    /// Sets aside what every claim asks for, or nothing at all. Claims with the same key are added up.
    ///
    /// A reservation that was not settled expires after `lasts`, and each of its claims after the claim's own window if that
    /// is shorter. Nobody knows what came of it, so from then on all of it counts as used at the time it was reserved: it
    /// leaves the window when that time does, and never where the limit is for life. Choose `lasts` longer than
    /// sending may take, because what is settled later counts on top.
    ///
    /// A claim whose maximum is unknown or unlimited is counted and never refused.
    fn reserve(
        &self,
        claims: Vec<Claim>,
        now: SystemTime,
        lasts: Duration,
    ) -> BoxFuture<'_, Result<Reservation, ReserveError>>;

    /// Counts what was really sent and frees the rest. If the reservation has expired there is nothing left to free, and
    /// what was sent counts all the same.
    ///
    /// When it was sent lies somewhere between reserving and settling; it counts from the one until a window after the
    /// other. If that took longer than the window, it counts for a window after each of them.
    fn settle(
        &self,
        reservation: Reservation,
        sent: Volume,
        now: SystemTime,
    ) -> BoxFuture<'_, Result<(), QuotaStoreError>>;

    /// How much of a limit is taken now.
    fn usage<'a>(
        &'a self,
        key: &'a QuotaKey,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<Usage, QuotaStoreError>>;
}

const _: fn(&dyn QuotaStore) = |_| {};

/// What was set aside, until it is settled; one that expires counts as used.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "settle it, or all of it counts as used"]
#[non_exhaustive]
pub struct Reservation {
    /// Its number in the store.
    pub id: u64,
    /// What was set aside.
    pub claims: Vec<Claim>,
    /// When all of it counts as used, as of the time it was reserved. Claims with a shorter window do so earlier.
    pub expires: SystemTime,
}

impl Reservation {
    /// A reservation, as a store makes it.
    pub fn new(id: u64, claims: Vec<Claim>, expires: SystemTime) -> Self {
        Self {
            id,
            claims,
            expires,
        }
    }
}

/// How much of a limit is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// What was sent, or may have been because its reservation expired.
    pub used: u64,
    /// What is set aside and neither settled nor expired.
    pub reserved: u64,
}

impl Usage {
    /// So much of each.
    #[must_use]
    pub fn new(used: u64, reserved: u64) -> Self {
        Self { used, reserved }
    }

    /// Both together.
    #[must_use]
    pub fn taken(self) -> u64 {
        self.used.saturating_add(self.reserved)
    }

    /// What is left of a maximum; `None` where it is not a known number.
    #[must_use]
    pub fn left_of(self, maximum: Amount) -> Option<u64> {
        Some(maximum.known()?.saturating_sub(self.taken()))
    }
}

/// Why nothing was set aside.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReserveError {
    /// It would pass a limit.
    #[error(transparent)]
    OverQuota(#[from] OverQuota),
    /// The store failed, so nobody knows.
    #[error(transparent)]
    Store(#[from] QuotaStoreError),
}

/// A limit that would be passed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {left} of {maximum} left, and {asked} {} needed; {}", verb(*asked), wait(*retry_after))]
#[non_exhaustive]
pub struct OverQuota {
    /// Which limit, and whose; where several would be passed, the one that has room last.
    pub key: QuotaKey,
    /// How many there may be.
    pub maximum: u64,
    /// How many of them are left.
    pub left: u64,
    /// How many would be needed.
    pub asked: u64,
    /// How long until there may be room; `None` if there never will be, because more is asked for than the limit
    /// or because what was sent under it counts for ever.
    pub retry_after: Option<Duration>,
}

impl OverQuota {
    /// A limit with nothing left, as a store reports it.
    #[must_use]
    pub fn new(claim: &Claim, maximum: u64, left: u64, retry_after: Option<Duration>) -> Self {
        Self {
            key: claim.key.clone(),
            maximum,
            left,
            asked: claim.count,
            retry_after,
        }
    }
}

fn verb(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn wait(retry_after: Option<Duration>) -> String {
    match retry_after {
        Some(wait) => format!("try again in {} s", wait.as_secs_f64().ceil()),
        None => "ask the provider for more, or send less".to_owned(),
    }
}

/// A store that could not do its work.
#[derive(Debug, thiserror::Error)]
#[error("the quota store failed")]
pub struct QuotaStoreError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl QuotaStoreError {
    /// With what caused it.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
