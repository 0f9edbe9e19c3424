//! What a receiver found out about a message.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use letterhead_dns::DomainName;

mod parser;
mod writer;

pub use parser::{AuthenticationResultsError, AuthenticationResultsErrorKind};

/// The field in which a receiver records what SPF, DKIM, DMARC and others said
/// ([RFC 8601 §2.2](https://www.rfc-editor.org/rfc/rfc8601#section-2.2)).
///
/// `Display` writes the value, folded with CRLF; `FromStr` reads a value, folded or not. Only a field written by a host
/// that the reader trusts means anything ([RFC 8601 §5](https://www.rfc-editor.org/rfc/rfc8601#section-5)).
///
/// ```
/// use letterhead_mail::{AuthenticationResults, MethodResult};
/// use letterhead_mail::authentication_results::{Method, PropertyType};
///
/// let results = AuthenticationResults::new("mx.example.net".parse()?)
///     .with(MethodResult::new(Method::SPF, "pass").property(PropertyType::SMTP, "mailfrom", "bounce@example.com"))
///     .with(MethodResult::new(Method::DMARC, "pass").property(PropertyType::HEADER, "from", "example.org"));
/// assert_eq!(
///     results.to_header_field(),
///     "Authentication-Results: mx.example.net;\r\n spf=pass smtp.mailfrom=bounce@example.com;\r\n \
///      dmarc=pass header.from=example.org\r\n",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AuthenticationResults {
    authserv_id: DomainName,
    results: Vec<MethodResult>,
}

impl AuthenticationResults {
    /// No results yet, by the host of this name.
    #[must_use]
    pub fn new(authserv_id: DomainName) -> Self {
        Self {
            authserv_id,
            results: Vec::new(),
        }
    }

    /// Adds a result.
    #[must_use]
    pub fn with(mut self, result: MethodResult) -> Self {
        self.results.push(result);
        self
    }

    /// The host that found the results.
    #[must_use]
    pub fn authserv_id(&self) -> &DomainName {
        &self.authserv_id
    }

    /// The results in their order; empty when nothing was checked.
    #[must_use]
    pub fn results(&self) -> &[MethodResult] {
        &self.results
    }

    /// The whole field, folded, with its final CRLF.
    #[must_use]
    pub fn to_header_field(&self) -> String {
        format!("Authentication-Results: {self}\r\n")
    }
}

impl fmt::Display for AuthenticationResults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writer::write(f, self)
    }
}

impl FromStr for AuthenticationResults {
    type Err = AuthenticationResultsError;

    fn from_str(value: &str) -> Result<Self, AuthenticationResultsError> {
        parser::read(value)
    }
}

/// What one method said, and about what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MethodResult {
    method: Method,
    result: Keyword,
    reason: Option<Box<str>>,
    properties: Vec<Property>,
}

impl MethodResult {
    /// The longest reason or property value in octets; what goes beyond is cut.
    pub const MAX_VALUE: usize = 400;

    /// What `method` said, for instance `pass`
    /// ([registry](https://www.rfc-editor.org/rfc/rfc8601#section-2.7)).
    ///
    /// The result becomes lower case. Text that is no keyword is recorded as `permerror`, never as a pass.
    #[must_use]
    pub fn new(method: Method, result: &str) -> Self {
        Self {
            method,
            result: Keyword::read(result).unwrap_or(Keyword(Cow::Borrowed("permerror"))),
            reason: None,
            properties: Vec::new(),
        }
    }

    /// Sets the reason, for people to read. Control characters are removed.
    #[must_use]
    pub fn reason(mut self, reason: &str) -> Self {
        self.reason = Some(cleaned(reason));
        self
    }

