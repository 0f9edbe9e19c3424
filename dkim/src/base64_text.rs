//! Base64 as DKIM tags hold it.

use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// Writes, with padding.
pub(crate) const ENGINE: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new());

/// Decodes text that may be folded anywhere ([RFC 6376 §2.10](https://www.rfc-editor.org/rfc/rfc6376#section-2.10)), with or
/// without padding, as verifiers in the field do.
///
/// A signature is decoded for each mail that is verified, so this goes by blocks, which the compiler turns into vector code.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(most_octets(text.len()));
    decode_into(text, &mut octets).map(|()| octets)
}

/// As many octets as so many characters ever need room for.
pub(crate) fn most_octets(characters: usize) -> usize {
    characters.div_ceil(BLOCK) * OCTETS + 2
}

/// [`decode`], behind the octets that are there already.
pub(crate) fn decode_into(text: &[u8], octets: &mut Vec<u8>) -> Option<()> {
    if text.len() > FEW {
        let mut room = vec![0; text.len().next_multiple_of(BLOCK)];
        return decode_in(text, &mut room, octets);
    }
    decode_in(text, &mut [0; FEW], octets)
}

/// `room` is for the text in whole blocks.
fn decode_in(text: &[u8], room: &mut [u8], octets: &mut Vec<u8>) -> Option<()> {
    let used = compact(text, room)?;
    let padded = room.get(..used)?;
    let text = padded.strip_suffix(b"=").unwrap_or(padded);
    let text = text.strip_suffix(b"=").unwrap_or(text);
    let (length, padding) = (text.len(), padded.len() - text.len());
    // There is no more padding than makes four characters of the last ones.
    let last = match length % 4 {
        0 if padding == 0 => 0,
        2 => 1,
        3 if padding <= 1 => 2,
        _ => return None,
    };
    let blocks = length.div_ceil(BLOCK);
    room.get_mut(length..blocks * BLOCK)?.fill(b'A');
    let start = octets.len();
    octets.resize(start + blocks * OCTETS + 2, 0);
    let places = (start..).step_by(OCTETS);
    for (place, block) in places.zip(room.as_chunks().0).take(blocks) {
        let room = octets.get_mut(place..).and_then(<[u8]>::first_chunk_mut);
        decode_block(block, room?)?;
    }
    octets.truncate(start + length / 4 * 3 + last);
    Some(())
}

/// Copies the text without white space; gives how long it is.
fn compact(text: &[u8], room: &mut [u8]) -> Option<usize> {
    let mut used = 0;
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        // A line feed stands behind a carriage return only, or else is left for the decoder to refuse.
        let end = memchr::memchr3(b' ', b'\t', b'\r', rest).unwrap_or(rest.len());
        let (run, after) = rest.split_at_checked(end)?;
        room.get_mut(used..used + end)?.copy_from_slice(run);
        used += end;
        rest = after.trim_ascii_start();
    }
    Some(used)
}

/// Writes what a block of characters stands for, and two octets more; `None` where one is not of the alphabet.
fn decode_block(block: &[u8; BLOCK], room: &mut [u8; OCTETS + 2]) -> Option<()> {
    let mut values = *block;
    let mut is_valid = true;
    for value in &mut values {
        let shift = shift_of(*value);
        is_valid &= shift != 0;
        *value = value.wrapping_add(shift);
    }
    for (place, eight) in (0..).step_by(6).zip(values.as_chunks().0) {
        // Two more are written, in one step, and written over by the next ones.
        let room = room.get_mut(place..).and_then(<[u8]>::first_chunk_mut);
        *room? = joined(u64::from_be_bytes(*eight)).to_be_bytes();
    }
    is_valid.then_some(())
}

/// What to add to a character for its value; zero where it has none. Without branches, so that it can be made into vector
/// code.
#[inline]
fn shift_of(character: u8) -> u8 {
    let among = |first: u8, count: u8| character.wrapping_sub(first) < count;
    let if_so = |is_so: bool, shift: u8| if is_so { shift } else { 0 };
    if_so(among(b'A', 26), 0_u8.wrapping_sub(b'A'))
        | if_so(among(b'a', 26), 26_u8.wrapping_sub(b'a'))
        | if_so(among(b'0', 10), 52_u8.wrapping_sub(b'0'))
        | if_so(character == b'+', 62 - b'+')
        | if_so(character == b'/', 63 - b'/')
}

/// The low six bits of each of eight octets side by side at the top.
#[inline]
fn joined(values: u64) -> u64 {
    let pairs = (values & 0x3f00_3f00_3f00_3f00) >> 2 | values & 0x003f_003f_003f_003f;
    let fours = (pairs & 0x0fff_0000_0fff_0000) >> 4 | pairs & 0x0000_0fff_0000_0fff;
    (fours & 0x00ff_ffff_0000_0000) << 8 | (fours & 0x00ff_ffff) << 16
}

/// Text of so many characters costs no memory but that of its octets: the signature of a key of 2048 bits.
const FEW: usize = 512;
/// In characters.
const BLOCK: usize = 64;
/// What a block stands for.
const OCTETS: usize = BLOCK / 4 * 3;

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
