//! What a domain owner asks of receivers.

use std::fmt;
use std::str::FromStr;

/// What a domain owner asks receivers to do with mail that fails
/// ([RFC 9989 §4.7](https://www.rfc-editor.org/rfc/rfc9989#section-4.7), tags `p`, `sp` and `np`).
///
/// Ordered from the weakest to the strongest.
#[expect(
    clippy::exhaustive_enums,
    reason = "the three policies are fixed by the version of the record"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Policy {
    /// No preference; mail is handled as if there were no record, reports apart.
    None,
    /// The mail is suspicious.
    Quarantine,
    /// The mail should not be accepted.
    Reject,
}

impl Policy {
    /// The policy one step down, which is what the test mode `t=y` asks for.
    #[must_use]
    pub fn one_step_weaker(self) -> Self {
        match self {
            Self::Reject => Self::Quarantine,
            Self::Quarantine | Self::None => Self::None,
        }
    }

    /// The word in a record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownPolicy> {
        [Self::None, Self::Quarantine, Self::Reject]
            .into_iter()
            .find(|policy| text.eq_ignore_ascii_case(policy.as_str()))
            .ok_or(UnknownPolicy)
    }
}

/// Text that is not a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a policy; write none, quarantine or reject")]
#[non_exhaustive]
pub struct UnknownPolicy;

#[cfg(test)]
mod tests {
    use super::Policy;

    #[test]
    fn test_mode_lowers_one_step_and_never_below_none() {
        assert_eq!(Policy::Reject.one_step_weaker(), Policy::Quarantine);
        assert_eq!(Policy::Quarantine.one_step_weaker(), Policy::None);
        assert_eq!(Policy::None.one_step_weaker(), Policy::None);
    }

    #[test]
    fn policies_are_read_without_regard_to_case() {
        assert_eq!("Reject".parse(), Ok(Policy::Reject));
        assert!("rejected".parse::<Policy>().is_err());
        assert!("".parse::<Policy>().is_err());
    }
}
