//! Where in the settings something stands.

use std::fmt;
use std::path::PathBuf;

/// Where in the settings something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the file, or the text that was given for one.
    Text {
        /// The file, if it was one.
        file: Option<PathBuf>,
        /// Counted from 1.
        line: usize,
        /// Counted in characters from 1.
        column: usize,
        /// The key, such as `routes.own.server`; empty where there is none.
        key: String,
    },
    /// In a variable.
    Variable {
        /// Its name.
        name: String,
        /// The key that it stands for.
        key: String,
    },
}

/// `letterhead.toml:12:10: routes.own.server`, or `LETTERHEAD__ROUTES__OWN__SERVER: routes.own.server`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match self {
            Self::Text {
                file,
                line,
                column,
                key,
            } => {
                match file {
                    Some(file) => write!(f, "{}:{line}:{column}", file.display())?,
                    None => write!(f, "line {line}, column {column}")?,
                }
                key
            }
            Self::Variable { name, key } => {
                f.write_str(name)?;
                key
            }
        };
        match key.is_empty() {
            true => Ok(()),
            false => write!(f, ": {key}"),
        }
    }
}
