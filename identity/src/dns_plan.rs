//! The DNS records an identity needs, and how they differ from what is published.
//!
//! A domain has one SPF record, so the terms wanted are never printed as a second one: where the present record is
//! known, the plan prints the record that is to replace it; where it is not, the terms stand in a comment.

mod diff;
mod error;
mod json;
mod merging;
mod notice;
mod plain;
mod planned;
mod preview;
mod slots;

use std::collections::BTreeMap;
use std::fmt;

use letterhead_dns::{DomainName, RecordData, Resolver};

use crate::template::Template;
pub use diff::{DiffRow, DnsDiff, SpfChange, Status, Superfluous};
pub use error::PlanError;
pub use notice::PlanNotice;
use planned::Form;
pub use planned::{PlannedData, PlannedRecord, PlannedTerm};
use slots::Slots;

use crate::identity::Identity;
use crate::one_line::OneLine;
use crate::profile::{
    AuthenticationMethod, CustomDomain, Necessity, Needs, ObsoleteTerm, Per, Profile, ProfileId,
    Purpose, RecordTemplate, Source, SpfRule,
};
use crate::subject::Subject;
use crate::word::{Environment, SwitchName};

/// How long the records of a plan live, in seconds, unless whoever publishes them decides otherwise.
pub const TTL: u32 = 3600;

/// The records wanted for one domain, over all the environments it is registered in: under one profile, or
/// [under several](Self::merge).
///
/// With serde it is an object of `profile`, `domain`, `environments`, `notices`, `records`, `spf` and `complete`, the same
/// as a [`DnsDiff`]; what only a look at the DNS can tell is `null` or empty, and several profiles stand in one string with
/// commas between them.
#[derive(Debug, Clone)]
pub struct DnsPlan {
    profiles: Vec<ProfileId>,
    domain: DomainName,
    environments: Vec<Environment>,
    records: Vec<PlannedRecord>,
    spf: Vec<PlannedTerm>,
    obsolete: Vec<ObsoleteTerm>,
    notices: Vec<PlanNotice>,
    sources: BTreeMap<String, Source>,
    /// The ways of authentication of which one is enough; empty where all that is required is.
    any_of: Vec<AuthenticationMethod>,
}

