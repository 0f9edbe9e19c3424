//! SPF terms that a provider used to ask for.

use letterhead_spf::Directive;
use serde::Deserialize;

use super::Profile;
use super::section::{optional_line, parsed};

/// A term that records may have from a time when the provider asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ObsoleteTerm {
    /// The term.
    #[serde(deserialize_with = "parsed")]
    pub term: Directive,
    /// A remark for whoever takes it away.
    #[serde(default, deserialize_with = "optional_line")]
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Profile {
    /// SPF terms that are no longer needed, if a domain's record has them.
    #[must_use]
    pub fn obsolete_terms(&self) -> &[ObsoleteTerm] {
        self.sections.obsolete.as_deref().unwrap_or_default()
    }
}
