//! Days, as reports count them.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A day from midnight to midnight in UTC ([RFC 8460 §4.1](https://www.rfc-editor.org/rfc/rfc8460#section-4.1)).
///
/// ```
/// use letterhead_transport::tls_report::UtcDay;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let day = UtcDay::of(UNIX_EPOCH + Duration::from_secs(1_795_347_000));
/// assert_eq!(day.to_string(), "2026-11-22");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UtcDay {
    /// Days since 1 January 1970.
    number: u64,
}

impl UtcDay {
    /// The day of this time; 1 January 1970 for all times before.
    #[must_use]
    pub fn of(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            number: since.as_secs() / SECONDS,
        }
    }

    /// Its first second; `None` where the system's time does not reach so far.
    #[must_use]
    pub fn start(self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_secs(self.number.checked_mul(SECONDS)?))
    }

    /// Its last second.
    #[must_use]
    pub fn end(self) -> Option<SystemTime> {
        self.start()?.checked_add(Duration::from_secs(SECONDS - 1))
    }
}

/// `2026-11-22`.
impl fmt::Display for UtcDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Counted from 1 March of the year 0, so that the day of a leap year comes last; in eras of 400 years.
        let days = self.number.saturating_add(719_468);
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let (month, next_year) = match month_from_march {
            0..=9 => (month_from_march + 3, 0),
            _ => (month_from_march - 9, 1),
        };
        let year = era * 400 + year_of_era + next_year;
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

const SECONDS: u64 = 86_400;

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::UtcDay;

    #[test]
    fn days_have_their_dates() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_735_689_599, "2024-12-31"),
            (1_735_689_600, "2025-01-01"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            let day = UtcDay::of(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(day.to_string(), date, "{seconds}");
            assert_eq!(UtcDay::of(day.start().unwrap()), day);
            assert_eq!(UtcDay::of(day.end().unwrap()), day);
            assert_ne!(UtcDay::of(day.end().unwrap() + Duration::from_secs(1)), day);
        }
        assert_eq!(
            UtcDay::of(UNIX_EPOCH - Duration::from_secs(1)).to_string(),
            "1970-01-01"
        );
    }
}
