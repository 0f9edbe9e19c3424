use std::time::SystemTime;

use letterhead_mail::TenantId;

use super::{Keys, SuppressionList};
use crate::event::{Event, EventKind, Permanence, Proof, Reason};
use crate::suppression::breaker::{HeldBounce, Ruling};
use crate::suppression::key::domain_text;
use crate::suppression::moment::Moment;
use crate::suppression::{
    Applied, Change, ChangeAction, Decision, Ignored, StoreError, SuppressionKey, SuppressionReason,
};

impl SuppressionList {
    /// Takes an event into account, for its [addressee](Event::addressee).
    ///
    /// A hard bounce, a complaint, an unsubscription and a provider's own suppression suppress at once: a complaint and an
    /// unsubscription for the event's [stream](Event::stream) where it names one, anything else for all mail. Soft bounces
    /// are counted by the policy's rule; a delivery forgets those before it. Whatever is about the sender (x.7.x, spam,
    /// block lists), deferrals, automatic answers and authentication reports change nothing. Recording an event again, or
    /// events in another order, comes to the same: see [`SuppressionRecord`](crate::SuppressionRecord).
    ///
    /// Record what was [sent](EventKind::Sent) and delivered, too: the [breaker](crate::BreakerRule) compares hard bounces with it.
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
            Err(ignored) => {
                self.observe_sent(event, now);
                return Ok(Decision::Ignored(ignored));
            }
        };
        if event.proof() < self.policy.proof() {
            return Ok(Decision::Ignored(Ignored::NotProven));
        }
        let Some(address) = event.addressee() else {
            return Ok(Decision::Ignored(if event.candidates().is_empty() {
                Ignored::NoRecipient
            } else {
                Ignored::Ambiguous
            }));
        };
        let key = self.key_for(tenant, address).await?;
        let at = event.time().map_or(now, |time| time.min(now));
        let change = Change::new(
            tenant.clone(),
            key.clone(),
            self.keys.event(&key, event.id()),
            at,
            self.action(effect, event, &key, at),
        );
        let domain = domain_text(address.domain());
        if effect == Effect::Suppress(SuppressionReason::HardBounce) {
            return self.bounce(&domain, change).await;
        }
        if let Some(rule) = self.policy.breaker_rule() {
            self.breaker().observe(rule, &domain, Moment::of(at));
        }
        let applied = self.apply(change).await?;
        Ok(decision(effect, applied))
    }

    /// The hard bounces that the [breaker](crate::BreakerRule) holds, oldest first: shown, so that somebody can
    /// [release](Self::release_held) or [drop](Self::drop_held) them.
    #[must_use]
    pub fn held(&self) -> Vec<HeldBounce> {
        self.breaker().held().cloned().collect()
    }

    /// Lets what is held of this domain suppress after all, and says how many it was. It is for addresses of all tenants.
    ///
    /// # Errors
    ///
    /// When the store fails; all of it is held again then.
    pub async fn release_held(&self, domain: &str) -> Result<usize, StoreError> {
        let held = self.breaker().take(&domain.to_lowercase());
        let changes = held.iter().map(|held| held.change.clone()).collect();
        if let Err(error) = self.store.apply(changes).await {
            self.breaker().put_back(held);
            return Err(error);
        }
        Ok(held.len())
    }

    /// Forgets what is held of this domain, which was wrong, and gives it for the record.
    #[must_use = "nothing else remembers them"]
    pub fn drop_held(&self, domain: &str) -> Vec<HeldBounce> {
        self.breaker().take(&domain.to_lowercase())
    }

    /// Lets the breaker know of mail that a server has taken.
    fn observe_sent(&self, event: &Event, now: SystemTime) {
        let is_sent = event.kind() == EventKind::Sent && event.proof() >= self.policy.proof();
        let Some((rule, addressee)) = self.policy.breaker_rule().zip(event.addressee()) else {
            return;
        };
        if is_sent {
            let at = event.time().map_or(now, |time| time.min(now));
            let domain = domain_text(addressee.domain());
            self.breaker().observe_sent(rule, &domain, Moment::of(at));
        }
    }

    async fn bounce(&self, domain: &str, change: Change) -> Result<Decision, StoreError> {
        let effect = Effect::Suppress(SuppressionReason::HardBounce);
        let Some(rule) = self.policy.breaker_rule() else {
            return Ok(decision(effect, self.apply(change).await?));
        };
        // One that comes again is no further sign of trouble.
        let key = std::slice::from_ref(&change.key);
        let known = self.store.check(&change.tenant, key).await?;
        if known.iter().any(|record| record.knows(change.id)) {
            return Ok(Decision::Ignored(Ignored::AlreadyKnown));
        }
        let ruling = self.breaker().judge(rule, domain, change);
        Ok(match ruling {
            Ruling::Suppress(change) => decision(effect, self.apply(*change).await?),
            Ruling::Held => Decision::Held,
            Ruling::Known => Decision::Ignored(Ignored::AlreadyKnown),
            Ruling::Full => Decision::Ignored(Ignored::TooManyHeld),
        })
    }

    fn action(
        &self,
        effect: Effect,
        event: &Event,
        key: &SuppressionKey,
        at: SystemTime,
    ) -> ChangeAction {
        let note = Keys::note(key, event.diagnostic());
        match effect {
            Effect::Suppress(reason) => ChangeAction::Suppress {
                reason,
                coverage: self.policy.coverage(reason, event),
                until: self.until(reason, at),
                note,
            },
            Effect::Count => ChangeAction::CountSoftBounce {
                rule: self.policy.soft_bounce_rule(),
                lasts: self.policy.lasting(SuppressionReason::RepeatedSoftBounce),
                note,
            },
            Effect::Reset => ChangeAction::ResetSoftBounces,
        }
    }

    /// When a suppression for this reason that began then ends.
    pub(super) fn until(&self, reason: SuppressionReason, at: SystemTime) -> Option<SystemTime> {
        let lasting = self.policy.lasting(reason)?;
        Some(Moment::of(at).after(lasting).time())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Suppress(SuppressionReason),
    Count,
    Reset,
}

