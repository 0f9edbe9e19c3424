//! A plan compared with what is published.

use std::fmt;

use letterhead_dns::record::Txt;
use letterhead_dns::{LookupError, LookupErrorKind, Name, Record, RecordData, RecordType, Resolver};
use letterhead_spf::{Selection, merge, select};

use super::{DnsPlan, PlannedData, PlannedRecord, TTL, write_heading};
use crate::profile::{Necessity, Purpose};
use crate::verification::Finding;

/// A plan and, for each of its records, how it stands in the DNS.
#[derive(Debug)]
pub struct DnsDiff {
    owner: Name,
    rows: Vec<DiffRow>,
    spf: SpfChange,
    spf_necessity: Necessity,
    spf_note: Option<String>,
}

/// One record of a plan as it stands in the DNS.
#[derive(Debug)]
#[non_exhaustive]
pub struct DiffRow {
    /// What is wanted.
    pub planned: PlannedRecord,
    /// How it stands.
    pub status: Status,
}

/// How a record stands.
#[derive(Debug)]
#[non_exhaustive]
pub enum Status {
    /// It is there as planned, or, for DMARC, a policy of the domain's own is.
    Present,
    /// It is not there.
    Missing,
    /// Something else is there in its place.
    Wrong(Vec<RecordData>),
    /// Records of another type stand at the name, and an alias cannot stand beside them.
    Conflicting(Vec<RecordData>),
    /// A value that it is made of has not been issued yet.
    Awaiting,
    /// It could not be looked up.
    Unknown(LookupError),
}

/// What is to be done with the domain's SPF record.
#[derive(Debug)]
#[non_exhaustive]
pub enum SpfChange {
    /// Nothing: no term is wanted.
    NotNeeded,
    /// Nothing: it has every term.
    Present {
        /// The record.
        current: String,
    },
    /// Put `merged` in its place.
    Replace {
        /// The record as it is.
        current: String,
        /// The record as it should be.
        merged: String,
    },
    /// The domain has none; publish this.
    New {
        /// The record as it should be.
        record: String,
    },
    /// There is no way to add the terms before something else is put right.
    Blocked {
        /// The records as they are.
        current: Vec<String>,
        /// What has to be put right.
        problem: String,
    },
    /// A term awaits a value that has not been issued yet.
    Awaiting,
    /// It could not be looked up.
    Unknown(LookupError),
}

impl DnsDiff {
    pub(super) async fn find(plan: &DnsPlan, resolver: &dyn Resolver) -> Self {
        let mut rows = Vec::with_capacity(plan.records.len());
        for planned in &plan.records {
            let status = status(planned, resolver).await;
            rows.push(DiffRow {
                planned: planned.clone(),
                status,
            });
        }
        let required = plan.spf.iter().any(|term| term.necessity == Necessity::Required);
        Self {
            owner: plan.domain.as_name().clone(),
            rows,
            spf: spf_change(plan, resolver).await,
            spf_necessity: if required { Necessity::Required } else { Necessity::Advised },
            spf_note: plan.spf.iter().find_map(|term| term.note.clone()),
        }
    }

    /// The records, SPF excepted.
    #[must_use]
    pub fn rows(&self) -> &[DiffRow] {
        &self.rows
    }

    /// What is to be done with the SPF record.
    #[must_use]
    pub fn spf(&self) -> &SpfChange {
        &self.spf
    }

