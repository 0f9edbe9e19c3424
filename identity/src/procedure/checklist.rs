//! A procedure as people tick it off.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::Progress;
use crate::profile::{Party, Procedure, Step};
use crate::word::StepName;

/// The steps of a procedure that apply, each behind those it comes after, with what is done.
///
/// `Display` writes a numbered line for each: `1. [x] Publish the records (DNS owner)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checklist {
    /// The steps.
    pub items: Vec<ChecklistItem>,
}

/// A step on a [`Checklist`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChecklistItem {
    /// What it is called.
    pub step: StepName,
    /// What to do.
    pub text: String,
    /// Who does it.
    pub by: String,
    /// Whether it is done.
    pub done: bool,
}

impl Procedure {
    /// What applies of it, in an order that can be kept, with what is done.
    #[must_use]
    pub fn checklist(&self, progress: &Progress) -> Checklist {
        let mut placed: BTreeSet<&StepName> = BTreeSet::new();
        let mut left: Vec<&Step> = self.steps.iter().collect();
        let mut items = Vec::with_capacity(left.len());
        // The first that waits for nothing that is left. What is read from a file has no circles, so one always is.
        while let Some(at) = left
            .iter()
            .position(|step| step.after.iter().all(|name| placed.contains(name)))
        {
            let step = left.remove(at);
            placed.insert(&step.name);
            if progress.applies(step) {
                items.push(ChecklistItem {
                    step: step.name.clone(),
                    text: step.text.clone(),
                    by: step.by.to_string(),
                    done: progress.is_done(&step.name),
                });
            }
        }
        Checklist { items }
    }
}

impl fmt::Display for Checklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, item) in (1_usize..).zip(&self.items) {
            let mark = if item.done { 'x' } else { ' ' };
            writeln!(f, "{number}. [{mark}] {} ({})", item.text, item.by)?;
        }
        Ok(())
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tenant => "tenant",
            Self::Provider => "provider",
            Self::DnsOwner => "DNS owner",
            Self::MailAdministrator => "mail administrator",
        })
    }
}
