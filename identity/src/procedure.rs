//! What can be done now, and what has to be done before.
//!
//! ```
//! use letterhead_identity::Profile;
//! # let text = r#"
//! # schema = 1
//! # id = "x"
//! # title = "X"
//! # [sources.page]
//! # url = "https://x.example"
//! # as_of = "2026-01-31"
//! # [[procedure]]
//! # name = "set-up"
//! # source = "page"
//! # [[procedure.step]]
//! # name = "records"
//! # text = "Publish the records"
//! # by = "dns-owner"
//! # [[procedure.step]]
//! # name = "sign"
//! # text = "Turn signing on"
//! # by = "tenant"
//! # after = ["records"]
//! # "#;
//! # let profile = Profile::from_toml(text, |_| None)?;
//!
//! let set_up = profile.procedure("set-up").expect("the profile has it");
//! let mut progress = set_up.begin([])?;
//! let sign = "sign".parse()?;
//! let refused = set_up.complete(&mut progress, &sign).unwrap_err();
//! assert_eq!(refused.to_string(), "the step sign comes after: records");
//! set_up.complete(&mut progress, &"records".parse()?)?;
//! assert_eq!(
//!     set_up.checklist(&progress).to_string(),
//!     "1. [x] Publish the records (DNS owner)\n2. [ ] Turn signing on (tenant)\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checklist;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::checklist::{Checklist, ChecklistItem};
use crate::profile::{Procedure, Step};
use crate::word::{StepCondition, StepName};

/// How far a [`Procedure`] is, for the application to keep.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    conditions: BTreeSet<StepCondition>,
    done: BTreeSet<StepName>,
}

impl Progress {
    /// What applies, and brings its steps with it.
    pub fn conditions(&self) -> impl Iterator<Item = &StepCondition> {
        self.conditions.iter()
    }

    /// The steps that are done, by name.
    pub fn done(&self) -> impl Iterator<Item = &StepName> {
        self.done.iter()
    }

    /// Whether this step is done.
    #[must_use]
    pub fn is_done(&self, step: &StepName) -> bool {
        self.done.contains(step)
    }

    fn applies(&self, step: &Step) -> bool {
        step.when
            .as_ref()
            .is_none_or(|condition| self.conditions.contains(condition))
    }
}

impl Procedure {
    /// The conditions that steps of it depend on, each once, in the order of the steps.
    #[must_use]
    pub fn conditions(&self) -> Vec<&StepCondition> {
        let mut conditions = Vec::new();
        for condition in self.steps.iter().filter_map(|step| step.when.as_ref()) {
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        conditions
    }

    /// Begins it: nothing is done, and these conditions apply.
    ///
    /// # Errors
    ///
    /// A condition that no step depends on.
    pub fn begin(
        &self,
        conditions: impl IntoIterator<Item = StepCondition>,
    ) -> Result<Progress, StepError> {
        let conditions: BTreeSet<StepCondition> = conditions.into_iter().collect();
        let known = self.conditions();
        if let Some(unknown) = conditions.iter().find(|one| !known.contains(one)) {
            return Err(StepError::UnknownCondition {
                condition: unknown.clone(),
                known: known.into_iter().cloned().collect(),
            });
        }
        Ok(Progress {
            conditions,
            done: BTreeSet::new(),
        })
    }

    /// The steps that can be done now, in the order in which they are told: those that apply, are not done, and wait for
    /// nothing. Empty when all is done.
    #[must_use]
    pub fn next(&self, progress: &Progress) -> Vec<&Step> {
        let open = self.open(progress);
        open.into_iter()
            .filter(|step| self.missing(step, progress).is_empty())
            .collect()
    }

    /// Whether every step that applies is done.
    #[must_use]
    pub fn is_complete(&self, progress: &Progress) -> bool {
        self.open(progress).is_empty()
    }

    /// Whether this step can be done now; one that is done already can.
    ///
    /// # Errors
    ///
    /// When the procedure has no such step, when it does not apply, or when others have to be done before.
    pub fn check(&self, progress: &Progress, step: &StepName) -> Result<(), StepError> {
        let Some(step) = self.step(step) else {
            return Err(StepError::Unknown {
                step: step.clone(),
                known: self.steps.iter().map(|step| step.name.clone()).collect(),
            });
        };
        if let Some(condition) = &step.when
            && !progress.applies(step)
        {
            return Err(StepError::DoesNotApply {
                step: step.name.clone(),
                condition: condition.clone(),
            });
        }
        let missing = self.missing(step, progress);
        if !missing.is_empty() && !progress.is_done(&step.name) {
            return Err(StepError::TooEarly {
                step: step.name.clone(),
                missing: missing.into_iter().cloned().collect(),
            });
        }
        Ok(())
    }

    /// Remembers that a step is done.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check) says; nothing is remembered then.
    pub fn complete(&self, progress: &mut Progress, step: &StepName) -> Result<(), StepError> {
        self.check(progress, step)?;
        progress.done.insert(step.clone());
        Ok(())
    }

    fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == *name)
    }

    fn open(&self, progress: &Progress) -> Vec<&Step> {
        let steps = self.steps.iter();
        steps
            .filter(|step| progress.applies(step) && !progress.is_done(&step.name))
            .collect()
    }

    /// What has to be done before a step and is not, in the order of the steps. A step that does not apply passes on what
    /// it would wait for.
    fn missing(&self, step: &Step, progress: &Progress) -> Vec<&StepName> {
        let mut seen: BTreeSet<&StepName> = BTreeSet::new();
        let mut missing: BTreeSet<&StepName> = BTreeSet::new();
        let mut waiting: Vec<&StepName> = step.after.iter().collect();
        while let Some(name) = waiting.pop() {
            if !seen.insert(name) {
                continue;
            }
            match self.step(name) {
                Some(before) if !progress.applies(before) => waiting.extend(&before.after),
                Some(before) if !progress.is_done(name) => {
                    missing.insert(&before.name);
                }
                Some(_) | None => {}
            }
        }
        let steps = self.steps.iter().map(|step| &step.name);
        steps.filter(|name| missing.contains(name)).collect()
    }
}

/// Why a step cannot be done now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StepError {
    /// The procedure has no such step.
    #[error("there is no step {step}; known are: {}", steps(known))]
    Unknown {
        /// What was asked for.
        step: StepName,
        /// What there is.
        known: Vec<StepName>,
    },
    /// Nothing in the procedure depends on this condition.
    #[error("no step depends on {condition}; known are: {}", conditions(known))]
    UnknownCondition {
        /// What was said to apply.
        condition: StepCondition,
        /// What steps depend on.
        known: Vec<StepCondition>,
    },
    /// The step is for others.
    #[error("the step {step} applies with {condition} only")]
    DoesNotApply {
        /// The step.
        step: StepName,
        /// What it depends on.
        condition: StepCondition,
    },
    /// Others have to be done before.
    #[error("the step {step} comes after: {}", steps(missing))]
    TooEarly {
        /// The step.
        step: StepName,
        /// What has to be done before it, and is not.
        missing: Vec<StepName>,
    },
}

fn steps(names: &[StepName]) -> String {
    let names: Vec<&str> = names.iter().map(StepName::as_str).collect();
    names.join(", ")
}

fn conditions(names: &[StepCondition]) -> String {
    let names: Vec<&str> = names.iter().map(StepCondition::as_str).collect();
    names.join(", ")
}
