//! The multipart/report around every report.

use std::borrow::Cow;
use std::time::SystemTime;

use letterhead_mail::message::MessageError;
use letterhead_mail::{AddressDomain, EmailAddress, LineEndings, Message};

use super::date::date_time;
use super::encoded_text::base64_lines;
use crate::entropy::SeededEntropy;

/// What the outer header says.
pub(super) struct Outer<'a> {
    /// Who it is from: a mailbox with or without a name.
    pub(super) from: &'a str,
    /// The domain of the Message-ID.
    pub(super) host: &'a AddressDomain,
    pub(super) to: &'a EmailAddress,
    pub(super) subject: &'a str,
    pub(super) report_type: &'a str,
}

/// The three parts of a report ([RFC 6522 §3](https://www.rfc-editor.org/rfc/rfc6522#section-3)).
pub(super) struct Parts<'a> {
    /// For people; lines end in LF here.
    pub(super) text: &'a str,
    /// For programs: its media type and its fields, lines ending in LF here. Without fields there is no such part,
    /// against the rules.
    pub(super) fields_type: &'a str,
    pub(super) fields: &'a str,
    pub(super) returned: Returned<'a>,
}

/// What comes back of the original message.
pub(super) enum Returned<'a> {
    Header(&'a Message),
    Whole(&'a Message),
    /// All of it in base64, against the rules.
    Encoded(&'a Message),
}

impl Returned<'_> {
    fn octets(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Header(message) => Cow::Borrowed(message.header_bytes()),
            Self::Whole(message) => Cow::Borrowed(message.as_bytes()),
            Self::Encoded(message) => Cow::Owned(base64_lines(message.as_bytes()).into_bytes()),
        }
    }

    /// Headers and messages with UTF-8 have types of their own
    /// ([RFC 6532 §3.7](https://www.rfc-editor.org/rfc/rfc6532#section-3.7),
    /// [RFC 6533 §3](https://www.rfc-editor.org/rfc/rfc6533#section-3)).
    fn media_type(&self) -> &'static str {
        match self {
            Self::Header(message) if message.has_utf8_headers() => "message/global-headers",
            Self::Header(_) => "text/rfc822-headers",
            Self::Whole(message) | Self::Encoded(message) if message.has_utf8_headers() => {
                "message/global"
            }
            Self::Whole(_) | Self::Encoded(_) => "message/rfc822",
        }
    }
}

/// Puts a report together.
pub(super) fn compose(
    outer: &Outer<'_>,
    parts: &Parts<'_>,
    now: SystemTime,
    entropy: &SeededEntropy,
) -> Result<Message, MessageError> {
    let returned = parts.returned.octets();
    let boundary = boundary(&returned, entropy);
    let Outer {
        from,
        host,
        to,
        subject,
        report_type,
    } = outer;
    let status = match parts.fields {
        "" => String::new(),
        fields => format!(
            "--{boundary}\n\
             Content-Type: {fields_type}\n\
             Content-Transfer-Encoding: {fields_encoding}\n\
             \n\
             {fields}\n",
            fields_type = parts.fields_type,
            fields_encoding = encoding(fields.as_bytes()),
        ),
    };
    let top = format!(
        "From: {from}\n\
         To: <{to}>\n\
         Subject: {subject}\n\
         Date: {date}\n\
         Message-ID: <{id}@{host}>\n\
         Auto-Submitted: auto-replied\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type={report_type};\n \
         boundary=\"{boundary}\"\n\
         \n\
         --{boundary}\n\
         Content-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: {text_encoding}\n\
         \n\
         {text}\n\
         {status}\
         --{boundary}\n\
         Content-Type: {returned_type}\n\
         Content-Transfer-Encoding: {returned_encoding}\n\
         \n",
        date = date_time(now),
        id = entropy.token(26),
        text = parts.text,
        text_encoding = encoding(parts.text.as_bytes()),
        returned_type = parts.returned.media_type(),
        returned_encoding = match parts.returned {
            Returned::Encoded(_) => "base64",
            Returned::Header(_) | Returned::Whole(_) => encoding(&returned),
        },
    );
    let mut octets = top.replace('\n', "\r\n").into_bytes();
    octets.extend_from_slice(&returned);
    octets.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Message::from_bytes(octets, LineEndings::Strict)
}

/// A delimiter that does not occur in what is returned. The other parts are written before the delimiter is drawn, so
/// that nobody could have put it there.
fn boundary(returned: &[u8], entropy: &SeededEntropy) -> String {
    loop {
        let boundary = format!("=_{}", entropy.token(26));
        let occurs = returned
            .windows(boundary.len())
            .any(|window| window == boundary.as_bytes());
        if !occurs {
            return boundary;
        }
    }
}

fn encoding(octets: &[u8]) -> &'static str {
    if octets.is_ascii() { "7bit" } else { "8bit" }
}

/// Text for the value of a field: without line breaks and other controls, so that nothing in it becomes a field, and
/// cut to what a line of mail can hold together with the field's name.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        if line.len() + c.len_utf8() > MAX_VALUE {
            break;
        }
        line.push(if c.is_control() { ' ' } else { c });
    }
    line
}

/// Octets of a value, so that the line stays under 998.
const MAX_VALUE: usize = 600;