/// What an event of this kind does, proven or not.
fn effect(event: &Event) -> Result<Effect, Ignored> {
    match event.kind() {
        EventKind::Bounced(_) if is_about_the_sender(event) => Err(Ignored::Policy),
        EventKind::Bounced(Permanence::Hard) => Ok(Effect::Suppress(SuppressionReason::HardBounce)),
        EventKind::Bounced(Permanence::Soft) => Ok(Effect::Count),
        EventKind::Complained => Ok(Effect::Suppress(SuppressionReason::Complaint)),
        EventKind::Unsubscribed => Ok(Effect::Suppress(SuppressionReason::Unsubscribe)),
        // What we have witnessed ourselves is that a list of our own has it, such as this one.
        EventKind::Suppressed if event.proof() == Proof::Witnessed => Err(Ignored::Kind),
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

fn is_about_the_sender(event: &Event) -> bool {
    let quoted = event.reply().and_then(|reply| reply.enhanced());
    let of_policy = [event.status(), quoted]
        .into_iter()
        .flatten()
        .any(|status| matches!((status.subject(), status.detail()), (7, _) | (1, 7 | 8)));
    of_policy || ABOUT_THE_SENDER.contains(event.reason())
}

fn decision(effect: Effect, applied: Applied) -> Decision {
    match (applied, effect) {
        (Applied::Done, Effect::Suppress(reason)) => Decision::Suppressed(reason),
        (Applied::Done, Effect::Count) => {
            Decision::Suppressed(SuppressionReason::RepeatedSoftBounce)
        }
        (Applied::Done, Effect::Reset) => Decision::SoftBouncesReset,
        (Applied::Counted(count), _) => Decision::SoftBounceCounted(count),
        (Applied::Unchanged, _) => Decision::Ignored(Ignored::AlreadyKnown),
        (Applied::Stale, _) => Decision::Ignored(Ignored::Stale),
    }
}

/// What says x.7.x in words, or in a code that says less.
const ABOUT_THE_SENDER: &[Reason] = &[
    Reason::SENDER_REJECTED,
    Reason::POLICY,
    Reason::AUTHENTICATION_FAILURE,
    Reason::REQUIRES_PTR,
    Reason::BLOCKED,
    Reason::BAD_REPUTATION,
    Reason::RATE_LIMITED,
    Reason::TOO_MANY_CONNECTIONS,
    Reason::RELAYING_DENIED,
    Reason::SECURITY,
    Reason::STARTTLS_FAILED,
    Reason::SPAM,
    Reason::VIRUS,
];
