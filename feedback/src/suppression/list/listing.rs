use std::num::NonZeroUsize;
use std::time::SystemTime;

use letterhead_mail::TenantId;

use super::SuppressionList;
use crate::event::EventId;
use crate::suppression::moment::Moment;
use crate::suppression::{
    Applied, Change, ChangeAction, Cursor, Page, StoreError, Suppression, SuppressionFilter,
    SuppressionKey,
};

impl SuppressionList {
    /// The suppressions that the filter admits, of up to `limit` addresses after the cursor, in the order of their keys;
    /// also those that have come to their end, which [`Suppression::holds_at`] tells. A page can be short, or empty, and
    /// not be the last.
    ///
    /// # Errors
    ///
    /// When the store fails; ask for the same page again then.
    pub async fn list(
        &self,
        tenant: &TenantId,
        filter: &SuppressionFilter,
        after: Option<Cursor>,
        limit: NonZeroUsize,
    ) -> Result<Listing, StoreError> {
        let filter = filter.clone().with_hashes(self.keys.hasher());
        let page = self.store.page(tenant, &filter, after, limit).await?;
        Ok(Listing::of(tenant, &filter, page))
    }

    /// Lifts the suppressions that the filter admits, of up to `limit` addresses after the cursor: those and no others.
    /// The note, who decided it and why, is kept with each [lift](crate::SuppressionRecord::lifts). Go on with what
    /// [`next`](Revoked::next) says; repeating a page that failed half-way does no harm.
    ///
    /// # Errors
    ///
    /// When the store fails; nothing of this page was lifted then.
    pub async fn revoke(
        &self,
        tenant: &TenantId,
        filter: &SuppressionFilter,
        after: Option<Cursor>,
        limit: NonZeroUsize,
        note: &str,
        now: SystemTime,
    ) -> Result<Revoked, StoreError> {
        let listing = self.list(tenant, filter, after, limit).await?;
        let lift = |suppression: &Suppression| {
            let action = ChangeAction::Lift {
                reason: Some(suppression.reason()),
                coverage: Some(suppression.scope().coverage().clone()),
                note: Some(note.to_owned()),
            };
            let key = suppression.key().clone();
            // Not later than what was seen, where a clock is behind.
            let at = Moment::of(now).max(suppression.since_moment()).time();
            let id = revocation_id(&key, at);
            Change::new(tenant.clone(), key, id, at, action)
        };
        let changes: Vec<Change> = listing.suppressions.iter().map(lift).collect();
        let applied = self.store.apply(changes).await?;
        let lifted = listing
            .suppressions
            .into_iter()
            .zip(applied)
            .filter(|(_, applied)| *applied == Applied::Done)
            .map(|(suppression, _)| suppression)
            .collect();
        Ok(Revoked {
            lifted,
            next: listing.next,
        })
    }
}

/// Part of a list of suppressions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// The suppressions, in the order of their keys.
    pub suppressions: Vec<Suppression>,
    /// Where the next part begins; `None` on the last.
    pub next: Option<Cursor>,
}

impl Listing {
    fn of(tenant: &TenantId, filter: &SuppressionFilter, page: Page) -> Self {
        let suppressions = page
            .records
            .iter()
            .flat_map(|record| record.suppressions(tenant))
            .filter(|suppression| filter.admits(suppression))
            .collect();
        Self {
            suppressions,
            next: page.next,
        }
    }
}

/// What a step of a revocation has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "it is not finished while `next` says where to go on"]
#[non_exhaustive]
pub struct Revoked {
    /// The suppressions that are lifted now: what to write down of it, and what to import again if it was wrong.
    pub lifted: Vec<Suppression>,
    /// Where to go on; `None` when all is done.
    pub next: Option<Cursor>,
}

fn revocation_id(key: &SuppressionKey, at: SystemTime) -> EventId {
    let at = Moment::of(at).millis().to_string();
    EventId::of(&[Some("revoke"), Some(key.as_str()), Some(&at)])
}
