//! A point in time, as precise as every store can keep it.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

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
        if let Ok(seconds) = text.parse::<u64>() {
            return Ok(Self::from(seconds.saturating_mul(1_000)));
        }
        let mut rest = text;
        let year = digits(&mut rest, 4)?;
        literal(&mut rest, &['-'])?;
        let month = digits(&mut rest, 2)?;
        literal(&mut rest, &['-'])?;
        let day = digits(&mut rest, 2)?;
        let days = days_since_epoch(year, month, day).ok_or(MomentError)?;
        if rest.is_empty() {
            return Ok(Self::from(days * SECONDS_A_DAY * 1_000));
        }
        literal(&mut rest, &['T', 't', ' '])?;
        let hour = digits(&mut rest, 2)?;
        literal(&mut rest, &[':'])?;
        let minute = digits(&mut rest, 2)?;
        let mut second = 0;
        if literal(&mut rest, &[':']).is_ok() {
            second = digits(&mut rest, 2)?;
        }
        let millis = fraction(&mut rest)?;
        if hour > 23 || minute > 59 || second > 60 {
            return Err(MomentError);
        }
        let east = offset(rest)?;
        let seconds = days * SECONDS_A_DAY + hour * 3_600 + minute * 60 + second;
        let seconds = seconds
            .checked_add_signed(-east)
            .ok_or(MomentError)?
            .saturating_mul(1_000);
        Ok(Self::from(seconds.saturating_add(millis)))
    }
}

/// Text that is no time after 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MomentError;

fn digits(rest: &mut &str, count: usize) -> Result<u64, MomentError> {
    let (number, after) = rest.split_at_checked(count).ok_or(MomentError)?;
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(MomentError);
    }
    *rest = after;
    number.parse().map_err(|_| MomentError)
}

fn literal(rest: &mut &str, allowed: &[char]) -> Result<(), MomentError> {
    *rest = rest.strip_prefix(allowed).ok_or(MomentError)?;
    Ok(())
}

/// The milliseconds of what follows a point; none without one.
fn fraction(rest: &mut &str) -> Result<u64, MomentError> {
    let Some(after) = rest.strip_prefix('.') else {
        return Ok(0);
    };
    let end = after
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(after.len());
    let (number, remaining) = after.split_at_checked(end).ok_or(MomentError)?;
    if number.is_empty() {
        return Err(MomentError);
    }
    *rest = remaining;
    let digit = |b: u8| u64::from(b.saturating_sub(b'0'));
    let padded = number.bytes().chain([b'0'; 3]).take(3);
    Ok(padded.fold(0, |sum, b| sum * 10 + digit(b)))
}

/// Seconds east of UTC.
fn offset(rest: &str) -> Result<i64, MomentError> {
    let sign = match rest.chars().next() {
        None | Some('Z' | 'z') if rest.len() <= 1 => return Ok(0),
        Some('+') => 1,
        Some('-') => -1,
        _ => return Err(MomentError),
    };
    let mut rest = rest.get(1..).unwrap_or_default();
    let hours = digits(&mut rest, 2)?;
    let _ = literal(&mut rest, &[':']);
    let minutes = digits(&mut rest, 2)?;
    if !rest.is_empty() || hours > 23 || minutes > 59 {
        return Err(MomentError);
    }
    let seconds = i64::try_from(hours * 3_600 + minutes * 60).map_err(|_| MomentError)?;
    Ok(sign * seconds)
}

/// Year, month and day, of a day counted from 1970-01-01. Years begin in March here, so that a leap day is the last.
fn calendar_date(days: u64) -> (u64, u64, u64) {
    let shifted = days + DAYS_FROM_YEAR_0;
    let (era, day) = (shifted / DAYS_AN_ERA, shifted % DAYS_AN_ERA);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next, month, day)
}

/// `None` for a day that is in no calendar, or before 1970.
fn days_since_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    let (years, months) = match month {
        1..=2 => (year.checked_sub(1)?, month + 9),
        3..=12 => (year, month - 3),
        _ => return None,
    };
    let day_of_year = (153 * months + 2) / 5 + day.checked_sub(1)?;
    let days = years * 365 + years / 4 - years / 100 + years / 400 + day_of_year;
    let days = days.checked_sub(DAYS_FROM_YEAR_0)?;
    (calendar_date(days) == (year, month, day)).then_some(days)
}

const SECONDS_A_DAY: u64 = 86_400;
/// 400 years.
const DAYS_AN_ERA: u64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const DAYS_FROM_YEAR_0: u64 = 719_468;

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
