//! The reply and the status code that somebody's words quote.

use letterhead_mail::{EnhancedCode, Reply, ReplyCode};

use super::wording::Wording;
use crate::report::typed_value;
use crate::text;

/// The reply of a server, wherever in the words it is quoted: at the start of a Diagnostic-Code of type `smtp`
/// ([RFC 3464 §2.3.6](https://www.rfc-editor.org/rfc/rfc3464#section-2.3.6)), behind `said:`, in brackets, behind `<<<`.
/// The lines of a reply are one.
///
/// A number is a reply code where something says so: its place, a status code behind it, or what introduces it. Port
/// numbers, years, sizes and the like are none.
pub(crate) fn reply(words: &str) -> Option<Reply> {
    let (kind, body) = typed_value::split_type(text::head(words, Wording::MAX_OCTETS));
    let is_smtp = kind.is_none_or(|kind| kind.eq_ignore_ascii_case("smtp"));
    let mut best: Option<(u8, usize, ReplyCode)> = None;
    for (at, code) in codes(body) {
        let merit = match at {
            0 if is_smtp => 4,
            _ => merit(body, at, code),
        };
        if merit > best.map_or(0, |(merit, ..)| merit) {
            best = Some((merit, at, code));
        }
    }
    let (_, at, code) = best?;
    let after = body.get(at + 3..)?;
    let (enhanced, text) = without_line_codes(after, code);
    Some(Reply::new(code, enhanced, &text))
}

/// The status that the words quote without a reply: first of all, or dressed as one, as in `(#5.1.1)`.
pub(super) fn status(words: &str) -> Option<EnhancedCode> {
    let (kind, body) = typed_value::split_type(text::head(words, Wording::MAX_OCTETS));
    let is_smtp = kind.is_none_or(|kind| kind.eq_ignore_ascii_case("smtp"));
    let mut tokens = body.split_whitespace();
    let first = tokens.clone().next().and_then(enhanced_code);
    if is_smtp && first.is_some() {
        return first;
    }
    tokens.find_map(dressed_code)
}

/// One word that is a status code, in the dress some servers put it in: `#5.1.1`, `(5.1.1)`, `5.1.1:`.
pub(super) fn enhanced_code(word: &str) -> Option<EnhancedCode> {
    let dress = |c: char| {
        matches!(
            c,
            '#' | '(' | ')' | '[' | ']' | ':' | ';' | ',' | '<' | '>' | '\'' | '"'
        )
    };
    let bare = word.trim_matches(dress);
    bare.starts_with(['2', '4', '5'])
        .then(|| bare.trim_end_matches('.').parse().ok())
        .flatten()
        .filter(|code: &EnhancedCode| code.subject() <= 7)
}

/// Three digits that SMTP answers with.
pub(super) fn is_reply_code(digits: &str) -> bool {
    matches!(digits.as_bytes(), [b'2'..=b'5', second, third]
        if second.is_ascii_digit() && third.is_ascii_digit())
}

/// A status code that looks like one amid other words: with a `#` or a bracket before it, or behind a reply code.
fn dressed_code(word: &str) -> Option<EnhancedCode> {
    let inner = word.rsplit(['#', '(', '[', '-', '=']).next()?;
    (inner.len() < word.len())
        .then(|| enhanced_code(inner))
        .flatten()
}

/// Every three digits that may be a reply code, with the place.
fn codes(body: &str) -> impl Iterator<Item = (usize, ReplyCode)> {
    let bytes = body.as_bytes();
    (0..bytes.len().saturating_sub(2)).filter_map(move |at| {
        let digits = body
            .get(at..at + 3)
            .filter(|digits| is_reply_code(digits))?;
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let after = bytes.get(at + 3).copied();
        let free_before = before.is_none_or(|b| {
            !b.is_ascii_alphanumeric()
                && !matches!(b, b'.' | b'-' | b'/' | b'_' | b'=' | b'@' | b'+' | b'$')
        });
        let free_after = match after {
            None
            | Some(
                b' ' | b'\t' | b'\r' | b'\n' | b'-' | b':' | b';' | b'\'' | b'"' | b']' | b')'
                | b',',
            ) => true,
            Some(b'.') => bytes.get(at + 4).is_none_or(u8::is_ascii_whitespace),
            Some(b) => !b.is_ascii(),
        };
        let code = ReplyCode::new(digits.parse().ok()?)?;
        (free_before && free_after).then_some((at, code))
    })
}

