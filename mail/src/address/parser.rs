//! The local part: how it is read and written.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::error::{AddressError, AddressErrorKind};

/// Reads the local part and the `@`: its content, and where the domain begins.
pub(super) fn read_local_part(text: &str) -> Result<(Cow<'_, str>, usize), AddressError> {
    if text.starts_with('"') {
        read_quoted(text).map(|(content, end)| (Cow::Owned(content), end))
    } else {
        read_dot_atom(text).map(|(content, end)| (Cow::Borrowed(content), end))
    }
}

fn read_dot_atom(text: &str) -> Result<(&str, usize), AddressError> {
    let mut after_dot = true;
    for (offset, c) in text.char_indices() {
        let error = |kind| Err(AddressError::new(offset, kind));
        match c {
            '@' if offset == 0 => return error(AddressErrorKind::EmptyLocalPart),
            '.' | '@' if after_dot => return error(AddressErrorKind::Dot),
            '@' => return Ok((text.get(..offset).unwrap_or_default(), offset + 1)),
            c if c.is_control() => return error(AddressErrorKind::Control),
            c if c == '.' || is_atom_character(c) => after_dot = c == '.',
            c => return error(AddressErrorKind::Character(c)),
        }
    }
    Err(AddressError::new(text.len(), AddressErrorKind::NoDomain))
}

fn read_quoted(text: &str) -> Result<(String, usize), AddressError> {
    let mut content = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((offset, c)) = characters.next() {
        let error = |offset, kind| Err(AddressError::new(offset, kind));
        match c {
            '"' => {
                return match characters.next() {
                    Some((at, '@')) => Ok((content, at + 1)),
                    Some((at, other)) => error(at, AddressErrorKind::Character(other)),
                    None => error(text.len(), AddressErrorKind::NoDomain),
                };
            }
            '\\' => match characters.next() {
                Some((_, escaped)) if escaped == ' ' || escaped.is_ascii_graphic() => {
                    content.push(escaped)
                }
                Some((at, escaped)) if escaped.is_control() => {
                    return error(at, AddressErrorKind::Control);
                }
                Some((at, escaped)) => return error(at, AddressErrorKind::Character(escaped)),
                None => return error(text.len(), AddressErrorKind::UnclosedQuote),
            },
            c if c.is_control() => return error(offset, AddressErrorKind::Control),
            c => content.push(c),
        }
    }
    Err(AddressError::new(
        text.len(),
        AddressErrorKind::UnclosedQuote,
    ))
}

/// What a local part must be whatever way it is written.
pub(super) fn check_local_part(content: &str) -> Result<(), AddressError> {
    if content.is_empty() {
        return Err(AddressError::new(0, AddressErrorKind::EmptyLocalPart));
    }
    match content.char_indices().find(|(_, c)| c.is_control()) {
        Some((offset, _)) => Err(AddressError::new(offset, AddressErrorKind::Control)),
        None => Ok(()),
    }
}

/// The content of a local part in the form the grammar asks for.
pub(super) struct WrittenLocalPart<'a>(pub(super) &'a str);

impl fmt::Display for WrittenLocalPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_dot_atom(self.0) {
            return f.write_str(self.0);
        }
        f.write_char('"')?;
        for c in self.0.chars() {
            if matches!(c, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        f.write_char('"')
    }
}

/// Whether a local part can stand without quotes
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
pub(super) fn is_dot_atom(content: &str) -> bool {
    content
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

/// `atext` of [RFC 5322 §3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3), and what
/// [RFC 6532 §3.2](https://www.rfc-editor.org/rfc/rfc6532#section-3.2) adds, less the control characters U+0080 to U+009F.
pub(crate) fn is_atom_character(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(c)
        || (!c.is_ascii() && !c.is_control())
}
