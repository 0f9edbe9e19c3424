//! Why octets are not a command.

/// A line that is not a command, as [`Command::parse`](super::Command::parse) reads it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct CommandError {
    pub(super) kind: CommandErrorKind,
}

impl CommandError {
    /// What is wrong with the line.
    #[must_use]
    pub fn kind(&self) -> &CommandErrorKind {
        &self.kind
    }
}

/// What is wrong with a command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandErrorKind {
    /// The verb is not known; its first 20 characters, made printable.
    #[error("the command {0:?} is not known")]
    Unrecognised(String),
    /// The verb is known, the rest is not what it takes.
    #[error("{0}")]
    Syntax(&'static str),
    /// The line is longer than its verb allows.
    #[error("the line is too long")]
    TooLong,
}
