//! The wire form of record data, without compression.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::name::Name;
use crate::record::{RecordData, RecordType, Txt};

/// The data in canonical form: names uncompressed and in lower case
/// ([RFC 4034 §6.2](https://www.rfc-editor.org/rfc/rfc4034#section-6.2)).
pub(crate) fn encode(data: &RecordData) -> Vec<u8> {
    let mut octets = Vec::new();
    match data {
        RecordData::A(address) => octets.extend(address.octets()),
        RecordData::Aaaa(address) => octets.extend(address.octets()),
        RecordData::Cname(name) | RecordData::Ns(name) | RecordData::Ptr(name) => {
            push_name(&mut octets, name);
        }
        RecordData::Mx {
            preference,
            exchange,
        } => {
            octets.extend(preference.to_be_bytes());
            push_name(&mut octets, exchange);
        }
        RecordData::Soa {
            primary,
            responsible,
            serial,
            refresh,
            retry,
            expire,
            minimum,
        } => {
            push_name(&mut octets, primary);
            push_name(&mut octets, responsible);
            for number in [serial, refresh, retry, expire, minimum] {
                octets.extend(number.to_be_bytes());
            }
        }
        RecordData::Txt(text) => push_strings(&mut octets, text),
        RecordData::Unknown { octets: raw, .. } => octets.extend_from_slice(raw),
    }
    octets
}

/// The character-strings of a text, each behind its length.
pub(crate) fn push_strings(octets: &mut Vec<u8>, text: &Txt) {
    for string in text.strings() {
        push_counted(octets, string);
    }
}

fn push_name(octets: &mut Vec<u8>, name: &Name) {
    for label in name.labels() {
        push_counted(octets, &label.to_ascii_lowercase());
    }
    octets.push(0);
}

/// `Txt` and `Name` hold nothing longer than 255 octets, so the length always fits.
fn push_counted(octets: &mut Vec<u8>, counted: &[u8]) {
    octets.push(u8::try_from(counted.len()).unwrap_or(u8::MAX));
    octets.extend_from_slice(counted);
}

/// Reads data of this type; `None` when the octets cannot be what the type says. Types without a variant of their own
/// are kept as they are. Names must be uncompressed, as they are wherever data stands alone.
pub(crate) fn decode(record_type: RecordType, octets: &[u8]) -> Option<RecordData> {
    let mut rest = octets;
    let data = match record_type {
        RecordType::A => RecordData::A(Ipv4Addr::from(take_array::<4>(&mut rest)?)),
        RecordType::AAAA => RecordData::Aaaa(Ipv6Addr::from(take_array::<16>(&mut rest)?)),
        RecordType::CNAME => RecordData::Cname(take_name(&mut rest)?),
        RecordType::NS => RecordData::Ns(take_name(&mut rest)?),
        RecordType::PTR => RecordData::Ptr(take_name(&mut rest)?),
        RecordType::MX => RecordData::Mx {
            preference: u16::from_be_bytes(take_array(&mut rest)?),
            exchange: take_name(&mut rest)?,
        },
        RecordType::SOA => RecordData::Soa {
            primary: take_name(&mut rest)?,
            responsible: take_name(&mut rest)?,
            serial: take_u32(&mut rest)?,
            refresh: take_u32(&mut rest)?,
            retry: take_u32(&mut rest)?,
            expire: take_u32(&mut rest)?,
            minimum: take_u32(&mut rest)?,
        },
        RecordType::TXT => {
            let mut strings = Vec::new();
            while !rest.is_empty() {
                strings.push(take_counted(&mut rest)?);
            }
            RecordData::Txt(Txt::of_strings(strings)?)
        }
        other => {
            return Some(RecordData::Unknown {
                record_type: other,
                octets: octets.to_vec(),
            });
        }
    };
    rest.is_empty().then_some(data)
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (array, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*array)
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    take_array(rest).map(u32::from_be_bytes)
}

fn take_counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first()?;
    let (counted, after) = after.split_at_checked(usize::from(*length))?;
    *rest = after;
    Some(counted)
}

fn take_name(rest: &mut &[u8]) -> Option<Name> {
    let mut labels = Vec::new();
    loop {
        match take_counted(rest)? {
            [] => return Name::from_labels(labels).ok(),
            label => labels.push(label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_do_not_fit_their_type_are_refused() {
        for (record_type, octets) in [
            (RecordType::A, &[1, 2, 3][..]),
            (RecordType::A, &[1, 2, 3, 4, 5]),
            (RecordType::AAAA, &[0; 15]),
            (RecordType::CNAME, b"\x03abc"),
            (RecordType::CNAME, b"\xc0\x0c"),
            (RecordType::MX, b"\x00"),
            (RecordType::SOA, b"\0\0\0\0\0\x01"),
            (RecordType::TXT, b""),
            (RecordType::TXT, b"\x02a"),
        ] {
            assert_eq!(
                decode(record_type, octets),
                None,
                "{record_type} {octets:?}"
            );
        }
    }

    #[test]
    fn a_type_without_variant_keeps_its_octets() {
        let data = decode(RecordType::TLSA, b"\x03\x01\x01").unwrap();
        assert_eq!(data.record_type(), RecordType::TLSA);
        assert_eq!(encode(&data), b"\x03\x01\x01");
    }
}
