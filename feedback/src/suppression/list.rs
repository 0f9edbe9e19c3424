use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_mail::{EmailAddress, TenantId};

use crate::event::{Event, EventId, EventKind, Permanence};
use crate::suppression::{
    Applied, Change, ChangeAction, StoreError, Suppression, SuppressionKey, SuppressionPolicy,
    SuppressionReason, SuppressionStore,
};

/// The rules of suppression over a store: who may not be written to, and what an event changes about that.
///
/// A clone shares the store. It reads no clock: `now` comes from the caller, and no event counts as later than that,
/// whatever time it names.
#[derive(Debug, Clone)]
pub struct SuppressionList {
    store: Arc<dyn SuppressionStore>,
    policy: SuppressionPolicy,
}

impl SuppressionList {
    /// A list over this store.
    #[must_use]
    pub fn new(store: Arc<dyn SuppressionStore>, policy: SuppressionPolicy) -> Self {
        Self { store, policy }
    }

    /// The store, for reading [pages](SuppressionStore::page) of it.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn SuppressionStore> {
        &self.store
    }

    /// The suppressions among these addresses, in their order, each with the address as it is spelled here. How
    /// addresses are compared: [`SuppressionKey`].
    ///
    /// # Errors
    ///
    /// When the store fails. Not knowing is not a permission: do not send then.
    pub async fn suppressed(
        &self,
        tenant: &TenantId,
        addresses: &[EmailAddress],
    ) -> Result<Vec<Suppression>, StoreError> {
        let found = self.store.check(tenant, addresses).await?;
        let by_key: HashMap<SuppressionKey, Suppression> = found
            .into_iter()
            .map(|suppression| (SuppressionKey::from(suppression.address()), suppression))
            .collect();
        let spelled = |address: &EmailAddress| {
            let suppression = by_key.get(&SuppressionKey::from(address))?;
            Some(suppression.clone().spelled(address))
        };
        Ok(addresses.iter().filter_map(spelled).collect())
    }

    /// Takes an event into account, for its [addressee](Event::addressee).
    ///
    /// A hard bounce, a complaint, an unsubscription and a provider's own suppression suppress at once; soft bounces are
    /// counted until the policy's threshold; a delivery forgets those before it. Whatever has to do with policy (x.7.x),
    /// deferrals, automatic answers and authentication reports change nothing. The same event recorded twice counts
    /// once, and an event older than the removal of an address does not suppress it again.
    ///
    /// # Errors
    ///
    /// When the store fails; record the event again then.
    pub async fn record(
        &self,
        tenant: &TenantId,
        event: &Event,
        now: SystemTime,
    ) -> Result<Decision, StoreError> {
        let effect = match effect(event) {
            Ok(effect) => effect,
            Err(ignored) => return Ok(Decision::Ignored(ignored)),
        };
        if event.proof() < self.policy.proof() {
            return Ok(Decision::Ignored(Ignored::NotProven));
        }
        let Some(address) = event.addressee() else {
            return Ok(Decision::Ignored(Ignored::NoRecipient));
        };
        let record = Record {
            list: self,
            tenant,
            address,
            event,
            at: event.time().map_or(now, |time| time.min(now)),
        };
        match effect {
            Effect::Suppress(reason) => record.suppress(reason, event.id()).await,
            Effect::Count => record.count(now).await,
            Effect::Reset => record.reset().await,
        }
    }

    /// Suppresses an address by hand. The note is kept as [evidence](Suppression::evidence).
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn add_manual(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
        note: &str,
        now: SystemTime,
    ) -> Result<Applied, StoreError> {
        let id = manual_id("manual", address, now);
        let action = ChangeAction::Suppress {
            reason: SuppressionReason::Manual,
            event: id,
            diagnostic: Some(note.to_owned()),
        };
        self.apply(Change::new(
            tenant.clone(),
            address.clone(),
            id,
            now,
            action,
        ))
        .await
    }

    /// Ends the suppression of an address, whatever its reason, and forgets its soft bounces. Whether a complaint or an
    /// unsubscription may be lifted is for the application to know: only the recipient can take it back.
    ///
    /// [`Applied::Unchanged`] when it was not suppressed; [`Applied::Stale`] when it was suppressed after `now`.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn remove(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
        now: SystemTime,
    ) -> Result<Applied, StoreError> {
        let id = manual_id("lift", address, now);
        self.apply(Change::new(
            tenant.clone(),
            address.clone(),
            id,
            now,
            ChangeAction::Lift,
        ))
        .await
    }

    async fn apply(&self, change: Change) -> Result<Applied, StoreError> {
        let applied = self.store.apply(vec![change]).await?;
        // A store that answers for no change has not said that it made one.
        Ok(applied.first().copied().unwrap_or(Applied::Unchanged))
    }
}

