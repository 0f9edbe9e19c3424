//! Base 32 ([RFC 4648 §6](https://www.rfc-editor.org/rfc/rfc4648#section-6)) in lower case and without padding: the
//! densest alphabet that a change of case does not harm.

/// Five bits each as characters.
pub(crate) fn write_symbols(symbols: &[u8]) -> String {
    let character = |symbol: &u8| ALPHABET.get(usize::from(symbol & 31)).copied();
    symbols
        .iter()
        .filter_map(character)
        .map(char::from)
        .collect()
}

/// The five bits that each character stands for, whatever its case; `None` where one stands for nothing.
pub(crate) fn read_symbols(text: &str) -> Option<Vec<u8>> {
    let symbol = |byte: u8| match byte {
        b'a'..=b'z' => Some(byte - b'a'),
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    };
    text.bytes().map(symbol).collect()
}

/// Octets cut into five bits each; the last is filled up with zeros.
pub(crate) fn symbols_of(octets: &[u8]) -> Vec<u8> {
    let mut symbols = Vec::with_capacity((octets.len() * 8).div_ceil(5));
    let (mut held, mut bits) = (0_u16, 0_u8);
    for octet in octets {
        held = (held << 8) | u16::from(*octet);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            symbols.push(low_octet(held >> bits) & 31);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        symbols.push(low_octet(held << (5 - bits)) & 31);
    }
    symbols
}

/// The octets that [`symbols_of`] made these of; `None` where no octets make these.
pub(crate) fn octets_of(symbols: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(symbols.len() * 5 / 8);
    let (mut held, mut bits) = (0_u16, 0_u8);
    for symbol in symbols {
        held = (held << 5) | u16::from(symbol & 31);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            octets.push(low_octet(held >> bits));
            held &= (1 << bits) - 1;
        }
    }
    // One text for the same octets: no symbol too many, and nothing in the bits that fill up.
    (bits < 5 && held == 0).then_some(octets)
}

fn low_octet(number: u16) -> u8 {
    let [_, low] = number.to_be_bytes();
    low
}

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::{collection, prop_assert_eq};

    use super::{octets_of, read_symbols, symbols_of, write_symbols};

    #[test]
    fn the_vectors_of_the_standard_are_met() {
        // RFC 4648 §10, in lower case and without padding.
        for (octets, text) in [
            ("", ""),
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"),
            ("foobar", "mzxw6ytboi"),
        ] {
            assert_eq!(write_symbols(&symbols_of(octets.as_bytes())), text);
            let read = octets_of(&read_symbols(&text.to_uppercase()).unwrap());
            assert_eq!(read.as_deref(), Some(octets.as_bytes()));
        }
    }

    #[test]
    fn octets_have_one_text_only() {
        for text in ["m", "mz", "mzx", "mzxr", "mzxw6a", "mzxw6yr"] {
            assert_eq!(octets_of(&read_symbols(text).unwrap()), None, "{text}");
        }
        for text in ["m0", "m1", "m8", "m=", "m ", "m\u{e9}"] {
            assert_eq!(read_symbols(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_read_back(octets in collection::vec(any::<u8>(), 0..64)) {
            let text = write_symbols(&symbols_of(&octets));
            prop_assert_eq!(octets_of(&read_symbols(&text).unwrap()), Some(octets));
        }
    }
}
