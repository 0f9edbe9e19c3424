//! Words, strings and entries of a master file.

use super::error::{ZoneError, ZoneErrorKind};
use crate::name::unescape;

/// Splits text into entries: what stands on one line, or on several inside parentheses.
pub(super) struct Lexer<'a> {
    rest: &'a [u8],
    line: usize,
}

/// One entry that is not blank.
pub(super) struct Entry<'a> {
    pub(super) start: Start,
    pub(super) tokens: Vec<Token<'a>>,
    /// The line on which the entry ends.
    pub(super) last_line: usize,
}

/// How an entry begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// With its first word.
    Word,
    /// With white space.
    Blank,
    /// With `;fault`, which is not among the tokens.
    Fault,
}

/// A word or a quoted string, escapes not yet resolved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) raw: &'a [u8],
    pub(super) form: Form,
    pub(super) line: usize,
}

/// Whether quotes stood around a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Word,
    Quoted,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        // Some editors put a byte order mark in front of text; it would become part of the first name.
        let rest = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        Self { rest, line: 1 }
    }

    /// The next entry; `None` at the end of the text.
    pub(super) fn next_entry(&mut self) -> Result<Option<Entry<'a>>, ZoneError> {
        while !self.rest.is_empty() {
            let entry = self.read_entry()?;
            if entry.start == Start::Fault || !entry.tokens.is_empty() {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn read_entry(&mut self) -> Result<Entry<'a>, ZoneError> {
        let mut start = match self.rest.first() {
            Some(b' ' | b'\t') => Start::Blank,
            _ => Start::Word,
        };
        let mut tokens = Vec::new();
        // The lines of the parentheses that are open.
        let mut open = Vec::new();
        loop {
            let Some((octet, after)) = self.rest.split_first() else {
                if let Some(line) = open.pop() {
                    return Err(ZoneError {
                        line,
                        kind: ZoneErrorKind::UnclosedParenthesis,
                    });
                }
                break;
            };
            match octet {
                b'\n' => {
                    self.rest = after;
                    self.line += 1;
                    if open.is_empty() {
                        let last_line = self.line - 1;
                        return Ok(Entry {
                            start,
                            tokens,
                            last_line,
                        });
                    }
                }
                b' ' | b'\t' | b'\r' => self.rest = after,
                b';' => match after_fault(after) {
                    Some(rest) if tokens.is_empty() && open.is_empty() && start != Start::Fault => {
                        start = Start::Fault;
                        self.rest = rest;
                    }
                    _ => self.take_while(|octet| octet != b'\n'),
                },
                b'(' => {
                    self.rest = after;
                    open.push(self.line);
                }
                b')' => {
                    self.rest = after;
                    if open.pop().is_none() {
                        return Err(self.error(ZoneErrorKind::UnopenedParenthesis));
                    }
                }
                b'"' => {
                    self.rest = after;
                    tokens.push(self.quoted()?);
                }
                _ => tokens.push(self.word()?),
            }
        }
        Ok(Entry {
            start,
            tokens,
            last_line: self.line,
        })
    }

    fn quoted(&mut self) -> Result<Token<'a>, ZoneError> {
        let from = self.rest;
        loop {
            match self.rest {
                [b'"', after @ ..] => {
                    let token = self.token(from, Form::Quoted);
                    self.rest = after;
                    return Ok(token);
                }
                [] | [b'\n', ..] | [b'\\'] | [b'\\', b'\n', ..] => {
                    return Err(self.error(ZoneErrorKind::UnclosedQuote));
                }
                [b'\\', _, after @ ..] | [_, after @ ..] => self.rest = after,
            }
        }
    }

    fn word(&mut self) -> Result<Token<'a>, ZoneError> {
        let from = self.rest;
        loop {
            match self.rest {
                [] | [b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')', ..] => {
                    return Ok(self.token(from, Form::Word));
                }
                [b'"', ..] => return Err(self.error(ZoneErrorKind::Quote)),
                [b'\\'] | [b'\\', b'\n', ..] => return Err(self.error(ZoneErrorKind::Escape)),
                [b'\\', _, after @ ..] | [_, after @ ..] => self.rest = after,
            }
        }
    }

    /// The token from `from` up to where the lexer stands.
    fn token(&self, from: &'a [u8], form: Form) -> Token<'a> {
        let length = from.len() - self.rest.len();
        Token {
            raw: from.get(..length).unwrap_or_default(),
            form,
            line: self.line,
        }
    }

    fn take_while(&mut self, keep: impl Fn(u8) -> bool) {
        while let Some((octet, after)) = self.rest.split_first()
            && keep(*octet)
        {
            self.rest = after;
        }
    }

    fn error(&self, kind: ZoneErrorKind) -> ZoneError {
        ZoneError {
            line: self.line,
            kind,
        }
    }
}

/// What follows `fault` and white space, right behind a semicolon.
fn after_fault(text: &[u8]) -> Option<&[u8]> {
    let (keyword, rest) = text.split_at_checked(FAULT.len())?;
    let ends = matches!(rest.first(), None | Some(b' ' | b'\t' | b'\r' | b'\n'));
    (keyword.eq_ignore_ascii_case(FAULT) && ends).then_some(rest)
}

impl Token<'_> {
    /// The octets with escapes resolved.
    pub(super) fn unescaped(&self) -> Result<Vec<u8>, ZoneError> {
        let mut octets = Vec::with_capacity(self.raw.len());
        let mut rest = self.raw.iter().copied();
        while let Some(octet) = rest.next() {
            octets.push(match octet {
                b'\\' => unescape(&mut rest).map_err(|_| self.error(ZoneErrorKind::Escape))?,
                other => other,
            });
        }
        Ok(octets)
    }

    /// Whether this is that very word, unquoted.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.form == Form::Word && self.raw.eq_ignore_ascii_case(word.as_bytes())
    }

    /// The word as text, if it is one in ASCII without quotes.
    pub(super) fn word(&self) -> Option<&str> {
        let text = str::from_utf8(self.raw).ok()?;
        (self.form == Form::Word && text.is_ascii()).then_some(text)
    }

    /// The token for an error message, on one line.
    pub(super) fn excerpt(&self) -> String {
        let shown = self.raw.get(..EXCERPT).unwrap_or(self.raw);
        let mut text = shown.escape_ascii().to_string();
        if shown.len() < self.raw.len() {
            text.push('…');
        }
        text
    }

    pub(super) fn error(&self, kind: ZoneErrorKind) -> ZoneError {
        ZoneError {
            line: self.line,
            kind,
        }
    }
}

const FAULT: &[u8] = b"fault";

/// How many octets of a token an error message shows: enough to find it.
const EXCERPT: usize = 60;
