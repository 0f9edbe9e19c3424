use std::fmt;

/// Something that the content of a message should not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DataFinding {
    pub(super) kind: DataFindingKind,
    pub(super) offset: u64,
}

impl DataFinding {
    /// What it is.
    #[must_use]
    pub fn kind(self) -> DataFindingKind {
        self.kind
    }

    /// Where in the content it begins, in octets from 0, doubled dots not counted.
    #[must_use]
    pub fn offset(self) -> u64 {
        self.offset
    }
}

impl fmt::Display for DataFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at octet {}", self.kind, self.offset)
    }
}

/// What the content of a message should not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataFindingKind {
    /// LF without CR before it.
    BareLineFeed,
    /// CR without LF behind it.
    BareCarriageReturn,
    /// A NUL.
    Nul,
    /// A line longer than [`DataReader::MAX_LINE`](super::DataReader::MAX_LINE).
    LongLine,
    /// More octets than the limit.
    TooLarge,
    /// The last line has no line end. Only content in chunks can lack it.
    Unterminated,
}

impl fmt::Display for DataFindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::BareLineFeed => "line feed without carriage return",
            Self::BareCarriageReturn => "carriage return without line feed",
            Self::Nul => "NUL",
            Self::LongLine => "line over 998 octets",
            Self::TooLarge => "message over the size limit",
            Self::Unterminated => "last line without line end",
        })
    }
}
