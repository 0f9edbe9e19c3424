//! How far a term goes, eight octets at a time.

use super::octet_class::is_visible;
use super::octet_word::{HIGH, each, equal, places_below};

/// Visible ASCII at the front of octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) length: usize,
    pub(super) has_percent: bool,
}

/// All visible ASCII up to the first octet that is none.
#[inline]
pub(super) fn run(octets: &[u8]) -> Run {
    let mut percents = 0;
    let mut length = 0;
    let (words, rest) = octets.as_chunks();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let outside = invisible(word);
        percents |= equal(word, b'%') & places_below(outside);
        if outside != 0 {
            return Run {
                length: length + (outside.trailing_zeros() / 8) as usize,
                has_percent: percents != 0,
            };
        }
        length += 8;
    }
    let mut has_percent = percents != 0;
    for octet in rest.iter().take_while(|octet| is_visible(**octet)) {
        has_percent |= *octet == b'%';
        length += 1;
    }
    Run {
        length,
        has_percent,
    }
}

/// The high bit of each octet that is not visible ASCII.
#[inline]
fn invisible(word: u64) -> u64 {
    // Nothing is carried from one octet into the next: seven bits and a number below 0x80 make eight.
    let low = word & !HIGH;
    let visible = (low + each(0x80 - b'!')) & !(low + each(0x80 - 0x7f));
    (word | !visible) & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{Run, run};

    /// The same by one octet at a time.
    fn slowly(octets: &[u8]) -> Run {
        let visible = octets.iter().take_while(|octet| octet.is_ascii_graphic());
        Run {
            length: visible.clone().count(),
            has_percent: visible.clone().any(|octet| *octet == b'%'),
        }
    }

    #[test]
    fn every_octet_is_told_apart_at_every_place() {
        for octet in 0..=u8::MAX {
            for place in 0..20 {
                let mut octets = *b"abcdefghijklmnopqrst";
                octets[place] = octet;
                assert_eq!(run(&octets), slowly(&octets), "{octet} {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn octets_after_one_another_make_no_difference(
            octets in proptest::collection::vec(any::<u8>(), 0..40),
            printable in "[!-~]{0,30}%?[ -~]{0,10}",
        ) {
            prop_assert_eq!(run(&octets), slowly(&octets));
            prop_assert_eq!(run(printable.as_bytes()), slowly(printable.as_bytes()));
        }
    }
}
