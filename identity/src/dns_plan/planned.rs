//! The parts of a plan.

use std::fmt;

use letterhead_dns::record::Txt;
use letterhead_dns::{DomainName, Name, Record, RecordData, RecordType};
use letterhead_spf::{Directive, Selection, select};

use super::{PlanError, TTL};
use crate::profile::{Necessity, Purpose};
use crate::template::{Filled, around};
use crate::word::SwitchName;

/// One record of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedRecord {
    /// What it is for.
    pub purpose: Purpose,
    /// Whether the identity can do without it: as the profile says, until what it is for is turned on, and never
    /// afterwards.
    pub necessity: Necessity,
    /// What has to be turned on for the identity to need it.
    pub switch: Option<SwitchName>,
    /// A remark for whoever publishes it.
    pub note: Option<String>,
    /// Where it was read that it is needed; [`DnsPlan::source`](super::DnsPlan::source) has the page.
    pub source: String,
    /// The record, as far as it is known.
    pub data: PlannedData,
    /// What every proof of ownership of its kind begins and ends with.
    pub(super) form: Option<Form>,
}

impl PlannedRecord {
    /// Whether both are for the same, so that one of them is enough.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.purpose == other.purpose && self.data == other.data && self.switch == other.switch
    }

    /// Whether both are to stand at one name.
    pub(super) fn is_of_name_of(&self, other: &Self) -> bool {
        match (&self.data, &other.data) {
            (PlannedData::Ready(one), PlannedData::Ready(other)) => one.name == other.name,
            _ => false,
        }
    }

    /// Whether this one keeps the other from being published, and it is not only further mail servers.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let (PlannedData::Ready(one), PlannedData::Ready(two)) = (&self.data, &other.data) else {
            return false;
        };
        if one.name != two.name || one.data == two.data {
            return false;
        }
        match (&one.data, &two.data) {
            (RecordData::Cname(_), _) | (_, RecordData::Cname(_)) => true,
            (RecordData::Txt(first), RecordData::Txt(second)) => {
                let is_of = |purpose| self.purpose == purpose && other.purpose == purpose;
                is_of(Purpose::Dkim)
                    || is_of(Purpose::Dmarc)
                    || is_spf(&first.joined()) && is_spf(&second.joined())
            }
            _ => false,
        }
    }

    /// Whether a second one beside this one would do harm, so that it is not to be published before it is known whether
    /// there is one: SPF and DMARC records void one another, and mail servers of the domain itself get its mail.
    pub(super) fn is_only_safe_alone(&self, domain: &Name) -> bool {
        match &self.data {
            PlannedData::Ready(record) => match &record.data {
                RecordData::Txt(text) => self.purpose == Purpose::Dmarc || is_spf(&text.joined()),
                RecordData::Mx { .. } => record.name == *domain,
                _ => false,
            },
            PlannedData::Awaiting { .. } => false,
        }
    }
}

/// Whether a text is an SPF record, valid or not.
pub(super) fn is_spf(text: &[u8]) -> bool {
    !matches!(select([text]), Selection::None)
}

/// A record, or what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlannedData {
    /// All of it is known.
    Ready(Record),
    /// A value that it is made of has not been issued yet.
    Awaiting {
        /// The owner name, without the final dot, with placeholders in braces.
        name: String,
        /// The record type.
        kind: RecordType,
        /// The data as a master file would have it, with placeholders in braces.
        value: String,
        /// The placeholders' names, each once.
        missing: Vec<String>,
    },
}

impl PlannedData {
    pub(super) fn new(kind: RecordType, owner: Filled, value: Filled) -> Result<Self, PlanError> {
        let mut missing = owner.missing;
        for name in value.missing {
            if !missing.contains(&name) {
                missing.push(name);
            }
        }
        if !missing.is_empty() {
            return Ok(Self::Awaiting {
                name: owner.text,
                kind,
                value: value.text,
                missing,
            });
        }
        let bad = || PlanError::BadRecord(line(&owner.text, kind, &value.text));
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
                _ => return Err(bad()),
            },
            _ => return Err(bad()),
        };
        Ok(Self::Ready(Record::new(name(&owner.text)?, TTL, data)))
    }

    /// What it is made of and nobody has issued yet, each once.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        match self {
            Self::Ready(_) => &[],
            Self::Awaiting { missing, .. } => missing,
        }
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
            Self::Awaiting {
                name, kind, value, ..
            } => write!(f, "; {}", line(name, *kind, value)),
        }
    }
}

fn line(name: &str, kind: RecordType, value: &str) -> String {
    format!("{name}. {TTL} IN {kind} {value}")
}

/// What texts of one kind begin and end with, around what is different in each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    before: String,
    after: String,
}

impl Form {
    /// The form of what a template gives; `None` where it is all one value, and anything would be of the form.
    pub(super) fn of(template: &str) -> Option<Self> {
        let (before, after) = around(template)?;
        (!before.is_empty() || !after.is_empty()).then(|| Self {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    pub(super) fn is_form_of(&self, text: &[u8]) -> bool {
        text.strip_prefix(self.before.as_bytes())
            .is_some_and(|rest| rest.ends_with(self.after.as_bytes()))
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
    /// What it is made of and nobody has issued yet, each once.
    pub missing: Vec<String>,
    /// Whether sending can do without it.
    pub necessity: Necessity,
    /// A remark for whoever publishes it.
    pub note: Option<String>,
    /// Where it was read that it is needed; [`DnsPlan::source`](super::DnsPlan::source) has the page.
    pub source: String,
}
