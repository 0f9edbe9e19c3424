//! Providers' own names for states of verification.

use serde::Deserialize;

use super::IdentityRule;

/// What a provider's own name for a state of verification means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CommonState {
    /// Nobody has begun.
    NotStarted,
    /// The proof is awaited.
    Pending,
    /// It is proven.
    Verified,
    /// It is proven, and something about it has to be put right.
    NeedsAttention,
    /// It could not be looked at; what was known before holds.
    Temporary,
    /// It is not proven, and will not be without something being done.
    Failed,
    /// It was turned off.
    Inactive,
}

impl IdentityRule {
    /// What a provider's own name for a state means, in any case; `None` for one that the profile does not know, which
    /// then changes nothing.
    #[must_use]
    pub fn common_state(&self, native: &str) -> Option<CommonState> {
        self.states
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(native))
            .map(|(_, state)| *state)
    }
}
