//! The records of one name and type, and the answer they make.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use crate::record::{Record, RecordData};
use crate::resolver::Answer;
use crate::wire;

/// Records of one name and type, by their canonical octets, which makes the same record twice one.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordSet {
    records: BTreeMap<Vec<u8>, Record>,
    /// Made when it is first asked for, and given out as clones.
    answer: OnceLock<Option<Answer>>,
}

impl RecordSet {
    /// Adds a record, or replaces the time to live and the spelling of the same one.
    pub(super) fn insert(&mut self, record: Record) {
        self.answer = OnceLock::new();
        self.records.insert(wire::encode(&record.data), record);
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.answer = OnceLock::new();
        self.records.extend(other.records);
    }

    /// The records in canonical order.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    pub(super) fn into_records(self) -> impl Iterator<Item = Record> {
        self.records.into_values()
    }

    /// The answer to a question for this set, unless a value is in octets although its type has a form of its own:
    /// `Zone::insert` leaves only those that are not valid for their type. Its time to live is the lowest of the records.
    pub(super) fn answer(&self) -> Option<&Answer> {
        self.answer
            .get_or_init(|| {
                let data = self.records().map(|record| understood(&record.data));
                let ttl = self.records().map(|record| record.ttl).min().unwrap_or(0);
                let answer = Answer::new(data.collect::<Option<_>>()?);
                Some(answer.with_ttl(Duration::from_secs(u64::from(ttl))))
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

// The answer follows from the records, whether it was asked for or not.
impl PartialEq for RecordSet {
    fn eq(&self, other: &Self) -> bool {
        self.records == other.records
    }
}

impl Eq for RecordSet {}
