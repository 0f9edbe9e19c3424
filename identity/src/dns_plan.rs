//! The DNS records an identity needs, and how they differ from what is published.
//!
//! A domain has one SPF record, so the terms wanted are never printed as a second one: where the present record is
//! known, the plan prints the record that is to replace it; where it is not, the terms stand in a comment.

mod diff;
mod planned;
pub(crate) mod template;

use std::fmt::{self, Write as _};

use letterhead_dns::DomainName;
use letterhead_dns::Resolver;
use letterhead_dns::domain_name::DomainNameError;
use letterhead_dns::name::NameError;

pub use diff::{DiffRow, DnsDiff, SpfChange, Status};
pub use planned::{PlannedData, PlannedRecord, PlannedTerm};
use template::{Slot, Template};

use crate::identity::{Identity, Subject};
use crate::profile::{
    Necessity, Per, Profile, ProfileId, Purpose, RecordTemplate, SpfRule, ValueRule,
};
use crate::store::StoreError;
use crate::value::{ValueError, Values, check_values};
use crate::word::{Environment, SwitchName};

/// How long the records of a plan live, in seconds, unless whoever publishes them decides otherwise.
pub const TTL: u32 = 3600;

/// The records wanted for one domain under one profile, over all the environments it is registered in.
#[derive(Debug, Clone)]
pub struct DnsPlan {
    domain: DomainName,
    records: Vec<PlannedRecord>,
    spf: Vec<PlannedTerm>,
}

