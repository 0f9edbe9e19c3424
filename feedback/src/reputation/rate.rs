use std::fmt;

/// A part of a whole in millionths: 1,000 is 0.1 %. Rates are compared as whole numbers, so that a threshold is met
/// exactly where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PerMillion(u32);

impl PerMillion {
    /// A whole.
    pub const WHOLE: u32 = 1_000_000;

    /// So many of so many, rounded down; `None` of nothing. More than all is all.
    #[must_use]
    pub fn of(count: u64, whole: u64) -> Option<Self> {
        if whole == 0 {
            return None;
        }
        let part = u128::from(count) * u128::from(Self::WHOLE) / u128::from(whole);
        let part = part.min(u128::from(Self::WHOLE));
        u32::try_from(part).ok().map(Self)
    }

    /// A part that is written in decimals, 0.05 for five in a hundred, to the nearest millionth; `None` outside 0 to 1.
    #[must_use]
    pub fn from_ratio(ratio: f64) -> Option<Self> {
        if !(0.0..=1.0).contains(&ratio) {
            return None;
        }
        // From 0 to a million: every such number is one of both types.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the number is from 0 to a million"
        )]
        let part = (ratio * f64::from(Self::WHOLE)).round() as u32;
        Some(Self(part))
    }

    /// The number of millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.0
    }

    /// Whether so many of so many are this part or more.
    pub(super) fn is_met_by(self, count: u64, whole: u64) -> bool {
        u128::from(count) * u128::from(Self::WHOLE) >= u128::from(whole) * u128::from(self.0)
    }

    pub(super) const fn known(millionths: u32) -> Self {
        Self(millionths)
    }
}

impl TryFrom<u32> for PerMillion {
    type Error = PerMillionError;

    fn try_from(millionths: u32) -> Result<Self, PerMillionError> {
        if millionths > Self::WHOLE {
            return Err(PerMillionError);
        }
        Ok(Self(millionths))
    }
}

/// In percent: `0.1%`.
impl fmt::Display for PerMillion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        let short = text.trim_end_matches('0').trim_end_matches('.');
        f.pad(&format!("{short}%"))
    }
}

/// More than all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of a whole has at most a million millionths")]
#[non_exhaustive]
pub struct PerMillionError;

#[cfg(test)]
mod tests {
    use super::PerMillion;

    #[test]
    fn parts_are_exact_and_shown_in_percent() {
        for (count, whole, millionths, shown) in [
            (0, 7, 0, "0%"),
            (1, 1_000, 1_000, "0.1%"),
            (1, 3, 333_333, "33.3333%"),
            (5, 100, 50_000, "5%"),
            (1, 10, 100_000, "10%"),
            (9, 7, 1_000_000, "100%"),
            (u64::MAX, u64::MAX, 1_000_000, "100%"),
        ] {
            let part = PerMillion::of(count, whole).unwrap();
            assert_eq!(
                (part.millionths(), part.to_string().as_str()),
                (millionths, shown)
            );
        }
        assert_eq!(PerMillion::of(1, 0), None);
        assert!(PerMillion::try_from(1_000_001).is_err());
    }

    #[test]
    fn decimals_become_the_number_they_mean() {
        for (ratio, millionths) in [
            (0.0, 0),
            (0.001, 1_000),
            (0.003, 3_000),
            (0.05, 50_000),
            (1.0, 1_000_000),
        ] {
            let part = PerMillion::from_ratio(ratio).unwrap();
            assert_eq!(part.millionths(), millionths);
        }
        for ratio in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(PerMillion::from_ratio(ratio), None);
        }
    }

    #[test]
    fn a_threshold_is_met_from_its_very_number_on() {
        let threshold = PerMillion::known(3_000);
        assert!(threshold.is_met_by(3, 1_000) && !threshold.is_met_by(3, 1_001));
        assert!(!threshold.is_met_by(0, 1) && threshold.is_met_by(u64::MAX, u64::MAX));
    }
}
