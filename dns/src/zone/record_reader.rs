//! The data of one record in a master file.

use std::net::AddrParseError;
use std::str::FromStr;

use super::error::{ZoneError, ZoneErrorKind};
use super::fields::Fields;
use super::lexer::{Form, Token};
use super::time::read_time;
use crate::record::{RecordData, RecordType, Txt};
use crate::wire;

pub(super) fn read_data(
    record_type: RecordType,
    fields: &mut Fields<'_>,
) -> Result<RecordData, ZoneError> {
    if let Some(token) = fields.peek().filter(|token| token.is_word("\\#")) {
        fields.optional();
        return read_generic(record_type, token, fields);
    }
    let data = match record_type {
        RecordType::A => RecordData::A(read_address(fields, "IPv4")?),
        RecordType::AAAA => RecordData::Aaaa(read_address(fields, "IPv6")?),
        RecordType::CNAME => RecordData::Cname(fields.name("a canonical name")?),
        RecordType::NS => RecordData::Ns(fields.name("a name server")?),
        RecordType::PTR => RecordData::Ptr(fields.name("a name")?),
        RecordType::MX => RecordData::Mx {
            preference: read_u16(fields.required("a preference")?)?,
            exchange: fields.name("a mail exchanger")?,
        },
        RecordType::SOA => RecordData::Soa {
            primary: fields.name("a primary name server")?,
            responsible: fields.name("a responsible mailbox")?,
            serial: read_u32(fields.required("a serial number")?)?,
            refresh: read_time(fields.required("a refresh interval")?)?,
            retry: read_time(fields.required("a retry interval")?)?,
            expire: read_time(fields.required("an expiry time")?)?,
            minimum: read_time(fields.required("a negative time to live")?)?,
        },
        RecordType::TXT => RecordData::Txt(read_text(fields)?),
        RecordType::SPF => {
            let mut octets = Vec::new();
            wire::push_strings(&mut octets, &read_text(fields)?);
            RecordData::Unknown {
                record_type,
                octets,
            }
        }
        other => {
            let token = fields.required("generic data")?;
            return Err(token.error(ZoneErrorKind::GenericOnly { record_type: other }));
        }
    };
    fields.end()?;
    Ok(data)
}

fn read_address<A>(fields: &mut Fields<'_>, family: &'static str) -> Result<A, ZoneError>
where
    A: FromStr<Err = AddrParseError>,
{
    let token = fields.required("an address")?;
    token.word().unwrap_or_default().parse().map_err(|source| {
        token.error(ZoneErrorKind::Address {
            text: token.excerpt(),
            family,
            source,
        })
    })
}

fn read_u16(token: &Token<'_>) -> Result<u16, ZoneError> {
    read_number(token, u16::MAX.into())
}

fn read_u32(token: &Token<'_>) -> Result<u32, ZoneError> {
    read_number(token, u32::MAX)
}

fn read_number<N: FromStr>(token: &Token<'_>, max: u32) -> Result<N, ZoneError> {
    token
        .word()
        .filter(|word| word.bytes().all(|octet| octet.is_ascii_digit()))
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| {
            let text = token.excerpt();
            token.error(ZoneErrorKind::Number { text, max })
        })
}

/// All fields that are left, as character-strings.
fn read_text(fields: &mut Fields<'_>) -> Result<Txt, ZoneError> {
    let first = fields.required("a string")?;
    let mut strings = vec![read_string(first)?];
    while let Some(token) = fields.optional() {
        strings.push(read_string(token)?);
    }
    let octets = strings.iter().map(Vec::len).max().unwrap_or(0);
    Txt::from_strings(strings).ok_or_else(|| first.error(ZoneErrorKind::StringTooLong { octets }))
}

fn read_string(token: &Token<'_>) -> Result<Vec<u8>, ZoneError> {
    let string = token.unescaped()?;
    let octets = string.len();
    if octets > 255 {
        return Err(token.error(ZoneErrorKind::StringTooLong { octets }));
    }
    Ok(string)
}

/// `\# length hex`, where the hexadecimal digits may stand in several words.
fn read_generic(
    record_type: RecordType,
    start: &Token<'_>,
    fields: &mut Fields<'_>,
) -> Result<RecordData, ZoneError> {
    let length = usize::from(read_u16(fields.required("a number of octets")?)?);
    let mut digits = Vec::new();
    while let Some(token) = fields.optional() {
        if token.form == Form::Quoted {
            return Err(token.error(ZoneErrorKind::GenericData));
        }
        digits.extend_from_slice(token.raw);
    }
    let octets: Option<Vec<u8>> = digits.chunks(2).map(hexadecimal).collect();
    let octets = octets
        .filter(|octets| octets.len() == length)
        .ok_or_else(|| start.error(ZoneErrorKind::GenericData))?;
    // `Zone::insert` turns it into the type's own form where the octets are valid for it.
    Ok(RecordData::Unknown {
        record_type,
        octets,
    })
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    u8::try_from(value(high)? * 16 + value(low)?).ok()
}