impl DnsPlan {
    /// The plan for identities of one domain, all of them under `profile`: usually one, or one for each group of
    /// environments that it is verified for. [`preview`](Self::preview) plans for what is not registered.
    ///
    /// Values that nobody has issued yet stand as named placeholders. An address has no records of its own for ownership
    /// and DKIM: it is proven by mail, and only an identity of the whole domain is signed for.
    ///
    /// # Errors
    ///
    /// When there is no identity, they are not of one domain, a value cannot stand in a record or there are too many or
    /// too few of it, the return path is not below the domain, a template does not give a record, or two of the records
    /// exclude each other.
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
            profiles: vec![profile.id().clone()],
            domain,
            environments: Vec::new(),
            records: Vec::new(),
            spf: Vec::new(),
            obsolete: profile.obsolete_terms().to_vec(),
            notices: Vec::new(),
            sources: BTreeMap::new(),
            any_of: profile
                .authentication()
                .filter(|authentication| authentication.needs == Needs::Any)
                .map(|authentication| authentication.of.clone())
                .unwrap_or_default(),
        };
        for identity in identities {
            plan.add_identity(profile, identity)?;
        }
        plan.sort();
        let named = plan.records.iter().map(|record| &record.source);
        let named = named.chain(plan.spf.iter().map(|term| &term.source));
        let named = named.chain(plan.obsolete.iter().map(|term| &term.source));
        plan.sources = named
            .filter_map(|name| Some((name.clone(), profile.source(name)?.clone())))
            .collect();
        Ok(plan)
    }

    /// A policy for the domain's mail comes after what the mail is judged by.
    fn sort(&mut self) {
        self.records
            .sort_by_key(|record| record.purpose == Purpose::Dmarc);
    }

    /// The profiles it is for: one, or those of the plans that were [merged](Self::merge).
    #[must_use]
    pub fn profiles(&self) -> &[ProfileId] {
        &self.profiles
    }

    /// The domain it is for.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The environments it is for, those included that share verification with one named; none where the profile has
    /// only one.
    #[must_use]
    pub fn environments(&self) -> &[Environment] {
        &self.environments
    }

    /// The records, SPF excepted, in the order in which to publish them.
    #[must_use]
    pub fn records(&self) -> &[PlannedRecord] {
        &self.records
    }

    /// The terms wanted in the domain's SPF record.
    #[must_use]
    pub fn spf(&self) -> &[PlannedTerm] {
        &self.spf
    }

    /// What whoever publishes it should know.
    #[must_use]
    pub fn notices(&self) -> &[PlanNotice] {
        &self.notices
    }

    /// The page that a record or term names as its source, and when it was read.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.get(name)
    }

    /// Whether nothing in it is required, so that it is complete whatever is published.
    #[must_use]
    pub fn is_all_advice(&self) -> bool {
        let mut needs = self.records.iter().map(|record| record.necessity);
        needs.all(|necessity| necessity == Necessity::Advised)
            && self.spf_necessity() == Necessity::Advised
    }

    /// Compares the plan with what is published.
    ///
    /// A lookup that fails is a row of its own kind, so there is always an answer.
    pub async fn diff(&self, resolver: &dyn Resolver) -> DnsDiff {
        DnsDiff::find(self, resolver).await
    }

    fn spf_necessity(&self) -> Necessity {
        let needs = self.spf.iter().map(|term| term.necessity);
        needs.fold(Necessity::Advised, stricter)
    }

    fn spf_note(&self) -> Option<&str> {
        self.spf.iter().find_map(|term| term.note.as_deref())
    }

    fn add_identity(&mut self, profile: &Profile, identity: &Identity) -> Result<(), PlanError> {
        for environment in environments_of(profile, identity) {
            if !self.environments.contains(environment) {
                self.environments.push(environment.clone());
            }
        }
        let slots = Slots::new(profile, identity, &self.domain)?;
        self.check_return_path(profile, &slots)?;
        let earlier = self.records.len();
        for template in profile.records() {
            if needs(identity, template, &slots) {
                self.add_records(template, identity, &slots)?;
            }
        }
        self.check_clashes(earlier)?;
        let location = identity
            .region
            .as_ref()
            .and_then(|region| profile.known_region(region)?.location.as_ref());
        let mut depends_on_location = false;
        for rule in profile.spf() {
            // Where the hosts are is not known of every region: then they may be anywhere.
            let is_elsewhere =
                rule.location.is_some() && location.is_some() && rule.location.as_ref() != location;
            if !is_elsewhere && is_on(identity, rule.switch.as_ref()) {
                depends_on_location |= rule.location.is_some();
                self.add_term(rule, &slots)?;
            }
        }
        if depends_on_location && location.is_none() {
            let notice = match &identity.region {
                Some(region) => PlanNotice::LocationUnknown {
                    region: region.clone(),
                },
                None => PlanNotice::NoRegion,
            };
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
        Ok(())
    }

    fn check_return_path(&self, profile: &Profile, slots: &Slots<'_>) -> Result<(), PlanError> {
        let Some(path) = profile.return_path() else {
            return Ok(());
        };
        for (name, text) in path
            .custom
            .iter()
            .flat_map(|name| slots.several(name).iter().map(move |text| (name, text)))
        {
            let given: DomainName = text.parse().map_err(|source| PlanError::BadDomain {
                text: text.clone(),
                source,
            })?;
            let is_own = given == self.domain && path.custom_domain == CustomDomain::Below;
            if is_own || !given.is_at_or_below(&self.domain) {
                return Err(PlanError::ReturnPath {
                    name: name.clone(),
                    given,
                    domain: self.domain.clone(),
                });
            }
        }
        Ok(())
    }

    /// Adds the record of a template, or one for each of its several values.
    fn add_records(
        &mut self,
        template: &RecordTemplate,
        identity: &Identity,
        slots: &Slots<'_>,
    ) -> Result<(), PlanError> {
        let is_turned_on = template.switch.is_some() && is_on(identity, template.switch.as_ref());
        let copies = slots.copies(template)?;
        for index in 0..copies {
            let slot = |name: &str| {
                if template.each.iter().any(|each| each == name) {
                    Ok(slots.one_of(name, index, copies, template.per))
                } else {
                    slots.only(name, template.per)
                }
            };
            let owner = Template(&template.owner).fill(slot)?;
            let value = Template(&template.value).fill(slot)?;
            let planned = PlannedRecord {
                purpose: template.purpose,
                necessity: if is_turned_on {
                    Necessity::Required
                } else {
                    template.necessity
                },
                switch: template.switch.clone(),
                note: template.note.clone(),
                source: template.source.clone(),
                data: PlannedData::new(template.kind, owner, value)?,
                form: Form::of(&template.value).filter(|_| template.purpose == Purpose::Ownership),
            };
            // Advice such as the DMARC record is the same for every group of environments.
            match self
                .records
                .iter_mut()
                .find(|record| record.is_same(&planned))
            {
                Some(record) => record.necessity = stricter(record.necessity, planned.necessity),
                None => self.records.push(planned),
            }
        }
        Ok(())
    }

    /// Mail servers of one name go together where one identity has them, and exclude each other where each is another
    /// identity's: then one of both would not get its mail.
    fn check_clashes(&self, earlier: usize) -> Result<(), PlanError> {
        for (index, record) in self.records.iter().enumerate().skip(earlier) {
            for (other_index, other) in self.records.iter().enumerate().take(index) {
                let are_servers_of_two =
                    other_index < earlier && are_servers_of_one_name(other, record);
                if are_servers_of_two || other.excludes(record) {
                    return Err(PlanError::Clash {
                        one: other.data.to_string(),
                        other: record.data.to_string(),
                    });
                }
            }
        }
        Ok(())
    }

    fn add_term(&mut self, rule: &SpfRule, slots: &Slots<'_>) -> Result<(), PlanError> {
        let filled = Template(&rule.term).fill(|name| slots.only(name, Per::Identity))?;
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
            missing: filled.missing,
            necessity: rule.necessity,
            note: rule.note.clone(),
            source: rule.source.clone(),
        };
        if !self.spf.contains(&planned) {
            self.spf.push(planned);
        }
        Ok(())
    }
}