    /// Adds a property that was looked at, such as `smtp.mailfrom`. Control characters are removed from the value. A name
    /// that is no keyword (letters, digits and hyphens) cannot be written: such a property is left out.
    #[must_use]
    pub fn property(mut self, kind: PropertyType, name: &str, value: &str) -> Self {
        if let Some(name) = Keyword::read(name) {
            self.properties.push(Property {
                kind,
                name,
                value: cleaned(value),
            });
        }
        self
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The result in lower case.
    #[must_use]
    pub fn result(&self) -> &str {
        &self.result.0
    }

    /// The reason, where there is one.
    #[must_use]
    pub fn reason_text(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The properties in their order.
    #[must_use]
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// The value of the first property of this type and name.
    #[must_use]
    pub fn property_value(&self, kind: &PropertyType, name: &str) -> Option<&str> {
        self.properties
            .iter()
            .find(|property| property.kind == *kind && property.name.0.eq_ignore_ascii_case(name))
            .map(Property::value)
    }
}

/// Something that a method looked at, and its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Property {
    kind: PropertyType,
    name: Keyword,
    value: Box<str>,
}

impl Property {
    /// Where the value was found.
    #[must_use]
    pub fn kind(&self) -> &PropertyType {
        &self.kind
    }

    /// The name in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name.0
    }

    /// The value, quotes taken off.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// An authentication method; the registry is open, so any keyword can be one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Method(Keyword);

impl Method {
    /// ARC ([RFC 8617](https://www.rfc-editor.org/rfc/rfc8617)).
    pub const ARC: Self = Self(Keyword(Cow::Borrowed("arc")));
    /// SMTP authentication ([RFC 4954](https://www.rfc-editor.org/rfc/rfc4954)).
    pub const AUTH: Self = Self(Keyword(Cow::Borrowed("auth")));
    /// DKIM ([RFC 6376](https://www.rfc-editor.org/rfc/rfc6376)).
    pub const DKIM: Self = Self(Keyword(Cow::Borrowed("dkim")));
    /// DMARC ([RFC 7489](https://www.rfc-editor.org/rfc/rfc7489)).
    pub const DMARC: Self = Self(Keyword(Cow::Borrowed("dmarc")));
    /// The name of the client's address and back ([RFC 8601 §3](https://www.rfc-editor.org/rfc/rfc8601#section-3)).
    pub const IPREV: Self = Self(Keyword(Cow::Borrowed("iprev")));
    /// SPF ([RFC 7208](https://www.rfc-editor.org/rfc/rfc7208)).
    pub const SPF: Self = Self(Keyword(Cow::Borrowed("spf")));

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

/// Where a property was found; the registry is open, so any keyword can be one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PropertyType(Keyword);

impl PropertyType {
    /// The body of the message.
    pub const BODY: Self = Self(Keyword(Cow::Borrowed("body")));
    /// The header of the message.
    pub const HEADER: Self = Self(Keyword(Cow::Borrowed("header")));
    /// A policy of the receiver.
    pub const POLICY: Self = Self(Keyword(Cow::Borrowed("policy")));
    /// The SMTP session.
    pub const SMTP: Self = Self(Keyword(Cow::Borrowed("smtp")));

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

impl FromStr for Method {
    type Err = KeywordError;

    fn from_str(text: &str) -> Result<Self, KeywordError> {
        Keyword::read(text).map(Self).ok_or(KeywordError)
    }
}

impl FromStr for PropertyType {
    type Err = KeywordError;

    fn from_str(text: &str) -> Result<Self, KeywordError> {
        Keyword::read(text).map(Self).ok_or(KeywordError)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for PropertyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Text that is not a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a keyword is 1 to 64 letters, digits, hyphens and underscores")]
#[non_exhaustive]
pub struct KeywordError;

/// `Keyword` of RFC 5321 §4.1.2, in lower case. Underscores are let pass because registered results are written with
/// them by some.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Keyword(Cow<'static, str>);

impl Keyword {
    fn read(text: &str) -> Option<Self> {
        let is_valid = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        is_valid.then(|| Self(text.to_ascii_lowercase().into()))
    }
}

/// A value that can be quoted: without control characters, at most [`MethodResult::MAX_VALUE`] octets.
fn cleaned(value: &str) -> Box<str> {
    let mut cleaned = String::with_capacity(value.len().min(MethodResult::MAX_VALUE));
    for c in value.chars().filter(|c| !c.is_control()) {
        if cleaned.len() + c.len_utf8() > MethodResult::MAX_VALUE {
            break;
        }
        cleaned.push(c);
    }
    cleaned.into()
}

#[cfg(test)]
mod tests;
