use std::collections::HashSet;
use std::time::SystemTime;

use letterhead_mail::TenantId;

use super::{Keys, SuppressionList};
use crate::event::EventId;
use crate::suppression::moment::Moment;
use crate::suppression::{
    Applied, Change, ChangeAction, LineError, ListedSuppression, StoreError, SuppressionKey,
};

impl SuppressionList {
    /// Imports a list, as [`ListFormat::read`](crate::ListFormat::read) reads it: what can be read is applied in batches,
    /// what cannot is in the answer. Importing a list again changes nothing; and what was lifted after a row's time stays
    /// lifted. A row without a time is of `now`, one without an end ends when the policy says.
    ///
    /// Exporting is [`list`](Self::list) and [`ListFormat::row`](crate::ListFormat::row).
    ///
    /// # Errors
    ///
    /// When the store fails; import all of it again then.
    pub async fn import(
        &self,
        tenant: &TenantId,
        rows: impl IntoIterator<Item = Result<ListedSuppression, LineError>>,
        now: SystemTime,
    ) -> Result<Import, StoreError> {
        let mut import = Import::default();
        let mut batch = Vec::new();
        for row in rows {
            match row {
                Ok(row) => batch.push(row),
                Err(error) => import.refuse(error),
            }
            if batch.len() >= BATCH {
                let rows = std::mem::take(&mut batch);
                import.count(&self.import_batch(tenant, rows, now).await?);
            }
        }
        import.count(&self.import_batch(tenant, batch, now).await?);
        Ok(import)
    }

    async fn import_batch(
        &self,
        tenant: &TenantId,
        rows: Vec<ListedSuppression>,
        now: SystemTime,
    ) -> Result<Vec<Applied>, StoreError> {
        let hash = |row: &ListedSuppression| {
            let address = row.key.address()?;
            Some(self.keys.hasher()?.key(&address))
        };
        let hashes: Vec<Option<SuppressionKey>> = rows.iter().map(hash).collect();
        // What was erased does not come back in clear.
        let erased: HashSet<SuppressionKey> = match &self.keys {
            Keys::ClearAndErased(_) => {
                let keys: Vec<SuppressionKey> = hashes.iter().flatten().cloned().collect();
                let found = self.store.check(tenant, &keys).await?;
                found.iter().map(|record| record.key().clone()).collect()
            }
            Keys::Clear | Keys::Hashed(_) => HashSet::new(),
        };
        let hashed = |key: &SuppressionKey| match &self.keys {
            Keys::Hashed(_) => true,
            Keys::Clear | Keys::ClearAndErased(_) => erased.contains(key),
        };
        let changes = rows.into_iter().zip(hashes).map(|(row, hash)| {
            let key = hash.filter(hashed);
            self.imported(tenant, row, key, now)
        });
        self.store.apply(changes.collect()).await
    }

    /// The change that a row makes, under this hash where it is not to be kept in clear.
    fn imported(
        &self,
        tenant: &TenantId,
        row: ListedSuppression,
        hash: Option<SuppressionKey>,
        now: SystemTime,
    ) -> Change {
        let event = row.event.unwrap_or_else(|| row_id(&row));
        let (key, event) = match hash {
            // An event that comes with a hash is hashed already.
            Some(hash) => {
                let event = self.keys.event(&hash, event);
                (hash, event)
            }
            None => (row.key, event),
        };
        let at = row.since.map_or(now, |since| since.min(now));
        let action = ChangeAction::Suppress {
            reason: row.reason,
            until: row.until.or_else(|| self.until(row.reason, at)),
            note: Keys::note(&key, row.note.as_deref()),
            coverage: row.coverage,
        };
        Change::new(tenant.clone(), key, event, at, action)
    }
}

/// What importing a list has done.
#[derive(Debug, Default)]
#[must_use = "what was refused is not suppressed"]
#[non_exhaustive]
pub struct Import {
    /// Rows that suppress somebody now who was not, or by something newer.
    pub added: u64,
    /// Rows that were known.
    pub known: u64,
    /// Rows that are older than a decision to lift them.
    pub stale: u64,
    /// The first [`MAX_REFUSED`](Self::MAX_REFUSED) rows that could not be read.
    pub refused: Vec<LineError>,
    /// How many more could not be read.
    pub more_refused: u64,
}

impl Import {
    /// How many errors are kept.
    pub const MAX_REFUSED: usize = 1_000;

    fn refuse(&mut self, error: LineError) {
        if self.refused.len() < Self::MAX_REFUSED {
            self.refused.push(error);
        } else {
            self.more_refused += 1;
        }
    }

    fn count(&mut self, applied: &[Applied]) {
        for one in applied {
            match one {
                Applied::Done | Applied::Counted(_) => self.added += 1,
                Applied::Unchanged => self.known += 1,
                Applied::Stale => self.stale += 1,
            }
        }
    }
}

/// The name of a row that names no event: the same row is the same event.
fn row_id(row: &ListedSuppression) -> EventId {
    let (stream, provider) = row.coverage.names();
    let since = row
        .since
        .map(|since| Moment::of(since).millis().to_string());
    EventId::of(&[
        Some("import"),
        Some(row.key.as_str()),
        Some(row.reason.as_str()),
        stream,
        provider,
        since.as_deref(),
    ])
}

/// How many rows are applied at once.
const BATCH: usize = 500;
