//! How the value of Authentication-Results is read.

use letterhead_dns::domain_name::DomainNameError;

use super::{AuthenticationResults, Keyword, Method, MethodResult, PropertyType};

/// Why text is not the value of an Authentication-Results field, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not authentication results, at octet {offset}: {kind}")]
#[non_exhaustive]
pub struct AuthenticationResultsError {
    offset: usize,
    kind: AuthenticationResultsErrorKind,
}

impl AuthenticationResultsError {
    /// Where reading stopped, in octets from the start.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> AuthenticationResultsErrorKind {
        self.kind
    }
}

/// What is wrong with authentication results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticationResultsErrorKind {
    /// The host that wrote them is not given as a domain name.
    #[error("the host that wrote them is not a domain name: {0}")]
    Host(DomainNameError),
    /// A version other than 1.
    #[error("the version is not 1")]
    Version,
    /// Something else stands where this must.
    #[error("{0} must stand here")]
    Expected(&'static str),
    /// A comment or a quoted string that does not end.
    #[error("a comment or a quoted string is not closed")]
    Unclosed,
}

use AuthenticationResultsErrorKind as Kind;

pub(super) fn read(value: &str) -> Result<AuthenticationResults, AuthenticationResultsError> {
    let mut reader = Reader {
        text: value,
        offset: 0,
    };
    reader.skip_comments()?;
    let start = reader.offset;
    let host = reader.value()?;
    let host = host.parse().map_err(|error| AuthenticationResultsError {
        offset: start,
        kind: Kind::Host(error),
    })?;
    reader.skip_comments()?;
    if reader.peek().is_some_and(|c| c.is_ascii_digit()) {
        let start = reader.offset;
        if reader.run(|c| c.is_ascii_digit()) != "1" {
            return Err(AuthenticationResultsError {
                offset: start,
                kind: Kind::Version,
            });
        }
        reader.skip_comments()?;
    }
    let mut results = AuthenticationResults::new(host);
    reader.expect(';', "a semicolon")?;
    reader.skip_comments()?;
    if reader.eat_none()? {
        return Ok(results);
    }
    loop {
        results = results.with(reader.result()?);
        if reader.peek().is_none() {
            return Ok(results);
        }
        reader.expect(';', "a semicolon")?;
        reader.skip_comments()?;
        // A final semicolon is against the grammar and frequent.
        if reader.peek().is_none() {
            return Ok(results);
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Reader<'a> {
    fn result(&mut self) -> Result<MethodResult, AuthenticationResultsError> {
        let method = Method(self.keyword("a method")?);
        self.skip_comments()?;
        if self.peek() == Some('/') {
            self.next();
            self.skip_comments()?;
            if self.run(|c| c.is_ascii_digit()) != "1" {
                return self.fail(Kind::Version);
            }
            self.skip_comments()?;
        }
        self.expect('=', "an equals sign")?;
        self.skip_comments()?;
        let keyword = self.keyword("a result")?;
        let mut result = MethodResult::new(method, &keyword.0);
        self.skip_comments()?;
        while !matches!(self.peek(), None | Some(';')) {
            let kind = self.keyword("a property or a reason")?;
            self.skip_comments()?;
            if kind.0 == "reason" && self.peek() == Some('=') {
                self.next();
                self.skip_comments()?;
                result = result.reason(&self.value()?);
            } else {
                self.expect('.', "a dot")?;
                self.skip_comments()?;
                let name = self.keyword("the name of a property")?;
                self.skip_comments()?;
                self.expect('=', "an equals sign")?;
                self.skip_comments()?;
                result = result.property(PropertyType(kind), &name.0, &self.value()?);
            }
            self.skip_comments()?;
        }
        Ok(result)
    }

    /// The word `none` with nothing after it: no results.
    fn eat_none(&mut self) -> Result<bool, AuthenticationResultsError> {
        let start = self.offset;
        let is_none = self
            .run(|c| c.is_ascii_alphanumeric())
            .eq_ignore_ascii_case("none");
        self.skip_comments()?;
        let is_none = is_none && self.peek().is_none();
        if !is_none {
            self.offset = start;
        }
        Ok(is_none)
    }

    fn keyword(&mut self, what: &'static str) -> Result<Keyword, AuthenticationResultsError> {
        let start = self.offset;
        let word = self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        Keyword::read(word).ok_or(AuthenticationResultsError {
            offset: start,
            kind: Kind::Expected(what),
        })
    }

    /// A quoted string, or everything up to white space, a semicolon or a comment: signatures and addresses are often
    /// written without the quotes that the grammar asks for.
    fn value(&mut self) -> Result<String, AuthenticationResultsError> {
        let start = self.offset;
        if self.peek() != Some('"') {
            let value = self.run(|c| !matches!(c, ' ' | '\t' | '\r' | '\n' | ';' | '(' | '"'));
            return if value.is_empty() {
                self.fail(Kind::Expected("a value"))
            } else {
                Ok(value.to_owned())
            };
        }
        let content = self.quoted_string()?;
        if self.peek() != Some('@') {
            return Ok(content);
        }
        // A quoted local part with its domain: the quotes belong to the address.
        self.run(|c| !matches!(c, ' ' | '\t' | '\r' | '\n' | ';' | '(' | '"'));
        Ok(self
            .text
            .get(start..self.offset)
            .unwrap_or_default()
            .to_owned())
    }

    fn quoted_string(&mut self) -> Result<String, AuthenticationResultsError> {
        self.next();
        let mut content = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(content),
                Some('\\') => content.extend(self.next()),
                Some(c) => content.push(c),
                None => return self.fail(Kind::Unclosed),
            }
        }
    }

    /// Skips white space, folds and comments, which may be nested.
    fn skip_comments(&mut self) -> Result<(), AuthenticationResultsError> {
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '(' => depth += 1,
                ' ' | '\t' | '\r' | '\n' => {}
                _ if depth == 0 => return Ok(()),
                ')' => depth -= 1,
                '\\' => drop(self.next()),
                _ => {}
            }
            self.next();
        }
        if depth > 0 {
            self.fail(Kind::Unclosed)
        } else {
            Ok(())
        }
    }

    fn expect(
        &mut self,
        expected: char,
        what: &'static str,
    ) -> Result<(), AuthenticationResultsError> {
        if self.peek() != Some(expected) {
            return self.fail(Kind::Expected(what));
        }
        self.next();
        Ok(())
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let start = self.offset;
        while self.peek().is_some_and(&belongs) {
            self.next();
        }
        self.text.get(start..self.offset).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.offset..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.offset += c.len_utf8();
        Some(c)
    }

    fn fail<T>(&self, kind: Kind) -> Result<T, AuthenticationResultsError> {
        Err(AuthenticationResultsError {
            offset: self.offset,
            kind,
        })
    }
}
