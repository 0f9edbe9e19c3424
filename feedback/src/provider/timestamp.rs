//! Points in time as providers write them.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::date_time::{DateTimeText, is_digits, nanos, offset};

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
    let mut text = DateTimeText::of(text.trim());
    let midnight = text.date()? * 86_400;
    text.mark(&['T', 't', ' '])?;
    let minute = text.hour_and_minute()?;
    text.mark(&[':'])?;
    let of_day = minute + text.second()?;
    let nanos = text.fraction(&['.', ','])?;
    let east = zone(text.rest().trim())?;
    let seconds = (midnight - east).checked_add_unsigned(of_day)?;
    since_epoch(Duration::new(u64::try_from(seconds).ok()?, nanos))
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

/// Seconds east of UTC: of nothing, `Z`, `+02:00`, `-0330` or `+01`.
fn zone(text: &str) -> Option<i64> {
    match text {
        "" | "Z" | "z" | "UTC" | "GMT" => Some(0),
        _ if text.len() == "+01".len() => offset(&format!("{text}00")),
        _ => offset(text),
    }
}

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
