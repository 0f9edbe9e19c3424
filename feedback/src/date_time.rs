//! Dates and times in text, piece by piece: what is written alike wherever it comes from
//! ([RFC 3339 §5.6](https://www.rfc-editor.org/rfc/rfc3339#section-5.6)).

/// What has not been read yet of a text that holds a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DateTimeText<'a>(&'a str);

impl<'a> DateTimeText<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self(text)
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'a str {
        self.0
    }

    /// One of these characters.
    pub(crate) fn mark(&mut self, allowed: &[char]) -> Option<()> {
        self.0 = self.0.strip_prefix(allowed)?;
        Some(())
    }

    /// `2026-11-22`, a day that there is, in days since 1970.
    pub(crate) fn date(&mut self) -> Option<i64> {
        let year = self.number(4)?;
        self.mark(&['-'])?;
        let month = self.number(2)?;
        self.mark(&['-'])?;
        days_since_1970(year, month, self.number(2)?)
    }

    /// `08:07`, in seconds.
    pub(crate) fn hour_and_minute(&mut self) -> Option<u64> {
        let hour = self.number(2)?;
        self.mark(&[':'])?;
        seconds_of(hour, self.number(2)?)
    }

    /// `06`, or 60 in a minute with a leap second.
    pub(crate) fn second(&mut self) -> Option<u64> {
        self.number(2).filter(|second| *second <= 60)
    }

    /// The nanoseconds of `.543`; none without one of these points.
    pub(crate) fn fraction(&mut self, points: &[char]) -> Option<u32> {
        if self.mark(points).is_none() {
            return Some(0);
        }
        let end = self.0.find(|c: char| !c.is_ascii_digit());
        let end = end.unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        nanos(digits)
    }

    fn number(&mut self, digits: usize) -> Option<u64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        is_digits(number).then(|| number.parse().ok())?
    }
}

/// Seconds east of UTC: of `+02:00` or `-0330`.
pub(crate) fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, text.strip_prefix('-')?),
    };
    let mut text = DateTimeText::of(digits);
    let hours = text.number(2)?;
    // Some write none.
    let _ = text.mark(&[':']);
    let seconds = seconds_of(hours, text.number(2)?)?;
    let seconds = i64::try_from(seconds).ok()?;
    text.rest().is_empty().then_some(sign * seconds)
}

/// The digits behind a decimal point as nanoseconds; further ones are dropped.
pub(crate) fn nanos(digits: &str) -> Option<u32> {
    let digit = |byte: u8| u32::from(byte.saturating_sub(b'0'));
    let padded = digits.bytes().chain([b'0'; 9]).take(9);
    (!digits.is_empty() && is_digits(digits))
        .then(|| padded.fold(0, |sum, byte| sum * 10 + digit(byte)))
}

pub(crate) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Year, month and day, of a day counted from 1970-01-01.
pub(crate) fn calendar_date(days: u64) -> (u64, u64, u64) {
    date_of(days + DAYS_FROM_YEAR_0)
}

/// `None` for a day that is in no calendar.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<i64> {
    let (years, months) = match month {
        1..=2 => (year.checked_sub(1)?, month + 9),
        3..=12 => (year, month - 3),
        _ => return None,
    };
    let day_of_year = (153 * months + 2) / 5 + day.checked_sub(1)?;
    let days = years * 365 + years / 4 - years / 100 + years / 400 + day_of_year;
    if date_of(days) != (year, month, day) {
        return None;
    }
    let days = i64::try_from(days).ok()?;
    days.checked_sub_unsigned(DAYS_FROM_YEAR_0)
}

/// Of a day counted from 0000-03-01. Years begin in March here, so that a leap day is the last.
fn date_of(days: u64) -> (u64, u64, u64) {
    let (era, day) = (days / DAYS_AN_ERA, days % DAYS_AN_ERA);
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

fn seconds_of(hours: u64, minutes: u64) -> Option<u64> {
    (hours < 24 && minutes < 60).then_some(hours * 3_600 + minutes * 60)
}

pub(crate) const SECONDS_A_DAY: u64 = 86_400;
/// 400 years.
const DAYS_AN_ERA: u64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const DAYS_FROM_YEAR_0: u64 = 719_468;

#[cfg(test)]
mod tests {
    use super::{DateTimeText, calendar_date, offset};

    #[test]
    fn every_day_reads_back() {
        // 400 years, after which the calendar repeats, and the last ones.
        for days in (0..=146_097).chain(2_900_000..=2_932_896) {
            let (year, month, day) = calendar_date(days);
            let text = format!("{year:04}-{month:02}-{day:02}");
            let read = DateTimeText::of(&text).date();
            assert_eq!(read, i64::try_from(days).ok(), "{text}");
        }
        assert_eq!(calendar_date(2_932_896), (9_999, 12, 31));
        assert_eq!(DateTimeText::of("1969-12-31").date(), Some(-1));
    }

    #[test]
    fn days_that_are_in_no_calendar_are_none() {
        for text in [
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-00-01",
            "2026-13-01",
            "2026-01-00",
            "2026-01-32",
            "0000-01-01",
        ] {
            assert_eq!(DateTimeText::of(text).date(), None, "{text}");
        }
    }

    #[test]
    fn an_offset_is_hours_and_minutes() {
        for (text, seconds) in [
            ("+02:00", Some(7_200)),
            ("-0330", Some(-12_600)),
            ("+01", None),
            ("+1:00", None),
            ("+24:00", None),
            ("+00:60", None),
            ("+00:000", None),
            ("02:00", None),
        ] {
            assert_eq!(offset(text), seconds, "{text}");
        }
    }
}
