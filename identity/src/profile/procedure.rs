//! What has to be done in order.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Profile;
use super::section::{line, optional_line};
use crate::word::{ProcedureName, StepCondition, StepName};

/// Something that has to be done in order: setting up, moving, changing credentials, disconnecting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Procedure {
    /// What it is called.
    pub name: ProcedureName,
    /// A remark on the whole.
    #[serde(default, deserialize_with = "optional_line")]
    pub note: Option<String>,
    /// Its steps, as they are told.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    /// Where this was read.
    pub source: String,
}

/// A step of a [`Procedure`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Step {
    /// What it is called.
    pub name: StepName,
    /// What to do, for people.
    #[serde(deserialize_with = "line")]
    pub text: String,
    /// Who does it.
    pub by: Party,
    /// What has to be done before.
    #[serde(default)]
    pub after: Vec<StepName>,
    /// What makes it apply; `None` where it always does.
    pub when: Option<StepCondition>,
}

/// Who does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Party {
    /// Whoever uses the provider's product.
    Tenant,
    /// The provider.
    Provider,
    /// Whoever publishes the domain's records.
    DnsOwner,
    /// Whoever runs the domain's mail servers.
    MailAdministrator,
}

impl Procedure {
    /// The first step that waits for itself, if one does.
    pub(super) fn first_in_a_circle(&self) -> Option<&StepName> {
        let mut done: BTreeSet<&StepName> = BTreeSet::new();
        let waits = |step: &Step, done: &BTreeSet<&StepName>| {
            step.after.iter().any(|name| !done.contains(name))
        };
        loop {
            let before = done.len();
            for step in &self.steps {
                if !waits(step, &done) {
                    done.insert(&step.name);
                }
            }
            if done.len() == before {
                let left = self.steps.iter().find(|step| !done.contains(&step.name));
                return left.map(|step| &step.name);
            }
        }
    }
}

impl Profile {
    /// What has to be done in order with this provider.
    #[must_use]
    pub fn procedures(&self) -> &[Procedure] {
        self.sections.procedure.as_deref().unwrap_or_default()
    }

    /// The procedure of that name, such as `set-up`.
    #[must_use]
    pub fn procedure(&self, name: &str) -> Option<&Procedure> {
        self.procedures()
            .iter()
            .find(|procedure| procedure.name.as_str() == name)
    }
}
