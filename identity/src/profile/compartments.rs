//! The parts of a provider's account that identities are kept in.

use serde::Deserialize;

use super::region::Need;

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
