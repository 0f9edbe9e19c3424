//! The quoted-printable of DKIM tags ([RFC 6376 §2.11](https://www.rfc-editor.org/rfc/rfc6376#section-2.11)).

/// Writes text so that it holds neither white space, semicolons nor anything outside printable ASCII.
pub(crate) fn encode(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for octet in text {
        if matches!(octet, 0x21..=0x3a | 0x3c | 0x3e..=0x7e) {
            out.push(char::from(*octet));
        } else {
            out.push('=');
            for nibble in [octet >> 4, octet & 15] {
                out.push(
                    char::from_digit(u32::from(nibble), 16)
                        .unwrap_or_default()
                        .to_ascii_uppercase(),
                );
            }
        }
    }
    out
}

/// The characters of what [`encode`] wrote: one octet, or three that begin with `=`.
pub(crate) fn characters(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let length = if text.starts_with('=') { 3 } else { 1 };
        let (character, rest) = text.split_at_checked(length)?;
        text = rest;
        Some(character)
    })
}

/// Reads it back; white space is dropped. `None` where `=` is not followed by two hexadecimal digits.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut octets = text
        .iter()
        .copied()
        .filter(|octet| !octet.is_ascii_whitespace());
    while let Some(octet) = octets.next() {
        if octet == b'=' {
            let high = char::from(octets.next()?).to_digit(16)?;
            let low = char::from(octets.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(octet);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_survives() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(encode(&all).as_bytes()), Some(all));
    }

    #[test]
    fn characters_lose_nothing_and_are_never_cut() {
        let all: Vec<u8> = (0..=255).collect();
        let text = encode(&all);
        let characters: Vec<&str> = characters(&text).collect();
        assert_eq!(characters.concat(), text);
        assert_eq!(characters.len(), all.len());
        for (octet, character) in all.iter().zip(characters) {
            assert_eq!(decode(character.as_bytes()), Some(vec![*octet]));
        }
    }

    #[test]
    fn separators_and_white_space_are_encoded() {
        assert_eq!(encode(b"a b;c=d|"), "a=20b=3Bc=3Dd|");
        assert_eq!(decode(b"a=2"), None);
        assert_eq!(decode(b"a\r\n b"), Some(b"ab".to_vec()));
    }
}
