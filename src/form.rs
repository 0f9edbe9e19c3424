//! The form in which a message may leave.

use letterhead_mail::Message;

use crate::send_error::{FieldProblem, SendError};

/// Fields that are for the sender's own eyes, or for the last server to write, never leave.
pub(crate) fn without_private_fields(message: &Message) -> Message {
    ["Bcc", "Resent-Bcc", "Return-Path"]
        .into_iter()
        .filter(|name| message.header(name).is_some())
        .fold(message.clone(), |message, name| {
            message.without_fields(name)
        })
}

/// What would break on the way, and with it the signature: servers add a Date or Message-ID that is missing, and fold lines
/// that are too long.
pub(crate) fn check(message: &Message) -> Result<(), SendError> {
    for name in ["Date", "Message-ID"] {
        let problem = match message.headers_named(name).count() {
            0 => FieldProblem::Missing,
            1 if name == "Message-ID" && message.message_id().is_none() => FieldProblem::Unreadable,
            1 => continue,
            _ => FieldProblem::Repeated,
        };
        return Err(SendError::Field { name, problem });
    }
    match message.longest_line() {
        octets if octets > MAX_LINE => Err(SendError::LineTooLong { octets }),
        _ => Ok(()),
    }
}

/// The longest line that mail carries, in octets without CRLF
/// ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
const MAX_LINE: usize = 998;
