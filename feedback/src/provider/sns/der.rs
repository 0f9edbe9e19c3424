//! As much of DER as it takes to find a certificate's time
//! ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)).

use std::time::SystemTime;

use crate::provider::timestamp;

/// From when until when a certificate is valid, both included
/// ([RFC 5280 §4.1.2.5](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5)).
pub(super) fn validity(certificate: &[u8]) -> Option<(SystemTime, SystemTime)> {
    let (certificate, _) = expect(certificate, SEQUENCE)?;
    let (mut rest, _) = expect(certificate, SEQUENCE)?;
    if let Some((_, after)) = expect(rest, VERSION) {
        rest = after;
    }
    // Serial number, algorithm, issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, rest) = expect(rest, tag)?;
    }
    let (validity, _) = expect(rest, SEQUENCE)?;
    let (not_before, rest) = time(validity)?;
    let (not_after, _) = time(rest)?;
    Some((not_before, not_after))
}

/// `260101000000Z`, or with a year of four digits. Two digits from 50 on are of the last century.
fn time(input: &[u8]) -> Option<(SystemTime, &[u8])> {
    let (tag, content, rest) = element(input)?;
    let digits = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let digits = match tag {
        UTC_TIME if digits.starts_with(['5', '6', '7', '8', '9']) => format!("19{digits}"),
        UTC_TIME => format!("20{digits}"),
        GENERALIZED_TIME => digits.to_owned(),
        _ => return None,
    };
    if digits.len() != 14 || !digits.is_ascii() {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to);
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    Some((timestamp::iso_8601(&text)?, rest))
}

/// The content of the element, which is of this tag, and what follows it.
fn expect(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(input)?;
    (found == tag).then_some((content, rest))
}

/// Tag, content and what follows.
fn element(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = input.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let add = |length: usize, octet: &u8| length << 8 | usize::from(*octet);
            (octets.iter().fold(0, add), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{element, time, validity};

    #[test]
    fn times_have_two_forms() {
        for (input, seconds) in [
            (&b"\x17\x0d260101000000Z"[..], 1_767_225_600),
            (b"\x17\x0d700101000001Z", 1),
            (b"\x18\x0f20991231235959Z", 4_102_444_799),
        ] {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(time(input), Some((at, &[][..])));
        }
        for input in [
            &b"\x17\x0d260101000000+"[..],
            b"\x17\x0f260101000000Z00",
            b"\x17\x0b2601010000Z",
            b"\x17\x0d261301000000Z",
            b"\x0c\x0d260101000000Z",
            b"\x17\x0e26010\xc3\xa900000Z",
        ] {
            assert_eq!(time(input), None, "{input:?}");
        }
    }

    #[test]
    fn what_is_cut_is_nothing() {
        for input in [
            &b""[..],
            b"\x30",
            b"\x30\x01",
            b"\x30\x80",
            b"\x30\x82\x01",
            b"\x30\x85\0\0\0\0\0",
            b"\x30\x84\xff\xff\xff\xff",
        ] {
            assert_eq!(element(input), None, "{input:?}");
            assert_eq!(validity(input), None);
        }
    }
}