/// The environments that an identity is verified for.
fn environments_of<'a>(
    profile: &'a Profile,
    identity: &'a Identity,
) -> impl Iterator<Item = &'a Environment> {
    let known = profile.environments().into_iter();
    let group = identity.environment_group.as_ref();
    known.flat_map(|known| &known.names).filter(move |name| {
        group.is_some() && profile.environment_group(name).ok().as_ref() == group
    })
}

/// Whether an identity needs the records of a template. What is not turned on is planned all the same where it has to
/// be published before it can be.
fn needs(identity: &Identity, template: &RecordTemplate, slots: &Slots<'_>) -> bool {
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
        .is_none_or(|name| slots.is_given(name));
    is_kind && is_chosen
}

fn is_on(identity: &Identity, switch: Option<&SwitchName>) -> bool {
    switch.is_none_or(|switch| identity.switches.contains(switch))
}

fn stricter(one: Necessity, other: Necessity) -> Necessity {
    if one == Necessity::Required {
        one
    } else {
        other
    }
}

fn are_servers_of_one_name(one: &PlannedRecord, other: &PlannedRecord) -> bool {
    match (&one.data, &other.data) {
        (PlannedData::Ready(one), PlannedData::Ready(other)) => {
            let is_server = |data: &RecordData| matches!(data, RecordData::Mx { .. });
            one.name == other.name
                && one.data != other.data
                && is_server(&one.data)
                && is_server(&other.data)
        }
        _ => false,
    }
}

/// Zone-file text. The domain's present SPF record is not known here, so the terms wanted stand in a comment; so does
/// what would do harm beside another of its kind, such as a DMARC record.
impl fmt::Display for DnsPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_notices(f, &self.notices)?;
        for record in &self.records {
            write_heading(f, record.purpose, record.necessity, record.note.as_deref())?;
            if record.is_only_safe_alone(self.domain.as_name()) {
                writeln!(f, "; unless there is one: {}", record.data)?;
            } else {
                writeln!(f, "{}", record.data)?;
            }
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

fn write_notices(f: &mut fmt::Formatter<'_>, notices: &[PlanNotice]) -> fmt::Result {
    notices
        .iter()
        .try_for_each(|notice| writeln!(f, "; {notice}"))
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

#[cfg(test)]
mod tests;
