//! What a provider does about addresses on its suppression list.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Profile;

/// A provider's suppression list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SuppressionRule {
    /// Why an address is on the list, by the provider's own word for it. Providers add to theirs.
    #[serde(default)]
    pub reasons: BTreeMap<String, SuppressionCause>,
    /// What becomes of mail to an address on it.
    #[serde(default)]
    pub on_send: OnSend,
    /// Whether mail to an address on it counts against the quotas all the same.
    #[serde(default)]
    pub counts_quota: CountsQuota,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl SuppressionRule {
    /// What the provider's word for a reason means, in any case; `None` for one that it has added since.
    #[must_use]
    pub fn cause(&self, native: &str) -> Option<SuppressionCause> {
        let mut reasons = self.reasons.iter();
        reasons
            .find(|(word, _)| word.eq_ignore_ascii_case(native))
            .map(|(_, cause)| *cause)
    }
}

impl Profile {
    /// How its provider suppresses addresses; `None` where nothing is known of it.
    #[must_use]
    pub fn suppression(&self) -> Option<&SuppressionRule> {
        self.sections.suppression.as_ref()
    }
}

/// Why an address is not written to any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SuppressionCause {
    /// It is dead.
    HardBounce,
    /// It failed for the moment too often.
    SoftBounce,
    /// Its owner complained.
    Complaint,
    /// Somebody entered it.
    Manual,
    /// Its owner unsubscribed.
    Unsubscribe,
    /// The provider has another reason.
    Other,
}

impl fmt::Display for SuppressionCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::HardBounce => "hard bounce",
            Self::SoftBounce => "soft bounces",
            Self::Complaint => "complaint",
            Self::Manual => "by hand",
            Self::Unsubscribe => "unsubscribed",
            Self::Other => "other",
        })
    }
}

/// What becomes of mail to a suppressed address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OnSend {
    /// It is taken and thrown away.
    Dropped,
    /// It is taken, and a bounce comes back.
    Bounced,
    /// It is refused.
    Rejected,
    /// It is taken and thrown away, and the reply names the address.
    Reported,
    /// The provider does not say.
    #[default]
    Unknown,
}

/// Whether mail to a suppressed address counts against the quotas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CountsQuota {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The provider does not say.
    #[default]
    Unknown,
}
