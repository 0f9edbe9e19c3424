//! Eight octets as one number, the first one lowest.

/// The octets at the front; zeros stand in for those that are missing.
#[inline]
pub(super) fn front(octets: &[u8]) -> u64 {
    match octets.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => octets
            .iter()
            .rev()
            .fold(0, |word, octet| word << 8 | u64::from(*octet)),
    }
}

/// The high bit of each octet that is this one. Those above one that is may be wrong.
#[inline]
pub(super) fn equal(word: u64, octet: u8) -> u64 {
    let difference = word ^ each(octet);
    difference.wrapping_sub(each(1)) & !difference & HIGH
}

/// All bits below the lowest that is set; every bit where none is.
#[inline]
pub(super) fn places_below(bits: u64) -> u64 {
    bits.wrapping_sub(1) & !bits
}

/// Whether octets end in a dot and then up to seven lower-case letters, as most domains do; seen without a loop.
#[inline]
pub(crate) fn ends_in_letters(octets: &[u8]) -> bool {
    let Some(last) = octets.last_chunk() else {
        return false;
    };
    let word = u64::from_le_bytes(*last);
    let low = word & !HIGH;
    let others = !((low + each(0x80 - b'a')) & !(low + each(0x7f - b'z')) & !word) & HIGH;
    if others == 0 {
        return false;
    }
    // How many bits are behind the last octet that is no letter.
    let behind = others.leading_zeros();
    let [.., other] = (word << behind).to_le_bytes();
    behind > 0 && other == b'.'
}

/// This octet eight times.
pub(super) const fn each(octet: u8) -> u64 {
    u64::from_le_bytes([octet; 8])
}

/// The high bit of each octet.
pub(super) const HIGH: u64 = each(0x80);

#[cfg(test)]
mod tests {
    use super::ends_in_letters;

    #[test]
    fn letters_behind_a_dot_are_seen_and_nothing_else() {
        for good in ["example.c", "mail.example.com", "x.example", "..abcdefg"] {
            assert!(ends_in_letters(good.as_bytes()), "{good}");
        }
        for other in [
            "",
            "a.b",
            "example.com.",
            "example.co1",
            "example.Com",
            "a.abcdefgh",
        ] {
            assert!(!ends_in_letters(other.as_bytes()), "{other}");
        }
        for octet in 0..=u8::MAX {
            for place in 0..8 {
                let mut octets = *b"ab.cdefg";
                octets[place] = octet;
                let letters = octets
                    .iter()
                    .rev()
                    .take_while(|octet| octet.is_ascii_lowercase());
                let count = letters.count();
                let dot = octets.len().checked_sub(count + 1);
                let expected = count > 0 && dot.is_some_and(|dot| octets[dot] == b'.');
                assert_eq!(ends_in_letters(&octets), expected, "{octet} {place}");
            }
        }
    }
}
