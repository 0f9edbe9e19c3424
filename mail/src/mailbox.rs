//! Mailboxes: an address with the name that goes with it.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address::{EmailAddress, is_atom_character};
use crate::header_text::HeaderText;
use crate::header_text::encoded_word;

mod error;
mod parser;

pub use error::{MailboxListError, MailboxListErrorKind};

/// An address and, if there is one, the display name that goes with it
/// ([RFC 5322 §3.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4)).
///
/// `Display` writes one line for a header, the name quoted or as encoded words where it has to be; `FromStr` reads the
/// same.
///
/// ```
/// use letterhead_mail::Mailbox;
///
/// let mailbox: Mailbox = "Billing <billing@example.org>".parse()?;
/// assert_eq!(mailbox.name().map(|name| name.as_str()), Some("Billing"));
/// let mailbox = Mailbox::with_name("Müller & Söhne".parse()?, "office@example.org".parse()?);
/// assert_eq!(mailbox.to_string(), "=?utf-8?B?TcO8bGxlciAmIFPDtmhuZQ==?= <office@example.org>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "RawMailbox")]
pub struct Mailbox {
    name: Option<HeaderText>,
    address: EmailAddress,
}

impl Mailbox {
    /// A mailbox without a name.
    #[must_use]
    pub fn new(address: EmailAddress) -> Self {
        Self {
            name: None,
            address,
        }
    }

    /// A mailbox with a name; the empty name is no name.
    #[must_use]
    pub fn with_name(name: HeaderText, address: EmailAddress) -> Self {
        Self {
            name: Some(name).filter(|name| !name.as_str().is_empty()),
            address,
        }
    }

    /// The display name, decoded.
    #[must_use]
    pub fn name(&self) -> Option<&HeaderText> {
        self.name.as_ref()
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }
}

/// A mailbox as it was stored; reading it back goes through the constructors, so that the empty name is no name.
#[derive(Deserialize)]
struct RawMailbox {
    name: Option<HeaderText>,
    address: EmailAddress,
}

impl From<RawMailbox> for Mailbox {
    fn from(raw: RawMailbox) -> Self {
        match raw.name {
            Some(name) => Self::with_name(name, raw.address),
            None => Self::new(raw.address),
        }
    }
}

impl From<EmailAddress> for Mailbox {
    fn from(address: EmailAddress) -> Self {
        Self::new(address)
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            None => write!(f, "{}", self.address),
            Some(name) => {
                write_phrase(f, name.as_str())?;
                write!(f, " <{}>", self.address)
            }
        }
    }
}

impl FromStr for Mailbox {
    type Err = MailboxListError;

    fn from_str(text: &str) -> Result<Self, MailboxListError> {
        parser::read_mailbox(text)
    }
}

/// Reads the value of a From, To, Cc or Reply-To field: a list of mailboxes and groups
/// ([RFC 5322 §3.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4)), of which the members are returned.
///
/// Folds, comments and quoted strings are read as the grammar says, encoded words in names are decoded. So that no
/// receiver finds another address than this does, refused are: source routes, empty list elements, white space and
/// comments inside an address, comments that hold `<`, `>` or `@`, names with special characters outside quotes, and
/// anything that is not UTF-8 or holds a control character. A list of empty groups is an empty list.
///
/// # Errors
///
/// When `value` is no such list, with the place in octets of the unfolded value.
pub fn parse_mailbox_list(value: &[u8]) -> Result<Vec<Mailbox>, MailboxListError> {
    parser::read_list(value)
}

/// Writes a phrase: bare, quoted or encoded, whichever is the plainest that reads back the same.
fn write_phrase(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    // Control characters cannot occur; long names are encoded because a quoted string folds only at its spaces.
    if !name.is_ascii() || name.len() > MAX_PLAIN_NAME || encoded_word::resembles_encoded_word(name)
    {
        return f.write_str(&encoded_word::encode(name));
    }
    let is_bare = name
        .split(' ')
        .all(|word| !word.is_empty() && word.chars().all(is_atom_character));
    if is_bare {
        return f.write_str(name);
    }
    f.write_char('"')?;
    for c in name.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

const MAX_PLAIN_NAME: usize = 70;

#[cfg(test)]
mod tests;
