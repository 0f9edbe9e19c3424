//! Where a statement allows something.

use std::fmt;
use std::str::FromStr;

use crate::placement::Compartment;

/// Where a statement allows something.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Everywhere.
    Tenancy,
    /// In a compartment and those below it. The path begins at a compartment that is directly below the one that the
    /// policy is attached to, or is that one.
    Compartment(CompartmentPath),
    /// In the compartment of this id, and those below it.
    CompartmentId(Compartment),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenancy => f.write_str("tenancy"),
            Self::Compartment(path) => write!(f, "compartment {path}"),
            Self::CompartmentId(id) => write!(f, "compartment id {id}"),
        }
    }
}

/// The names of compartments, each in the one before it: `Project-A:Mail`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct CompartmentPath(Vec<Box<str>>);

impl CompartmentPath {
    /// The path of the root: no name.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether it is the root's.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a path that a policy here names leads to a compartment, or to one above it. That compartment's path
    /// begins at the root.
    pub(super) fn leads_to(&self, named: &Self, target: &Self) -> bool {
        let is_above = |above: &Self, rest: &[Box<str>]| {
            target
                .0
                .strip_prefix(above.0.as_slice())
                .is_some_and(|below| below.starts_with(rest))
        };
        let itself = match (self.0.last(), named.0.split_first()) {
            (Some(own), Some((first, rest))) if own == first => is_above(self, rest),
            _ => false,
        };
        itself || is_above(self, &named.0)
    }
}

impl fmt::Display for CompartmentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str("the root");
        }
        f.write_str(&self.0.join(":"))
    }
}

/// Names between colons.
impl FromStr for CompartmentPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.eq_ignore_ascii_case("id") {
            return Err(PathError::Id);
        }
        let mut offset = 0;
        let mut names = Vec::new();
        for name in text.split(':') {
            let is_name = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
            if name.is_empty() {
                return Err(PathError::Name { offset });
            }
            if let Some(at) = name.bytes().position(|octet| !is_name(octet)) {
                return Err(PathError::Name {
                    offset: offset + at,
                });
            }
            names.push(name.into());
            offset += name.len() + 1;
        }
        Ok(Self(names))
    }
}

/// Text that is no path of compartments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// A name is empty, or has a character that no name has.
    #[error(
        "no name of a compartment at octet {offset}: expected letters, digits, hyphens, periods and underscores, with colons between names"
    )]
    Name {
        /// Counted from 0.
        offset: usize,
    },
    /// The word that stands before an id in a statement.
    #[error("a compartment cannot be named `id` in a statement; give its id")]
    Id,
}
