//! Entries of a master file, one after another.

use super::error::{ZoneError, ZoneErrorKind};
use super::fields::Fields;
use super::lexer::{Entry, Form, Lexer, Start, Token};
use super::record_reader::read_data;
use super::time::read_time;
use super::{Fault, NXDOMAIN, SERVFAIL, TIMEOUT, Zone};
use crate::name::Name;
use crate::record::{Record, RecordType};

pub(super) fn read(text: &[u8], origin: &Name) -> Result<Zone, ZoneError> {
    let mut reader = Reader {
        origin: origin.clone(),
        owner: None,
        default_ttl: None,
        last_ttl: None,
        zone: Zone::new(),
    };
    let mut lexer = Lexer::new(text);
    while let Some(entry) = lexer.next_entry()? {
        reader.read_entry(&entry)?;
    }
    Ok(reader.zone)
}

/// What carries over from one entry to the next.
struct Reader {
    origin: Name,
    owner: Option<Name>,
    default_ttl: Option<u32>,
    last_ttl: Option<u32>,
    zone: Zone,
}

impl Reader {
    fn read_entry(&mut self, entry: &Entry<'_>) -> Result<(), ZoneError> {
        let mut fields = Fields::of(entry, self.origin.clone());
        match entry.start {
            Start::Fault => return self.read_fault(&mut fields),
            Start::Word if fields.peek().is_some_and(is_directive) => {
                return self.read_directive(&mut fields);
            }
            Start::Word => self.owner = Some(fields.name("an owner name")?),
            Start::Blank => {}
        }
        let Some(owner) = &self.owner else {
            let line = entry.tokens.first().map_or(entry.last_line, |t| t.line);
            let kind = ZoneErrorKind::NoOwner;
            return Err(ZoneError { line, kind });
        };
        let (ttl, record_type) = read_head(&mut fields)?;
        let data = read_data(record_type, &mut fields)?;
        self.last_ttl = ttl.or(self.last_ttl);
        let ttl = ttl
            .or(self.default_ttl)
            .or(self.last_ttl)
            .unwrap_or(Zone::DEFAULT_TTL);
        self.zone.insert(Record::new(owner.clone(), ttl, data));
        Ok(())
    }

    fn read_fault(&mut self, fields: &mut Fields<'_>) -> Result<(), ZoneError> {
        let name = fields.name("a name after ;fault")?;
        let record_type = read_type(fields.required("a record type")?)?;
        let token = fields.required("servfail, timeout or nxdomain")?;
        let fault = if token.is_word(SERVFAIL) {
            Fault::ServFail
        } else if token.is_word(TIMEOUT) {
            Fault::Timeout
        } else if token.is_word(NXDOMAIN) {
            Fault::NoSuchName
        } else {
            let text = token.excerpt();
            return Err(token.error(ZoneErrorKind::Fault { text }));
        };
        fields.end()?;
        self.zone.set_fault(name, record_type, fault);
        Ok(())
    }

    fn read_directive(&mut self, fields: &mut Fields<'_>) -> Result<(), ZoneError> {
        let directive = fields.required("a directive")?;
        if directive.is_word("$ORIGIN") {
            self.origin = fields.name("a name after $ORIGIN")?;
        } else if directive.is_word("$TTL") {
            self.default_ttl = Some(read_time(fields.required("a time after $TTL")?)?);
        } else if directive.is_word("$INCLUDE") {
            return Err(directive.error(ZoneErrorKind::Include));
        } else {
            let text = directive.excerpt();
            return Err(directive.error(ZoneErrorKind::Directive { text }));
        }
        fields.end()
    }
}

fn is_directive(token: &Token<'_>) -> bool {
    token.form == Form::Word && token.raw.starts_with(b"$")
}

/// Reads time to live and class, in either order and each at most once, and the type.
fn read_head(fields: &mut Fields<'_>) -> Result<(Option<u32>, RecordType), ZoneError> {
    let mut ttl = None;
    let mut class = None;
    loop {
        let token = fields.required("a record type")?;
        if ttl.is_none() && token.raw.first().is_some_and(u8::is_ascii_digit) {
            ttl = Some(read_time(token)?);
        } else if class.is_none() && token.is_word("IN") {
            class = Some(());
        } else if class.is_none() && is_class(token) {
            let text = token.excerpt();
            return Err(token.error(ZoneErrorKind::Class { text }));
        } else {
            return Ok((ttl, read_type(token)?));
        }
    }
}

fn is_class(token: &Token<'_>) -> bool {
    let is_numbered = token
        .word()
        .and_then(|word| word.get(..5))
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("CLASS"));
    is_numbered || ["CH", "HS", "CS"].iter().any(|class| token.is_word(class))
}

fn read_type(token: &Token<'_>) -> Result<RecordType, ZoneError> {
    // Quoted or not in ASCII it is no type, so the error is the same.
    token.word().unwrap_or_default().parse().map_err(|source| {
        let text = token.excerpt();
        token.error(ZoneErrorKind::Type { text, source })
    })
}
