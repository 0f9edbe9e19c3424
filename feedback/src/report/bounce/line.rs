//! The shapes of lines in which bounces name recipients, as data and a few rules.

use std::sync::LazyLock;

use letterhead_mail::EmailAddress;

use super::address_in_text::{AddressInText, addresses};
use super::word_list::WordList;
use crate::text;

/// How sure it is that an address is that of a recipient, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// Alone in its line, or before a colon, or behind a label that says so.
    Listed,
    /// At the beginning of its line: `joe@example.org... User unknown`.
    Opening,
    /// In a reply or a command of SMTP.
    Reply,
    /// In a sentence, behind a word that says whose it is.
    Named,
    /// In a sentence.
    Loose,
    /// In the field To of a message that is quoted.
    Quoted,
}

impl Shape {
    pub(crate) const ALL: [Self; 6] = [
        Self::Listed,
        Self::Opening,
        Self::Reply,
        Self::Named,
        Self::Loose,
        Self::Quoted,
    ];
}

/// An address that may be that of a recipient.
#[derive(Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) address: EmailAddress,
    pub(crate) shape: Shape,
    /// What is said behind it.
    pub(crate) after: &'a str,
}

/// The candidates in a line. Several are listed only where nothing but commas is between them.
pub(crate) fn candidates(line: &str) -> Vec<Candidate<'_>> {
    let found: Vec<AddressInText<'_>> = addresses(line).collect();
    let only_separators = |text: &str| text.chars().all(|c| " \t,;<>\"'&".contains(c));
    let is_list = found.len() > 1
        && found.iter().skip(1).all(|next| {
            let between = next.before.rsplit(['@']).next().unwrap_or_default();
            let words = between.split([',', ';', ' ', '>']).skip(1);
            words.into_iter().all(only_separators)
        });
    let mut candidates = Vec::new();
    for (index, next) in found.iter().enumerate() {
        let first = if is_list { found.first() } else { Some(next) };
        let last = if is_list { found.last() } else { Some(next) };
        let (Some(first), Some(last)) = (first, last) else {
            continue;
        };
        let mut shape = shape(first.before, last.after, next);
        if index > 0 && !is_list {
            // A second address in a line is that of the first said again, or somebody else's.
            shape = shape.map(|shape| shape.max(Shape::Named));
        }
        if let Some(shape) = shape {
            candidates.push(Candidate {
                address: next.address.clone(),
                shape,
                after: last.after,
            });
        }
    }
    candidates
}

/// The original address in `(generated from joe@example.org)` and `(expanded from: <joe@example.org>)`.
pub(crate) fn expanded_from(line: &str) -> Option<EmailAddress> {
    let start = line.trim_start().trim_start_matches(['(', '"']);
    if !ORIGINS.iter().any(|words| text::begins_with(start, *words)) {
        return None;
    }
    addresses(line).next().map(|found| found.address)
}

fn shape(before: &str, after: &str, found: &AddressInText<'_>) -> Option<Shape> {
    let said = before.trim_start();
    let is_dialogue = DIALOGUE.iter().any(|mark| said.starts_with(mark));
    let lead = said.trim_end().trim_start_matches(BULLETS).trim();
    let lead = without_number(lead).to_lowercase();
    let tail = after.trim();
    if lead.is_empty() {
        let closes = |c: char| ".,;:".contains(c);
        return Some(match tail.trim_end_matches(closes) {
            "" => Shape::Listed,
            _ if tail.starts_with(':') => Shape::Listed,
            _ => Shape::Opening,
        });
    }
    let open = lead.trim_end_matches(|c: char| "<\"'([:= \t\u{ff1a}".contains(c));
    let is_labelled =
        lead.ends_with([':', '=', '\u{ff1a}']) || before.ends_with(['\u{ff1a}', ':', '=']);
    let lead_of = open
        .strip_suffix("rfc822;")
        .or_else(|| open.strip_suffix("mailto"))
        .or_else(|| open.strip_suffix("smtp"))
        .unwrap_or(open)
        .trim_end_matches(|c: char| "<\"'([:=; \t".contains(c));
    let ends_with = |list: &[&str]| list.iter().any(|words| ends_with_words(lead_of, words));
    if ends_with(&WORDS.others) {
        return None;
    }
    if is_dialogue {
        return Some(Shape::Reply);
    }
    if ends_with(&WORDS.recipients) && (is_labelled || lead_of.len() < open.len()) {
        return Some(Shape::Listed);
    }
    if ends_with(&WORDS.fields) && is_labelled && !lead_of.contains(' ') {
        return Some(Shape::Quoted);
    }
    if is_reply(lead_of) {
        return Some(Shape::Reply);
    }
    if ends_with(&WORDS.recipients) || ends_with(&WORDS.cues) {
        return Some(Shape::Named);
    }
    // A display name in front: `Joe Doe <joe@example.org>`, `Joe<mailto:joe@example.org>`.
    let words = lead_of.split_whitespace().count();
    let is_name = (found.in_angles || open.ends_with("mailto"))
        && words <= 4
        && !lead_of.contains([':', '.', ',']);
    if is_name && tail.trim_end_matches(['>', ':', ',', ';', ')']).is_empty() {
        return Some(Shape::Listed);
    }
    Some(Shape::Loose)
}

