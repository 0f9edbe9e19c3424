use std::fmt;

use letterhead_dns::{LookupError, Name, RecordType};

use crate::record::Record;

/// One lookup and what came of it.
#[derive(Debug, Clone)]
pub struct Query {
    name: Name,
    record_type: RecordType,
    outcome: QueryOutcome,
}

impl Query {
    pub(super) fn new(name: Name, record_type: RecordType, outcome: QueryOutcome) -> Self {
        Self {
            name,
            record_type,
            outcome,
        }
    }

    /// The name asked for.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The type asked for.
    #[must_use]
    pub fn record_type(&self) -> RecordType {
        self.record_type
    }

    /// What came of it.
    #[must_use]
    pub fn outcome(&self) -> &QueryOutcome {
        &self.outcome
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.name, self.record_type, self.outcome)
    }
}

/// What came of a lookup.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum QueryOutcome {
    /// One DMARC record.
    Record(Box<Record>),
    /// That many DMARC records, which cancel each other.
    SeveralRecords(usize),
    /// The name exists and holds no DMARC record.
    NoRecord,
    /// The name does not exist.
    NoSuchName,
    /// It failed.
    Failed(LookupError),
}

impl fmt::Display for QueryOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(record) => write!(f, "{record}"),
            Self::SeveralRecords(count) => write!(f, "{count} DMARC records, all discarded"),
            Self::NoRecord => f.write_str("no DMARC record"),
            Self::NoSuchName => f.write_str("no such name"),
            Self::Failed(error) => write!(f, "{}", error.kind()),
        }
    }
}
