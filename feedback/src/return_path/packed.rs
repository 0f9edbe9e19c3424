//! An address in five bits a letter.

/// The text as five bits each: one for a small letter, a dot, an `@` and a hyphen, two for a digit, a capital and what
/// else ASCII addresses often have, three for any other octet.
pub(super) fn pack(text: &str) -> Vec<u8> {
    let mut symbols = Vec::with_capacity(text.len());
    for octet in text.bytes() {
        match octet {
            b'a'..=b'z' => symbols.push(octet - b'a'),
            b'.' => symbols.push(DOT),
            b'@' => symbols.push(AT),
            b'-' => symbols.push(HYPHEN),
            b'A'..=b'Z' => symbols.extend([CAPITAL, octet - b'A']),
            _ => match (0..).zip(OTHERS).find(|(_, other)| **other == octet) {
                Some((place, _)) => symbols.extend([OTHER, place]),
                None => symbols.extend([OCTET, octet >> 5, octet & 31]),
            },
        }
    }
    symbols
}

/// The text that [`pack`] made these of; `None` where it makes these of none.
pub(super) fn unpack(symbols: &[u8]) -> Option<String> {
    let mut octets = Vec::with_capacity(symbols.len());
    let mut symbols = symbols.iter().copied();
    while let Some(symbol) = symbols.next() {
        octets.push(match symbol {
            0..=25 => symbol + b'a',
            DOT => b'.',
            AT => b'@',
            HYPHEN => b'-',
            CAPITAL => symbols.next().filter(|letter| *letter < 26)? + b'A',
            OTHER => *OTHERS.get(usize::from(symbols.next()?))?,
            _ => {
                let high = symbols.next().filter(|high| *high < 8)?;
                (high << 5) | symbols.next()?
            }
        });
    }
    String::from_utf8(octets).ok()
}

const DOT: u8 = 26;
const AT: u8 = 27;
const HYPHEN: u8 = 28;
const CAPITAL: u8 = 29;
const OTHER: u8 = 30;
const OCTET: u8 = 31;
const OTHERS: &[u8; 32] = b"0123456789_+='/!#$%&*?^`{|}~\"\\ :";

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::{collection, prop_assert_eq};

    use super::{pack, unpack};

    #[test]
    fn letters_take_one_digits_two_and_the_rest_three() {
        for (text, length) in [
            ("", 0),
            ("joe.doe@mail-x.example", 22),
            ("joe1", 5),
            ("Joe", 4),
            ("a+b_c=d", 10),
            ("\u{e9}", 6),
            ("<", 3),
        ] {
            let packed = pack(text);
            assert_eq!(packed.len(), length, "{text}");
            assert_eq!(unpack(&packed).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_was_never_packed_is_refused() {
        for symbols in [
            vec![29],
            vec![29, 26],
            vec![30],
            vec![31],
            vec![31, 7],
            vec![31, 8, 0],
            vec![31, 7, 31],
        ] {
            assert_eq!(unpack(&symbols), None, "{symbols:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in "\\PC{0,40}") {
            prop_assert_eq!(unpack(&pack(&text)), Some(text));
        }

        #[test]
        fn any_symbols_are_read_or_refused(symbols in collection::vec(any::<u8>(), 0..64)) {
            let symbols: Vec<u8> = symbols.iter().map(|symbol| symbol & 31).collect();
            let _ = unpack(&symbols);
        }
    }
}
