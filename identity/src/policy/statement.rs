//! One statement of a policy.

use std::fmt;
use std::str::FromStr;

use super::grantee::{Grantee, Group};
use super::parse::{Reader, StatementError};
use super::scope::Scope;
use crate::word::{PolicyVerb, ResourceType};

/// One statement: `Allow group Mailers to use approved-senders in compartment Mail`.
///
/// It prints as it was written: spare spaces, the case of words and a `where` clause stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    grantee: Grantee,
    verb: PolicyVerb,
    resource: ResourceType,
    scope: Scope,
    condition: Option<Box<str>>,
    written: Box<str>,
}

impl Statement {
    /// A statement for the users in a group, without a condition.
    #[must_use]
    pub fn new(group: Group, verb: PolicyVerb, resource: ResourceType, scope: Scope) -> Self {
        let grantee = Grantee::Groups(vec![group]);
        let scope = match scope {
            Scope::Compartment(path) if path.is_root() => Scope::Tenancy,
            other => other,
        };
        let written = format!("Allow {grantee} to {verb} {resource} in {scope}").into();
        Self {
            grantee,
            verb,
            resource,
            scope,
            condition: None,
            written,
        }
    }

    /// Whom.
    #[must_use]
    pub fn grantee(&self) -> &Grantee {
        &self.grantee
    }

    /// What to do.
    #[must_use]
    pub fn verb(&self) -> &PolicyVerb {
        &self.verb
    }

    /// With what.
    #[must_use]
    pub fn resource(&self) -> &ResourceType {
        &self.resource
    }

    /// Where.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What follows `where`: it holds only under this condition, which is not worked out here.
    #[must_use]
    pub fn condition(&self) -> Option<&str> {
        self.condition.as_deref()
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

impl FromStr for Statement {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, StatementError> {
        let mut reader = Reader::new(text)?;
        reader.allow()?;
        Ok(Self {
            grantee: reader.grantee()?,
            verb: reader.verb()?,
            resource: reader.resource()?,
            scope: reader.scope()?,
            condition: reader.condition()?.map(Into::into),
            written: text.into(),
        })
    }
}
