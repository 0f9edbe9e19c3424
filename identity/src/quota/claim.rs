//! What a message needs of each limit.

use super::key::{QuotaKey, Sender};
use crate::profile::{Amount, Limits, QuotaUnit, Window};
use crate::recipients::RecipientCount;

/// So much of one limit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// Which limit, and whose.
    pub key: QuotaKey,
    /// How many there may be, as it is known now.
    pub maximum: Amount,
    /// How many are asked for.
    pub count: u64,
}

impl Claim {
    /// A claim.
    #[must_use]
    pub fn new(key: QuotaKey, maximum: Amount, count: u64) -> Self {
        Self {
            key,
            maximum,
            count,
        }
    }
}

/// An amount of mail, by everything that limits count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Volume {
    /// Messages and recipients.
    pub count: RecipientCount,
    /// Octets of the messages as transferred.
    pub octets: u64,
}

impl Volume {
    /// So much mail; the default is none.
    #[must_use]
    pub fn new(count: RecipientCount, octets: u64) -> Self {
        Self { count, octets }
    }

    /// How much of this unit.
    ///
    /// Of unique recipients it is all: who was written to before is not kept, so the count is never too low.
    #[must_use]
    pub fn of(&self, unit: QuotaUnit) -> u64 {
        match unit {
            QuotaUnit::Messages => self.count.messages,
            QuotaUnit::Recipients | QuotaUnit::UniqueRecipients => self.count.recipients,
            QuotaUnit::ExternalRecipients => self.count.external_recipients,
            QuotaUnit::Octets => self.octets,
            QuotaUnit::Connections => 0,
        }
    }
}

/// What so much mail of this sender needs: a claim for each limit over time, those included that are not known. Limits on a
/// single message or on connections are not counted over time and need none.
#[must_use]
pub fn claims(limits: &Limits, sender: &Sender, volume: &Volume) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for quota in limits.quotas() {
        let over_time = quota.window.length().is_some() || quota.window == Window::Lifetime;
        let count = volume.of(quota.unit);
        if !over_time || count == 0 {
            continue;
        }
        let key = QuotaKey::new(limits.profile(), quota, sender);
        match claims.iter_mut().find(|claim| claim.key == key) {
            Some(claim) => claim.maximum = stricter(claim.maximum, quota.maximum),
            None => claims.push(Claim::new(key, quota.maximum, count)),
        }
    }
    claims
}

/// The one that allows less, as far as anybody knows.
pub(super) fn stricter(one: Amount, other: Amount) -> Amount {
    match (one, other) {
        (Amount::Known(one), Amount::Known(other)) => Amount::Known(one.min(other)),
        (Amount::Known(known), _) | (_, Amount::Known(known)) => Amount::Known(known),
        (Amount::Unknown, _) | (_, Amount::Unknown) => Amount::Unknown,
        (Amount::Unlimited, Amount::Unlimited) => Amount::Unlimited,
    }
}