    /// Whether everything required is published; advice may be missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let spf = match self.spf {
            SpfChange::NotNeeded | SpfChange::Present { .. } => true,
            SpfChange::Replace { .. }
            | SpfChange::New { .. }
            | SpfChange::Blocked { .. }
            | SpfChange::Awaiting
            | SpfChange::Unknown(_) => self.spf_necessity == Necessity::Advised,
        };
        spf && self
            .rows
            .iter()
            .all(|row| row.planned.necessity == Necessity::Advised || matches!(row.status, Status::Present))
    }

    /// What the records that prove ownership say: those for DKIM and ownership that are required.
    ///
    /// One that is certainly wrong decides, even where another could not be looked up.
    #[must_use]
    pub fn ownership(&self) -> Finding {
        let mut proofs = 0_usize;
        let mut unknown = 0_usize;
        for row in &self.rows {
            let proves = matches!(row.planned.purpose, Purpose::Dkim | Purpose::Ownership)
                && row.planned.necessity == Necessity::Required;
            if !proves {
                continue;
            }
            proofs += 1;
            match row.status {
                Status::Present => {}
                Status::Unknown(_) => unknown += 1,
                Status::Missing | Status::Wrong(_) | Status::Conflicting(_) | Status::Awaiting => {
                    return Finding::Missing;
                }
            }
        }
        match (proofs, unknown) {
            (0, _) => Finding::Missing,
            (_, 0) => Finding::Proven,
            _ => Finding::Unknown,
        }
    }

    /// The records that are to be published, as a master file: what is there already is left out, and a record to be
    /// replaced stands in a comment before the one that replaces it.
    #[must_use]
    pub fn to_zone_text(&self) -> String {
        ZoneText(self).to_string()
    }

    fn spf_record(&self) -> Option<Record> {
        let text = match &self.spf {
            SpfChange::Replace { merged, .. } => merged,
            SpfChange::New { record } => record,
            SpfChange::NotNeeded
            | SpfChange::Present { .. }
            | SpfChange::Blocked { .. }
            | SpfChange::Awaiting
            | SpfChange::Unknown(_) => return None,
        };
        Some(self.txt(text))
    }

    fn txt(&self, text: &str) -> Record {
        Record::new(
            self.owner.clone(),
            TTL,
            RecordData::Txt(Txt::split(text.as_bytes())),
        )
    }
}

async fn status(planned: &PlannedRecord, resolver: &dyn Resolver) -> Status {
    let PlannedData::Ready(record) = &planned.data else {
        return Status::Awaiting;
    };
    let wanted = record.data.record_type();
    match resolver.lookup(&record.name, wanted).await {
        Ok(answer) if is_satisfied(planned.purpose, &record.data, answer.records()) => Status::Present,
        Ok(answer) if !answer.is_empty() => Status::Wrong(answer.records().to_vec()),
        Ok(_) if wanted == RecordType::CNAME => beside_alias(&record.name, resolver).await,
        Ok(_) => Status::Missing,
        Err(error) => match error.kind() {
            LookupErrorKind::NoSuchName => Status::Missing,
            LookupErrorKind::Temporary | LookupErrorKind::Malformed => Status::Unknown(error),
        },
    }
}

/// The name exists without alias: text there would have to go before an alias can stand.
async fn beside_alias(name: &Name, resolver: &dyn Resolver) -> Status {
    match resolver.lookup(name, RecordType::TXT).await {
        Ok(answer) if !answer.is_empty() => Status::Conflicting(answer.records().to_vec()),
        Ok(_) => Status::Missing,
        Err(error) if error.is_no_such_name() => Status::Missing,
        Err(error) => Status::Unknown(error),
    }
}

fn is_satisfied(purpose: Purpose, wanted: &RecordData, found: &[RecordData]) -> bool {
    match (purpose, wanted) {
        // Any valid policy is the domain's own decision; the plan's is advice for a domain that has none.
        (Purpose::Dmarc, RecordData::Txt(_)) => {
            let valid = found.iter().filter(|record| match record {
                RecordData::Txt(text) => letterhead_dmarc::Record::try_from(text.joined().as_slice()).is_ok(),
                _ => false,
            });
            valid.count() == 1
        }
        // How the text is split into strings is nobody's business.
        (_, RecordData::Txt(wanted)) => match found {
            [RecordData::Txt(only)] => only.joined() == wanted.joined(),
            _ => false,
        },
        (_, wanted) => matches!(found, [only] if only == wanted),
    }
}

