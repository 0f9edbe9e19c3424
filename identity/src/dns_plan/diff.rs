//! A plan compared with what is published.

mod found;
mod spf_change;
mod superfluous;
mod zone_text;

use std::fmt;

use letterhead_dns::record::Txt;
use letterhead_dns::{LookupError, Name, Record, RecordData, Resolver};
use letterhead_spf::merge::Notice;

pub use superfluous::Superfluous;

use super::{DnsPlan, PlannedData, PlannedRecord, TTL};
use crate::profile::{AuthenticationMethod, Necessity, Purpose};
use crate::verification::Finding;

/// A plan and, for each of its records, how it stands in the DNS.
///
/// With serde it is an object of the same keys as a [`DnsPlan`].
#[derive(Debug)]
pub struct DnsDiff {
    pub(super) plan: DnsPlan,
    rows: Vec<DiffRow>,
    superfluous: Vec<Superfluous>,
    spf: SpfChange,
    spf_notices: Vec<Notice>,
}

/// One record of a plan as it stands in the DNS.
#[derive(Debug)]
#[non_exhaustive]
pub struct DiffRow {
    /// What is wanted.
    pub planned: PlannedRecord,
    /// How it stands.
    pub status: Status,
    /// What to publish; it takes the place of what the status says is there. `None` where nothing is to be done, and where
    /// somebody has to act first: who issues a value, or the domain's owner.
    pub publish: Option<Record>,
    /// What the domain's owner has to decide first.
    pub problem: Option<String>,
}

/// How a record stands.
#[derive(Debug)]
#[non_exhaustive]
pub enum Status {
    /// It is there as planned, or, for DMARC, some policy applies to the domain already: its own or that of a domain
    /// above, which a weaker one of its own would put out of force.
    Present,
    /// It is not there.
    Missing,
    /// Something else is there in its place.
    Wrong(Vec<RecordData>),
    /// These cannot stand beside it: an alias and other records exclude each other, and of some records there may be one
    /// only, such as mail servers of a return path.
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
    /// Nothing: it has every term, or the record that it redirects to has.
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
    /// There is no way to add the terms before something else is put right, or the record would need more lookups than
    /// a check makes, those of the records it includes counted
    /// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    Blocked {
        /// The records as they are; octets outside ASCII as `\DDD`.
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
            rows.push(found::row(plan, planned, resolver).await);
        }
        let (spf, spf_notices) = spf_change::spf_change(plan, resolver).await;
        Self {
            superfluous: superfluous::superfluous(plan, resolver).await,
            plan: plan.clone(),
            rows,
            spf,
            spf_notices,
        }
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &DnsPlan {
        &self.plan
    }

    /// The records, SPF excepted.
    #[must_use]
    pub fn rows(&self) -> &[DiffRow] {
        &self.rows
    }

    /// What is published and not needed; it does not make the plan incomplete.
    #[must_use]
    pub fn superfluous(&self) -> &[Superfluous] {
        &self.superfluous
    }

    /// What is to be done with the SPF record.
    #[must_use]
    pub fn spf(&self) -> &SpfChange {
        &self.spf
    }

    /// What the domain's owner should know before the SPF record is published.
    #[must_use]
    pub fn spf_notices(&self) -> &[Notice] {
        &self.spf_notices
    }

    /// Whether everything required is published; advice may be missing, and where the profile says that one way of
    /// authentication is enough, the others.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let spf = self.is_spf_there() || self.plan.spf_necessity() == Necessity::Advised;
        let is_there = |row: &&DiffRow| matches!(row.status, Status::Present);
        let required = || {
            let rows = self.rows.iter();
            rows.filter(|row| row.planned.necessity == Necessity::Required)
        };
        let of_dkim = |row: &&DiffRow| row.planned.purpose == Purpose::Dkim;
        let others = required()
            .filter(|row| !of_dkim(row))
            .all(|row| is_there(&row));
        let dkim = required().filter(of_dkim).all(|row| is_there(&row));
        if self.plan.any_of.is_empty() {
            return spf && dkim && others;
        }
        let one_is_enough = self.plan.any_of.iter().any(|method| match method {
            AuthenticationMethod::Spf => self.is_spf_there(),
            AuthenticationMethod::Dkim => dkim && required().any(|row| of_dkim(&row)),
        });
        one_is_enough && others
    }

    fn is_spf_there(&self) -> bool {
        match self.spf {
            SpfChange::NotNeeded | SpfChange::Present { .. } => true,
            SpfChange::Replace { .. }
            | SpfChange::New { .. }
            | SpfChange::Blocked { .. }
            | SpfChange::Awaiting
            | SpfChange::Unknown(_) => false,
        }
    }

    /// What the records that prove ownership say: those for DKIM and ownership that are required.
    ///
    /// One that is certainly wrong decides, even where another could not be looked up. One that awaits a value cannot
    /// be looked up either.
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
                Status::Unknown(_) | Status::Awaiting => unknown += 1,
                Status::Missing | Status::Wrong(_) | Status::Conflicting(_) => {
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
    /// taken away stands in a comment `; REPLACE …` before the one that replaces it.
    ///
    /// What cannot be published as it stands is a comment altogether: what awaits a value, what could not be looked up,
    /// and what the domain's owner has to decide or put right first.
    #[must_use]
    pub fn to_zone_text(&self) -> String {
        zone_text::ZoneText(self).to_string()
    }

    fn owner(&self) -> &Name {
        self.plan.domain.as_name()
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
            self.owner().clone(),
            TTL,
            RecordData::Txt(Txt::split(text.as_bytes())),
        )
    }
}

/// A table: one line a record, how it stands first.
impl fmt::Display for DnsDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            let name = match &row.planned.data {
                PlannedData::Ready(record) => {
                    format!("{} {}", record.name, record.data.record_type())
                }
                PlannedData::Awaiting { name, kind, .. } => format!("{name}. {kind}"),
            };
            let planned = &row.planned;
            writeln!(
                f,
                "{:<11} {:<8} {:<9} {name}",
                row.status, planned.necessity, planned.purpose
            )?;
        }
        for extra in &self.superfluous {
            writeln!(
                f,
                "{:<11} {:<8} {:<9} {} TXT {}",
                "superfluous", "", extra.purpose, extra.name, extra.text
            )?;
        }
        if matches!(self.spf, SpfChange::NotNeeded) {
            return Ok(());
        }
        writeln!(
            f,
            "{:<11} {:<8} {:<9} {} TXT",
            self.spf,
            self.plan.spf_necessity(),
            Purpose::Spf,
            self.owner()
        )
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

#[cfg(test)]
mod tests;
