//! The grammar of address lists.

use super::{EmailAddress, Mailbox, MailboxListError, MailboxListErrorKind as Kind};
use crate::address::is_atom_character;
use crate::header_field::unfold;
use crate::header_text::{HeaderText, encoded_word};

pub(super) fn read_list(value: &[u8]) -> Result<Vec<Mailbox>, MailboxListError> {
    let text = str::from_utf8(value)
        .map_err(|error| MailboxListError::new(error.valid_up_to(), Kind::NotUtf8))?;
    let text = unfold(text);
    Reader::checked(&text)?.list()
}

pub(super) fn read_mailbox(text: &str) -> Result<Mailbox, MailboxListError> {
    let mut reader = Reader::checked(text)?;
    reader.skip_comments()?;
    let Item::Mailbox(mailbox) = reader.item()? else {
        return Err(reader.error(Kind::NotSingle));
    };
    reader.skip_comments()?;
    match reader.peek() {
        None => Ok(mailbox),
        Some(',') => Err(reader.error(Kind::NotSingle)),
        Some(c) => Err(reader.error(Kind::Character(c))),
    }
}

enum Item {
    Mailbox(Mailbox),
    /// The name and colon of a group have been read.
    GroupStart,
}

/// A word of a phrase.
enum Word {
    Plain(String),
    Encoded(Vec<u8>),
}

