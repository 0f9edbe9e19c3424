//! Policies: statements that let groups of a provider's users do something, as
//! `Allow group Mailers to use approved-senders in compartment Mail`.
//!
//! Verbs and types of resources are the provider's words and stay open. What its profile says a user has to be allowed is
//! compared with the policies there are by [`Profile::missing_permissions`](crate::Profile::missing_permissions).
//!
//! Not done: statements that define, endorse, admit or deny, and working out a `where` clause. A statement that has one
//! is kept and shown, and counts as granting nothing for certain.

mod grantee;
mod missing;
mod parse;
mod scope;
mod statement;

use std::fmt;
use std::str::FromStr;

pub use grantee::{Grantee, Group, GroupError};
pub use missing::{MissingPermission, PolicyTarget};
pub use parse::{Expected, StatementError};
pub use scope::{CompartmentPath, PathError, Scope};
pub use statement::Statement;

use crate::profile::Day;

/// A policy: statements under a name that stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    name: Box<str>,
    description: String,
    version: PolicyVersion,
    attached_to: CompartmentPath,
    statements: Vec<Statement>,
}

impl Policy {
    /// A policy without a description, which stays current. Whoever may manage policies in the compartment that it is
    /// attached to can change and delete it.
    ///
    /// # Errors
    ///
    /// A name that is empty, longer than 255 octets or not of visible ASCII characters, no statement, or one for the
    /// whole tenancy in a policy that is attached below its root.
    pub fn new(
        name: &str,
        attached_to: CompartmentPath,
        statements: Vec<Statement>,
    ) -> Result<Self, PolicyError> {
        if name.is_empty()
            || name.len() > MAX_NAME
            || !name.bytes().all(|octet| octet.is_ascii_graphic())
        {
            return Err(PolicyError::BadName {
                name: name.escape_debug().to_string(),
            });
        }
        if statements.is_empty() {
            return Err(PolicyError::NoStatement { name: name.into() });
        }
        let is_wider = |statement: &&Statement| *statement.scope() == Scope::Tenancy;
        if !attached_to.is_root()
            && let Some(wider) = statements.iter().find(is_wider)
        {
            return Err(PolicyError::WiderThanAttached {
                statement: wider.clone(),
                attached_to,
            });
        }
        Ok(Self {
            name: name.into(),
            description: String::new(),
            version: PolicyVersion::Current,
            attached_to,
            statements,
        })
    }

    /// With a description for people.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// By the meaning that verbs and resources have or had then.
    #[must_use]
    pub fn with_version(mut self, version: PolicyVersion) -> Self {
        self.version = version;
        self
    }

    /// Its name, which cannot be changed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for, for people.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// When the words in it mean what they say.
    #[must_use]
    pub fn version(&self) -> &PolicyVersion {
        &self.version
    }

    /// The compartment it is kept in.
    #[must_use]
    pub fn attached_to(&self) -> &CompartmentPath {
        &self.attached_to
    }

    /// What it says.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

/// All policies of a tenancy: each name is there once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies(Vec<Policy>);

impl Policies {
    /// Adds one.
    ///
    /// # Errors
    ///
    /// When there is one of the name, in whichever compartment.
    pub fn add(&mut self, policy: Policy) -> Result<(), PolicyError> {
        if self.0.iter().any(|other| other.name == policy.name) {
            return Err(PolicyError::NameTaken { name: policy.name });
        }
        self.0.push(policy);
        Ok(())
    }

    /// Describes one otherwise.
    ///
    /// # Errors
    ///
    /// When there is none of the name.
    pub fn change_description(
        &mut self,
        name: &str,
        description: impl Into<String>,
    ) -> Result<(), PolicyError> {
        match self.0.iter_mut().find(|policy| &*policy.name == name) {
            Some(policy) => {
                policy.description = description.into();
                Ok(())
            }
            None => Err(PolicyError::NotFound { name: name.into() }),
        }
    }

    /// Each, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.0.iter()
    }
}

/// When the words of a policy mean what they say: providers widen what a verb allows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyVersion {
    /// Always what they mean now.
    Current,
    /// What they meant on that day.
    Date(Day),
}

/// `current`, or a day as `YYYY-MM-DD`.
impl FromStr for PolicyVersion {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        if text == CURRENT {
            return Ok(Self::Current);
        }
        match Day::try_from(text.to_owned()) {
            Ok(day) => Ok(Self::Date(day)),
            Err(_) => Err(PolicyError::BadVersion {
                version: text.escape_debug().to_string(),
            }),
        }
    }
}

impl fmt::Display for PolicyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str(CURRENT),
            Self::Date(day) => day.fmt(f),
        }
    }
}

/// Why there is no such policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The name cannot be one.
    #[error("{name:?} is no name for a policy; expected 1 to {MAX_NAME} visible ASCII characters")]
    BadName {
        /// What was given.
        name: String,
    },
    /// There is a policy of the name.
    #[error(
        "there is a policy {name} already; names are unique in the whole tenancy and cannot be changed, so choose another"
    )]
    NameTaken {
        /// The name.
        name: Box<str>,
    },
    /// There is no policy of the name.
    #[error("there is no policy {name}")]
    NotFound {
        /// The name.
        name: Box<str>,
    },
    /// It says nothing.
    #[error("the policy {name} has no statement; add one")]
    NoStatement {
        /// The name.
        name: Box<str>,
    },
    /// A statement for more than the policy can speak of.
    #[error("a policy attached to {attached_to} cannot say {statement:?}; attach it to the root", statement = statement.to_string())]
    WiderThanAttached {
        /// The statement.
        statement: Statement,
        /// Where the policy was to be attached.
        attached_to: CompartmentPath,
    },
    /// What was given is no version.
    #[error("{version:?} is no version of a policy; expected {CURRENT} or a day as YYYY-MM-DD")]
    BadVersion {
        /// What was given.
        version: String,
    },
}

/// The longest name in octets.
const MAX_NAME: usize = 255;

const CURRENT: &str = "current";

#[cfg(test)]
mod tests;
