use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why an address is suppressed, weakest first: where several reasons hold, the greatest is the one that is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SuppressionReason {
    /// Too many soft bounces in too little time.
    RepeatedSoftBounce,
    /// The sending provider has it on its own suppression list, for a reason it keeps to itself.
    Provider,
    /// The address is dead.
    HardBounce,
    /// Somebody decided so.
    Manual,
    /// The recipient wants no more of this mail.
    Unsubscribe,
    /// The recipient called the mail spam.
    Complaint,
}

impl SuppressionReason {
    /// All of them, weakest first.
    pub const ALL: &[Self] = &[
        Self::RepeatedSoftBounce,
        Self::Provider,
        Self::HardBounce,
        Self::Manual,
        Self::Unsubscribe,
        Self::Complaint,
    ];

    /// A stable name, such as `hard-bounce`, which reads back.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RepeatedSoftBounce => "repeated-soft-bounce",
            Self::Provider => "provider",
            Self::HardBounce => "hard-bounce",
            Self::Manual => "manual",
            Self::Unsubscribe => "unsubscribe",
            Self::Complaint => "complaint",
        }
    }

    /// Whether it is the recipient's own wish, which closes a stream of mail; any other reason is about the address.
    #[must_use]
    pub const fn is_wish(self) -> bool {
        matches!(self, Self::Unsubscribe | Self::Complaint)
    }

    /// What a provider's exported list calls it: case, spaces and hyphens aside.
    pub(crate) fn of_listing(name: &str) -> Option<Self> {
        if let Ok(own) = name.parse() {
            return Some(own);
        }
        let letters = name.chars().filter(char::is_ascii_alphabetic);
        let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
        Some(match name.as_str() {
            "bounce" | "hardbounce" | "bounced" => Self::HardBounce,
            "softbounce" | "repeatedsoftbounce" => Self::RepeatedSoftBounce,
            "complaint" | "spamcomplaint" | "complained" => Self::Complaint,
            "unsubscribe" | "unsubscribed" | "listunsubscribe" => Self::Unsubscribe,
            "manual" | "manuallyadded" => Self::Manual,
            "unknown" | "provider" | "suppressed" => Self::Provider,
            _ => return None,
        })
    }
}

impl fmt::Display for SuppressionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SuppressionReason {
    type Err = SuppressionReasonError;

    fn from_str(text: &str) -> Result<Self, SuppressionReasonError> {
        let found = Self::ALL.iter().find(|reason| reason.as_str() == text);
        found.copied().ok_or(SuppressionReasonError)
    }
}

/// Text that names no suppression reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a suppression reason is one of repeated-soft-bounce, provider, hard-bounce, manual, unsubscribe and complaint"
)]
#[non_exhaustive]
pub struct SuppressionReasonError;

#[cfg(test)]
mod tests {
    use super::SuppressionReason;

    #[test]
    fn reasons_read_back() {
        for reason in SuppressionReason::ALL {
            assert_eq!(reason.to_string().parse(), Ok(*reason));
            let stored = serde_json::to_string(reason).unwrap();
            assert_eq!(stored, format!("\"{reason}\""));
            assert_eq!(
                SuppressionReason::of_listing(reason.as_str()),
                Some(*reason)
            );
        }
        assert!("Manual".parse::<SuppressionReason>().is_err());
    }

    #[test]
    fn the_words_of_providers_lists_are_known() {
        for (word, reason) in [
            ("BOUNCE", SuppressionReason::HardBounce),
            ("HARDBOUNCE", SuppressionReason::HardBounce),
            ("SOFTBOUNCE", SuppressionReason::RepeatedSoftBounce),
            ("COMPLAINT", SuppressionReason::Complaint),
            ("MANUAL", SuppressionReason::Manual),
            ("UNSUBSCRIBE", SuppressionReason::Unsubscribe),
            ("UNKNOWN", SuppressionReason::Provider),
        ] {
            assert_eq!(SuppressionReason::of_listing(word), Some(reason));
        }
        assert_eq!(SuppressionReason::of_listing("because"), None);
    }
}
