//! Names that are drawn.

use letterhead_mail::Entropy as _;

use crate::entropy::SeededEntropy;

/// A random UUID in its usual form ([RFC 9562 §5.4](https://www.rfc-editor.org/rfc/rfc9562#section-5.4)).
pub(super) fn uuid(entropy: &SeededEntropy) -> String {
    let mut octets = [0; 16];
    entropy.fill(&mut octets);
    let drawn = u128::from_be_bytes(octets);
    let marked = drawn & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let (head, tail) = (marked >> 64, marked & u128::from(u64::MAX));
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        head >> 32,
        head >> 16 & 0xffff,
        head & 0xffff,
        tail >> 48,
        tail & 0xffff_ffff_ffff,
    )
}

/// As many hexadecimal digits.
pub(super) fn hexadecimal(entropy: &SeededEntropy, length: usize) -> String {
    let mut octets = vec![0; length];
    entropy.fill(&mut octets);
    octets
        .iter()
        .filter_map(|octet| char::from_digit(u32::from(octet & 15), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{hexadecimal, uuid};
    use crate::entropy::SeededEntropy;

    #[test]
    fn a_uuid_says_that_it_is_random() {
        let entropy = SeededEntropy::new(1);
        for _ in 0..100 {
            let uuid = uuid(&entropy);
            let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
            assert_eq!(uuid.as_bytes()[14], b'4', "{uuid}");
            assert!(matches!(uuid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        }
        assert_eq!(hexadecimal(&entropy, 64).len(), 64);
    }
}
