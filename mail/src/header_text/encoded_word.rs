//! Encoded words: how header text that is not plain ASCII is written and read back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Whether a reader could take a part of `text` for an encoded word although it is meant literally.
pub(crate) fn resembles_encoded_word(text: &str) -> bool {
    text.split_once("=?")
        .is_some_and(|(_, rest)| rest.contains("?="))
}

/// `text` as encoded words in UTF-8, each at most 64 characters, with single spaces between them
/// ([RFC 2047 §2](https://www.rfc-editor.org/rfc/rfc2047#section-2)).
///
/// No character is split between two words. The shorter of "Q" and "B" is taken for the whole text; "Q" leaves only
/// those characters as they are that may stand in a phrase.
pub(crate) fn encode(text: &str) -> String {
    let quoted: usize = text.bytes().map(quoted_length).sum();
    let encoding = if quoted <= text.len().div_ceil(3) * 4 {
        Encoding::Quoted
    } else {
        Encoding::Base64
    };
    let mut words = Vec::new();
    let mut chunk = String::new();
    let mut used = 0;
    for c in text.chars() {
        let mut buffer = [0; 4];
        let cost = encoding.cost(c.encode_utf8(&mut buffer));
        if used + cost > encoding.room() {
            words.push(encoding.word(&chunk));
            chunk.clear();
            used = 0;
        }
        used += cost;
        chunk.push(c);
    }
    words.push(encoding.word(&chunk));
    words.join(" ")
}

/// The octets an encoded word stands for, in UTF-8; `None` when it is no encoded word or in a character set other than
/// UTF-8, US-ASCII and ISO-8859-1.
pub(crate) fn decode(word: &str) -> Option<Vec<u8>> {
    let inner = word.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut parts = inner.split('?');
    let (charset, encoding, payload) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let octets = match encoding {
        "Q" | "q" => decode_quoted(payload.as_bytes())?,
        "B" | "b" => STANDARD.decode(payload).ok()?,
        _ => return None,
    };
    // RFC 2231 §5 allows a language after an asterisk.
    let charset = charset.split_once('*').map_or(charset, |(name, _)| name);
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => Some(octets),
        "us-ascii" => octets.is_ascii().then_some(octets),
        "iso-8859-1" => Some(
            octets
                .iter()
                .map(|&b| char::from(b))
                .collect::<String>()
                .into(),
        ),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    Quoted,
    Base64,
}

impl Encoding {
    fn room(self) -> usize {
        match self {
            Self::Quoted => MAX_PAYLOAD,
            Self::Base64 => MAX_PAYLOAD / 4 * 3,
        }
    }

    fn cost(self, text: &str) -> usize {
        match self {
            Self::Quoted => text.bytes().map(quoted_length).sum(),
            Self::Base64 => text.len(),
        }
    }

    fn word(self, text: &str) -> String {
        match self {
            Self::Quoted => {
                let payload: String = text.bytes().map(quoted).collect();
                format!("=?utf-8?Q?{payload}?=")
            }
            Self::Base64 => format!("=?utf-8?B?{}?=", STANDARD.encode(text)),
        }
    }
}

fn quoted_length(octet: u8) -> usize {
    if stays_quoted(octet) || octet == b' ' {
        1
    } else {
        3
    }
}

fn quoted(octet: u8) -> String {
    match octet {
        b' ' => "_".to_owned(),
        octet if stays_quoted(octet) => char::from(octet).to_string(),
        octet => format!("={octet:02X}"),
    }
}

fn stays_quoted(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'!' | b'*' | b'+' | b'-' | b'/')
}

fn decode_quoted(payload: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(payload.len());
    let mut rest = payload.iter();
    while let Some(&octet) = rest.next() {
        octets.push(match octet {
            b'_' => b' ',
            b'=' => {
                let high = char::from(*rest.next()?).to_digit(16)?;
                let low = char::from(*rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            octet => octet,
        });
    }
    Some(octets)
}

/// Words may have 75 characters and lines with such words 76. With 64 the first word fits behind a field name of ten;
/// of these `=?utf-8?Q?` and `?=` take twelve.
const MAX_PAYLOAD: usize = 52;

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::{decode, encode, resembles_encoded_word};

    fn decode_all(words: &str) -> String {
        let octets: Vec<u8> = words
            .split(' ')
            .flat_map(|word| decode(word).unwrap())
            .collect();
        String::from_utf8(octets).unwrap()
    }

    #[test]
    fn the_shorter_encoding_is_taken() {
        assert_eq!(encode("Grüße"), "=?utf-8?B?R3LDvMOfZQ==?=");
        assert_eq!(
            encode("Invoice for März"),
            "=?utf-8?Q?Invoice_for_M=C3=A4rz?="
        );
    }

    #[test]
    fn other_peoples_encoded_words_are_read() {
        for (word, text) in [
            ("=?UTF-8?q?a_b=5F?=", Some("a b_")),
            ("=?ISO-8859-1?Q?Andr=E9?=", Some("André")),
            ("=?us-ascii*en?B?YQ==?=", Some("a")),
            ("=?utf-8?Q?a?b?=", None),
            ("=?utf-8?Q?=4?=", None),
            ("=?utf-8?X?a?=", None),
            ("=?koi8-r?Q?a?=", None),
            ("=?=", None),
        ] {
            assert_eq!(decode(word).as_deref(), text.map(str::as_bytes), "{word}");
        }
    }

    #[test]
    fn what_resembles_an_encoded_word_is_found() {
        assert!(resembles_encoded_word("x =?utf-8?Q?a?= y"));
        assert!(!resembles_encoded_word("a =? b") && !resembles_encoded_word("?= a =?"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn encoding_is_undone_by_decoding(text in any::<String>()) {
            let words = encode(&text);
            assert!(words.split(' ').all(|word| word.len() <= 64), "{words}");
            assert_eq!(decode_all(&words), text);
        }

        #[test]
        fn decoding_never_panics(word in "(=\\?)?\\PC{0,40}(\\?=)?") {
            let _ = decode(&word);
        }
    }
}