async fn spf_change(plan: &DnsPlan, resolver: &dyn Resolver) -> SpfChange {
    if plan.spf.is_empty() {
        return SpfChange::NotNeeded;
    }
    let terms: Option<Vec<_>> = plan.spf.iter().map(|planned| planned.term.clone()).collect();
    let Some(terms) = terms else {
        return SpfChange::Awaiting;
    };
    let texts: Vec<Vec<u8>> = match resolver.lookup(plan.domain.as_name(), RecordType::TXT).await {
        Ok(answer) => answer.texts().collect(),
        Err(error) if error.is_no_such_name() => Vec::new(),
        Err(error) => return SpfChange::Unknown(error),
    };
    let record;
    let present = match select(&texts) {
        Selection::None => None,
        Selection::One(one) => {
            record = one.to_string();
            Some(record.as_str())
        }
        Selection::Invalid(error) => return blocked(&texts, &format!("the domain's SPF record is broken: {error}")),
        Selection::Several(count) => {
            return blocked(
                &texts,
                &format!("the domain has {count} SPF records, a permanent error for every check; leave one"),
            );
        }
    };
    match merge(present, &terms) {
        Err(problem) => blocked(&texts, &problem.to_string()),
        Ok(merged) => match present {
            None => SpfChange::New {
                record: merged.record,
            },
            Some(present) if merged.record == present => SpfChange::Present {
                current: merged.record,
            },
            Some(present) => SpfChange::Replace {
                current: present.to_owned(),
                merged: merged.record,
            },
        },
    }
}

/// Shows the texts that SPF is concerned with, broken ones included.
fn blocked(texts: &[Vec<u8>], problem: &str) -> SpfChange {
    let concerned = |text: &&Vec<u8>| text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"v=spf1"));
    SpfChange::Blocked {
        current: texts
            .iter()
            .filter(concerned)
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect(),
        problem: problem.to_owned(),
    }
}

struct ZoneText<'a>(&'a DnsDiff);

impl fmt::Display for ZoneText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let diff = self.0;
        for row in &diff.rows {
            if matches!(row.status, Status::Present) {
                continue;
            }
            let planned = &row.planned;
            write_heading(f, planned.purpose, planned.necessity, planned.note.as_deref())?;
            if let (Status::Wrong(found) | Status::Conflicting(found), PlannedData::Ready(record)) =
                (&row.status, &planned.data)
            {
                for data in found {
                    let present = Record::new(record.name.clone(), TTL, data.clone());
                    writeln!(f, "; REPLACE {present}")?;
                }
            }
            writeln!(f, "{}", planned.data)?;
        }
        if matches!(diff.spf, SpfChange::NotNeeded | SpfChange::Present { .. }) {
            return Ok(());
        }
        write_heading(f, Purpose::Spf, diff.spf_necessity, diff.spf_note.as_deref())?;
        match &diff.spf {
            SpfChange::Replace { current, .. } => writeln!(f, "; REPLACE {}", diff.txt(current))?,
            SpfChange::Blocked { current, problem } => {
                writeln!(f, "; {problem}")?;
                for record in current {
                    writeln!(f, "; is now {}", diff.txt(record))?;
                }
            }
            SpfChange::Unknown(error) => writeln!(f, "; not known: {error}")?,
            SpfChange::Awaiting => writeln!(f, "; awaits a value")?,
            SpfChange::New { .. } | SpfChange::NotNeeded | SpfChange::Present { .. } => {}
        }
        match diff.spf_record() {
            Some(record) => writeln!(f, "{record}"),
            None => Ok(()),
        }
    }
}

/// A table: one line a record, how it stands first.
impl fmt::Display for DnsDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            let name = match &row.planned.data {
                PlannedData::Ready(record) => format!("{} {}", record.name, record.data.record_type()),
                PlannedData::Awaiting { text, .. } => text.clone(),
            };
            let planned = &row.planned;
            writeln!(f, "{:<11} {:<8} {:<9} {name}", row.status, planned.necessity, planned.purpose)?;
        }
        if matches!(self.spf, SpfChange::NotNeeded) {
            return Ok(());
        }
        writeln!(f, "{:<11} {:<8} {:<9} {} TXT", self.spf, self.spf_necessity, Purpose::Spf, self.owner)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::Wrong(_) => "wrong",
            Self::Conflicting(_) => "conflicting",
            Self::Awaiting => "awaiting",
            Self::Unknown(_) => "unknown",
        })
    }
}

impl fmt::Display for SpfChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotNeeded => "not needed",
            Self::Present { .. } => "present",
            Self::Replace { .. } => "replace",
            Self::New { .. } => "missing",
            Self::Blocked { .. } => "blocked",
            Self::Awaiting => "awaiting",
            Self::Unknown(_) => "unknown",
        })
    }
}
