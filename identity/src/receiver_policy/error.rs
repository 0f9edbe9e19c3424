//! Why text is no receiver's policy.

/// Why a receiver's policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiverPolicyError {
    /// No built-in policy has this name.
    #[error("there is no built-in receiver policy {name:?}")]
    NotBuiltIn {
        /// What was asked for.
        name: String,
    },
    /// The text is not TOML, or a key or value is not one that the schema has.
    #[error("{problem}")]
    Syntax {
        /// What is wrong, and at which line and column.
        problem: String,
    },
    /// The file says that it has another schema.
    #[error("schema {found} is not known; write schema = 1")]
    Schema {
        /// What it says.
        found: u32,
    },
    /// A rule names a source that the file does not define.
    #[error("the source {name:?} is not defined; add [sources.{name}] with url and as_of")]
    NoSource {
        /// The source's name.
        name: String,
    },
}
