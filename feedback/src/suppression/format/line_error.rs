use std::fmt;

use letterhead_mail::address::AddressError;

/// A row of a list that could not be read: where, why, and what to do.
#[derive(Debug)]
pub struct LineError {
    line: u64,
    kind: LineErrorKind,
}

impl LineError {
    /// The number of the line, from 1; where a row has several, of its first.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Why.
    #[must_use]
    pub fn kind(&self) -> &LineErrorKind {
        &self.kind
    }

    pub(super) fn new(line: u64, kind: LineErrorKind) -> Self {
        Self { line, kind }
    }
}

/// `line 7: the reason "because" is not known; …`.
impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl std::error::Error for LineError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.kind)
    }
}

/// Why a row of a list could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineErrorKind {
    /// The header has no column for addresses, so no row can be read.
    #[error("no column is called address or emailAddress; name one in the header line")]
    NoAddressColumn,
    /// The row names nobody.
    #[error("there is no address; add one or remove the line")]
    NoAddress,
    /// What should be an address is none.
    #[error("the address is none; correct it or remove the line")]
    Address(#[source] AddressError),
    /// What should be a keyed hash is none.
    #[error("the key begins with a colon and is no hash that a list exports; export it again")]
    Hash,
    /// A reason that is not known.
    #[error(
        "the reason {0:?} is not known; use complaint, unsubscribe, manual, hard-bounce, provider or repeated-soft-bounce"
    )]
    Reason(String),
    /// A time in a form that is not known.
    #[error("{field} is {text:?}, which is no time; write it as 2026-01-31T12:00:00Z")]
    Time {
        /// The field's name.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// The stream's name is empty, longer than 255 characters or has control characters.
    #[error("the stream {0:?} is no name of one; it has 1 to 255 characters and no controls")]
    Stream(String),
    /// A provider that is not known.
    #[error("the provider {0:?} is not known; leave it empty")]
    Provider(String),
    /// The event is named by something that is no id.
    #[error("the event {0:?} is no id; leave it empty or write 32 hexadecimal digits")]
    Event(String),
    /// A quoted cell is not closed, or goes on behind its quotation mark.
    #[error(
        "a quotation mark is out of place; double those inside of a cell and close it with one"
    )]
    Quotes,
    /// Longer than [`ListFormat::MAX_ROW`](crate::ListFormat::MAX_ROW).
    #[error("the line has more than 65,536 octets; shorten its note")]
    TooLong,
    /// Octets that are not UTF-8.
    #[error("the line is not UTF-8; convert the file")]
    NotUtf8,
    /// It is no JSON object.
    #[error("the line is no JSON object ({0}); write one object a line")]
    Json(String),
    /// The input failed; nothing behind this place was read.
    #[error(
        "the list could not be read any further; import all of it again, which repeats nothing"
    )]
    Input(#[source] std::io::Error),
}
