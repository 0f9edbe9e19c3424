//! What a user of a provider's account has to be allowed.

use serde::Deserialize;

use super::Profile;
use crate::word::{PolicyVerb, ResourceType};

/// What a user has to be allowed to send, or to look after what is sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Permission {
    /// What is to be done.
    pub verb: PolicyVerb,
    /// With what.
    pub resource: ResourceType,
    /// Other verbs that allow it as well, such as wider ones.
    #[serde(default)]
    pub also_by_verbs: Vec<PolicyVerb>,
    /// Other types of resource that it is part of.
    #[serde(default)]
    pub also_by_resources: Vec<ResourceType>,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Profile {
    /// What a user has to be allowed.
    #[must_use]
    pub fn permissions(&self) -> &[Permission] {
        self.sections.permission.as_deref().unwrap_or_default()
    }
}
