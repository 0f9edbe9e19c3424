//! Plans and diffs in serde's data model.

use letterhead_dns::RecordType;
use serde::ser::{Serialize, Serializer};

use super::diff::{DnsDiff, SpfChange, Status, Superfluous};
use super::plain::{plain, undotted};
use super::{DnsPlan, PlannedData, PlannedRecord, PlannedTerm};
use crate::profile::{Necessity, ProfileId, Purpose};

impl Serialize for DnsPlan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document::wanted(self).serialize(serializer)
    }
}

impl Serialize for DnsDiff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plan = self.plan();
        let records = self.rows().iter().map(|row| Row {
            status: Some(row.status.to_string()),
            found: match &row.status {
                Status::Wrong(found) | Status::Conflicting(found) => {
                    found.iter().map(plain).collect()
                }
                Status::Present | Status::Missing | Status::Awaiting | Status::Unknown(_) => {
                    Vec::new()
                }
            },
            publish: row.publish.as_ref().map(|record| plain(&record.data)),
            problem: match &row.status {
                Status::Unknown(error) => Some(error.to_string()),
                _ => row.problem.clone(),
            },
            ..Row::wanted(plan, &row.planned)
        });
        let extras = self
            .superfluous()
            .iter()
            .map(|extra| Row::superfluous(plan, extra));
        let found = Document {
            records: records.chain(extras).collect(),
            spf: Spf::found(self),
            complete: self.is_complete(),
            ..Document::wanted(plan)
        };
        found.serialize(serializer)
    }
}

#[derive(serde::Serialize)]
struct Document {
    profile: String,
    domain: String,
    environments: Vec<String>,
    notices: Vec<String>,
    records: Vec<Row>,
    spf: Spf,
    complete: bool,
}

impl Document {
    fn wanted(plan: &DnsPlan) -> Self {
        let environments = plan.environments().iter().map(ToString::to_string);
        let records = plan.records().iter();
        let profiles: Vec<&str> = plan.profiles().iter().map(ProfileId::as_str).collect();
        Self {
            profile: profiles.join(", "),
            domain: plan.domain().to_string(),
            environments: environments.collect(),
            notices: plan.notices().iter().map(ToString::to_string).collect(),
            records: records.map(|planned| Row::wanted(plan, planned)).collect(),
            spf: Spf::wanted(plan),
            complete: plan.is_all_advice(),
        }
    }
}

/// A record. What is superfluous has no necessity and no value wanted.
#[derive(serde::Serialize)]
struct Row {
    purpose: Purpose,
    necessity: Option<Necessity>,
    switch: Option<String>,
    name: String,
    r#type: String,
    value: Option<String>,
    status: Option<String>,
    found: Vec<String>,
    publish: Option<String>,
    problem: Option<String>,
    note: Option<String>,
    source: Page,
    missing_values: Vec<String>,
}

impl Row {
    fn wanted(plan: &DnsPlan, planned: &PlannedRecord) -> Self {
        let (name, kind, value) = match &planned.data {
            PlannedData::Ready(record) => (
                undotted(&record.name.to_string()).to_owned(),
                record.data.record_type(),
                plain(&record.data),
            ),
            PlannedData::Awaiting {
                name, kind, value, ..
            } => {
                let value = match *kind {
                    RecordType::TXT => value,
                    _ => undotted(value),
                };
                (name.clone(), *kind, value.to_owned())
            }
        };
        Self {
            purpose: planned.purpose,
            necessity: Some(planned.necessity),
            switch: planned.switch.as_ref().map(ToString::to_string),
            name,
            r#type: kind.to_string(),
            value: Some(value),
            status: None,
            found: Vec::new(),
            publish: None,
            problem: None,
            note: planned.note.clone(),
            source: Page::new(plan, &planned.source),
            missing_values: planned.data.missing().to_vec(),
        }
    }

    fn superfluous(plan: &DnsPlan, extra: &Superfluous) -> Self {
        Self {
            purpose: extra.purpose,
            necessity: None,
            switch: None,
            name: undotted(&extra.name.to_string()).to_owned(),
            r#type: "TXT".to_owned(),
            value: None,
            status: Some("superfluous".to_owned()),
            found: vec![extra.text.clone()],
            publish: None,
            problem: None,
            note: Some(extra.note.clone()),
            source: Page::new(plan, &extra.source),
            missing_values: Vec::new(),
        }
    }
}

/// The domain's SPF record.
#[derive(serde::Serialize)]
struct Spf {
    status: Option<String>,
    necessity: Necessity,
    /// The records that are there: one, or several where that is the problem.
    current: Vec<String>,
    /// The record to publish.
    merged: Option<String>,
    problem: Option<String>,
    terms: Vec<Term>,
    notices: Vec<String>,
}

impl Spf {
    fn wanted(plan: &DnsPlan) -> Self {
        Self {
            status: None,
            necessity: plan.spf_necessity(),
            current: Vec::new(),
            merged: None,
            problem: None,
            terms: plan
                .spf()
                .iter()
                .map(|term| Term::new(plan, term))
                .collect(),
            notices: Vec::new(),
        }
    }

    fn found(diff: &DnsDiff) -> Self {
        let (current, merged, problem) = match diff.spf() {
            SpfChange::Present { current } => (vec![current.clone()], None, None),
            SpfChange::Replace { current, merged } => {
                (vec![current.clone()], Some(merged.clone()), None)
            }
            SpfChange::New { record } => (Vec::new(), Some(record.clone()), None),
            SpfChange::Blocked { current, problem } => {
                (current.clone(), None, Some(problem.clone()))
            }
            SpfChange::Unknown(error) => (Vec::new(), None, Some(error.to_string())),
            SpfChange::NotNeeded | SpfChange::Awaiting => (Vec::new(), None, None),
        };
        let notices = diff.spf_notices().iter().map(ToString::to_string);
        Self {
            status: Some(diff.spf().to_string().replace(' ', "-")),
            current,
            merged,
            problem,
            notices: notices.collect(),
            ..Self::wanted(diff.plan())
        }
    }
}

#[derive(serde::Serialize)]
struct Term {
    term: String,
    necessity: Necessity,
    note: Option<String>,
    source: Page,
    missing_values: Vec<String>,
}

impl Term {
    fn new(plan: &DnsPlan, planned: &PlannedTerm) -> Self {
        Self {
            term: planned.text.clone(),
            necessity: planned.necessity,
            note: planned.note.clone(),
            source: Page::new(plan, &planned.source),
            missing_values: planned.missing.clone(),
        }
    }
}

/// Where something was read.
#[derive(serde::Serialize)]
struct Page {
    name: String,
    url: Option<String>,
    as_of: Option<String>,
}

impl Page {
    fn new(plan: &DnsPlan, name: &str) -> Self {
        let source = plan.source(name);
        Self {
            name: name.to_owned(),
            url: source.map(|source| source.url.clone()),
            as_of: source.map(|source| source.as_of.to_string()),
        }
    }
}
