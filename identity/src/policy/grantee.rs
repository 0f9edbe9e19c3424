//! Whom a statement allows something.

use std::fmt;
use std::str::FromStr;

use super::parse::{Reader, StatementError};

/// Whom a statement allows something. A statement has one kind of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grantee {
    /// The users in these groups.
    Groups(Vec<Group>),
    /// The machines and programs in these groups.
    DynamicGroups(Vec<Group>),
    /// Services of the provider.
    Services(Vec<Group>),
    /// Everybody who is in a group.
    AnyGroup,
    /// Everybody and everything.
    AnyUser,
}

impl Grantee {
    /// Whether the users in one of these groups are meant.
    #[must_use]
    pub fn includes(&self, groups: &[Group]) -> bool {
        match self {
            Self::Groups(allowed) => allowed
                .iter()
                .any(|allowed| groups.iter().any(|group| group.is_same(allowed))),
            Self::AnyGroup => !groups.is_empty(),
            Self::AnyUser => true,
            Self::DynamicGroups(_) | Self::Services(_) => false,
        }
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, names) = match self {
            Self::Groups(names) => ("group", names.as_slice()),
            Self::DynamicGroups(names) => ("dynamic-group", names.as_slice()),
            Self::Services(names) => ("service", names.as_slice()),
            Self::AnyGroup => ("any-group", &[][..]),
            Self::AnyUser => ("any-user", &[][..]),
        };
        f.write_str(word)?;
        for (at, name) in names.iter().enumerate() {
            write!(f, "{} {name}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// A group of users, by its name or its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Group(Reference);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Reference {
    Name {
        domain: Option<Box<str>>,
        name: Box<str>,
    },
    Id(Box<str>),
}

impl Group {
    /// A group of the default identity domain, by its name.
    ///
    /// # Errors
    ///
    /// When the name is empty, or has a quote or a control character.
    pub fn named(name: &str) -> Result<Self, GroupError> {
        Ok(Self(Reference::Name {
            domain: None,
            name: checked(name)?,
        }))
    }

    /// A group of that name in this identity domain.
    ///
    /// # Errors
    ///
    /// When one of the names is empty, or has a quote or a control character.
    pub fn in_domain(domain: &str, name: &str) -> Result<Self, GroupError> {
        Ok(Self(Reference::Name {
            domain: Some(checked(domain)?),
            name: checked(name)?,
        }))
    }

    pub(super) fn read_name(domain: Option<&str>, name: &str) -> Self {
        Self(Reference::Name {
            domain: domain.map(Into::into),
            name: name.into(),
        })
    }

    pub(super) fn read_id(id: &str) -> Self {
        Self(Reference::Id(id.into()))
    }

    /// Whether both are one group, as far as that can be seen: a name and an id cannot be compared, and a name without
    /// identity domain is of the default one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Reference::Id(one), Reference::Id(other)) => one == other,
            (
                Reference::Name { domain, name },
                Reference::Name {
                    domain: other_domain,
                    name: other_name,
                },
            ) => {
                let domain = domain.as_deref().unwrap_or(DEFAULT_DOMAIN);
                let other_domain = other_domain.as_deref().unwrap_or(DEFAULT_DOMAIN);
                domain.eq_ignore_ascii_case(other_domain) && name == other_name
            }
            (Reference::Id(_), Reference::Name { .. })
            | (Reference::Name { .. }, Reference::Id(_)) => false,
        }
    }
}

/// As a statement has it: a name with a space stands in quotes, and an identity domain before a slash.
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reference::Id(id) => write!(f, "id {id}"),
            Reference::Name { domain, name } => {
                // Where one part has to stand in quotes, both do.
                let is_plain = is_plain(name) && domain.as_deref().is_none_or(is_plain);
                let quote = if is_plain { "" } else { "'" };
                if let Some(domain) = domain {
                    write!(f, "{quote}{domain}{quote}/")?;
                }
                write!(f, "{quote}{name}{quote}")
            }
        }
    }
}

/// As a statement has it.
impl FromStr for Group {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, StatementError> {
        let mut reader = Reader::new(text)?;
        let group = reader.group()?;
        reader.end()?;
        Ok(group)
    }
}

/// A name that no statement could have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a group's name is not empty, and has no quotes and no control characters")]
#[non_exhaustive]
pub struct GroupError;

fn checked(name: &str) -> Result<Box<str>, GroupError> {
    if name.trim().is_empty() || name.contains(['\'', '"']) || name.contains(char::is_control) {
        return Err(GroupError);
    }
    Ok(name.into())
}

/// Whether a name can stand without quotes. One that is a word of the grammar's own could be taken for it.
fn is_plain(name: &str) -> bool {
    !name.contains([',', '/', ':'])
        && !name.contains(char::is_whitespace)
        && !name.eq_ignore_ascii_case("id")
}

const DEFAULT_DOMAIN: &str = "Default";