struct Reader<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Reader<'a> {
    fn checked(text: &'a str) -> Result<Self, MailboxListError> {
        match text
            .char_indices()
            .find(|&(_, c)| c.is_control() && c != '\t')
        {
            Some((offset, _)) => Err(MailboxListError::new(offset, Kind::Control)),
            None => Ok(Self { text, offset: 0 }),
        }
    }

    fn list(mut self) -> Result<Vec<Mailbox>, MailboxListError> {
        let mut mailboxes = Vec::new();
        loop {
            self.skip_comments()?;
            match self.item()? {
                Item::Mailbox(mailbox) => mailboxes.push(mailbox),
                Item::GroupStart => self.members(&mut mailboxes)?,
            }
            self.skip_comments()?;
            match self.next() {
                None => return Ok(mailboxes),
                Some(',') => {}
                Some(c) => return Err(self.error_before(c)),
            }
        }
    }

    fn members(&mut self, mailboxes: &mut Vec<Mailbox>) -> Result<(), MailboxListError> {
        self.skip_comments()?;
        if self.eat(';') {
            return Ok(());
        }
        loop {
            self.skip_comments()?;
            match self.item()? {
                Item::Mailbox(mailbox) => mailboxes.push(mailbox),
                Item::GroupStart => return Err(self.error(Kind::NestedGroup)),
            }
            self.skip_comments()?;
            match self.next() {
                None => return Err(self.error(Kind::Unclosed(':'))),
                Some(';') => return Ok(()),
                Some(',') => {}
                Some(c) => return Err(self.error_before(c)),
            }
        }
    }

    /// A mailbox, or the beginning of a group.
    fn item(&mut self) -> Result<Item, MailboxListError> {
        let start = self.offset;
        let mut words = Vec::new();
        loop {
            match self.peek() {
                None => return Err(self.error(Kind::UnexpectedEnd)),
                Some('<') => return self.angle_address(&words).map(Item::Mailbox),
                Some(':') if !words.is_empty() => {
                    self.next();
                    return Ok(Item::GroupStart);
                }
                Some('"') => words.push(Word::Plain(self.quoted_string()?)),
                Some(c) if c == '.' || is_atom_character(c) => words.push(self.atom()),
                Some(c) => return Err(self.error(Kind::Character(c))),
            }
            // An address without brackets is one word with the @ right after it.
            if self.peek() == Some('@') {
                return match words.len() {
                    1 => self
                        .address_from(start)
                        .map(Mailbox::new)
                        .map(Item::Mailbox),
                    _ => Err(self.error(Kind::Character('@'))),
                };
            }
            let end_of_word = self.offset;
            self.skip_comments()?;
            let is_separate =
                self.offset > end_of_word || matches!(self.peek(), None | Some('<' | ':'));
            if let Some(c) = self.peek().filter(|_| !is_separate) {
                return Err(self.error(Kind::Character(c)));
            }
        }
    }

    fn angle_address(&mut self, words: &[Word]) -> Result<Mailbox, MailboxListError> {
        let opening = self.offset;
        self.next();
        self.skip_spaces();
        let start = self.offset;
        match self.peek() {
            Some('@') => return Err(self.error(Kind::Route)),
            Some('"') => drop(self.quoted_string()?),
            _ => drop(self.atom()),
        }
        let address = self.address_from(start)?;
        self.skip_spaces();
        match self.peek() {
            Some('>') => self.next(),
            Some(c) => return Err(self.error(Kind::Character(c))),
            None => return Err(MailboxListError::new(opening, Kind::Unclosed('<'))),
        };
        let name = HeaderText::try_from(join(words))
            .map_err(|_| MailboxListError::new(opening, Kind::Control))?;
        Ok(Mailbox::with_name(name, address))
    }

    /// The address that begins at `start`, of which the local part has been read.
    fn address_from(&mut self, start: usize) -> Result<EmailAddress, MailboxListError> {
        if self.eat('@') {
            if self.peek() == Some('[') {
                self.skip_while(|c| c != ']' && c != ' ' && c != '\t');
                self.eat(']');
            } else {
                self.skip_while(|c| c == '.' || is_atom_character(c));
            }
        }
        self.text
            .get(start..self.offset)
            .unwrap_or_default()
            .parse()
            .map_err(|error: crate::address::AddressError| {
                MailboxListError::new(start + error.offset(), Kind::Address(error.kind()))
            })
    }

    /// Dots are let pass, because `John Q. Public <john@example.org>` is written and read everywhere.
    fn atom(&mut self) -> Word {
        let start = self.offset;
        self.skip_while(|c| c == '.' || is_atom_character(c));
        let atom = self.text.get(start..self.offset).unwrap_or_default();
        match encoded_word::decode(atom) {
            Some(octets) => Word::Encoded(octets),
            None => Word::Plain(atom.to_owned()),
        }
    }

    fn quoted_string(&mut self) -> Result<String, MailboxListError> {
        let opening = self.offset;
        self.next();
        let mut content = String::new();
        loop {
            match self.next() {
                None => return Err(MailboxListError::new(opening, Kind::Unclosed('"'))),
                Some('"') => return Ok(content),
                Some('\\') => match self.next() {
                    None => return Err(MailboxListError::new(opening, Kind::Unclosed('"'))),
                    Some('\t') => content.push(' '),
                    Some(c) => content.push(c),
                },
                Some('\t') => content.push(' '),
                Some(c) => content.push(c),
            }
        }
    }

    /// Skips white space and comments, which may be nested.
    fn skip_comments(&mut self) -> Result<(), MailboxListError> {
        let mut depth = 0_usize;
        let mut opening = self.offset;
        loop {
            match self.peek() {
                Some('(') => {
                    if depth == 0 {
                        opening = self.offset;
                    }
                    depth += 1;
                }
                Some(' ' | '\t') => {}
                Some(_) if depth == 0 => return Ok(()),
                None if depth == 0 => return Ok(()),
                None => return Err(MailboxListError::new(opening, Kind::Unclosed('('))),
                Some(')') => depth -= 1,
                Some(c @ ('<' | '>' | '@')) => return Err(self.error(Kind::Comment(c))),
                Some('\\') => {
                    self.next();
                    if let Some(c @ ('<' | '>' | '@')) = self.peek() {
                        return Err(self.error(Kind::Comment(c)));
                    }
                }
                Some(_) => {}
            }
            self.next();
        }
    }

    fn skip_spaces(&mut self) {
        self.skip_while(|c| c == ' ' || c == '\t');
    }

    fn skip_while(&mut self, belongs: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&belongs) {
            self.next();
        }
    }

    fn eat(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.next();
        }
        found
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.offset..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.offset += c.len_utf8();
        Some(c)
    }

    fn error(&self, kind: Kind) -> MailboxListError {
        MailboxListError::new(self.offset, kind)
    }

    /// The error for a character that has just been read.
    fn error_before(&self, c: char) -> MailboxListError {
        MailboxListError::new(self.offset - c.len_utf8(), Kind::Character(c))
    }
}

/// The words with single spaces between them; between two encoded words the space is not part of the text
/// ([RFC 2047 §6.2](https://www.rfc-editor.org/rfc/rfc2047#section-6.2)).
fn join(words: &[Word]) -> String {
    let mut octets = Vec::new();
    let mut previous_is_encoded = false;
    for (index, word) in words.iter().enumerate() {
        let (is_encoded, content) = match word {
            Word::Plain(text) => (false, text.as_bytes()),
            Word::Encoded(octets) => (true, octets.as_slice()),
        };
        if index > 0 && !(is_encoded && previous_is_encoded) {
            octets.push(b' ');
        }
        octets.extend_from_slice(content);
        previous_is_encoded = is_encoded;
    }
    String::from_utf8_lossy(&octets).into_owned()
}
