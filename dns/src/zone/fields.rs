//! The fields of one entry of a master file.

use super::error::{ZoneError, ZoneErrorKind};
use super::lexer::{Entry, Form, Token};
use crate::name::Name;

/// The fields of an entry that are still to be read.
pub(super) struct Fields<'a> {
    tokens: std::slice::Iter<'a, Token<'a>>,
    last_line: usize,
    origin: Name,
}

impl<'a> Fields<'a> {
    /// All fields of the entry, whose names are relative to the origin.
    pub(super) fn of(entry: &'a Entry<'a>, origin: Name) -> Self {
        Self {
            tokens: entry.tokens.iter(),
            last_line: entry.last_line,
            origin,
        }
    }

    /// The next field, if there is one.
    pub(super) fn optional(&mut self) -> Option<&'a Token<'a>> {
        self.tokens.next()
    }

    /// The next field, left where it is.
    pub(super) fn peek(&self) -> Option<&'a Token<'a>> {
        self.tokens.as_slice().first()
    }

    /// The next field, which has to be there.
    pub(super) fn required(&mut self, what: &'static str) -> Result<&'a Token<'a>, ZoneError> {
        self.optional().ok_or(ZoneError {
            line: self.last_line,
            kind: ZoneErrorKind::Missing(what),
        })
    }

    /// The next field as a name.
    pub(super) fn name(&mut self, what: &'static str) -> Result<Name, ZoneError> {
        let token = self.required(what)?;
        if token.form == Form::Quoted {
            return Err(token.error(ZoneErrorKind::QuotedName));
        }
        if token.raw == b"@" {
            return Ok(self.origin.clone());
        }
        Name::parse_relative(token.raw, Some(&self.origin)).map_err(|source| {
            let text = token.excerpt();
            token.error(ZoneErrorKind::Name { text, source })
        })
    }

    /// Checks that no field is left.
    pub(super) fn end(&mut self) -> Result<(), ZoneError> {
        match self.optional() {
            None => Ok(()),
            Some(token) => {
                let text = token.excerpt();
                Err(token.error(ZoneErrorKind::Trailing { text }))
            }
        }
    }
}
