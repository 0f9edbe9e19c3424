//! The records of one name and type, and the answer they make.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::record::{Record, RecordData};
use crate::wire;

/// Records of one name and type, by their canonical octets, which makes the same record twice one.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordSet {
    records: BTreeMap<Vec<u8>, Record>,
    /// Made when it is first asked for, and shared by the answers.
    values: OnceLock<Option<Values>>,
}

/// What an answer takes from a set.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) data: Arc<[RecordData]>,
    /// The lowest of the records, in seconds.
    pub(super) ttl: u32,
}

impl RecordSet {
    /// Adds a record, or replaces the time to live and the spelling of the same one.
    pub(super) fn insert(&mut self, record: Record) {
        self.values = OnceLock::new();
        self.records.insert(wire::encode(&record.data), record);
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.values = OnceLock::new();
        self.records.extend(other.records);
    }

    /// The records in canonical order.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    pub(super) fn into_records(self) -> impl Iterator<Item = Record> {
        self.records.into_values()
    }

    /// The values, unless one is in octets although its type has a form of its own: `Zone::insert` leaves only those that
    /// are not valid for their type.
    pub(super) fn values(&self) -> Option<&Values> {
        self.values
            .get_or_init(|| {
                let data = self.records().map(|record| understood(&record.data));
                Some(Values {
                    data: data.collect::<Option<_>>()?,
                    ttl: self.records().map(|record| record.ttl).min().unwrap_or(0),
                })
            })
            .as_ref()
    }
}

fn understood(data: &RecordData) -> Option<RecordData> {
    match data {
        RecordData::Unknown { record_type, .. } if record_type.has_own_form() => None,
        _ => Some(data.clone()),
    }
}

// The values follow from the records, whether they were asked for or not.
impl PartialEq for RecordSet {
    fn eq(&self, other: &Self) -> bool {
        self.records == other.records
    }
}

impl Eq for RecordSet {}