/// How much of the words before and behind a number says whether it is a reply code, in octets.
const MAX_NEAR: usize = 64;

/// How sure it is that this number is a reply code; 0 is not at all.
fn merit(body: &str, at: usize, code: ReplyCode) -> u8 {
    if code.get() < 400 {
        return 0;
    }
    let all_before = text::tail(body.get(..at).unwrap_or_default(), MAX_NEAR);
    let before = all_before.trim_end();
    let after = text::head(body.get(at + 3..).unwrap_or_default(), MAX_NEAR);
    let next = after
        .trim_start_matches(['-', ' ', ':', '#', '\t'])
        .split_whitespace()
        .next();
    let has_status = next.and_then(enhanced_code).is_some();
    if has_status {
        return 3;
    }
    let is_apart = all_before.len() > before.len();
    if is_introduced(before) || (before.ends_with("]:") && is_apart) {
        return 3;
    }
    if !KNOWN_CODES.contains(&code.get()) {
        return 0;
    }
    // `550-No such user` is how the first of several lines begins.
    if after.strip_prefix('-').is_some_and(|line| {
        line.starts_with(|c: char| c.is_alphabetic() || matches!(c, '\'' | '"'))
    }) {
        return 2;
    }
    u8::from(before.ends_with([
        '[', '(', '\'', '"', '<', '>', ':', ';', ',', '.', '\u{ff1a}',
    ]))
}

/// Whether what stands before a number says that a server is quoted.
fn is_introduced(before: &str) -> bool {
    let tail = before.trim_end_matches(['\'', '"', '[', '(', '<', '#', ':', '=', '-', ' ']);
    let word = tail
        .rsplit([' ', '\t', '\n', ';', '('])
        .next()
        .unwrap_or_default();
    let is_one_of = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    is_one_of(SAYING)
        || (tail.len() < before.len() && is_one_of(SAYING_WITH_COLON))
        || ["<<<", "smtp;", "SMTP;"]
            .iter()
            .any(|end| before.ends_with(end))
}

/// The words that servers are quoted with.
const SAYING: &[&str] = &[
    "said",
    "returned",
    "responded",
    "replied",
    "answered",
    "response",
    "reply",
    "answer",
    "error",
    "code",
    "error_code",
    "status",
    "antwort",
    "fehler",
    "erreur",
];

/// The words that servers are quoted with if a colon or a quotation mark follows.
const SAYING_WITH_COLON: &[&str] = &[
    "was", "is", "with", "by", "reason", "message", "smtp", "lautete", "data", "command", "talk",
    "me",
];

/// What is believed as a reply code on the word of a bracket or a colon.
const KNOWN_CODES: &[u16] = &[
    421, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504, 510, 511, 512, 515, 521, 523, 525, 530,
    535, 541, 542, 550, 551, 552, 553, 554, 555, 556, 571,
];

/// The status behind a reply code, and the words of all lines without the codes that each begins with.
fn without_line_codes(after: &str, code: ReplyCode) -> (Option<EnhancedCode>, String) {
    let mut enhanced = None;
    let mut text = String::new();
    let number = code.to_string();
    // Whether a status here is one of the codes that a line begins with, and not part of the words.
    let mut at_start = true;
    let end = ["(in reply to", "Giving up on "]
        .iter()
        .filter_map(|end| after.find(end))
        .min();
    for token in after
        .get(..end.unwrap_or(after.len()))
        .unwrap_or(after)
        .split_whitespace()
    {
        let mut token = if at_start && text.is_empty() {
            token.trim_start_matches(['-', ':'])
        } else {
            token
        };
        if let Some(rest) = token.strip_prefix(number.as_str())
            && (rest.is_empty() || rest.starts_with('-'))
        {
            at_start = true;
            token = rest.trim_start_matches('-');
        }
        if token.is_empty() {
            continue;
        }
        if at_start && let Some(found) = enhanced_code(token) {
            enhanced = enhanced.or(Some(found));
            continue;
        }
        at_start = false;
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(token);
    }
    (enhanced, text)
}
