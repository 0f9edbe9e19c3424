//! The shapes of lines in which bounces name recipients, as data and a few rules.

use letterhead_mail::EmailAddress;

use super::address_in_text::{AddressInText, addresses};

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
        let mut shape = shape(first.before, last.after, next.in_angles);
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
    let is_origin = ORIGINS.iter().any(|words| {
        start
            .get(..words.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(words))
    });
    if !is_origin {
        return None;
    }
    addresses(line).next().map(|found| found.address)
}

fn shape(before: &str, after: &str, in_angles: bool) -> Option<Shape> {
    let lead = before.trim().trim_start_matches(BULLETS).trim();
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
    let is_labelled = lead.ends_with([':', '=', '\u{ff1a}']) || before.ends_with(['\u{ff1a}', ':', '=']);
    let lead_of = open
        .strip_suffix("rfc822;")
        .or_else(|| open.strip_suffix("mailto"))
        .or_else(|| open.strip_suffix("smtp"))
        .unwrap_or(open)
        .trim_end_matches(|c: char| "<\"'([:=; \t".contains(c));
    let ends_with = |list: &[&str]| list.iter().any(|words| ends_with_words(lead_of, words));
    if ends_with(OTHERS) {
        return None;
    }
    if lead.starts_with(">>>") || lead.starts_with("<<<") {
        return Some(Shape::Reply);
    }
    if ends_with(LABELS) && (is_labelled || lead_of.len() < open.len()) {
        return Some(Shape::Listed);
    }
    if ends_with(FIELDS) && is_labelled && !lead_of.contains(' ') {
        return Some(Shape::Quoted);
    }
    if is_reply(lead_of) {
        return Some(Shape::Reply);
    }
    if ends_with(LABELS) || ends_with(CUES) {
        return Some(Shape::Named);
    }
    // A display name in front: `Joe Doe <joe@example.org>`, `Joe<mailto:joe@example.org>`.
    let words = lead_of.split_whitespace().count();
    let is_name = (in_angles || open.ends_with("mailto")) && words <= 4 && !lead_of.contains([':', '.', ',']);
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

/// What stands before the items of a list.
const BULLETS: &[char] = &['*', '-', '+', '>', '\u{2022}', '\u{b7}', '\u{30fb}', '\u{25cf}', '|', ' ', '\t'];

/// What a recipient is behind, in lower case.
const LABELS: &[&str] = &[
    "recipient",
    "recipients",
    "recipient(s)",
    "recipient address",
    "recipient's address",
    "final-recipient",
    "original-recipient",
    "final recipient",
    "original recipient",
    "intended recipient",
    "failed recipient",
    "failed recipients",
    "failed address",
    "undeliverable address",
    "undeliverable to",
    "undelivered to",
    "addressed to",
    "address",
    "email address",
    "e-mail address",
    "error-for",
    "error for",
    "failed to",
    "could not be delivered to",
    "couldn't be delivered to",
    "wasn't delivered to",
    "was not delivered to",
    "could not be sent to",
    "could not deliver to",
    "could not deliver mail to",
    "unable to deliver to",
    "unable to deliver mail to",
    "delivery failed to",
    "not delivered to",
    "invalid final delivery userid",
    "user mailbox exceeds allowed size",
    "unknown user",
    "user unknown",
    "no such user",
    "user not known",
    "mailbox is full",
    "mailbox full",
    "over quota",
    "user",
    "account",
    "rcpt to",
    "envelope-to",
    "x-failed-recipients",
    "x-actual-recipient",
    "empf\u{e4}nger",
    "empf\u{e4}ngeradresse",
    "adressat",
    "destinataire",
    "destinataires",
    "destinatario",
    "destinatarios",
    "destinatari",
    "destinat\u{e1}rio",
    "destinat\u{e1}rios",
    "ontvanger",
    "geadresseerde",
    "mottagare",
    "modtager",
    "mottaker",
    "odbiorca",
    "adresat",
    "p\u{159}\u{ed}jemce",
    "al\u{131}c\u{131}",
    "\u{43f}\u{43e}\u{43b}\u{443}\u{447}\u{430}\u{442}\u{435}\u{43b}\u{44c}",
    "\u{430}\u{434}\u{440}\u{435}\u{441}\u{430}\u{442}",
    "\u{53d7}\u{4fe1}\u{8005}",
    "\u{5b9b}\u{5148}",
    "\u{9001}\u{4fe1}\u{5148}",
    "\u{5b9b}\u{5148}\u{30e1}\u{30fc}\u{30eb}\u{30a2}\u{30c9}\u{30ec}\u{30b9}",
    "\u{6536}\u{4ef6}\u{4eba}",
    "\u{6536}\u{4ef6}\u{4eba}\u{5730}\u{5740}",
    "\u{6536}\u{4fe1}\u{4eba}",
    "\u{6536}\u{4ef6}\u{8005}",
    "\u{bc1b}\u{b294} \u{c0ac}\u{b78c}",
    "\u{c218}\u{c2e0}\u{c790}",
];

/// What somebody else's address is behind.
const OTHERS: &[&str] = &[
    "from",
    "sender",
    "sent by",
    "reply-to",
    "return-path",
    "mail from",
    "envelope-from",
    "original sender",
    "original-sender",
    "on behalf of",
    "errors-to",
    "message-id",
    "message id",
    "messageid",
    "in-reply-to",
    "references",
    "resent-message-id",
    "content-id",
    "contact",
    "please contact",
    "e-mail to",
    "email us at",
    "write to",
    "mail to",
    "forward this message to",
    "send mail to",
    "send an email to",
    "von",
    "absender",
    "exp\u{e9}diteur",
    "remitente",
    "remetente",
    "mittente",
    "\u{43e}\u{442}\u{43f}\u{440}\u{430}\u{432}\u{438}\u{442}\u{435}\u{43b}\u{44c}",
    "\u{767a}\u{4fe1}\u{8005}",
    "\u{9001}\u{4fe1}\u{8005}",
    "\u{53d1}\u{4ef6}\u{4eba}",
    "\u{5bc4}\u{4ef6}\u{8005}",
];

/// Fields of a quoted header that name recipients.
const FIELDS: &[&str] = &[
    "to", "cc", "bcc", "an", "\u{e0}", "a", "para", "per", "aan", "till", "til", "do", "komu", "\u{43a}\u{43e}\u{43c}\u{443}",
    "x-original-to", "delivered-to", "apparently-to",
];

/// What a recipient is behind in a sentence.
const CUES: &[&str] = &[
    "to",
    "for",
    "to user",
    "recipient",
    "user",
    "mailbox",
    "address",
    "addresses",
    "account",
    "reach",
    "reaching",
    "deliver",
    "rejected recipient",
    "an",
    "\u{e0}",
    "pour",
    "para",
    "a",
    "aan",
    "\u{434}\u{43b}\u{44f}",
    "\u{434}\u{43e}",
];

/// How a line begins that says which address a recipient came from.
const ORIGINS: &[&str] = &[
    "generated from",
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
            ("Final-Recipient: rfc822; joe@example.org", Some(Shape::Listed)),
            ("Joe Doe <joe@example.org>", Some(Shape::Listed)),
            ("Joe<mailto:joe@example.org>", Some(Shape::Listed)),
            ("\u{5b9b}\u{5148}\u{ff1a}joe@example.org", Some(Shape::Listed)),
            ("joe@example.org... User unknown", Some(Shape::Opening)),
            ("<joe@example.org>   (5.1.1 User unknown)", Some(Shape::Opening)),
            ("550 5.1.1 <joe@example.org>... User unknown", Some(Shape::Reply)),
            (">>> RCPT To:<joe@example.org>", Some(Shape::Reply)),
            ("There was an error delivering your mail to <joe@example.org>.", Some(Shape::Named)),
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
        assert_eq!(read("    (generated from joe@x.example)").as_deref(), Some("joe@x.example"));
        assert_eq!(read(" (expanded from: <joe@x.example>)").as_deref(), Some("joe@x.example"));
        assert_eq!(read("joe@x.example"), None);
    }
}
