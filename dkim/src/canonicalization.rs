//! The choice of canonicalisation, `c=`.

use std::fmt;
use std::str::FromStr;

/// How header and body are canonicalised ([RFC 6376 §3.4](https://www.rfc-editor.org/rfc/rfc6376#section-3.4)).
///
/// The two settings have types of their own, so that they cannot be swapped. Signing defaults to
/// [`RELAXED`](Self::RELAXED), which survives what relays commonly do to white space; an absent `c=` means
/// [`SIMPLE`](Self::SIMPLE).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Canonicalization {
    header: HeaderCanonicalization,
    body: BodyCanonicalization,
}

impl Canonicalization {
    /// `relaxed/relaxed`.
    pub const RELAXED: Self = Self::new(
        HeaderCanonicalization::Relaxed,
        BodyCanonicalization::Relaxed,
    );

    /// `simple/simple`.
    pub const SIMPLE: Self =
        Self::new(HeaderCanonicalization::Simple, BodyCanonicalization::Simple);

    /// One setting for the header, one for the body.
    #[must_use]
    pub const fn new(header: HeaderCanonicalization, body: BodyCanonicalization) -> Self {
        Self { header, body }
    }

    /// The header's.
    #[must_use]
    pub const fn header(self) -> HeaderCanonicalization {
        self.header
    }

    /// The body's.
    #[must_use]
    pub const fn body(self) -> BodyCanonicalization {
        self.body
    }

    /// The value of `c=`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match (self.header, self.body) {
            (HeaderCanonicalization::Simple, BodyCanonicalization::Simple) => "simple/simple",
            (HeaderCanonicalization::Simple, BodyCanonicalization::Relaxed) => "simple/relaxed",
            (HeaderCanonicalization::Relaxed, BodyCanonicalization::Simple) => "relaxed/simple",
            (HeaderCanonicalization::Relaxed, BodyCanonicalization::Relaxed) => "relaxed/relaxed",
        }
    }
}

/// How header fields are canonicalised.
#[expect(
    clippy::exhaustive_enums,
    reason = "a third one would be a new version of DKIM"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeaderCanonicalization {
    /// Octet for octet ([RFC 6376 §3.4.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.4.1)).
    Simple,
    /// Names in lower case, lines unfolded, white space runs to one space
    /// ([RFC 6376 §3.4.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.4.2)).
    Relaxed,
}

/// How the body is canonicalised.
#[expect(
    clippy::exhaustive_enums,
    reason = "a third one would be a new version of DKIM"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyCanonicalization {
    /// Empty lines at the end become one CRLF
    /// ([RFC 6376 §3.4.3](https://www.rfc-editor.org/rfc/rfc6376#section-3.4.3)).
    Simple,
    /// White space runs become one space, white space at line ends and empty lines at the end go
    /// ([RFC 6376 §3.4.4](https://www.rfc-editor.org/rfc/rfc6376#section-3.4.4)).
    Relaxed,
}

impl Default for Canonicalization {
    fn default() -> Self {
        Self::RELAXED
    }
}

impl fmt::Display for Canonicalization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Canonicalization {
    type Err = UnknownCanonicalization;

    fn from_str(text: &str) -> Result<Self, UnknownCanonicalization> {
        // As nearly every signature has it.
        if text == "relaxed/relaxed" {
            return Ok(Self::RELAXED);
        }
        // Where only the header's is given, the body's is simple.
        let (header, body) = text.split_once('/').unwrap_or((text, "simple"));
        let header = if header.eq_ignore_ascii_case("simple") {
            HeaderCanonicalization::Simple
        } else if header.eq_ignore_ascii_case("relaxed") {
            HeaderCanonicalization::Relaxed
        } else {
            return Err(UnknownCanonicalization);
        };
        let body = if body.eq_ignore_ascii_case("simple") {
            BodyCanonicalization::Simple
        } else if body.eq_ignore_ascii_case("relaxed") {
            BodyCanonicalization::Relaxed
        } else {
            return Err(UnknownCanonicalization);
        };
        Ok(Self { header, body })
    }
}

/// Text that names no canonicalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a canonicalisation; write simple or relaxed for the header, and after a slash for the body"
)]
#[non_exhaustive]
pub struct UnknownCanonicalization;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_is_simple_where_only_the_header_is_named() {
        for (text, printed) in [
            ("relaxed", "relaxed/simple"),
            ("simple", "simple/simple"),
            ("Relaxed/RELAXED", "relaxed/relaxed"),
            ("simple/relaxed", "simple/relaxed"),
        ] {
            assert_eq!(
                text.parse::<Canonicalization>().unwrap().to_string(),
                printed
            );
        }
        for bad in ["", "/", "relaxed/", "nowsp", "relaxed/simple/x"] {
            assert_eq!(
                bad.parse::<Canonicalization>(),
                Err(UnknownCanonicalization)
            );
        }
    }
}
