use std::fmt;

use crate::report_uri::ReportUriError;

/// Something in a record that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    offset: usize,
    kind: NoteKind,
}

impl Note {
    pub(super) fn new(offset: usize, kind: NoteKind) -> Self {
        Self { offset, kind }
    }

    /// Where, in octets from the start of the record.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What.
    #[must_use]
    pub fn kind(&self) -> &NoteKind {
        &self.kind
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at offset {}: {}", self.offset, self.kind)
    }
}

/// What was passed over, and what happens instead. Octets that cannot be printed are shown as `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteKind {
    /// A tag of an older DMARC (`pct`, `rf`, `ri`); it has no effect.
    ObsoleteTag {
        /// The tag, in lower case.
        name: &'static str,
        /// Its value.
        value: Box<str>,
    },
    /// A size limit after a report address, such as `!10m`; the address counts, the limit does not.
    ObsoleteSizeLimit {
        /// The limit without exclamation mark.
        limit: Box<str>,
    },
    /// A tag that was there before; the first one counts.
    RepeatedTag {
        /// The tag.
        name: Box<str>,
    },
    /// A value that the tag does not have; of `p`, `sp` and `np` this decides whether the record applies, others take
    /// their default.
    InvalidValue {
        /// The tag, in lower case.
        name: &'static str,
        /// Its value.
        value: Box<str>,
    },
    /// A report address that is left out.
    InvalidReportUri {
        /// The address.
        uri: Box<str>,
        /// What is wrong with it.
        error: ReportUriError,
    },
    /// Something between semicolons that is not `name=value`.
    NotATag,
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ObsoleteTag { name, value } => {
                write!(f, "{name}={value} is obsolete and has no effect; remove it")
            }
            Self::ObsoleteSizeLimit { limit } => {
                write!(
                    f,
                    "the size limit !{limit} is obsolete and has no effect; remove it"
                )
            }
            Self::RepeatedTag { name } => {
                write!(
                    f,
                    "{name} was there before and the first one counts; remove this one"
                )
            }
            Self::InvalidValue { name, value } => {
                write!(f, "{value:?} is not a value of {name}")
            }
            Self::InvalidReportUri { uri, error } => {
                write!(f, "{uri:?} is left out: {error}")
            }
            Self::NotATag => f.write_str("this is not a tag; write name=value"),
        }
    }
}
