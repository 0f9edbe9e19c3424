//! The DNS records an identity needs, and how they differ from what is published.
//!
//! A domain has one SPF record, so the terms wanted are never printed as a second one: where the present record is
//! known, the plan prints the record that is to replace it; where it is not, the terms stand in a comment.

mod diff;
mod template;

use std::collections::BTreeMap;
use std::fmt;

use letterhead_dns::name::NameError;
use letterhead_dns::record::Txt;
use letterhead_dns::{DomainName, Name, Record, RecordData, RecordType, Resolver};
use letterhead_spf::Directive;

pub use diff::{DnsDiff, DiffRow, SpfChange, Status};
use template::Template;

use crate::identity::Identity;
use crate::profile::{Necessity, Profile, ProfileId, Purpose, RecordTemplate, SpfRule};
use crate::store::StoreError;

/// How long the records of a plan live, in seconds, unless whoever publishes them decides otherwise.
pub const TTL: u32 = 3600;

/// Values that records are made of: name to one value, or several where there is a record for each.
pub type Values = BTreeMap<String, Vec<String>>;

/// The records wanted for one domain under one profile, over all the environments it is registered in.
#[derive(Debug, Clone)]
pub struct DnsPlan {
    domain: DomainName,
    records: Vec<PlannedRecord>,
    spf: Vec<PlannedTerm>,
}

impl DnsPlan {
    /// The plan for identities of one domain: usually one, or one for each group of environments that it is verified
    /// for.
    ///
    /// Values that nobody has issued yet stand as named placeholders.
    ///
    /// # Errors
    ///
    /// When there is no identity, they are not of one domain, or a template does not give a record.
    pub fn new(profile: &Profile, identities: &[Identity]) -> Result<Self, PlanError> {
        let domain = identities
            .first()
            .and_then(|identity| identity.subject.domain())
            .cloned()
            .ok_or(PlanError::NoDomain)?;
        if identities.iter().any(|identity| identity.subject.domain() != Some(&domain)) {
            return Err(PlanError::SeveralDomains);
        }
        let mut plan = Self {
            domain,
            records: Vec::new(),
            spf: Vec::new(),
        };
        for identity in identities {
            let values = plan.values_of(profile, identity);
            for template in profile.records() {
                plan.add_records(template, profile, &values)?;
            }
            for rule in profile.spf() {
                plan.add_term(rule, &values)?;
            }
        }
        Ok(plan)
    }

    /// The domain it is for.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The records, SPF excepted.
    #[must_use]
    pub fn records(&self) -> &[PlannedRecord] {
        &self.records
    }

    /// The terms wanted in the domain's SPF record.
    #[must_use]
    pub fn spf(&self) -> &[PlannedTerm] {
        &self.spf
    }

    /// Compares the plan with what is published.
    ///
    /// A lookup that fails is a row of its own kind, so there is always an answer.
    pub async fn diff(&self, resolver: &dyn Resolver) -> DnsDiff {
        DnsDiff::find(self, resolver).await
    }

    fn values_of(&self, profile: &Profile, identity: &Identity) -> Values {
        let mut values = Values::new();
        for rule in profile.values() {
            if let Some(default) = &rule.default {
                values.insert(rule.name.clone(), vec![default.clone()]);
            }
        }
        values.extend(identity.values.clone());
        values.insert("domain".to_owned(), vec![self.domain.to_string()]);
        values
    }

    /// Adds the record of a template, or one for each of its several values.
    fn add_records(
        &mut self,
        template: &RecordTemplate,
        profile: &Profile,
        values: &Values,
    ) -> Result<(), PlanError> {
        let copies = copies(template, profile, values)?;
        for index in 0..copies {
            let mut own = values.clone();
            for name in &template.each {
                let value = values.get(name).and_then(|several| several.get(index));
                match value {
                    Some(value) => own.insert(name.clone(), vec![value.clone()]),
                    None => own.insert(name.clone(), vec![format!("{{{name}-{}}}", index + 1)]),
                };
            }
            let owner = Template(&template.owner).fill(&own);
            let value = Template(&template.value).fill(&own);
            let planned = PlannedRecord {
                purpose: template.purpose,
                necessity: template.necessity,
                note: template.note.clone(),
                data: PlannedData::new(template.kind, owner, value)?,
            };
            // Advice such as the DMARC record is the same for every group of environments.
            if !self.records.contains(&planned) {
                self.records.push(planned);
            }
        }
        Ok(())
    }

