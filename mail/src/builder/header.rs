//! The header of a built message.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::time::SystemTime;

use mail_builder::headers::HeaderType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;

use super::{BuildError, MessageBuilder};
use crate::header_text::encoded_word;
use crate::mailbox::Mailbox;
use crate::message::{Message, longest_line};

type Field = (Cow<'static, str>, HeaderType<'static>);

/// The fields above the MIME ones. All are written here, so that nothing is left for the encoder to invent.
pub(super) fn fields(builder: &MessageBuilder, now: SystemTime, id: &[u8; 16]) -> Result<Vec<Field>, BuildError> {
    let seconds = unix_seconds(now).ok_or(BuildError::Date)?;
    let mut fields: Vec<Field> = vec![("Date".into(), Date::new(seconds).into())];
    let mut add = |name: &'static str, value: String| {
        if !value.is_empty() {
            fields.push((name.into(), Raw::new(value).into()));
        }
    };
    add("From", builder.from.to_string());
    add("Sender", builder.sender.as_ref().map(Mailbox::to_string).unwrap_or_default());
    add("Reply-To", join(&builder.reply_to, ", "));
    add("To", join(&builder.to, ", "));
    add("Cc", join(&builder.cc, ", "));
    add("Subject", builder.subject.as_ref().map(|text| unstructured(text.as_str())).unwrap_or_default());
    add("Message-ID", message_id(builder, seconds, id));
    add("In-Reply-To", join(&builder.in_reply_to, " "));
    let references = if builder.references.is_empty() {
        &builder.in_reply_to
    } else {
        &builder.references
    };
    add("References", join(references, " "));
    for (name, value) in &builder.headers {
        if is_reserved(name.as_str()) {
            return Err(BuildError::ReservedHeader(name.clone()));
        }
        let value = value.as_str().trim_matches(' ');
        let value = if value.is_ascii() {
            value.to_owned()
        } else {
            encoded_word::encode(value)
        };
        fields.push((name.as_str().to_owned().into(), Raw::new(value).into()));
    }
    fields.push(("MIME-Version".into(), Raw::new("1.0").into()));
    Ok(fields)
}

/// Lines of a header fold at spaces only, so one long word can make a line too long.
pub(super) fn check_lines(message: &Message) -> Result<(), BuildError> {
    if longest_line(message.header_bytes()) > MAX_LINE {
        return Err(BuildError::HeaderTooLong);
    }
    Ok(())
}

fn is_reserved(name: &str) -> bool {
    let lower_case = name.to_ascii_lowercase();
    lower_case.starts_with("content-") || lower_case.starts_with("resent-") || RESERVED.contains(&lower_case.as_str())
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
        && text.split(' ').all(|word| (1..=MAX_WORD).contains(&word.len()));
    if survives || text.is_empty() {
        text.to_owned()
    } else {
        encoded_word::encode(text)
    }
}

fn message_id(builder: &MessageBuilder, seconds: i64, id: &[u8; 16]) -> String {
    let id = u128::from_be_bytes(*id);
    match &builder.message_id_domain {
        Some(domain) => format!("<{seconds:x}.{id:032x}@{domain}>"),
        None => format!("<{seconds:x}.{id:032x}@{}>", builder.from.address().domain()),
    }
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
    (YEAR_1900..YEAR_10000).contains(&seconds).then_some(seconds)
}

/// In octets, without CRLF ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
const MAX_LINE: usize = 998;
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
