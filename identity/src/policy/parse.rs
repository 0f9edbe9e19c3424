//! Reading statements.

use std::fmt;

use super::grantee::{Grantee, Group};
use super::scope::{PathError, Scope};
use crate::word::{PolicyVerb, ResourceType};

/// Goes through a statement once. Spaces between words count for nothing, and neither does the case of the grammar's own
/// words. A statement is one line: a line end in it could hide another statement in the condition of the first.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, StatementError> {
        match text.find(char::is_control) {
            Some(offset) => Err(StatementError::new(offset, Expected::NoControl)),
            None => Ok(Self { text, at: 0 }),
        }
    }

    pub(super) fn allow(&mut self) -> Result<(), StatementError> {
        self.keyword("allow", Expected::Allow)
    }

    /// Whom, up to and with the `to` after it.
    pub(super) fn grantee(&mut self) -> Result<Grantee, StatementError> {
        let start = self.skip_space();
        let grantee = match self.word().to_ascii_lowercase().as_str() {
            "group" => Grantee::Groups(self.groups()?),
            "dynamic-group" => Grantee::DynamicGroups(self.groups()?),
            "service" => Grantee::Services(self.groups()?),
            "any-group" => Grantee::AnyGroup,
            "any-user" => Grantee::AnyUser,
            _ => return Err(StatementError::new(start, Expected::Grantee)),
        };
        self.keyword("to", Expected::To)?;
        Ok(grantee)
    }

    pub(super) fn verb(&mut self) -> Result<PolicyVerb, StatementError> {
        let start = self.skip_space();
        let error = |_| StatementError::new(start, Expected::Verb);
        self.word().parse().map_err(error)
    }

    /// With what, up to and with the `in` after it.
    pub(super) fn resource(&mut self) -> Result<ResourceType, StatementError> {
        let start = self.skip_space();
        let error = |_| StatementError::new(start, Expected::Resource);
        let resource = self.word().parse().map_err(error)?;
        self.keyword("in", Expected::In)?;
        Ok(resource)
    }

    pub(super) fn scope(&mut self) -> Result<Scope, StatementError> {
        let start = self.skip_space();
        let word = self.word();
        if word.eq_ignore_ascii_case("tenancy") {
            return Ok(Scope::Tenancy);
        }
        if !word.eq_ignore_ascii_case("compartment") {
            return Err(StatementError::new(start, Expected::Location));
        }
        let start = self.skip_space();
        let name = self.word();
        if name.eq_ignore_ascii_case("id") {
            let start = self.skip_space();
            let error = |_| StatementError::new(start, Expected::Id);
            return self.word().parse().map(Scope::CompartmentId).map_err(error);
        }
        match name.parse() {
            Ok(path) => Ok(Scope::Compartment(path)),
            Err(PathError::Name { offset }) => {
                Err(StatementError::new(start + offset, Expected::Compartment))
            }
            Err(PathError::Id) => Err(StatementError::new(start, Expected::Compartment)),
        }
    }

    /// The text after `where`, if that follows.
    pub(super) fn condition(&mut self) -> Result<Option<&'a str>, StatementError> {
        if self.end().is_ok() {
            return Ok(None);
        }
        self.keyword("where", Expected::WhereOrEnd)?;
        let start = self.skip_space();
        match self.rest().trim_end() {
            "" => Err(StatementError::new(start, Expected::Condition)),
            condition => Ok(Some(condition)),
        }
    }

    pub(super) fn end(&mut self) -> Result<(), StatementError> {
        let start = self.skip_space();
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(StatementError::new(start, Expected::WhereOrEnd))
    }

    fn groups(&mut self) -> Result<Vec<Group>, StatementError> {
        let mut groups = vec![self.group()?];
        loop {
            self.skip_space();
            if !self.take(',') {
                return Ok(groups);
            }
            groups.push(self.group()?);
        }
    }

    /// A name, a name in an identity domain, or an id.
    pub(super) fn group(&mut self) -> Result<Group, StatementError> {
        let is_quoted = {
            self.skip_space();
            self.rest().starts_with('\'')
        };
        let first = self.name()?;
        if !is_quoted && first.eq_ignore_ascii_case("id") {
            let start = self.skip_space();
            return match self.word() {
                "" => Err(StatementError::new(start, Expected::Id)),
                id => Ok(Group::read_id(id)),
            };
        }
        if self.take('/') {
            return Ok(Group::read_name(Some(first), self.name()?));
        }
        Ok(Group::read_name(None, first))
    }

    /// A name, in quotes or not.
    fn name(&mut self) -> Result<&'a str, StatementError> {
        let start = self.skip_space();
        if !self.take('\'') {
            return match self.word() {
                "" => Err(StatementError::new(start, Expected::Name)),
                name => Ok(name),
            };
        }
        let Some((name, _)) = self.rest().split_once('\'') else {
            return Err(StatementError::new(self.text.len(), Expected::Quote));
        };
        if name.trim().is_empty() || name.contains('"') {
            return Err(StatementError::new(self.at, Expected::Name));
        }
        self.at += name.len() + 1;
        Ok(name)
    }

    fn keyword(&mut self, keyword: &str, expected: Expected) -> Result<(), StatementError> {
        let start = self.skip_space();
        if self.word().eq_ignore_ascii_case(keyword) {
            return Ok(());
        }
        Err(StatementError::new(start, expected))
    }

    /// What stands there without a space, comma, slash or quote; nothing, if one of them does.
    fn word(&mut self) -> &'a str {
        let ends = |character: char| {
            character.is_whitespace() || matches!(character, ',' | '/' | '\'' | '"')
        };
        let rest = self.rest();
        let length = rest.find(ends).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn take(&mut self, character: char) -> bool {
        let is_there = self.rest().starts_with(character);
        if is_there {
            self.at += character.len_utf8();
        }
        is_there
    }

    /// Where the next word begins.
    fn skip_space(&mut self) -> usize {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

/// Why text is no statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at octet {offset} of the statement")]
#[non_exhaustive]
pub struct StatementError {
    /// Where, counted in octets from 0.
    pub offset: usize,
    /// What should stand there.
    pub expected: Expected,
}

impl StatementError {
    fn new(offset: usize, expected: Expected) -> Self {
        Self { offset, expected }
    }
}

/// What should stand at a place in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expected {
    /// The first word.
    Allow,
    /// Whom it is allowed.
    Grantee,
    /// The name of a group.
    Name,
    /// The quote that ends a name.
    Quote,
    /// An id.
    Id,
    /// The word before the verb.
    To,
    /// A verb.
    Verb,
    /// A type of resource.
    Resource,
    /// The word before the location.
    In,
    /// A location.
    Location,
    /// The name of a compartment.
    Compartment,
    /// A condition, or nothing more.
    WhereOrEnd,
    /// What follows `where`.
    Condition,
    /// Anything but a control character, such as a tab or line end.
    NoControl,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Allow => "\"Allow\"",
            Self::Grantee => {
                "\"group\", \"dynamic-group\", \"service\", \"any-group\" or \"any-user\""
            }
            Self::Name => "a name, in single quotes if it has a space",
            Self::Quote => "a closing quote",
            Self::Id => "an id",
            Self::To => "\"to\"",
            Self::Verb => "a verb such as \"use\"",
            Self::Resource => "a type of resource",
            Self::In => "\"in\"",
            Self::Location => "\"tenancy\" or \"compartment\"",
            Self::Compartment => "the name of a compartment",
            Self::WhereOrEnd => "\"where\" or the end",
            Self::Condition => "a condition",
            Self::NoControl => "one line without control characters",
        })
    }
}