    fn add_term(&mut self, rule: &SpfRule, values: &Values) -> Result<(), PlanError> {
        let text = Template(&rule.term).fill(values);
        let term = match template::placeholders(&text).next() {
            Some(_) => None,
            None => Some(text.parse().map_err(|_| PlanError::BadTerm(text.clone()))?),
        };
        let planned = PlannedTerm {
            text,
            term,
            necessity: rule.necessity,
            note: rule.note.clone(),
        };
        if !self.spf.contains(&planned) {
            self.spf.push(planned);
        }
        Ok(())
    }
}

/// How many records a template gives: as many as were issued; where nothing was yet, as many as the profile says there
/// will be.
fn copies(template: &RecordTemplate, profile: &Profile, values: &Values) -> Result<usize, PlanError> {
    let mut copies = None;
    for name in &template.each {
        let expected = profile
            .values()
            .iter()
            .find(|rule| rule.name == *name)
            .and_then(|rule| rule.count);
        let given = values.get(name).map(Vec::len);
        match (given, expected) {
            (Some(given), Some(expected)) if given != expected => {
                return Err(PlanError::WrongCount {
                    name: name.clone(),
                    expected,
                    given,
                });
            }
            _ => {}
        }
        let own = given.or(expected).unwrap_or(1);
        match copies {
            Some(others) if others != own => {
                return Err(PlanError::WrongCount {
                    name: name.clone(),
                    expected: others,
                    given: own,
                });
            }
            _ => copies = Some(own),
        }
    }
    Ok(copies.unwrap_or(1))
}

/// One record of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlannedRecord {
    /// What it is for.
    pub purpose: Purpose,
    /// Whether the identity can do without it.
    pub necessity: Necessity,
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
        /// The placeholders' names.
        missing: Vec<String>,
    },
}

impl PlannedData {
    fn new(kind: RecordType, owner: String, value: String) -> Result<Self, PlanError> {
        let text = format!("{owner}. {TTL} IN {kind} {value}");
        let missing: Vec<String> = template::placeholders(&text).map(str::to_owned).collect();
        if !missing.is_empty() {
            return Ok(Self::Awaiting { text, missing });
        }
        let name = |text: &str| text.parse::<Name>().map_err(|source| PlanError::BadName {
            text: text.to_owned(),
            source,
        });
        let data = match kind {
            RecordType::CNAME => RecordData::Cname(name(&value)?),
            RecordType::TXT => RecordData::Txt(Txt::split(value.as_bytes())),
            RecordType::MX => match value.split_once(' ').map(|(preference, host)| (preference.parse(), host)) {
                Some((Ok(preference), host)) => RecordData::Mx {
                    preference,
                    exchange: name(host)?,
                },
                _ => return Err(PlanError::BadRecord(text)),
            },
            _ => return Err(PlanError::BadRecord(text)),
        };
        Ok(Self::Ready(Record::new(name(&owner)?, TTL, data)))
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

/// Zone-file text. The domain's present SPF record is not known here, so the terms wanted stand in a comment.
impl fmt::Display for DnsPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for record in &self.records {
            write_heading(f, record.purpose, record.necessity, record.note.as_deref())?;
            writeln!(f, "{}", record.data)?;
        }
        for term in &self.spf {
            write_heading(f, Purpose::Spf, term.necessity, term.note.as_deref())?;
            writeln!(f, "; merge into the SPF record of {}: {}", self.domain, term.text)?;
        }
        Ok(())
    }
}

fn write_heading(
    f: &mut fmt::Formatter<'_>,
    purpose: Purpose,
    necessity: Necessity,
    note: Option<&str>,
) -> fmt::Result {
    match note {
        Some(note) => writeln!(f, "; {purpose}, {necessity}: {note}"),
        None => writeln!(f, "; {purpose}, {necessity}"),
    }
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry does not have the profile.
    #[error("there is no profile {0} in the registry")]
    NoProfile(ProfileId),
    /// Nothing is registered, or it has no domain.
    #[error("there is no identity with a domain to plan for")]
    NoDomain,
    /// The identities are of different domains; each needs a plan of its own.
    #[error("the identities are of several domains; plan for each by itself")]
    SeveralDomains,
    /// Not as many values as there must be.
    #[error("{given} values of {name} were given, and there must be {expected}")]
    WrongCount {
        /// The value's name.
        name: String,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        given: usize,
    },
    /// A template gives a name that the DNS cannot have.
    #[error("{text:?} is not a name")]
    BadName {
        /// What it gives.
        text: String,
        /// Why it is no name.
        source: NameError,
    },
    /// A template gives no record.
    #[error("{0:?} is not a record")]
    BadRecord(String),
    /// A template gives no SPF term.
    #[error("{0:?} is not an SPF term")]
    BadTerm(String),
}

#[cfg(test)]
mod tests;
