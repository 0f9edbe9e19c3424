//! A point in time, as precise as every store can keep it.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::date_time::{DateTimeText, SECONDS_A_DAY, calendar_date, offset};

/// Whole milliseconds since 1970, up to the end of the year 9999; what lies outside counts as its nearest end.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(from = "u64", into = "u64")]
pub(crate) struct Moment(u64);

impl Moment {
    /// Since when it counts.
    pub(crate) const EPOCH: Self = Self(0);
    const LAST: u64 = 253_402_300_799_999;

    pub(crate) fn of(time: SystemTime) -> Self {
        let since = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self::from(u64::try_from(since.as_millis()).unwrap_or(Self::LAST))
    }

    pub(crate) fn time(self) -> SystemTime {
        // Not every system's time reaches the year 9999.
        let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.0));
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    pub(crate) fn millis(self) -> u64 {
        self.0
    }

    pub(crate) fn after(self, wait: Duration) -> Self {
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Self::from(self.0.saturating_add(wait))
    }

    pub(crate) fn before(self, wait: Duration) -> Self {
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(wait))
    }

    /// How long it is later than the other; nothing where it is earlier.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl From<u64> for Moment {
    fn from(millis: u64) -> Self {
        Self(millis.min(Self::LAST))
    }
}

impl From<Moment> for u64 {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

/// `2026-11-22T21:48:01.000Z` ([RFC 3339 §5.6](https://www.rfc-editor.org/rfc/rfc3339#section-5.6)).
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0 / 1_000, self.0 % 1_000);
        let (days, second) = (seconds / SECONDS_A_DAY, seconds % SECONDS_A_DAY);
        let (year, month, day) = calendar_date(days);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
        )
    }
}

/// A date with or without a time, fractions beyond milliseconds cut; without an offset it is UTC. A number is seconds since
/// 1970.
impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        match text.parse::<u64>() {
            Ok(seconds) => Ok(Self::from(seconds.saturating_mul(1_000))),
            Err(_) => in_calendar(text).ok_or(MomentError),
        }
    }
}

fn in_calendar(text: &str) -> Option<Moment> {
    let mut text = DateTimeText::of(text);
    let midnight = u64::try_from(text.date()?).ok()? * SECONDS_A_DAY;
    if text.rest().is_empty() {
        return Some(Moment::from(midnight * 1_000));
    }
    text.mark(&['T', 't', ' '])?;
    let minute = text.hour_and_minute()?;
    let second = match text.mark(&[':']) {
        Some(()) => text.second()?,
        None => 0,
    };
    let millis = u64::from(text.fraction(&['.'])? / 1_000_000);
    let east = match text.rest() {
        "" | "Z" | "z" => 0,
        other => offset(other)?,
    };
    let seconds = (midnight + minute + second).checked_add_signed(-east)?;
    Some(Moment::from(seconds * 1_000 + millis))
}

/// Text that is no time after 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MomentError;

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;
    use proptest::prop_assert_eq;

    use super::Moment;

    #[test]
    fn times_are_read_in_the_forms_that_occur() {
        for (text, millis) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00.5Z", 951_825_600_500),
            ("2003-07-01t10:52:37.1239z", 1_057_056_757_123),
            ("2003-07-01 10:52:37", 1_057_056_757_000),
            ("2003-07-01T12:52:37+02:00", 1_057_056_757_000),
            ("2003-07-01T05:52:37.000000-0500", 1_057_056_757_000),
            ("2003-07-01T10:52", 1_057_056_720_000),
            ("1057056757", 1_057_056_757_000),
            ("99999999999999", 253_402_300_799_999),
        ] {
            assert_eq!(text.parse(), Ok(Moment::from(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "yesterday",
            "1969-12-31",
            "2001-02-29",
            "2001-00-01",
            "2001-13-01",
            "2001-01-01T",
            "2001-01-01T24:00",
            "2001-01-01T10:00:00.Z",
            "2001-01-01T10:00:00Zulu",
            "2001-01-01T10:00:00+1",
            "2001-01-01T10:00:00+99:00",
            "-5",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_reads_back(millis in 0..=Moment::LAST) {
            let moment = Moment::from(millis);
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            prop_assert_eq!(Moment::of(moment.time()), moment);
        }
    }
}
