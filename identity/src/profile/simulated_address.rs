//! A provider's mailbox simulator.

use letterhead_mail::{EmailAddress, EnhancedCode};
use serde::Deserialize;

/// An address of the provider's mailbox simulator. A `+label` in the local part is kept and does not change what it
/// does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SimulatedAddress {
    /// The address.
    pub address: EmailAddress,
    /// What becomes of mail to it.
    pub outcome: SimulatedOutcome,
    /// The status a report gives.
    pub status: Option<EnhancedCode>,
    /// The diagnostic a report gives, with its type.
    pub diagnostic: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// What becomes of mail to a simulated mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SimulatedOutcome {
    /// It is taken.
    Delivered,
    /// A delivery status notification comes back.
    Bounced,
    /// A complaint comes back.
    Complained,
}
