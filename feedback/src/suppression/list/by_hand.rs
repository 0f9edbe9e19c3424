use std::time::SystemTime;

use letterhead_mail::{EmailAddress, TenantId};

use super::{Keys, SuppressionList};
use crate::event::EventId;
use crate::suppression::moment::Moment;
use crate::suppression::{
    Applied, Change, ChangeAction, Coverage, StoreError, SuppressionKey, SuppressionReason,
    SuppressionScope,
};

impl SuppressionList {
    /// Suppresses an address by hand. The note is kept as [evidence](crate::Suppression::evidence).
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn add_manual(
        &self,
        scope: &SuppressionScope,
        address: &EmailAddress,
        note: &str,
        now: SystemTime,
    ) -> Result<Applied, StoreError> {
        let reason = SuppressionReason::Manual;
        let action = |note| ChangeAction::Suppress {
            reason,
            coverage: scope.coverage().clone(),
            until: self.until(reason, now),
            note,
        };
        self.decide("manual", (scope, address), note, now, action)
            .await
    }

    /// Ends the suppressions of an address, whatever their reason: all of them where the scope is all mail of the tenant,
    /// else those of exactly that scope. The note is kept with the [lift](crate::SuppressionRecord::lifts). Older events
    /// that come later do not suppress again. Whether a complaint or an unsubscription may be lifted is for the application
    /// to know: only the recipient can take it back.
    ///
    /// [`Applied::Unchanged`] when it was not suppressed; [`Applied::Stale`] when it was suppressed after `now`.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn remove(
        &self,
        scope: &SuppressionScope,
        address: &EmailAddress,
        note: &str,
        now: SystemTime,
    ) -> Result<Applied, StoreError> {
        let coverage = Some(scope.coverage().clone()).filter(|own| *own != Coverage::default());
        let action = |note| ChangeAction::Lift {
            reason: None,
            coverage,
            note,
        };
        self.decide("lift", (scope, address), note, now, action)
            .await
    }

    /// Removes every trace of an address: what suppresses it, notes and events, what was lifted and counted, and the
    /// bounces of it that are held. [`Erasure`] says what is left.
    ///
    /// [`Applied::Unchanged`] when nothing was known of it.
    ///
    /// # Errors
    ///
    /// When the store fails, or the hash is to be kept and the list has no [hasher](Self::with_erased_keys) for it: nothing
    /// was erased then.
    pub async fn erase(
        &self,
        tenant: &TenantId,
        address: &EmailAddress,
        erasure: Erasure,
        now: SystemTime,
    ) -> Result<Applied, EraseError> {
        let keys = self.keys.of(address);
        let id = self.decision_id("erase", &Coverage::default(), address, now);
        let mut changes: Vec<Change> = keys
            .iter()
            .map(|key| Change::new(tenant.clone(), key.clone(), id, now, ChangeAction::Erase))
            .collect();
        if erasure == Erasure::StaysSuppressed {
            let hasher = self.keys.hasher().ok_or(EraseError::NoHasher)?;
            let kept = hasher.key(address);
            let known = self.store.check(tenant, &keys).await;
            for record in known.map_err(EraseError::Store)? {
                for suppression in record.suppressions(tenant) {
                    let event = suppression.evidence().event();
                    let event = if record.key().is_hashed() {
                        event
                    } else {
                        hasher.event(event)
                    };
                    let action = ChangeAction::Suppress {
                        reason: suppression.reason(),
                        coverage: suppression.scope().coverage().clone(),
                        until: suppression.until(),
                        note: None,
                    };
                    let at = suppression.since();
                    changes.push(Change::new(tenant.clone(), kept.clone(), event, at, action));
                }
            }
        }
        let applied = self.store.apply(changes).await;
        let applied = applied.map_err(EraseError::Store)?;
        let held = self.breaker().erase(tenant, &keys);
        let erased = applied
            .iter()
            .take(keys.len())
            .any(|one| *one == Applied::Done);
        Ok(if erased || held {
            Applied::Done
        } else {
            Applied::Unchanged
        })
    }

    /// Makes the change that `action` is, with as much of the note as is kept.
    async fn decide(
        &self,
        what: &str,
        (scope, address): (&SuppressionScope, &EmailAddress),
        note: &str,
        now: SystemTime,
        action: impl FnOnce(Option<String>) -> ChangeAction,
    ) -> Result<Applied, StoreError> {
        let key = self.key_for(scope.tenant(), address).await?;
        let id = self.decision_id(what, scope.coverage(), address, now);
        let action = action(Keys::note(&key, Some(note)));
        let tenant = scope.tenant().clone();
        self.apply(Change::new(tenant, key, id, now, action)).await
    }

    /// The name of a decision by hand: the same person deciding the same thing at the same instant decides once.
    fn decision_id(
        &self,
        what: &str,
        coverage: &Coverage,
        address: &EmailAddress,
        now: SystemTime,
    ) -> EventId {
        let key = match self.keys.hasher() {
            Some(hasher) => hasher.key(address),
            None => SuppressionKey::from(address),
        };
        let (stream, provider) = coverage.names();
        EventId::of(&[
            Some(what),
            Some(key.as_str()),
            stream,
            provider,
            Some(&Moment::of(now).millis().to_string()),
        ])
    }
}

/// What is left of an address that is [erased](SuppressionList::erase).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Erasure {
    /// Nothing: it may be written to again, and the next bounce suppresses it again.
    Forgotten,
    /// A keyed hash, with reasons, streams and times, but no words: it stays suppressed, and whoever has the list but not
    /// the secret cannot tell who it is. What was lifted and counted is forgotten.
    StaysSuppressed,
}

/// Why an address was not erased.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EraseError {
    /// It was to stay suppressed by a hash, and the list has no hasher.
    #[error(
        "the list has no hasher to keep an erased address suppressed by; give it one, or let the address be forgotten"
    )]
    NoHasher,
    /// The store failed; erase it again.
    #[error("the suppression store failed")]
    Store(#[source] StoreError),
}
