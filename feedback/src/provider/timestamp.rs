//! Points in time as providers write them.

use std::time::{Duration, SystemTime};

use serde_json::Value;

/// A time as a provider's JSON has it: ISO 8601 text, or seconds since 1970, as a number or as text, with a fraction or
/// without. Before 1970 and after 9999 there is none.
pub(crate) fn time(value: &Value) -> Option<SystemTime> {
    match value {
        Value::String(text) => iso_8601(text).or_else(|| unix_seconds(text)),
        // Numbers print as they were written, as far as their precision goes.
        Value::Number(number) => unix_seconds(&number.to_string()),
        _ => None,
    }
}

/// A time as milliseconds since 1970, as a number or as text.
pub(crate) fn unix_millis(value: &Value) -> Option<SystemTime> {
    let millis: u64 = match value {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => number.as_u64()?,
        _ => return None,
    };
    since_epoch(Duration::from_millis(millis))
}

/// `2026-11-22T08:07:06.543Z`, or with another offset, which may have a space before it and no colon in it; without any
/// it is UTC. [RFC 3339 §5.6](https://www.rfc-editor.org/rfc/rfc3339#section-5.6) and what is written beside it.
pub(crate) fn iso_8601(text: &str) -> Option<SystemTime> {
    let (date, rest) = text.trim().split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let (year, month, day) = triple(date, '-', [4, 2, 2])?;
    let (hour, minute, second) = triple(clock, ':', [2, 2, 2])?;
    let (nanos, zone) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (digits, zone) = rest.split_at_checked(end)?;
            (nanos(digits)?, zone)
        }
        None => (0, rest),
    };
    let is_clock = hour < 24 && minute < 60 && second <= 60;
    let is_date = (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
    if !is_clock || !is_date {
        return None;
    }
    let of_day = i64::from(hour * 3_600 + minute * 60 + second);
    let local = days_since_1970(year, month, day) * 86_400 + of_day;
    let seconds = u64::try_from(local.checked_sub(offset(zone.trim())?)?).ok()?;
    since_epoch(Duration::new(seconds, nanos))
}

/// Nanoseconds since 1970: a name for a point in time, however it was written.
pub(crate) fn nanos_since_1970(time: SystemTime) -> Option<u128> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(since.as_nanos())
}

/// `1763798826` or `1763798826.543`.
fn unix_seconds(text: &str) -> Option<SystemTime> {
    let (whole, fraction) = match text.trim().split_once('.') {
        Some((whole, fraction)) => (whole, nanos(fraction)?),
        None => (text.trim(), 0),
    };
    if whole.is_empty() || !is_digits(whole) {
        return None;
    }
    since_epoch(Duration::new(whole.parse().ok()?, fraction))
}

fn since_epoch(duration: Duration) -> Option<SystemTime> {
    if duration.as_secs() > END_OF_9999 {
        return None;
    }
    SystemTime::UNIX_EPOCH.checked_add(duration)
}

/// The digits behind a decimal point as nanoseconds; further ones are dropped.
fn nanos(digits: &str) -> Option<u32> {
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    let padded: String = digits
        .chars()
        .chain(std::iter::repeat('0'))
        .take(9)
        .collect();
    padded.parse().ok()
}

/// Seconds east of UTC: of nothing, `Z`, `+02:00`, `-0330` or `+01`.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let east = zone.strip_prefix('+');
    let (sign, digits) = match east {
        Some(digits) => (1, digits),
        None => (-1, zone.strip_prefix('-')?),
    };
    let digits = digits.replacen(':', "", 1);
    if !is_digits(&digits) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (digits.as_str(), "0"),
        4 => digits.split_at_checked(2)?,
        _ => return None,
    };
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn triple(text: &str, separator: char, lengths: [usize; 3]) -> Option<(u32, u32, u32)> {
    let mut parts = text.split(separator);
    let mut next = |length: usize| {
        let part = parts.next()?;
        let whole = part.len() == length && is_digits(part);
        if whole { part.parse().ok() } else { None }
    };
    let [first, second, third] = lengths;
    let found = (next(first)?, next(second)?, next(third)?);
    parts.next().is_none().then_some(found)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// In the Gregorian calendar. Years are counted from March, so that the leap day is the last one.
fn days_since_1970(year: u32, month: u32, day: u32) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let is_before_march = month <= 2;
    let year = if is_before_march { year - 1 } else { year };
    let month_from_march = if is_before_march {
        month + 9
    } else {
        month - 3
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + leap_days + days_of_year - DAYS_FROM_MARCH_0_TO_1970
}

const DAYS_FROM_MARCH_0_TO_1970: i64 = 719_468;
const END_OF_9999: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::json;

    use super::{iso_8601, time, unix_millis};

    fn nanos(time: SystemTime) -> u128 {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        since.as_nanos()
    }

    #[test]
    fn iso_8601_is_read_in_all_its_dress() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2012-05-02T00:54:06.655Z", 1_335_920_046_655_000_000),
            ("2017-08-05T00:40:02+00:00", 1_501_893_602_000_000_000),
            ("2018-10-08T14:05:45 +0000", 1_539_007_545_000_000_000),
            ("2016-02-29T23:59:60-03:30", 1_456_803_000_000_000_000),
            ("2000-03-01t00:00:00z", 951_868_800_000_000_000),
            ("2026-11-22 08:07:06", 1_795_334_826_000_000_000),
            ("2019-11-05T16:33:54.9070259Z", 1_572_971_634_907_025_900),
            (
                "2019-11-05T16:33:54.1234567891+01",
                1_572_968_034_123_456_789,
            ),
        ] {
            assert_eq!(iso_8601(text).map(nanos), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026",
            "2026-11-22",
            "2026-11-22T",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1",
            "2026-01-01T00:00:00+25:00",
            "2026-01-01T00:00:00 nowhere",
            "+026-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-1-01T00:00:000Z",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}T00:00:00Z",
        ] {
            assert_eq!(iso_8601(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_seconds_unless_asked_for_millis() {
        for (value, expected) in [
            (json!(1_521_472_262), 1_521_472_262_000_000_000),
            (json!("1521472262"), 1_521_472_262_000_000_000),
            (json!(1_521_472_262.908_181), 1_521_472_262_908_181_000),
            (json!("1521472262.5"), 1_521_472_262_500_000_000),
        ] {
            assert_eq!(time(&value).map(nanos), Some(expected), "{value}");
        }
        for value in [
            json!(null),
            json!(-1),
            json!(1e30),
            json!("x"),
            json!(".5"),
            json!({}),
        ] {
            assert_eq!(time(&value), None, "{value}");
            assert_eq!(unix_millis(&value), None, "{value}");
        }
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_521_472_262_908);
        assert_eq!(unix_millis(&json!(1_521_472_262_908_u64)), Some(at));
        assert_eq!(unix_millis(&json!("1521472262908")), Some(at));
        assert_eq!(time(&json!(u64::MAX)), None);
        assert_eq!(unix_millis(&json!(u64::MAX)), None);
    }
}
