//! Why text is not a list of mailboxes.

use crate::address::AddressErrorKind;

/// Why text is not a mailbox or a list of them, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of mailboxes, at octet {offset}: {kind}")]
#[non_exhaustive]
pub struct MailboxListError {
    offset: usize,
    kind: MailboxListErrorKind,
}

impl MailboxListError {
    pub(super) const fn new(offset: usize, kind: MailboxListErrorKind) -> Self {
        Self { offset, kind }
    }

    /// Where reading stopped, in octets from the start of the unfolded text.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> MailboxListErrorKind {
        self.kind
    }
}

/// What is wrong with a list of mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailboxListErrorKind {
    /// The text is not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// A control character other than the line ends of folds and tabs.
    #[error("a control character; remove it")]
    Control,
    /// The list ends where a mailbox or the rest of one must follow.
    #[error("the text ends where an address must follow")]
    UnexpectedEnd,
    /// A character that cannot stand here.
    #[error("{0:?} cannot stand here; quote a name that holds special characters")]
    Character(char),
    /// An opening quote, bracket or parenthesis without its closing one.
    #[error("{0:?} is not closed")]
    Unclosed(char),
    /// A comment with `<`, `>` or `@`, which some readers take for an address.
    #[error("a comment holds {0:?}, which could be taken for an address; remove the comment")]
    Comment(char),
    /// A source route (`<@relay:a@example.org>`).
    #[error("source routes are obsolete; leave only the address itself")]
    Route,
    /// A group inside a group.
    #[error("a group cannot hold another group")]
    NestedGroup,
    /// What stands where an address must is none.
    #[error("{0}")]
    Address(AddressErrorKind),
    /// A single mailbox was asked for, and this is a list or a group.
    #[error("exactly one mailbox is expected here")]
    NotSingle,
}
