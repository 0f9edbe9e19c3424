//! Reading a profile from a file of the application's.

use std::io;
use std::path::{Path, PathBuf};

use super::{Profile, ProfileError, ProfileId};

impl Profile {
    /// Reads a profile from a TOML file, as [`from_toml`](Self::from_toml) reads it from text. A built-in profile of the
    /// upstream's name is found without help; `upstream` finds any other.
    ///
    /// # Errors
    ///
    /// As for [`from_toml`](Self::from_toml), or a file that cannot be read; with the path and, where the problem has a
    /// place, the line.
    pub fn from_file(
        path: impl AsRef<Path>,
        upstream: impl FnOnce(&ProfileId) -> Option<Self>,
    ) -> Result<Self, ProfileFileError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| ProfileFileError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_toml(&text, |id| {
            upstream(id).or_else(|| Self::built_in(id.as_str()).ok())
        })
        .map_err(|source| ProfileFileError::Profile {
            path: path.to_owned(),
            line: line_of(&text, &source),
            source,
        })
    }
}

/// Why a file is no profile.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileFileError {
    /// The file cannot be read, or is not UTF-8.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What it says is no profile.
    #[error("{}{}", path.display(), line.map_or_else(String::new, |line| format!(", line {line}")))]
    Profile {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, if the problem has a place.
        line: Option<usize>,
        /// What is wrong there.
        source: ProfileError,
    },
}

/// The line that a problem is in: the last one that names what the problem names, since what is named first is
/// usually its definition.
fn line_of(text: &str, error: &ProfileError) -> Option<usize> {
    let name = match error {
        ProfileError::Syntax { line, .. } => return Some(*line),
        ProfileError::NoSource { name }
        | ProfileError::NotDefined { name, .. }
        | ProfileError::Twice { name, .. }
        | ProfileError::Circle { step: name, .. } => format!("\"{name}\""),
        ProfileError::SourceTaken { name } => format!("[sources.{name}]"),
        ProfileError::NoUpstream { .. } => "upstream".to_owned(),
        ProfileError::Schema { .. } => "schema".to_owned(),
        ProfileError::NotBuiltIn { .. } | ProfileError::NoVendor { .. } => return None,
    };
    let places = |needle: &str| {
        let lines = text.lines().enumerate();
        lines
            .filter(|(_, line)| line.contains(needle))
            .map(|(at, _)| at + 1)
            .last()
    };
    // Values stand in braces in templates.
    places(&name).or_else(|| places(&name.replacen('"', "{", 1).replacen('"', "}", 1)))
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::path::PathBuf;

    use super::super::Profile;

    struct File(PathBuf);

    impl File {
        fn new(name: &str, text: &str) -> Self {
            let name = format!("letterhead-profile-{}-{name}.toml", std::process::id());
            let path = std::env::temp_dir().join(name);
            std::fs::write(&path, text).unwrap();
            Self(path)
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            std::fs::remove_file(&self.0).ok();
        }
    }

    const HEAD: &str = "schema = 1\nid = \"mine\"\ntitle = \"Mine\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

    #[test]
    fn a_bad_file_is_told_with_its_path_line_and_key() {
        for (name, sections, line, words) in [
            (
                "key",
                "[[spf]]\nterms = \"mx\"\n",
                8,
                "unknown field `terms`",
            ),
            (
                "kind",
                "[[maximum]]\nkind = \"hero\"\nper = \"tenant\"\ncount = 1\nsource = \"page\"\n",
                8,
                "[maximum] names \"hero\"",
            ),
            (
                "source",
                "[[spf]]\nterm = \"mx\"\nnecessity = \"required\"\nsource = \"nowhere\"\n",
                10,
                "the source \"nowhere\" is not defined",
            ),
            (
                "value",
                "[[spf]]\nterm = \"a:{host}\"\nnecessity = \"required\"\nsource = \"page\"\n",
                8,
                "[spf] names \"host\"",
            ),
        ] {
            let file = File::new(name, &format!("{HEAD}{sections}"));
            let error = Profile::from_file(&file.0, |_| None).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("{}, line {line}", file.0.display())
            );
            let source = error.source().unwrap().to_string();
            assert!(source.contains(words), "{source}");
        }
    }

    #[test]
    fn a_file_may_rest_on_a_built_in_profile_and_one_that_is_not_there_is_told() {
        let own = "schema = 1\nid = \"mine\"\ntitle = \"Mine\"\nupstream = \"amazon-ses\"\n";
        let file = File::new("upstream", own);
        let profile = Profile::from_file(&file.0, |_| None).unwrap();
        assert!(!profile.identities().is_empty());
        let error = Profile::from_file("/no/such/profile.toml", |_| None).unwrap_err();
        assert_eq!(error.to_string(), "/no/such/profile.toml cannot be read");
        assert!(error.source().is_some());
    }
}
