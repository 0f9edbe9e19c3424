//! Parameters of MAIL and RCPT.

use std::fmt;
use std::str::FromStr;

/// A parameter of MAIL or RCPT, such as `SIZE=1000` or `SMTPUTF8`
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
///
/// The keyword is kept in upper case, so two spellings of one keyword are the same value. A value has no space, no `=`
/// and no control character, so it cannot add a parameter or a command.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parameter {
    keyword: Box<str>,
    value: Option<Box<str>>,
}

impl Parameter {
    /// The longest parameter that is read, in octets.
    pub const MAX_LENGTH: usize = 1_024;

    /// A parameter.
    ///
    /// # Errors
    ///
    /// When the keyword is not letters, digits and hyphens, or the value is empty or holds a space, a `=` or a control
    /// character.
    pub fn new(keyword: &str, value: Option<&str>) -> Result<Self, ParameterError> {
        if keyword.len() + value.map_or(0, str::len) > Self::MAX_LENGTH {
            return Err(ParameterError::TooLong);
        }
        if !is_keyword(keyword) {
            return Err(ParameterError::Keyword);
        }
        if !value.is_none_or(is_value) {
            return Err(ParameterError::Value);
        }
        Ok(Self {
            keyword: keyword.to_ascii_uppercase().into_boxed_str(),
            value: value.map(Into::into),
        })
    }

    /// The keyword, in upper case.
    #[must_use]
    pub fn keyword(&self) -> &str {
        &self.keyword
    }

    /// What follows the `=`, as it was sent.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Whether the keyword is this one, in whatever case.
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.keyword.eq_ignore_ascii_case(keyword)
    }

    /// A parameter without value whose keyword is known to be well formed.
    pub(crate) fn flag(keyword: &'static str) -> Self {
        debug_assert!(is_keyword(keyword));
        Self {
            keyword: keyword.into(),
            value: None,
        }
    }

    /// A parameter whose value, known to hold nothing that a value cannot, was written by this library.
    pub(crate) fn written(keyword: &'static str, value: String) -> Self {
        debug_assert!(is_keyword(keyword) && value.chars().all(|c| !c.is_control() && c != ' '));
        Self {
            keyword: keyword.into(),
            value: Some(value.into_boxed_str()),
        }
    }

    /// `SIZE=…` ([RFC 1870 §3](https://www.rfc-editor.org/rfc/rfc1870#section-3)).
    pub(crate) fn size(octets: u64) -> Self {
        Self {
            keyword: "SIZE".into(),
            value: Some(octets.to_string().into_boxed_str()),
        }
    }

    /// `BODY=8BITMIME` ([RFC 6152 §3](https://www.rfc-editor.org/rfc/rfc6152#section-3)).
    pub(crate) fn body_eight_bit() -> Self {
        Self {
            keyword: "BODY".into(),
            value: Some("8BITMIME".into()),
        }
    }
}

impl FromStr for Parameter {
    type Err = ParameterError;

    fn from_str(text: &str) -> Result<Self, ParameterError> {
        match text.split_once('=') {
            Some((keyword, value)) => Self::new(keyword, Some(value)),
            None => Self::new(text, None),
        }
    }
}

/// `KEYWORD=value`.
impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.keyword)?;
        match &self.value {
            Some(value) => write!(f, "={value}"),
            None => Ok(()),
        }
    }
}

/// Why text is not a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// The keyword is not letters, digits and hyphens.
    #[error(
        "a parameter's keyword is letters, digits and hyphens, and begins with a letter or a digit"
    )]
    Keyword,
    /// The value is empty or holds what a value cannot.
    #[error("a parameter's value is not empty and has no space, no '=' and no control character")]
    Value,
    /// More than [`Parameter::MAX_LENGTH`] octets.
    #[error("the parameter is longer than 1024 octets")]
    TooLong,
}

/// `esmtp-keyword`.
pub(crate) fn is_keyword(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && text
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric())
}

/// `esmtp-value`, with the UTF-8 that RFC 6531 §3.3 adds.
fn is_value(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c == '=' || c == ' ' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::{Parameter, ParameterError};

    #[test]
    fn a_parameter_cannot_add_another() {
        for text in [
            "",
            "=",
            "-A",
            "A B",
            "A=",
            "A=b c",
            "A=b=c",
            "A=b\r\nRSET",
            "A=b\0",
            "A_B",
            "É=1",
        ] {
            assert!(text.parse::<Parameter>().is_err(), "{text:?}");
        }
        assert_eq!(
            Parameter::new("A", Some(&"x".repeat(2_000))),
            Err(ParameterError::TooLong)
        );
    }

    #[test]
    fn keywords_compare_without_case_and_values_are_kept() {
        let parameter: Parameter = "body=8BitMime".parse().unwrap();
        assert_eq!(parameter, "BODY=8BitMime".parse().unwrap());
        assert!(parameter.is("Body"));
        assert_eq!(parameter.to_string(), "BODY=8BitMime");
    }
}