impl DnsPlan {
    /// The plan for identities of one domain, all of them under `profile`: usually one, or one for each group of
    /// environments that it is verified for.
    ///
    /// Values that nobody has issued yet stand as named placeholders. An address has no records of its own for ownership
    /// and DKIM: it is proven by mail, and only an identity of the whole domain is signed for.
    ///
    /// # Errors
    ///
    /// When there is no identity, they are not of one domain, a value cannot stand in a record or there are too many or
    /// too few of it, or a template does not give a record.
    pub fn new(profile: &Profile, identities: &[Identity]) -> Result<Self, PlanError> {
        let domain = identities
            .first()
            .and_then(|identity| identity.subject.domain())
            .cloned()
            .ok_or(PlanError::NoDomain)?;
        if identities
            .iter()
            .any(|identity| identity.subject.domain() != Some(&domain))
        {
            return Err(PlanError::SeveralDomains);
        }
        let mut plan = Self {
            domain,
            records: Vec::new(),
            spf: Vec::new(),
        };
        for identity in identities {
            let source = Source {
                rules: profile.values(),
                values: plan.values_of(profile, identity)?,
                group: identity.environment_group.as_ref(),
            };
            for template in profile.records() {
                if needs(identity, template, &source.values) {
                    plan.add_records(template, &source)?;
                }
            }
            let location = identity
                .region
                .as_ref()
                .and_then(|region| profile.known_region(region)?.location.as_ref());
            for rule in profile.spf() {
                // Where the hosts are is not known of every region: then they may be anywhere.
                let is_elsewhere = rule.location.is_some()
                    && location.is_some()
                    && rule.location.as_ref() != location;
                let is_off = !is_on(identity, rule.switch.as_ref());
                if !is_elsewhere && !is_off {
                    plan.add_term(rule, &source)?;
                }
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

    fn values_of(&self, profile: &Profile, identity: &Identity) -> Result<Values, PlanError> {
        let mut values = Values::new();
        for rule in profile.values() {
            if let Some(default) = &rule.default {
                values.insert(rule.name.clone(), vec![default.clone()]);
            }
        }
        values.extend(identity.values.clone());
        values.insert("domain".to_owned(), vec![self.domain.to_string()]);
        check_values(&values)?;
        for rule in profile.values() {
            if let (Some(expected), Some(given)) =
                (rule.count, values.get(&rule.name).map(Vec::len))
                && given != expected
            {
                return Err(wrong_count(&rule.name, expected, given));
            }
        }
        Ok(values)
    }

    /// Adds the record of a template, or one for each of its several values.
    fn add_records(
        &mut self,
        template: &RecordTemplate,
        source: &Source<'_>,
    ) -> Result<(), PlanError> {
        for index in 0..source.copies(template)? {
            let slot = |name: &str| {
                if template.each.iter().any(|each| each == name) {
                    Ok(source.one_of(name, index, template.per))
                } else {
                    source.only(name)
                }
            };
            let owner = Template(&template.owner).fill(slot)?;
            let value = Template(&template.value).fill(slot)?;
            let planned = PlannedRecord {
                purpose: template.purpose,
                necessity: template.necessity,
                switch: template.switch.clone(),
                note: template.note.clone(),
                data: PlannedData::new(template.kind, &owner, &value)?,
            };
            // Advice such as the DMARC record is the same for every group of environments.
            if !self.records.contains(&planned) {
                self.records.push(planned);
            }
        }
        Ok(())
    }

    fn add_term(&mut self, rule: &SpfRule, source: &Source<'_>) -> Result<(), PlanError> {
        let filled = Template(&rule.term).fill(|name| source.only(name))?;
        let term = if filled.missing.is_empty() {
            Some(
                filled
                    .text
                    .parse()
                    .map_err(|_| PlanError::BadTerm(filled.text.clone()))?,
            )
        } else {
            None
        };
        let planned = PlannedTerm {
            text: filled.text,
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

/// Whether an identity needs the records of a template. What is not turned on is planned all the same where it has to
/// be published before it can be.
fn needs(identity: &Identity, template: &RecordTemplate, values: &Values) -> bool {
    let is_kind = match &template.kinds {
        Some(kinds) => kinds.contains(&identity.kind),
        None => {
            matches!(identity.subject, Subject::Domain(_))
                || !matches!(template.purpose, Purpose::Dkim | Purpose::Ownership)
        }
    };
    let is_chosen = template
        .with
        .as_ref()
        .is_none_or(|name| values.contains_key(name));
    is_kind && is_chosen
}

fn is_on(identity: &Identity, switch: Option<&SwitchName>) -> bool {
    switch.is_none_or(|switch| identity.switches.contains(switch))
}

/// Where the templates of one identity take their values from.
struct Source<'a> {
    rules: &'a [ValueRule],
    values: Values,
    group: Option<&'a Environment>,
}

impl Source<'_> {
    /// A value of which there is one.
    fn only(&self, name: &str) -> Result<Slot<'_>, PlanError> {
        match self.values.get(name).map_or(&[][..], Vec::as_slice) {
            [] => Ok(Slot::Awaited(name.to_owned())),
            [only] => Ok(Slot::Value(only)),
            several => Err(wrong_count(name, 1, several.len())),
        }
    }

    /// One of several values. What is awaited is told apart where each group of environments will have its own.
    fn one_of(&self, name: &str, index: usize, per: Per) -> Slot<'_> {
        if let Some(value) = self.values.get(name).and_then(|several| several.get(index)) {
            return Slot::Value(value);
        }
        let number = index + 1;
        Slot::Awaited(match self.group.filter(|_| per == Per::EnvironmentGroup) {
            Some(group) => format!("{name}-{number} of {group}"),
            None => format!("{name}-{number}"),
        })
    }

    /// How many records a template gives: as many as values were issued; where nothing was yet, as many as the profile
    /// says there will be.
    fn copies(&self, template: &RecordTemplate) -> Result<usize, PlanError> {
        let mut copies = None;
        for name in &template.each {
            let expected = self
                .rules
                .iter()
                .find(|rule| rule.name == *name)
                .and_then(|rule| rule.count);
            let Some(own) = self.values.get(name).map(Vec::len).or(expected) else {
                continue;
            };
            match copies {
                Some(others) if others != own => return Err(wrong_count(name, others, own)),
                _ => copies = Some(own),
            }
        }
        Ok(copies.unwrap_or(1))
    }
}

fn wrong_count(name: &str, expected: usize, given: usize) -> PlanError {
    PlanError::WrongCount {
        name: name.to_owned(),
        expected,
        given,
    }
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
            writeln!(
                f,
                "; merge into the SPF record of {}: {}",
                self.domain, term.text
            )?;
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
        Some(note) => writeln!(f, "; {purpose}, {necessity}: {}", OneLine(note)),
        None => writeln!(f, "; {purpose}, {necessity}"),
    }
}

/// Text in a comment, which ends where the line does.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|c| f.write_char(if c.is_control() { ' ' } else { c }))
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
    /// A value cannot stand in a record.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A template gives a name that the DNS cannot have.
    #[error("{text:?} is not a name")]
    BadName {
        /// What it gives.
        text: String,
        /// Why it is no name.
        source: NameError,
    },
    /// A template gives a name that mail cannot use.
    #[error("{text:?} is not a domain name")]
    BadDomain {
        /// What it gives.
        text: String,
        /// Why it is no domain name.
        source: DomainNameError,
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
