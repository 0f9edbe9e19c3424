//! Who a message says it is from.

use super::Message;
use crate::mailbox::{Mailbox, MailboxListError, parse_mailbox_list};

impl Message {
    /// The mailboxes of the From field, at least one
    /// ([RFC 5322 §3.6.2](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.2)).
    ///
    /// A From address is authorised by what this returns, so it is strict: whatever two receivers could read
    /// differently is an error.
    ///
    /// # Errors
    ///
    /// When there is no From field or more than one, when its list cannot be read or is empty, when the local part
    /// of an address is quoted or resembles an encoded word, or when the header holds a line that is no field.
    pub fn authors(&self) -> Result<Vec<Mailbox>, AuthorError> {
        if let Some(segment) = self.segments().find(|segment| segment.field().is_none()) {
            return Err(AuthorError::NotAField {
                offset: segment.offset,
            });
        }
        let mut fields = self.headers_named("From");
        let field = fields.next().ok_or(AuthorError::Missing)?;
        if fields.next().is_some() {
            return Err(AuthorError::Repeated);
        }
        if field.has_space_before_colon() || has_blank_line(field.value()) {
            return Err(AuthorError::Obsolete);
        }
        let mailboxes = parse_mailbox_list(field.value()).map_err(AuthorError::List)?;
        if mailboxes.is_empty() {
            return Err(AuthorError::Nobody);
        }
        // Quotes without need are gone from the address, so they are looked for in the field.
        let has_quoted_local_part = field
            .value()
            .windows(3)
            .any(|window| matches!(window, [before, b'"', b'@'] if *before != b'\\'));
        if has_quoted_local_part {
            return Err(AuthorError::AmbiguousLocalPart);
        }
        for mailbox in &mailboxes {
            let address = mailbox.address();
            if address.is_quoted() || address.local_part().contains("=?") {
                return Err(AuthorError::AmbiguousLocalPart);
            }
        }
        Ok(mailboxes)
    }
}

/// A line of white space only inside the field, which some readers take for the end of the header.
fn has_blank_line(value: &[u8]) -> bool {
    value
        .split(|&octet| octet == b'\n')
        .skip(1)
        .any(|line| line.trim_ascii().is_empty())
}

/// Why a message has no author to go by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorError {
    /// There is no From field.
    #[error("the message has no From field; add one")]
    Missing,
    /// There is more than one From field.
    #[error(
        "the message has more than one From field; receivers disagree on which one counts, so leave one"
    )]
    Repeated,
    /// The From field uses white space in a way that was given up.
    #[error(
        "the From field has white space before its colon or a blank line inside it; write it on one line"
    )]
    Obsolete,
    /// The From field holds no mailbox.
    #[error("the From field names nobody; add a mailbox")]
    Nobody,
    /// The From field is no list of mailboxes.
    #[error("the From field cannot be read")]
    List(#[source] MailboxListError),
    /// A quoted local part or one that resembles an encoded word; readers are known to take such ones differently.
    #[error(
        "an address in the From field has a quoted local part or one that resembles an encoded word; use a plain one"
    )]
    AmbiguousLocalPart,
    /// A line of the header is no field; readers disagree on whether the header ends there.
    #[error("the header has a line at octet {offset} that is no field; remove it")]
    NotAField {
        /// Octets from the start of the message.
        offset: usize,
    },
}
