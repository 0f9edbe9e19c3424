//! Ways of connecting that a server does not take.

use serde::Deserialize;

use super::Profile;
use crate::word::ModeName;

/// A mode of a channel that cannot be used over this provider's servers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RefusedMode {
    /// The mode, as the profiles of channels name it.
    pub name: ModeName,
    /// Why, and what to do instead, for people.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Profile {
    /// Modes that no identity can be connected in, because the servers do not take them.
    #[must_use]
    pub fn refused_modes(&self) -> &[RefusedMode] {
        self.sections.refused_mode.as_deref().unwrap_or_default()
    }
}
