//! Reading a profile from TOML.

use std::ops::Range;

use serde::Deserialize;

use super::section::Sections;
use super::{Profile, ProfileId, consistency};

/// The only schema there is so far.
const SCHEMA: u32 = 1;

pub(super) fn read(
    text: &str,
    find_upstream: impl FnOnce(&ProfileId) -> Option<Profile>,
) -> Result<Profile, ProfileError> {
    let own: Sections = toml::from_str(text).map_err(|error| match other_schema(text) {
        Some(found) => ProfileError::Schema { found },
        None => ProfileError::syntax(text, &error),
    })?;
    if own.schema != SCHEMA {
        return Err(ProfileError::Schema { found: own.schema });
    }
    if let Some(name) = own.undefined_source() {
        return Err(ProfileError::NoSource {
            name: name.to_owned(),
        });
    }
    match own.upstream.clone() {
        None => {
            consistency::check(&own)?;
            Ok(Profile {
                sections: own.clone(),
                own,
            })
        }
        Some(id) => match find_upstream(&id) {
            Some(upstream) => joined(own, &upstream),
            None => Err(ProfileError::NoUpstream { upstream: id }),
        },
    }
}

/// A file over the profile that it rests on.
pub(super) fn joined(own: Sections, upstream: &Profile) -> Result<Profile, ProfileError> {
    // What the upstream's sections name must go on meaning the page they were read from.
    let taken = own.sources.iter().find(|(name, source)| {
        let theirs = upstream.sections.sources.get(*name);
        theirs.is_some_and(|theirs| theirs != *source)
    });
    if let Some((name, _)) = taken {
        return Err(ProfileError::SourceTaken { name: name.clone() });
    }
    let sections = own.clone().over(&upstream.sections);
    consistency::check(&sections)?;
    Ok(Profile { own, sections })
}

/// The schema of a text that is of another one: it has keys nobody knows here, and that is not what is wrong with it.
fn other_schema(text: &str) -> Option<u32> {
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let version: Version = toml::from_str(text).ok()?;
    Some(version.schema).filter(|schema| *schema != SCHEMA)
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// No built-in profile has this name.
    #[error("there is no built-in profile {name:?}")]
    NotBuiltIn {
        /// What was asked for.
        name: String,
    },
    /// The text is not TOML, or a key or value is not one that the schema has.
    #[error("line {line}, column {column}: {problem}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted in characters from 1.
        column: usize,
        /// What is wrong there, with the key's name.
        problem: String,
    },
    /// The file says that it has another schema.
    #[error("schema {found} is not known; write schema = 1")]
    Schema {
        /// What it says.
        found: u32,
    },
    /// A value names a source that the file does not define.
    #[error("the source {name:?} is not defined; add [sources.{name}] with url and as_of")]
    NoSource {
        /// The source's name.
        name: String,
    },
    /// A source has the name of one of the upstream's and is another page.
    #[error("the upstream has another source {name:?}; give this one a name of its own")]
    SourceTaken {
        /// The source's name.
        name: String,
    },
    /// A section names something that the profile does not define.
    #[error("[{section}] names {name:?}, which the profile does not define")]
    NotDefined {
        /// The section that names it.
        section: &'static str,
        /// What it names: a kind, an environment or a value.
        name: String,
    },
    /// A section defines the same thing twice, or an environment is in two groups.
    #[error("[{section}] has {name:?} twice; leave one")]
    Twice {
        /// The section.
        section: &'static str,
        /// What it has twice.
        name: String,
    },
    /// A step of a procedure could never be done.
    #[error("the step {step:?} of [[procedure]] {procedure:?} has to be done after itself")]
    Circle {
        /// The procedure.
        procedure: String,
        /// The first step that waits for itself.
        step: String,
    },
    /// The one does not send through the servers of the other.
    #[error("{channel} does not send through the servers of {vendor}")]
    NoVendor {
        /// The profile of the channel.
        channel: ProfileId,
        /// The profile of the servers.
        vendor: ProfileId,
    },
    /// The profile rests on one that is not there.
    #[error("the upstream profile {upstream} is not there")]
    NoUpstream {
        /// The upstream's name.
        upstream: ProfileId,
    },
}

impl ProfileError {
    fn syntax(text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self::Syntax {
            line: before.matches('\n').count() + 1,
            column: before
                .get(line_start..)
                .map_or(0, |line| line.chars().count())
                + 1,
            problem: match key_at(text, error.span()) {
                Some(key) if !error.message().contains(&format!("`{key}`")) => {
                    format!("{key}: {}", error.message())
                }
                _ => error.message().to_owned(),
            },
        }
    }
}

/// The key of the line that a span begins in.
fn key_at(text: &str, span: Option<Range<usize>>) -> Option<&str> {
    let before = text.get(..span?.start)?;
    let line = before.rsplit('\n').next()?;
    let (key, _) = line.split_once('=')?;
    Some(key.trim())
}
