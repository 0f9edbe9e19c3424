//! Reading a profile from TOML.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::section::{Sections, Source};
use super::{Profile, ProfileId};

/// The file as it stands: a section that is missing is the upstream's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    id: ProfileId,
    title: String,
    upstream: Option<ProfileId>,
    #[serde(default)]
    sources: BTreeMap<String, Source>,
    environments: Option<super::Environments>,
    identity: Option<Vec<super::IdentityRule>>,
    maximum: Option<Vec<super::Maximum>>,
    exclusive: Option<Vec<super::Exclusive>>,
    value: Option<Vec<super::ValueRule>>,
    record: Option<Vec<super::RecordTemplate>>,
    spf: Option<Vec<super::SpfRule>>,
    signature: Option<Vec<super::SignatureRule>>,
    headers: Option<super::Headers>,
    return_path: Option<super::ReturnPath>,
    quota: Option<Vec<super::Quota>>,
    endpoint: Option<Vec<super::Endpoint>>,
    refusal: Option<Vec<super::Refusal>>,
    simulator: Option<Vec<super::SimulatedAddress>>,
}

/// The only schema there is so far.
const SCHEMA: u32 = 1;

pub(super) fn read(
    text: &str,
    find_upstream: impl FnOnce(&ProfileId) -> Option<Profile>,
) -> Result<Profile, ProfileError> {
    let file: File = toml::from_str(text).map_err(|error| ProfileError::syntax(text, &error))?;
    if file.schema != SCHEMA {
        return Err(ProfileError::Schema {
            found: file.schema,
        });
    }
    let mut base = match &file.upstream {
        None => Sections::default(),
        Some(id) => {
            let Some(upstream) = find_upstream(id) else {
                return Err(ProfileError::NoUpstream {
                    upstream: id.clone(),
                });
            };
            upstream.sections
        }
    };
    let own = Sections {
        sources: file.sources,
        environments: file.environments,
        identity: file.identity.unwrap_or_default(),
        maximum: file.maximum.unwrap_or_default(),
        exclusive: file.exclusive.unwrap_or_default(),
        value: file.value.unwrap_or_default(),
        record: file.record.unwrap_or_default(),
        spf: file.spf.unwrap_or_default(),
        signature: file.signature.unwrap_or_default(),
        headers: file.headers,
        return_path: file.return_path,
        quota: file.quota.unwrap_or_default(),
        endpoint: file.endpoint.unwrap_or_default(),
        refusal: file.refusal.unwrap_or_default(),
        simulator: file.simulator.unwrap_or_default(),
    };
    if let Some(name) = own.undefined_source() {
        return Err(ProfileError::NoSource {
            name: name.to_owned(),
        });
    }
    base.replace_with(own);
    Ok(Profile {
        id: file.id,
        title: file.title,
        upstream: file.upstream,
        sections: base,
    })
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
            column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
            problem: error.message().to_owned(),
        }
    }
}