/// Whether the text is a reply code with or without a status code.
fn is_reply(lead: &str) -> bool {
    let mut words = lead.split([' ', '-']).filter(|word| !word.is_empty());
    let code = words.next().unwrap_or_default();
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    is_code
        && words.all(|word| {
            word.bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'#'))
        })
}

fn ends_with_words(text: &str, words: &str) -> bool {
    let Some(rest) = text.strip_suffix(words) else {
        return false;
    };
    let joined = |c: char| c.is_alphanumeric() && c.is_ascii();
    !words.is_ascii() || !rest.ends_with(joined)
}

/// The text without the number of an item: `1. joe`, `2) joe`.
fn without_number(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix(['.', ')']) {
        Some(rest) if rest.starts_with(' ') || rest.is_empty() => rest.trim_start(),
        _ => text,
    }
}

/// What stands before addresses.
struct Labels {
    recipients: Vec<&'static str>,
    others: Vec<&'static str>,
    fields: Vec<&'static str>,
    cues: Vec<&'static str>,
}

static WORDS: LazyLock<Labels> = LazyLock::new(|| {
    let list = WordList::of(include_str!("data/labels.txt"));
    Labels {
        recipients: list.section("recipient"),
        others: list.section("other"),
        fields: list.section("field"),
        cues: list.section("cue"),
    }
});

/// How lines of a quoted session begin.
const DIALOGUE: &[&str] = &[">>>", "<<<", "-->", "<--"];

/// What stands before the items of a list.
const BULLETS: &[char] = &[
    '*', '-', '+', '>', '\u{2022}', '\u{b7}', '\u{30fb}', '\u{25cf}', '|', ' ', '\t',
];

/// How a line begins that says which address a recipient came from.
const ORIGINS: &[&str] = &[
    "generated from",
    "generated by",
    "ultimately generated from",
    "expanded from",
    "forwarded from",
    "originally addressed to",
    "original address:",
    "original rcpt:",
];

#[cfg(test)]
mod tests {
    use super::{Shape, candidates, expanded_from};

    #[test]
    fn shapes_are_told_apart() {
        for (line, expected) in [
            ("<joe@example.org>:", Some(Shape::Listed)),
            ("   * joe@example.org", Some(Shape::Listed)),
            ("1. joe@example.org", Some(Shape::Listed)),
            ("joe@example.org: no MX", Some(Shape::Listed)),
            ("    Recipient: <joe@example.org>", Some(Shape::Listed)),
            ("Recipient: [SMTP:joe@example.org]", Some(Shape::Listed)),
            (
                "Final-Recipient: rfc822; joe@example.org",
                Some(Shape::Listed),
            ),
            ("Joe Doe <joe@example.org>", Some(Shape::Listed)),
            ("Joe<mailto:joe@example.org>", Some(Shape::Listed)),
            (
                "\u{5b9b}\u{5148}\u{ff1a}joe@example.org",
                Some(Shape::Listed),
            ),
            ("joe@example.org... User unknown", Some(Shape::Opening)),
            (
                "<joe@example.org>   (5.1.1 User unknown)",
                Some(Shape::Opening),
            ),
            (
                "550 5.1.1 <joe@example.org>... User unknown",
                Some(Shape::Reply),
            ),
            (">>> RCPT To:<joe@example.org>", Some(Shape::Reply)),
            (
                "There was an error delivering your mail to <joe@example.org>.",
                Some(Shape::Named),
            ),
            ("we know joe@example.org no more", Some(Shape::Loose)),
            ("  To:      joe@example.org", Some(Shape::Quoted)),
            ("From: joe@example.org", None),
            (">>> MAIL From:<joe@example.org>", None),
            ("Message-id: <1@example.org>", None),
        ] {
            let found = candidates(line);
            assert_eq!(found.first().map(|found| found.shape), expected, "{line}");
        }
    }

    #[test]
    fn a_list_in_a_line_is_a_list() {
        let found = candidates("  joe@example.org, <ann@example.org>,bob@example.org");
        let shapes: Vec<Shape> = found.iter().map(|found| found.shape).collect();
        assert_eq!(shapes, [Shape::Listed; 3]);
        let found = candidates("<joe@example.org>: 550 <joe@example.org>... no");
        assert_eq!(found[0].shape, Shape::Listed);
        assert!(found[1].shape > Shape::Listed);
    }

    #[test]
    fn origins_are_read() {
        let read = |line: &str| expanded_from(line).map(|address| address.to_string());
        assert_eq!(
            read("    (generated from joe@x.example)").as_deref(),
            Some("joe@x.example")
        );
        assert_eq!(
            read(" (expanded from: <joe@x.example>)").as_deref(),
            Some("joe@x.example")
        );
        assert_eq!(read("joe@x.example"), None);
    }
}
