//! A second store, over sorted rows of written records: as a table in SQL would keep them.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use letterhead_feedback::{
    Applied, Change, Cursor, Page, StoreError, StoreErrorKind, SuppressionFilter, SuppressionKey,
    SuppressionRecord, SuppressionStore,
};
use letterhead_mail::{BoxFuture, TenantId};

/// One row: its index, a column to search by, and the record as JSON.
#[derive(Debug, Clone)]
struct Row {
    tenant: TenantId,
    key: String,
    domain: String,
    record: String,
}

#[derive(Debug, Default)]
pub(crate) struct SortedStore {
    table: Mutex<Vec<Row>>,
}

fn read(row: &Row) -> Result<SuppressionRecord, StoreError> {
    serde_json::from_str(&row.record)
        .map_err(|error| StoreError::new(StoreErrorKind::Corrupt, error))
}

fn place(table: &[Row], tenant: &TenantId, key: &str) -> Result<usize, usize> {
    table.binary_search_by(|row| (&row.tenant, row.key.as_str()).cmp(&(tenant, key)))
}

fn change(table: &mut Vec<Row>, change: &Change) -> Result<Applied, StoreError> {
    let place = place(table, &change.tenant, change.key.as_str());
    let mut record = match place {
        Ok(place) => read(&table[place])?,
        Err(_) if change.action.begins_a_record() => SuppressionRecord::new(change.key.clone()),
        Err(_) => return Ok(Applied::Unchanged),
    };
    let applied = record.apply(change);
    let row = Row {
        tenant: change.tenant.clone(),
        key: change.key.to_string(),
        domain: change.key.domain().to_owned(),
        record: serde_json::to_string(&record)
            .map_err(|error| StoreError::new(StoreErrorKind::Corrupt, error))?,
    };
    match (place, record.is_empty()) {
        (Ok(place), true) => drop(table.remove(place)),
        (Ok(place), false) => table[place] = row,
        (Err(_), true) => {}
        (Err(place), false) => table.insert(place, row),
    }
    Ok(applied)
}

impl SortedStore {
    fn found(
        &self,
        tenant: &TenantId,
        keys: &[SuppressionKey],
    ) -> Result<Vec<SuppressionRecord>, StoreError> {
        let table = self.table.lock().unwrap();
        let rows = table
            .iter()
            .filter(|row| row.tenant == *tenant && keys.iter().any(|key| key.as_str() == row.key));
        rows.map(read).collect()
    }

    fn applied(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        let mut table = self.table.lock().unwrap();
        let mut changed = table.clone();
        let applied = changes.iter().map(|one| change(&mut changed, one));
        let applied = applied.collect::<Result<_, _>>()?;
        *table = changed;
        Ok(applied)
    }

    fn paged(
        &self,
        tenant: &TenantId,
        filter: &SuppressionFilter,
        after: Option<&Cursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        let table = self.table.lock().unwrap();
        let domains = filter.key_domains();
        let mut records = Vec::new();
        for row in table.iter().filter(|row| row.tenant == *tenant) {
            let begun = after.is_some_and(|cursor| row.key.as_str() <= cursor.key().as_str());
            if begun || !domains.is_empty() && !domains.contains(&row.domain) {
                continue;
            }
            let record = read(row)?;
            if filter.admits_record(&record) {
                records.push(record);
            }
        }
        let more = records.len() > limit.get();
        records.truncate(limit.get());
        let last = records.last().filter(|_| more);
        let next = last.map(|record| Cursor::after(record.key().clone()));
        Ok(Page::new(records, next))
    }
}

impl SuppressionStore for SortedStore {
    fn check<'a>(
        &'a self,
        tenant: &'a TenantId,
        keys: &'a [SuppressionKey],
    ) -> BoxFuture<'a, Result<Vec<SuppressionRecord>, StoreError>> {
        Box::pin(async move { self.found(tenant, keys) })
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Applied>, StoreError>> {
        Box::pin(async move { self.applied(&changes) })
    }

    fn page<'a>(
        &'a self,
        tenant: &'a TenantId,
        filter: &'a SuppressionFilter,
        after: Option<Cursor>,
        limit: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move { self.paged(tenant, filter, after.as_ref(), limit) })
    }
}
