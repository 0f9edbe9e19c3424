//! A part of a record that is being read.

use std::sync::Arc;

use crate::record::parse_error::{ParseError, ParseErrorKind};
use crate::record::parser::octet_run::run;
use crate::text::Text;

/// Visible ASCII of a text, and the place where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    octets: &'a [u8],
    offset: usize,
    text: &'a Arc<str>,
    /// Whether the whole term has a percent sign.
    has_percent: bool,
}

impl<'a> Part<'a> {
    /// Takes a term off the front of the octets that stand at this offset of the text: all visible ASCII up to the first
    /// octet that is none.
    #[inline]
    pub(crate) fn term(octets: &'a [u8], offset: usize, text: &'a Arc<str>) -> Self {
        let run = run(octets);
        Self {
            octets: octets.get(..run.length).unwrap_or_default(),
            offset,
            text,
            has_percent: run.has_percent,
        }
    }

    /// The whole of a text that is one term, or a part of one.
    pub(crate) fn whole(text: &'a Arc<str>) -> Result<Self, ParseError> {
        if u32::try_from(text.len()).is_err() {
            return Err(ParseError::new(0, ParseErrorKind::TooLong));
        }
        let part = Self::term(text.as_bytes(), 0, text);
        let end = part.octets.len();
        match text.as_bytes().get(end) {
            None => Ok(part),
            Some(octet) => Err(ParseError::new(end, ParseErrorKind::Octet(*octet))),
        }
    }

    pub(crate) fn octets(self) -> &'a [u8] {
        self.octets
    }

    /// Where in the text it begins.
    pub(crate) fn offset(self) -> usize {
        self.offset
    }

    /// Whether every character is known to stand for itself.
    pub(crate) fn is_literal(self) -> bool {
        !self.has_percent
    }

    /// What is before and behind this many octets.
    #[inline]
    pub(crate) fn split(self, octets: usize) -> (Self, Self) {
        let (before, behind) = self.octets.split_at_checked(octets).unwrap_or_default();
        let offset = self.offset + before.len();
        (
            Self {
                octets: before,
                ..self
            },
            Self {
                octets: behind,
                offset,
                ..self
            },
        )
    }

    /// What is behind its first octet.
    pub(crate) fn behind_first(self) -> Self {
        self.split(1).1
    }

    #[inline]
    pub(crate) fn to_text(self) -> Text {
        Text::part(self.text, self.offset..self.offset + self.octets.len())
    }
}
