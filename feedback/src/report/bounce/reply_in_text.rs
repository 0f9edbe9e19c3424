//! The reply of a mail server, quoted in running text.

use letterhead_mail::EnhancedCode;

use crate::text;

/// The words from the reply on, in the form a Diagnostic-Code has: `550 5.1.1 no such user`. Of several replies the first
/// that gives a status code counts, else the first.
pub(crate) fn reply(text: &str) -> Option<String> {
    let mut first = None;
    for found in replies(text).take(MAX_REPLIES) {
        if found.enhanced.is_some() {
            return Some(found.written());
        }
        first.get_or_insert(found);
    }
    first.map(|found| found.written())
}

/// A status code that stands in the text as a word, as in `(#5.1.1)`.
pub(crate) fn status(text: &str) -> Option<EnhancedCode> {
    let separators = |c: char| c.is_whitespace() || "()[]<>#,;:'\"=".contains(c);
    let candidate = |word: &&str| matches!(word.as_bytes(), [b'2' | b'4' | b'5', b'.', ..]);
    let mut words = text.split(separators).filter(candidate);
    words.find_map(|word| word.trim_end_matches('.').parse().ok())
}

#[derive(Debug)]
struct Found<'a> {
    code: &'a str,
    enhanced: Option<EnhancedCode>,
    rest: &'a str,
}

impl Found<'_> {
    fn written(&self) -> String {
        match self.enhanced {
            Some(enhanced) => format!("{} {enhanced} {}", self.code, self.rest),
            None => format!("{} {}", self.code, self.rest),
        }
    }
}

fn replies(text: &str) -> impl Iterator<Item = Found<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + text.get(from..)?.find(['4', '5'])?;
            from = at + 1;
            if let Some(found) = reply_at(text, at) {
                from = at + 3;
                return Some(found);
            }
        }
    })
}

/// The reply that begins here, if one does: three digits that are no part of a number, a date or an address.
fn reply_at(text: &str, at: usize) -> Option<Found<'_>> {
    let (before, from) = text.split_at_checked(at)?;
    let digits = matches!(from.as_bytes(), [_, b'0'..=b'7', b'0'..=b'9', ..]);
    let preceded = before.chars().next_back();
    let is_start = preceded.is_none_or(|c| {
        c.is_whitespace() || "([<'\":;#=,>".contains(c) || (!c.is_ascii() && !c.is_alphanumeric())
    });
    let (code, after) = from.split_at_checked(3).filter(|_| digits && is_start)?;
    let is_end = after
        .chars()
        .next()
        .is_none_or(|c| c.is_whitespace() || "-:#,;('\"\u{3001}".contains(c));
    if !is_end {
        return None;
    }
    let rest = after.trim_start_matches([' ', '\t', '-', ':', '#', ',', ';', '(']);
    let word = text::first_word(rest, MAX_WORD);
    if QUANTITIES.iter().any(|unit| text::begins_with(word, *unit)) {
        return None;
    }
    let bare = word.trim_matches(|c: char| "#()[]<>:;,'\"".contains(c));
    let enhanced: Option<EnhancedCode> = bare.parse().ok();
    let rest = match enhanced {
        Some(_) => rest.get(word.len()..).unwrap_or_default().trim_start(),
        None => rest,
    };
    Some(Found {
        code,
        enhanced,
        rest,
    })
}

/// Units: what comes before one is a quantity.
const QUANTITIES: &[&str] = &[
    "minute",
    "hour",
    "second",
    "day",
    "byte",
    "octet",
    "kb",
    "mb",
    "k ",
    "message",
    "recipient",
    "time",
    "attempt",
];
/// The longest word that may be a status code or a unit, in octets.
const MAX_WORD: usize = 64;
/// The most replies of one text that are looked at.
const MAX_REPLIES: usize = 16;

#[cfg(test)]
mod tests {
    use super::{reply, status};

    #[test]
    fn a_reply_is_found_wherever_it_stands() {
        for (text, expected) in [
            (
                "550 5.1.1 <a@x>... User Unknown",
                Some("550 5.1.1 <a@x>... User Unknown"),
            ),
            ("host x [192.0.2.1]: 550 no", Some("550 no")),
            ("450 450 4.2.2 full", Some("450 4.2.2 full")),
            ("550: 5.2.2 full", Some("550 5.2.2 full")),
            (
                "#550 5.1.1 RESOLVER.ADR; not found ##",
                Some("550 5.1.1 RESOLVER.ADR; not found ##"),
            ),
            (
                "smtp; 5.3.0 - 550-'Unknown user a'",
                Some("550 'Unknown user a'"),
            ),
            ("ERROR_CODE :550, no such box", Some("550 no such box")),
            (
                "550-5.7.26 no 550 5.7.26 more",
                Some("550 5.7.26 no 550 5.7.26 more"),
            ),
            ("\u{539f}\u{56e0}\u{ff1a}550 no", Some("550 no")),
            ("unable to deliver in 540 minutes", None),
            ("[192.0.2.550]", None),
            ("2014-11-23 at 5500", None),
            ("port 587", None),
            ("none", None),
        ] {
            assert_eq!(reply(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_status_is_found_in_brackets() {
        for (text, expected) in [
            ("no such host (#5.4.4)", Some("5.4.4")),
            ("because 5.1.1.", Some("5.1.1")),
            ("192.0.2.5 5.0", None),
        ] {
            assert_eq!(
                status(text).map(|status| status.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }
}
