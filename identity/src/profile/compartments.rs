//! The parts of a provider's account that identities are kept in.

use serde::Deserialize;

use super::Profile;
use super::region::Need;
use crate::placement::Compartment;
use crate::rules::RuleViolation;

/// How a provider's account is divided.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Compartments {
    /// Whether each identity is in one.
    pub identities: Need,
    /// What the id of one begins with.
    pub prefix: String,
    /// What the id of the whole account begins with, where that counts as a compartment too.
    pub root_prefix: Option<String>,
    /// Why identities should not be kept there.
    pub root_advice: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Compartments {
    /// Whether something has the form of an id of the whole account.
    #[must_use]
    pub fn is_root(&self, id: &Compartment) -> bool {
        let root = self.root_prefix.as_deref();
        root.is_some_and(|root| id.as_str().starts_with(root))
    }
}

impl Profile {
    /// Whether something has the form of a compartment's id, or of the whole account's. Whether there is such a one, the
    /// provider says.
    ///
    /// # Errors
    ///
    /// When it does not begin as they do, or nothing follows.
    pub fn check_compartment(&self, id: &Compartment) -> Result<(), RuleViolation> {
        let Some(compartments) = self.compartments() else {
            return Ok(());
        };
        let prefixes = [
            Some(&compartments.prefix),
            compartments.root_prefix.as_ref(),
        ];
        let has_form = |prefix: &&String| {
            let rest = id.as_str().strip_prefix(prefix.as_str());
            rest.is_some_and(|rest| !rest.is_empty())
        };
        match prefixes.iter().flatten().copied().find(has_form) {
            Some(_) => Ok(()),
            None => Err(RuleViolation::BadCompartment {
                compartment: id.clone(),
                prefix: compartments.prefix.clone(),
            }),
        }
    }
}