/// What recording an event has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// The address is now suppressed, for this reason.
    Suppressed(SuppressionReason),
    /// A soft bounce was counted; so many are counted within the window now.
    SoftBounceCounted(u32),
    /// The soft bounces before this delivery are forgotten.
    SoftBouncesReset,
    /// Nothing was changed.
    Ignored(Ignored),
}

/// Why an event has changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// Its kind says nothing about whether the address may be written to.
    Kind,
    /// It is a refusal for policy (x.7.x) or of the sender's address (x.1.7, x.1.8): not about the recipient.
    Policy,
    /// It is less proven than the policy asks for.
    NotProven,
    /// It does not say which address it is about.
    NoRecipient,
    /// It was recorded before, or what it would change is so already.
    AlreadyKnown,
    /// A newer decision stands.
    Stale,
}

enum Effect {
    Suppress(SuppressionReason),
    Count,
    Reset,
}

/// What an event of this kind does, proven or not.
fn effect(event: &Event) -> Result<Effect, Ignored> {
    let quoted = event.reply().and_then(|reply| reply.enhanced());
    let of_policy = [event.status(), quoted]
        .into_iter()
        .flatten()
        .any(|status| matches!((status.subject(), status.detail()), (7, _) | (1, 7 | 8)));
    match event.kind() {
        EventKind::Bounced(_) if of_policy => Err(Ignored::Policy),
        EventKind::Bounced(Permanence::Hard) => Ok(Effect::Suppress(SuppressionReason::HardBounce)),
        EventKind::Bounced(Permanence::Soft) => Ok(Effect::Count),
        EventKind::Complained => Ok(Effect::Suppress(SuppressionReason::Complaint)),
        EventKind::Unsubscribed => Ok(Effect::Suppress(SuppressionReason::Unsubscribe)),
        EventKind::Suppressed => Ok(Effect::Suppress(SuppressionReason::Provider)),
        EventKind::Delivered => Ok(Effect::Reset),
        EventKind::Sent
        | EventKind::Subscribed
        | EventKind::Opened
        | EventKind::Clicked
        | EventKind::Relayed
        | EventKind::Expanded
        | EventKind::Deferred
        | EventKind::NotSpam
        | EventKind::AuthFailure
        | EventKind::AutoReplied
        | EventKind::Rejected
        | EventKind::Unknown => Err(Ignored::Kind),
    }
}

/// One event on its way into the store.
struct Record<'a> {
    list: &'a SuppressionList,
    tenant: &'a TenantId,
    address: &'a EmailAddress,
    event: &'a Event,
    at: SystemTime,
}

impl Record<'_> {
    async fn suppress(
        &self,
        reason: SuppressionReason,
        id: EventId,
    ) -> Result<Decision, StoreError> {
        let action = ChangeAction::Suppress {
            reason,
            event: self.event.id(),
            diagnostic: self.event.diagnostic().map(str::to_owned),
        };
        let applied = self.list.apply(self.change(id, action)).await?;
        Ok(decision(applied, Decision::Suppressed(reason)))
    }

    async fn count(&self, now: SystemTime) -> Result<Decision, StoreError> {
        let id = self.event.id();
        let counted = self
            .list
            .apply(self.change(id, ChangeAction::CountSoftBounce))
            .await?;
        if counted == Applied::Stale {
            return Ok(Decision::Ignored(Ignored::Stale));
        }
        // Also where it was counted before: that time may have ended between counting and suppressing.
        let since = now.checked_sub(self.list.policy.window());
        let since = since.unwrap_or(SystemTime::UNIX_EPOCH);
        let count = self
            .list
            .store
            .soft_bounces(self.tenant, self.address, since)
            .await?;
        if count >= self.list.policy.threshold().get() {
            let id = id.derived("repeated-soft-bounce");
            return self
                .suppress(SuppressionReason::RepeatedSoftBounce, id)
                .await;
        }
        Ok(decision(counted, Decision::SoftBounceCounted(count)))
    }

    async fn reset(&self) -> Result<Decision, StoreError> {
        let change = self.change(self.event.id(), ChangeAction::ResetSoftBounces);
        let applied = self.list.apply(change).await?;
        Ok(decision(applied, Decision::SoftBouncesReset))
    }

    fn change(&self, id: EventId, action: ChangeAction) -> Change {
        Change::new(
            self.tenant.clone(),
            self.address.clone(),
            id,
            self.at,
            action,
        )
    }
}

fn decision(applied: Applied, done: Decision) -> Decision {
    match applied {
        Applied::Done => done,
        Applied::Unchanged => Decision::Ignored(Ignored::AlreadyKnown),
        Applied::Stale => Decision::Ignored(Ignored::Stale),
    }
}

/// The name of a decision by hand: the same person deciding the same thing at the same instant decides once.
fn manual_id(what: &str, address: &EmailAddress, now: SystemTime) -> EventId {
    let since_epoch = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let key = SuppressionKey::from(address);
    EventId::of(&[
        Some(what),
        Some(key.as_str()),
        Some(&since_epoch.as_nanos().to_string()),
    ])
}
