//! Text from a peer, made safe to keep and to show in one line.

/// The most characters of such text that are kept.
pub(crate) const MAX_CHARACTERS: usize = 512;

/// `text` in one line: CRLF and every other control character become one space each, what goes beyond
/// [`MAX_CHARACTERS`] is cut, then white space at the end is dropped. Doing it twice changes nothing.
pub(crate) fn printable(text: &str) -> String {
    // Nearly all of it is such that nothing has to be done.
    if text.len() <= MAX_CHARACTERS && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.trim_end().to_owned();
    }
    let text: String = text
        .replace("\r\n", " ")
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_CHARACTERS)
        .collect();
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::{MAX_CHARACTERS, printable};

    #[test]
    fn control_characters_become_spaces() {
        for (text, expected) in [
            ("", ""),
            ("connection reset", "connection reset"),
            ("a\r\nb", "a b"),
            ("a\rb\nc\0d\x1b[2Je\u{85}f\tg", "a b c d [2Je f g"),
            ("ends\r\n", "ends"),
            ("\r\n", ""),
        ] {
            assert_eq!(printable(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_bound_counts_characters_not_octets() {
        let longest = "ä".repeat(MAX_CHARACTERS);
        assert_eq!(printable(&longest), longest);
        assert_eq!(printable(&format!("{longest}b")), longest);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn what_is_printable_stays_the_same(text in any::<String>(), lines in "[a \r\n]{0,600}") {
            for text in [text, lines] {
                let once = printable(&text);
                assert!(!once.chars().any(char::is_control));
                assert!(once.chars().count() <= MAX_CHARACTERS);
                assert_eq!(printable(&once), once);
            }
        }
    }
}
