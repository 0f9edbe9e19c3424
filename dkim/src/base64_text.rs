//! Base64 as DKIM tags hold it.

use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// Writes, with padding.
pub(crate) const ENGINE: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new());

/// Decodes text that may be folded anywhere ([RFC 6376 §2.10](https://www.rfc-editor.org/rfc/rfc6376#section-2.10)), with or
/// without padding, as verifiers in the field do.
///
/// A signature is decoded for each mail that is verified, so eight characters side by side are looked up in one step.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(most_octets(text.len()));
    decode_into(text, &mut octets).map(|()| octets)
}

/// As many octets as so many characters ever need room for.
pub(crate) fn most_octets(characters: usize) -> usize {
    characters.div_ceil(4) * 3
}

/// [`decode`], behind the octets that are there already.
pub(crate) fn decode_into(text: &[u8], octets: &mut Vec<u8>) -> Option<()> {
    let start = octets.len();
    octets.resize(start + most_octets(text.len()), 0);
    let used = decode_in(text, octets.get_mut(start..)?)?;
    octets.truncate(start + used);
    Some(())
}

/// Writes what the text stands for; gives how many octets that are.
fn decode_in(text: &[u8], room: &mut [u8]) -> Option<usize> {
    let mut rest = text.trim_ascii_start();
    let mut used = 0;
    loop {
        let eights = decode_eights(rest, room.get_mut(used..)?);
        used += eights * 6;
        rest = rest.get(eights * 8..)?;
        let mut four = [b'A'; 4];
        let mut count = 0;
        for place in &mut four {
            // A line feed stands behind a carriage return only, or else is left to be refused.
            if let [b' ' | b'\t' | b'\r', ..] = rest {
                rest = rest.trim_ascii_start();
            }
            match rest {
                [] | [b'=', ..] => break,
                [character, after @ ..] => {
                    *place = *character;
                    count += 1;
                    rest = after;
                }
            }
        }
        let value = value_of(four);
        if value >= NONE {
            return None;
        }
        let [_, last @ ..] = value.to_be_bytes();
        let padding = if count < 4 { padding(rest)? } else { 0 };
        // There is no more padding than makes four characters of the last ones.
        let octets = match (count, padding) {
            (4, _) => 3,
            (0, 0) => return Some(used),
            (2, _) => 1,
            (3, 0 | 1) => 2,
            _ => return None,
        };
        let place = room.get_mut(used..used + octets)?;
        place.copy_from_slice(last.get(..octets)?);
        used += octets;
        if count < 4 {
            return Some(used);
        }
    }
}

/// Writes what the characters at the front stand for, eight by eight; gives how many eights there are of the alphabet only.
fn decode_eights(text: &[u8], room: &mut [u8]) -> usize {
    let mut eights = 0;
    for (eight, six) in text.as_chunks().0.iter().zip(room.as_chunks_mut().0) {
        let [a, b, c, d, e, f, g, h] = *eight;
        let (front, back) = (value_of([a, b, c, d]), value_of([e, f, g, h]));
        if (front | back) >= NONE {
            break;
        }
        let value = u64::from(front) << 24 | u64::from(back);
        let [_, _, octets @ ..] = value.to_be_bytes();
        *six = octets;
        eights += 1;
    }
    eights
}

/// How many characters of padding there are, where there is nothing else: two at most.
fn padding(mut rest: &[u8]) -> Option<usize> {
    let mut count = 0;
    loop {
        rest = match rest {
            [] => return Some(count),
            [b' ' | b'\t' | b'\r', ..] => rest.trim_ascii_start(),
            [b'=', after @ ..] if count < 2 => {
                count += 1;
                after
            }
            _ => return None,
        };
    }
}

/// What four characters stand for, in the lower three octets; [`NONE`] or more where one is not of the alphabet.
#[inline]
fn value_of(four: [u8; 4]) -> u32 {
    let of = |place: &[u32; 256], character| place.get(usize::from(character)).copied();
    let of = |place, character: u8| of(place, character).unwrap_or(NONE);
    let ([first, second, third, fourth], [a, b, c, d]) = (four, &VALUES);
    of(a, first) | of(b, second) | of(c, third) | of(d, fourth)
}

/// What each character stands for at each of four places, in the lower three octets.
static VALUES: [[u32; 256]; 4] = [values(18), values(12), values(6), values(0)];

/// No value of a character.
const NONE: u32 = 1 << 24;

#[expect(
    clippy::indexing_slicing,
    reason = "whatever is out of bounds does not compile"
)]
const fn values(shift: u32) -> [u32; 256] {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        values[ALPHABET[value as usize] as usize] = value << shift;
        value += 1;
    }
    values
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::DecodePaddingMode;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::*;

    /// Another decoder of the same kind.
    const JUDGE: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );

    #[test]
    fn padding_is_at_the_end_and_no_longer_than_it_can_be() {
        for front in [0, 60, 64, 124] {
            let front = "ABCD".repeat(front / 4);
            for (end, whole) in [
                ("", true),
                ("AA==", true),
                ("AA=", true),
                ("AA", true),
                ("AAA=", true),
                ("AAA", true),
                ("A", false),
                ("A===", false),
                ("AAA==", false),
                ("AAAA=", false),
                ("AA===", false),
                ("AA==AAAA", false),
                ("AA== AA", false),
                ("AA=A", false),
                ("=", false),
            ] {
                let text = format!("{front}{end}");
                assert_eq!(decode(text.as_bytes()).is_some(), whole, "{text}");
                let compact = text.replace(' ', "");
                assert_eq!(
                    decode(text.as_bytes()),
                    JUDGE.decode(compact).ok(),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn every_octet_is_a_character_or_refused() {
        for octet in (0..=u8::MAX).filter(|octet| !b" \t\r\n\x0c".contains(octet)) {
            for text in [[b'A', octet, b'A', b'A'], [b'A', b'A', octet, octet]] {
                assert_eq!(decode(&text), JUDGE.decode(text).ok(), "{octet}");
            }
        }
    }

    proptest! {
        #[test]
        fn another_decoder_reads_the_same(
            octets in prop::collection::vec(any::<u8>(), 0..300),
            cut in 0..4usize,
            odd in prop::option::of((any::<u8>(), any::<prop::sample::Index>())),
            places in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let mut text = ENGINE.encode(&octets).into_bytes();
            text.truncate(text.len() - cut.min(text.len()));
            if let Some((odd, place)) = odd && !text.is_empty() && !odd.is_ascii_whitespace() {
                let place = place.index(text.len());
                text[place] = odd;
            }
            let expected = JUDGE.decode(&text).ok();
            prop_assert_eq!(decode(&text), expected.clone());
            for place in places {
                let place = place.index(text.len() + 1);
                text.splice(place..place, *b"\r\n \t");
            }
            prop_assert_eq!(decode(&text), expected);
        }
    }
}
