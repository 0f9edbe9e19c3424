//! How a provider refuses.

use letterhead_mail::{EnhancedCode, ReplyCode};
use serde::Deserialize;

/// How a provider refuses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Refusal {
    /// What.
    pub condition: Condition,
    /// The reply code.
    pub code: ReplyCode,
    /// The enhanced status code.
    pub enhanced: Option<EnhancedCode>,
    /// The reply's text; `{from}` stands for the address, `{region}` for the provider's region.
    pub text: String,
    /// Where this was read.
    pub source: String,
}

/// What a provider refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Condition {
    /// A From address that no verified identity covers.
    UnverifiedSender,
    /// More recipients than it takes.
    TooManyRecipients,
    /// Wrong credentials.
    Credentials,
    /// More than a limit on a second or a minute allows.
    RateExceeded,
    /// More than a limit on a longer time allows.
    QuotaExceeded,
    /// More connections at once than it takes.
    TooManyConnections,
}
