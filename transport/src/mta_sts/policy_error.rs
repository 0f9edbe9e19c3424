//! Why a text is no policy.

use super::pattern::MxPatternError;
use super::policy::MtaStsPolicy;

/// Why a text is no policy. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MtaStsPolicyError {
    /// More octets than a policy has.
    #[error("the policy is longer than {} octets", MtaStsPolicy::MAX_OCTETS)]
    TooLong,
    /// Octets that are not UTF-8.
    #[error("the policy is not text in UTF-8")]
    NotUtf8,
    /// A line that is no name, colon and value.
    #[error("line {0} of the policy is no field with a name, a colon and a value")]
    Line(usize),
    /// A field that has to be there.
    #[error("the policy has no field \"{0}\"")]
    Missing(&'static str),
    /// A version other than `STSv1`.
    #[error("the version in line {0} is not STSv1")]
    Version(usize),
    /// A mode that there is not.
    #[error("the mode in line {0} is none of enforce, testing and none")]
    Mode(usize),
    /// No number of seconds.
    #[error("the max_age in line {0} is no number of up to ten digits")]
    MaxAge(usize),
    /// No host.
    #[error("line {line} of the policy names no host")]
    Mx {
        /// The line.
        line: usize,
        /// What is wrong with it.
        source: MxPatternError,
    },
}
