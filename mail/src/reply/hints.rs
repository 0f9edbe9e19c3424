//! What servers say in the text of a reply though it has no place of its own there.

use std::time::Duration;

use super::ReplyCode;

/// The name under which a server keeps a message.
pub(super) fn queue_id(code: ReplyCode, text: &str) -> Option<&str> {
    if !code.is_completion() {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let after = |pattern: &[&str]| {
        let place = words.windows(pattern.len()).position(|window| {
            window
                .iter()
                .zip(pattern)
                .all(|(word, expected)| word.eq_ignore_ascii_case(expected))
        })?;
        words.get(place + pattern.len()).copied()
    };
    let labelled = words.iter().find_map(|word| {
        let (label, value) = word.split_once('=')?;
        ["id", "msgid"]
            .iter()
            .any(|known| label.eq_ignore_ascii_case(known))
            .then_some(value)
    });
    let candidate = after(&["queued", "as"])
        .or(labelled)
        .or_else(|| after(&["queued", "with", "id"]))
        .or_else(|| before(&words, &["message", "accepted"]))
        .or_else(|| after(&["ok:", "queued", "as"]))
        .or_else(|| match words.as_slice() {
            // A single word behind OK, as SES and SendGrid have it.
            [first, id] if first.eq_ignore_ascii_case("ok") => Some(id),
            [first, second, id]
                if first.eq_ignore_ascii_case("ok:") && second.eq_ignore_ascii_case("queued") =>
            {
                Some(id)
            }
            _ => None,
        })?;
    let id = candidate.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | '(' | ')'));
    let is_name = (4..=255).contains(&id.len())
        && id.bytes().any(|b| b.is_ascii_digit())
        && id.bytes().all(|b| b.is_ascii_graphic());
    is_name.then_some(id)
}

/// The word in front of these.
fn before<'a>(words: &[&'a str], pattern: &[&str]) -> Option<&'a str> {
    let place = words.windows(pattern.len()).position(|window| {
        window
            .iter()
            .zip(pattern)
            .all(|(word, expected)| word.eq_ignore_ascii_case(expected))
    })?;
    words.get(place.checked_sub(1)?).copied()
}

/// How long a server asks to wait.
pub(super) fn retry_after(code: ReplyCode, text: &str) -> Option<Duration> {
    if !code.is_transient() {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).find_map(|pair| {
        let [number, unit] = pair else { return None };
        let number: u64 = number
            .trim_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .ok()?;
        let unit = unit
            .trim_matches(|c: char| !c.is_ascii_alphabetic())
            .to_ascii_lowercase();
        let seconds = match unit.as_str() {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            _ => return None,
        };
        let wait = number.checked_mul(seconds)?;
        (1..=DAY).contains(&wait).then(|| Duration::from_secs(wait))
    })
}

const DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::reply::{Reply, ReplyCode};

    fn reply(code: u16, text: &str) -> Reply {
        Reply::new(ReplyCode::new(code).unwrap(), None, text)
    }

    #[test]
    fn the_ways_of_servers_in_wide_use_are_read() {
        for (text, id) in [
            ("Ok: queued as 4XyZ12abc", "4XyZ12abc"),
            ("Ok: queued as 4XyZ12abc.", "4XyZ12abc"),
            ("OK id=1rXyZq-0001Ab-2c", "1rXyZq-0001Ab-2c"),
            (
                "Ok 0100018f3c2a4b5d-0a1b2c3d-4e5f-000000",
                "0100018f3c2a4b5d-0a1b2c3d-4e5f-000000",
            ),
            ("Ok: queued s4bQ8VZfT1", "s4bQ8VZfT1"),
            ("42KDxyz123 Message accepted for delivery", "42KDxyz123"),
        ] {
            assert_eq!(reply(250, text).queue_id(), Some(id), "{text}");
            assert_eq!(reply(450, text).queue_id(), None, "{text}");
        }
        for text in [
            "",
            "Ok",
            "queued",
            "Message accepted for delivery",
            "queued as such",
            "ok sure",
        ] {
            assert_eq!(reply(250, text).queue_id(), None, "{text}");
        }
    }

    #[test]
    fn a_wait_is_read_where_it_is_named() {
        for (text, wait) in [
            ("Greylisted, try again in 300 seconds", Some(300)),
            ("come back in (5) minutes.", Some(300)),
            ("wait 1 hour", Some(3_600)),
            ("wait 0 seconds", None),
            ("wait 99999999999999999999 hours", None),
            ("wait 300 hours", None),
            ("too many messages: 300 today", None),
        ] {
            let wait = wait.map(Duration::from_secs);
            assert_eq!(reply(451, text).retry_after(), wait, "{text}");
            assert_eq!(reply(551, text).retry_after(), None, "{text}");
        }
    }
}
