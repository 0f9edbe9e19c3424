//! When failure reports are wanted.

use std::fmt;
use std::str::FromStr;

/// One circumstance in which a failure report is wanted
/// ([RFC 9989 §4.7](https://www.rfc-editor.org/rfc/rfc9989#section-4.7), tag `fo`).
#[expect(
    clippy::exhaustive_enums,
    reason = "the four options are fixed by the version of the record"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureOption {
    /// No mechanism produced an aligned pass (`0`).
    AllFail,
    /// Some mechanism produced something other than an aligned pass (`1`).
    AnyFails,
    /// A DKIM signature failed, aligned or not (`d`).
    DkimFails,
    /// SPF failed, aligned or not (`s`).
    SpfFails,
}

impl FailureOption {
    const ALL: [Self; 4] = [
        Self::AllFail,
        Self::AnyFails,
        Self::DkimFails,
        Self::SpfFails,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::AllFail => "0",
            Self::AnyFails => "1",
            Self::DkimFails => "d",
            Self::SpfFails => "s",
        }
    }
}

/// A set of [`FailureOption`]s, never empty, never both `0` and `1`. The default is `0`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FailureOptions {
    /// In the order of the enum, each once.
    options: Vec<FailureOption>,
}

impl FailureOptions {
    /// These options; the order and repetitions do not matter.
    ///
    /// # Errors
    ///
    /// When there is none, or both [`FailureOption::AllFail`] and [`FailureOption::AnyFails`].
    pub fn new(
        options: impl IntoIterator<Item = FailureOption>,
    ) -> Result<Self, FailureOptionsError> {
        let mut options: Vec<FailureOption> = options.into_iter().collect();
        options.sort_unstable();
        options.dedup();
        if options.is_empty() {
            return Err(FailureOptionsError::Empty);
        }
        if options.starts_with(&[FailureOption::AllFail, FailureOption::AnyFails]) {
            return Err(FailureOptionsError::Exclusive);
        }
        Ok(Self { options })
    }

    /// Whether this option is in the set.
    #[must_use]
    pub fn contains(&self, option: FailureOption) -> bool {
        self.options.contains(&option)
    }

    /// The options in the set.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = FailureOption> + '_ {
        self.options.iter().copied()
    }
}

impl Default for FailureOptions {
    fn default() -> Self {
        Self {
            options: vec![FailureOption::AllFail],
        }
    }
}

/// The value of the tag, such as `1:d`.
impl fmt::Display for FailureOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, option) in self.options.iter().enumerate() {
            if index > 0 {
                f.write_str(":")?;
            }
            f.write_str(option.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for FailureOptions {
    type Err = FailureOptionsError;

    fn from_str(text: &str) -> Result<Self, FailureOptionsError> {
        let options: Result<Vec<FailureOption>, FailureOptionsError> = text
            .split(':')
            .map(|part| {
                let part = part.trim_matches([' ', '\t']);
                FailureOption::ALL
                    .into_iter()
                    .find(|option| part.eq_ignore_ascii_case(option.as_str()))
                    .ok_or(FailureOptionsError::Unknown)
            })
            .collect();
        Self::new(options?)
    }
}

/// Why options for failure reports do not make a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FailureOptionsError {
    /// No option at all.
    #[error("no failure option is given; name at least one of 0, 1, d and s")]
    Empty,
    /// `0` and `1` together.
    #[error("the failure options 0 and 1 exclude each other; keep one")]
    Exclusive,
    /// Something other than the four options.
    #[error("a failure option is none of 0, 1, d and s")]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::{FailureOption, FailureOptions, FailureOptionsError};

    #[test]
    fn options_are_a_set_printed_in_one_order() {
        for (text, printed) in [
            ("0", "0"),
            ("s:d", "d:s"),
            ("d : 1:s", "1:d:s"),
            ("D:d", "d"),
        ] {
            let options: FailureOptions = text.parse().unwrap();
            assert_eq!(options.to_string(), printed);
        }
        assert_eq!(FailureOptions::default().to_string(), "0");
    }

    #[test]
    fn zero_and_one_exclude_each_other() {
        for text in ["0:1", "1:d:0"] {
            assert_eq!(
                text.parse::<FailureOptions>(),
                Err(FailureOptionsError::Exclusive)
            );
        }
    }

    #[test]
    fn empty_and_unknown_options_are_refused() {
        for text in ["", ":", "2", "d,s", "0:"] {
            assert_eq!(
                text.parse::<FailureOptions>(),
                Err(FailureOptionsError::Unknown),
                "{text}"
            );
        }
        assert_eq!(FailureOptions::new([]), Err(FailureOptionsError::Empty));
        assert!(
            FailureOptions::new([FailureOption::DkimFails])
                .unwrap()
                .contains(FailureOption::DkimFails)
        );
    }
}
