//! The header of a built message.

use std::fmt::{self, Write as _};
use std::time::SystemTime;

use mail_builder::headers::date::Date;

use super::{BuildError, MessageBuilder};
use crate::header_text::encoded_word;
use crate::message::{Message, longest_line};

/// The fields above those of the MIME structure, folded.
pub(super) fn write(
    builder: &MessageBuilder,
    now: SystemTime,
    id: &[u8; 16],
) -> Result<String, BuildError> {
    let mut header = String::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            push_field(&mut header, name, value);
        }
    };
    add("Date", &date(now).ok_or(BuildError::Date)?);
    add("From", &builder.from.to_string());
    add("Sender", &join(builder.sender.as_slice(), ", "));
    add("Reply-To", &join(&builder.reply_to, ", "));
    add("To", &join(&builder.to, ", "));
    add("Cc", &join(&builder.cc, ", "));
    if let Some(subject) = &builder.subject {
        add("Subject", &unstructured(subject.as_str()));
    }
    let id = match &builder.message_id_domain {
        Some(domain) => message_id(domain, now, id),
        None => message_id(builder.from.address().domain(), now, id),
    };
    add("Message-ID", &id.ok_or(BuildError::Date)?);
    add("In-Reply-To", &join(&builder.in_reply_to, " "));
    let references = if builder.references.is_empty() {
        &builder.in_reply_to
    } else {
        &builder.references
    };
    add("References", &join(references, " "));
    for (name, value) in &builder.headers {
        if is_reserved(name.as_str()) {
            return Err(BuildError::ReservedHeader(name.clone()));
        }
        let value = value.as_str().trim_matches(' ');
        if value.is_ascii() {
            push_field(&mut header, name.as_str(), value);
        } else {
            push_field(&mut header, name.as_str(), &encoded_word::encode(value));
        }
    }
    push_field(&mut header, "MIME-Version", "1.0");
    Ok(header)
}

/// Lines of a header fold at spaces only, so one long word can make a line too long.
pub(super) fn check_lines(message: &Message) -> Result<(), BuildError> {
    if longest_line(message.header_bytes()) > MAX_LINE {
        return Err(BuildError::HeaderTooLong);
    }
    Ok(())
}

/// Folds before a space wherever a line would grow past the columns that lines with encoded words may have
/// ([RFC 2047 §2](https://www.rfc-editor.org/rfc/rfc2047#section-2)).
fn push_field(header: &mut String, name: &str, value: &str) {
    header.push_str(name);
    header.push_str(": ");
    let mut column = name.len() + 2;
    let mut rest = value;
    let mut is_first = true;
    while !rest.is_empty() {
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let word = rest.get(spaces..).and_then(|word| word.find(' '));
        let (piece, after) = rest.split_at(word.map_or(rest.len(), |length| spaces + length));
        if !is_first && column + piece.len() > MAX_COLUMN {
            header.push_str("\r\n");
            column = 0;
        }
        header.push_str(piece);
        column += piece.len();
        rest = after;
        is_first = false;
    }
    header.push_str("\r\n");
}

fn is_reserved(name: &str) -> bool {
    let lower_case = name.to_ascii_lowercase();
    lower_case.starts_with("content-")
        || lower_case.starts_with("resent-")
        || RESERVED.contains(&lower_case.as_str())
}

fn join(items: &[impl fmt::Display], separator: &str) -> String {
    let mut joined = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            joined.push_str(separator);
        }
        // Writing to a String does not fail.
        let _ = write!(joined, "{item}");
    }
    joined
}

/// Text that reads back the same from an unstructured field: encoded where folding or a reader would change it.
fn unstructured(text: &str) -> String {
    let survives = text.is_ascii()
        && !encoded_word::resembles_encoded_word(text)
        && text
            .split(' ')
            .all(|word| (1..=MAX_WORD).contains(&word.len()));
    if survives || text.is_empty() {
        text.to_owned()
    } else {
        encoded_word::encode(text)
    }
}

/// The value of Date, if it can hold this time.
pub(crate) fn date(now: SystemTime) -> Option<String> {
    unix_seconds(now).map(|seconds| Date::new(seconds).to_rfc822())
}

/// The value of Message-ID, if Date can hold this time.
pub(crate) fn message_id(
    domain: &impl fmt::Display,
    now: SystemTime,
    id: &[u8; 16],
) -> Option<String> {
    let seconds = unix_seconds(now)?;
    let id = u128::from_be_bytes(*id);
    Some(format!("<{seconds:x}.{id:032x}@{domain}>"))
}

/// Seconds since 1970, if the year has four digits and is one that RFC 5322 §3.3 allows.
fn unix_seconds(now: SystemTime) -> Option<i64> {
    let seconds = match now.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok()?,
        Err(before) => {
            let before = before.duration();
            // Part of a second before 1970 belongs to the second that has begun.
            let whole = before.as_secs() + u64::from(before.subsec_nanos() > 0);
            i64::try_from(whole).ok()?.checked_neg()?
        }
    };
    (YEAR_1900..YEAR_10000)
        .contains(&seconds)
        .then_some(seconds)
}

/// In octets, without CRLF ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
const MAX_LINE: usize = 998;
const MAX_COLUMN: usize = 76;
const MAX_WORD: usize = 200;
const YEAR_1900: i64 = -2_208_988_800;
const YEAR_10000: i64 = 253_402_300_800;

/// Fields with a method of their own, fields of the MIME structure, and fields that only receivers write.
const RESERVED: [&str; 14] = [
    "authentication-results",
    "bcc",
    "cc",
    "date",
    "from",
    "in-reply-to",
    "message-id",
    "mime-version",
    "references",
    "reply-to",
    "return-path",
    "sender",
    "subject",
    "to",
];
