//! What kind of content a part holds.

use std::fmt;
use std::str::FromStr;

/// A media type with its parameters, such as `application/pdf` or `text/calendar; method=REQUEST`
/// ([RFC 2045 §5.1](https://www.rfc-editor.org/rfc/rfc2045#section-5.1)).
///
/// `multipart` and `message` types are refused: they cannot be carried in base64
/// ([RFC 2045 §6.4](https://www.rfc-editor.org/rfc/rfc2045#section-6.4)), and the builder makes its own multiparts.
/// Type and parameter names become lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaType {
    essence: Box<str>,
    parameters: Vec<(Box<str>, Box<str>)>,
}

impl MediaType {
    /// Type and subtype in lower case, without parameters.
    #[must_use]
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// The parameters with their values, quotes taken off.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (&**name, &**value))
    }
}

impl FromStr for MediaType {
    type Err = MediaTypeError;

    fn from_str(text: &str) -> Result<Self, MediaTypeError> {
        let (essence, mut rest) = split_at_semicolon(text);
        let essence = essence.trim_matches(' ').to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/').ok_or(MediaTypeError::Syntax)?;
        if !is_token(kind) || !is_token(subtype) || essence.len() > MAX_TOKEN {
            return Err(MediaTypeError::Syntax);
        }
        if matches!(kind, "multipart" | "message") {
            return Err(MediaTypeError::Container);
        }
        let mut parameters: Vec<(Box<str>, Box<str>)> = Vec::new();
        while let Some(text) = rest {
            let (name, value) = text.split_once('=').ok_or(MediaTypeError::Syntax)?;
            let name = name.trim_matches(' ').to_ascii_lowercase();
            if !is_token(&name)
                || name.len() > MAX_TOKEN
                || parameters.iter().any(|(known, _)| **known == name)
            {
                return Err(MediaTypeError::Syntax);
            }
            let (value, after) = read_value(value.trim_start_matches(' '))?;
            parameters.push((name.into(), value.into()));
            rest = after;
        }
        Ok(Self {
            essence: essence.into(),
            parameters,
        })
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.essence)?;
        for (name, value) in &self.parameters {
            if is_token(value) {
                write!(f, "; {name}={value}")?;
            } else {
                write!(
                    f,
                    "; {name}=\"{}\"",
                    value.replace('\\', "\\\\").replace('"', "\\\"")
                )?;
            }
        }
        Ok(())
    }
}

/// Why text is not a media type for a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MediaTypeError {
    /// Not of the form `type/subtype; name=value`.
    #[error(
        "a media type has the form type/subtype, then perhaps ; name=value, in printable ASCII"
    )]
    Syntax,
    /// A `multipart` or `message` type.
    #[error("a part of a multipart or message type cannot be added; use another media type")]
    Container,
}

fn split_at_semicolon(text: &str) -> (&str, Option<&str>) {
    match text.split_once(';') {
        Some((front, rest)) => (front, Some(rest)),
        None => (text, None),
    }
}

/// A token or a quoted string, and what follows its semicolon.
fn read_value(text: &str) -> Result<(String, Option<&str>), MediaTypeError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (token, rest) = split_at_semicolon(text);
        let token = token.trim_end_matches(' ');
        return if is_token(token) {
            Ok((token.to_owned(), rest))
        } else {
            Err(MediaTypeError::Syntax)
        };
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next().ok_or(MediaTypeError::Syntax)? {
            '"' => break,
            '\\' => value.push(characters.next().ok_or(MediaTypeError::Syntax)?),
            c => value.push(c),
        }
    }
    if !value.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Err(MediaTypeError::Syntax);
    }
    match characters.as_str().trim_matches(' ') {
        "" => Ok((value, None)),
        rest => match rest.strip_prefix(';') {
            Some(rest) => Ok((value, Some(rest))),
            None => Err(MediaTypeError::Syntax),
        },
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !br#"()<>@,;:\"/[]?="#.contains(&b))
}

/// RFC 6838 §4.2 allows 127 characters on either side of the slash.
const MAX_TOKEN: usize = 255;

#[cfg(test)]
mod tests {
    use super::{MediaType, MediaTypeError};

    #[test]
    fn types_are_read_and_written_with_their_parameters() {
        for (text, written) in [
            ("Application/PDF", "application/pdf"),
            ("text/csv;Charset=utf-8", "text/csv; charset=utf-8"),
            (
                "text/calendar; method=\"REQUEST\" ; x=\"a; \\\"b\"",
                "text/calendar; method=REQUEST; x=\"a; \\\"b\"",
            ),
        ] {
            let media_type: MediaType = text.parse().unwrap();
            assert_eq!(media_type.to_string(), written);
            assert_eq!(written.parse::<MediaType>().unwrap(), media_type);
        }
    }

    #[test]
    fn what_is_no_media_type_for_a_part_is_refused() {
        for text in [
            "",
            "pdf",
            "a/",
            "/b",
            "a/b/c",
            "a/b;",
            "a/b; x",
            "a/b; x=",
            "a/b; x=\"",
            "a/b; x=\"a\"b",
            "a/b; x=1; X=2",
            "a/b\r\nX: y",
            "a/b; x=\"\r\n\"",
            "ä/b",
            "a/b; x=\"ä\"",
        ] {
            assert_eq!(
                text.parse::<MediaType>(),
                Err(MediaTypeError::Syntax),
                "{text:?}"
            );
        }
        for text in ["message/rfc822", "Multipart/mixed; boundary=x"] {
            assert_eq!(
                text.parse::<MediaType>(),
                Err(MediaTypeError::Container),
                "{text}"
            );
        }
    }
}
