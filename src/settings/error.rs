//! What is wrong with settings.

use std::path::PathBuf;

use super::Place;

/// Why settings cannot be used. No secret is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file itself.
    #[error("{} cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// Something in it, or in a variable: no TOML, an unknown key, a value that is none of its kind, a secret that is not
    /// there, a name of nothing.
    #[error("{place}: {problem}")]
    Wrong {
        /// Where.
        place: Place,
        /// What is wrong there, and what to do about it.
        problem: String,
    },
}
