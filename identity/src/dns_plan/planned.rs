//! The parts of a plan.

use std::fmt;

use letterhead_dns::record::Txt;
use letterhead_dns::{DomainName, Name, Record, RecordData, RecordType};
use letterhead_spf::Directive;

use super::template::Filled;
use super::{PlanError, TTL};
use crate::profile::{Necessity, Purpose};
use crate::word::SwitchName;

/// One record of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedRecord {
    /// What it is for.
    pub purpose: Purpose,
    /// Whether the identity can do without it.
    pub necessity: Necessity,
    /// What has to be turned on for the identity to need it.
    pub switch: Option<SwitchName>,
    /// A remark for whoever publishes it.
    pub note: Option<String>,
    /// The record, as far as it is known.
    pub data: PlannedData,
}

/// A record, or what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlannedData {
    /// All of it is known.
    Ready(Record),
    /// A value that it is made of has not been issued yet.
    Awaiting {
        /// The record as a master file would have it, with placeholders in braces.
        text: String,
        /// The placeholders' names, each once.
        missing: Vec<String>,
    },
}

impl PlannedData {
    pub(super) fn new(kind: RecordType, owner: &Filled, value: &Filled) -> Result<Self, PlanError> {
        let text = || format!("{}. {TTL} IN {kind} {}", owner.text, value.text);
        let mut missing = owner.missing.clone();
        missing.extend(
            value
                .missing
                .iter()
                .filter(|name| !owner.missing.contains(name))
                .cloned(),
        );
        if !missing.is_empty() {
            return Ok(Self::Awaiting {
                text: text(),
                missing,
            });
        }
        let data = match kind {
            RecordType::CNAME => RecordData::Cname(name(&value.text)?),
            RecordType::TXT => RecordData::Txt(Txt::split(value.text.as_bytes())),
            RecordType::MX => match value
                .text
                .split_once(' ')
                .map(|(preference, host)| (preference.parse(), host))
            {
                Some((Ok(preference), host)) => RecordData::Mx {
                    preference,
                    exchange: name(host)?,
                },
                _ => return Err(PlanError::BadRecord(text())),
            },
            _ => return Err(PlanError::BadRecord(text())),
        };
        Ok(Self::Ready(Record::new(name(&owner.text)?, TTL, data)))
    }
}

/// A name of the kind that mail uses: a space or backslash in a value is a mistake there, and not a label.
fn name(text: &str) -> Result<Name, PlanError> {
    let name = text.parse::<Name>().map_err(|source| PlanError::BadName {
        text: text.to_owned(),
        source,
    })?;
    match DomainName::try_from(&name) {
        Ok(_) => Ok(name),
        Err(source) => Err(PlanError::BadDomain {
            text: text.to_owned(),
            source,
        }),
    }
}

/// The master-file line; what awaits a value is a comment.
impl fmt::Display for PlannedData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(record) => record.fmt(f),
            Self::Awaiting { text, .. } => write!(f, "; {text}"),
        }
    }
}

/// A term wanted in the domain's SPF record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedTerm {
    /// The term, with placeholders in braces where a value is not known yet.
    pub text: String,
    /// The term, once all of it is known.
    pub term: Option<Directive>,
    /// Whether sending can do without it.
    pub necessity: Necessity,
    /// A remark for whoever publishes it.
    pub note: Option<String>,
}
