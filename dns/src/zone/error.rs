//! What is wrong with master-file text.

use std::error::Error;
use std::fmt;
use std::net::AddrParseError;

use crate::name::NameError;
use crate::record::{RecordType, UnknownRecordType};

/// Why text is not a zone, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZoneError {
    /// The line, counted from 1.
    pub line: usize,
    /// What was expected there.
    pub kind: ZoneErrorKind,
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

// The kind is already in the sentence, so the cause is what is behind it.
impl Error for ZoneError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.kind.source()
    }
}

/// What was expected in master-file text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneErrorKind {
    /// The entry begins with white space, and no owner came before it.
    #[error(
        "expected an owner name, because no entry comes before this one; a line that begins with white space belongs to the owner before it"
    )]
    NoOwner,
    /// A word that should be a name is none.
    #[error("expected a domain name, found `{text}`")]
    Name {
        /// The word.
        text: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// A quoted string where a name belongs.
    #[error("expected a domain name, found a quoted string; write the name without quotes")]
    QuotedName,
    /// A word that should be a record type is none.
    #[error("expected a record type, found `{text}`")]
    Type {
        /// The word.
        text: String,
        /// What a type looks like.
        source: UnknownRecordType,
    },
    /// A class other than IN.
    #[error("expected class IN, found `{text}`; other classes are not supported")]
    Class {
        /// The word.
        text: String,
    },
    /// Something that is not a time in seconds or with units.
    #[error("expected a time below 2^32 seconds, such as 3600 or 1h30m, found `{text}`")]
    Time {
        /// The word.
        text: String,
    },
    /// Something that is not a number in range.
    #[error("expected a number from 0 to {max}, found `{text}`")]
    Number {
        /// The word.
        text: String,
        /// The highest number allowed.
        max: u32,
    },
    /// Something that is not an address of the family that the type holds.
    #[error("expected an {family} address, found `{text}`")]
    Address {
        /// The word.
        text: String,
        /// `IPv4` or `IPv6`.
        family: &'static str,
        /// What is wrong with it.
        source: AddrParseError,
    },
    /// The entry ends too early.
    #[error("expected {0}, found the end of the entry")]
    Missing(&'static str),
    /// The entry goes on after its last field.
    #[error("expected the end of the entry, found `{text}`; quote a string that holds blanks")]
    Trailing {
        /// The first word too many.
        text: String,
    },
    /// A character-string of more than 255 octets.
    #[error(
        "expected a string of at most 255 octets, found {octets}; split it into several quoted strings"
    )]
    StringTooLong {
        /// Its length.
        octets: usize,
    },
    /// A backslash that does not escape anything.
    #[error("expected one character or three digits up to 255 after a backslash")]
    Escape,
    /// A quote within a word.
    #[error("expected white space before a quote; write \\\" for a quote within a word")]
    Quote,
    /// A quoted string that the line ends in.
    #[error("expected a closing quote before the end of the line")]
    UnclosedQuote,
    /// A parenthesis without its closing one.
    #[error("expected a closing parenthesis before the end of the text")]
    UnclosedParenthesis,
    /// A closing parenthesis without its opening one.
    #[error("expected an opening parenthesis before this closing one; write \\) for the character")]
    UnopenedParenthesis,
    /// Generic data whose length or hexadecimal digits are wrong.
    #[error("expected `\\#`, a number of octets and exactly as many octets in hexadecimal")]
    GenericData,
    /// A type that is only read in the generic form.
    #[error(
        "expected generic data, because type {record_type} has no form of its own here; write `\\#`, a number of octets and the octets in hexadecimal"
    )]
    GenericOnly {
        /// The type.
        record_type: RecordType,
    },
    /// `$INCLUDE`: other files are never opened.
    #[error("$INCLUDE is not supported; insert the text of the file here")]
    Include,
    /// A `$` word other than `$ORIGIN`, `$TTL` and `$INCLUDE`.
    #[error(
        "expected $ORIGIN or $TTL, found `{text}`; write \\$ for a name that begins with a dollar sign"
    )]
    Directive {
        /// The word.
        text: String,
    },
    /// A `;fault` line that ends in something else.
    #[error("expected servfail, timeout or nxdomain, found `{text}`")]
    Fault {
        /// The word.
        text: String,
    },
}
